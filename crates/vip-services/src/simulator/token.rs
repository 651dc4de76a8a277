//! A token as the service knows it: which of its codes were used, and how far it may be out of step.

use std::fmt;

use subtle::ConstantTimeEq as _;
use totp_lite::{Sha1, totp_custom};
use zeroize::Zeroizing;

/// Steps around the expected one within which a code is accepted: five minutes, the service's medium level.
const ACCEPT: u64 = 10;
/// Steps within which a second code is asked for.
const SYNC: u64 = 64;
/// Presses ahead within which a code is accepted.
const LOOK_AHEAD: u64 = 10;
/// Presses ahead within which a second code is asked for.
const EVENT_SYNC: u64 = 100;
/// Wrong codes in a row that lock a credential.
const LOCK_AFTER: u32 = 10;

/// What moves a token on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The clock, every so many seconds.
    Time { step: u64 },
    /// A press.
    Event,
}

/// What the service lets a token do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Enabled,
    Disabled,
    Locked,
    New,
    Inactive,
}

impl State {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Enabled, "ENABLED"),
        (Self::Disabled, "DISABLED"),
        (Self::Locked, "LOCKED"),
        (Self::New, "NEW"),
        (Self::Inactive, "INACTIVE"),
    ];

    pub(super) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("UNKNOWN", |(_, word)| word)
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, own)| *own == word).map(|(own, _)| *own)
    }
}

/// A token with its state.
#[derive(Clone)]
pub struct Token {
    kind: Kind,
    digits: u32,
    seed: Zeroizing<Vec<u8>>,
    /// The lowest position not used yet.
    next: u64,
    drift: i64,
    failures: u32,
    pub(super) state: State,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("kind", &self.kind).field("state", &self.state).finish_non_exhaustive()
    }
}

/// What a code is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Accepted,
    OutOfStep,
    Wrong,
}

impl Token {
    pub(super) fn new(kind: Kind, digits: u32, seed: Zeroizing<Vec<u8>>, counter: u64) -> Self {
        Self { kind, digits, seed, next: counter, drift: 0, failures: 0, state: State::Enabled }
    }

    /// Judges a code, and uses it up if it is right. Wrong ones are counted by [`failed`](Self::failed).
    pub(super) fn judge(&mut self, code: &str, now: i64) -> Verdict {
        let (near, far) = self.windows(now);
        if let Some(position) = near.clone().find(|position| self.shows(*position, code)) {
            self.used(position, now);
            return Verdict::Accepted;
        }
        let mut far = far.filter(|position| !near.contains(position));
        if far.any(|position| self.shows(position, code)) { Verdict::OutOfStep } else { Verdict::Wrong }
    }

    /// Judges two codes in a row, and uses both up if they are right.
    pub(super) fn judge_pair(&mut self, first: &str, second: &str, now: i64) -> bool {
        let (_, mut far) = self.windows(now);
        let found = far.find(|position| self.shows(*position, first) && self.shows(position + 1, second));
        if let Some(position) = found {
            self.used(position + 1, now);
        }
        found.is_some()
    }

    /// Counts a code that did not match.
    pub(super) fn failed(&mut self) {
        self.failures += 1;
        if self.failures >= LOCK_AFTER && self.state == State::Enabled {
            self.state = State::Locked;
        }
    }

    /// Changes what the service lets it do.
    pub(super) fn set(&mut self, state: State) {
        self.state = state;
        self.failures = 0;
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    fn used(&mut self, position: u64, now: i64) {
        // Forward only: what comes before is void too.
        self.next = position + 1;
        self.failures = 0;
        if let Kind::Time { step } = self.kind {
            let exact = i64::try_from(clock(now) / step).unwrap_or(0);
            self.drift = i64::try_from(position).unwrap_or(exact) - exact;
        }
    }

    /// Where codes are accepted, and where a second one is asked for.
    fn windows(&self, now: i64) -> (std::ops::Range<u64>, std::ops::Range<u64>) {
        match self.kind {
            Kind::Time { step } => {
                let centre = (clock(now) / step).saturating_add_signed(self.drift);
                let around = |reach: u64| centre.saturating_sub(reach).max(self.next)..centre + reach + 1;
                (around(ACCEPT), around(SYNC))
            }
            Kind::Event => (self.next..self.next + LOOK_AHEAD + 1, self.next..self.next + EVENT_SYNC + 1),
        }
    }

    fn shows(&self, position: u64, code: &str) -> bool {
        // RFC 6238 §4: the code of a step is RFC 4226's of its number.
        let shown = Zeroizing::new(totp_custom::<Sha1>(1, self.digits, &self.seed, position));
        shown.as_bytes().ct_eq(code.as_bytes()).into()
    }
}

fn clock(now: i64) -> u64 {
    u64::try_from(now).unwrap_or(0)
}
