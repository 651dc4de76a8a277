//! Whether a typed code is one that a token may have shown, and where the token then stands.

use std::cmp::Reverse;

use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::{Kind, Token};

/// No window reaches further than this to either side, whatever was configured: it bounds the work.
const FARTHEST: u32 = 1_000;

/// How far from where the validator believes a token to be its codes are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Time-based: periods before and after that are accepted. VIP itself has 10 (medium) or 64 (low).
    pub accept: u32,
    /// Time-based: periods before and after in which a code counts as out of step, and two codes in a
    /// row are accepted.
    pub resync: u32,
    /// Event-based: counters past the expected one that are accepted (RFC 4226 §7.4's *s*).
    pub look_ahead: u32,
    /// Event-based: counters past the expected one in which a code counts as out of step, and two in a row
    /// are accepted.
    pub event_resync: u32,
}

impl Default for Window {
    fn default() -> Self {
        // RFC 6238 §5.2: at most one time step is allowed as the network delay.
        Self { accept: 1, resync: 64, look_ahead: 10, event_resync: 100 }
    }
}

/// What a typed code is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The token's, and unused: once these are stored it is spent, with every code before it.
    Accepted {
        /// Where the code stands: the new `last`.
        position: i64,
        /// Periods by which the token's clock is ahead, as learned.
        drift: i32,
    },
    /// One the token shows too far from where it should stand: the next code is wanted too.
    OutOfStep {
        /// Where the code stands.
        position: i64,
    },
    /// One that was used, or that comes before one that was.
    Replayed,
    /// None of the token's, or not even of its form.
    Wrong,
}

/// Two codes in a row, and where the token stands after them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairMatch {
    /// Where the second stands: the new `last`, which spends both.
    pub position: i64,
    /// Periods by which the token's clock is ahead.
    pub drift: i32,
}

/// The positions looked at, around `centre`: `near` are accepted, `first..=last` are looked at.
struct Search {
    centre: i64,
    near: std::ops::RangeInclusive<i64>,
    first: i64,
    last: i64,
}

impl Token {
    /// Judges one code as typed at `now` (Unix seconds). Spaces in it are left out.
    ///
    /// Changes nothing: [`Match::Accepted`] holds once `position` was stored by an update that demands a
    /// lower one.
    #[must_use]
    pub fn check(&self, typed: &str, window: Window, now: i64) -> Match {
        let Some(code) = self.digits_of(typed) else { return Match::Wrong };
        let search = self.search(window, now);
        // Every candidate is computed and compared, whichever one matches.
        let matching: Vec<i64> =
            (search.first..=search.last).filter(|position| self.shows(*position, &code)).collect();
        // RFC 6238 §5.2: the verifier MUST NOT accept the second attempt of the OTP after the successful
        // validation of the first. Forward only: neither one that comes before it.
        let unused = |position: &i64| *position > self.last;
        let nearest = |position: &i64| (position.abs_diff(search.centre), *position);
        let accepted =
            matching.iter().copied().filter(|p| unused(p) && search.near.contains(p)).min_by_key(nearest);
        if let Some(position) = accepted {
            return Match::Accepted { position, drift: self.learned(position, window, now) };
        }
        if matching.iter().any(|position| !unused(position)) {
            return Match::Replayed;
        }
        match matching.into_iter().min_by_key(nearest) {
            Some(position) => Match::OutOfStep { position },
            None => Match::Wrong,
        }
    }

    /// Judges two codes in a row, for a registration or a re-synchronization: the second must be the one
    /// that follows the first, and neither may have been used or passed.
    #[must_use]
    pub fn check_pair(&self, typed: [&str; 2], window: Window, now: i64) -> Option<PairMatch> {
        let (first, second) = (self.digits_of(typed[0])?, self.digits_of(typed[1])?);
        if first == second {
            return None;
        }
        let search = self.search(window, now);
        let begin = search.first.max(self.last.saturating_add(1));
        (begin..=search.last)
            .filter(|position| {
                let next = position.saturating_add(1);
                // `&`, not `&&`: the second is compared whether or not the first matches.
                self.shows(*position, &first) & self.shows(next, &second)
            })
            .max_by_key(|position| (Reverse(position.abs_diff(search.centre)), Reverse(*position)))
            .map(|position| position.saturating_add(1))
            .map(|position| PairMatch { position, drift: self.offset(position, now) })
    }

    /// The code as typed without its spaces, if it has the form of this token's codes.
    fn digits_of(&self, typed: &str) -> Option<Zeroizing<String>> {
        let bound = typed.len() <= 64;
        let code: Zeroizing<String> = Zeroizing::new(typed.chars().filter(|c| !c.is_whitespace()).collect());
        let formed = code.len() == self.digits as usize && code.bytes().all(|byte| byte.is_ascii_digit());
        (bound && formed).then_some(code)
    }

    fn shows(&self, position: i64, code: &str) -> bool {
        self.code(position).as_bytes().ct_eq(code.as_bytes()).into()
    }

    fn search(&self, window: Window, now: i64) -> Search {
        let bounded = |steps: u32| i64::from(steps.min(FARTHEST));
        let (centre, back, ahead, far) = match self.kind {
            Kind::Time => {
                let accept = bounded(window.accept);
                let centre = self.position(now).saturating_add(i64::from(self.drift)).max(0);
                (centre, accept, accept, bounded(window.resync).max(accept))
            }
            Kind::Event => {
                let ahead = bounded(window.look_ahead);
                (self.position(now), 0, ahead, bounded(window.event_resync).max(ahead))
            }
        };
        Search {
            centre,
            // Near the beginning of time there are no positions before zero.
            near: centre.saturating_sub(back).max(0)..=centre.saturating_add(ahead),
            first: centre.saturating_sub(far).max(0),
            last: centre.saturating_add(far),
        }
    }

    /// Periods by which `position` is ahead of an exact clock; 0 for an event-based token.
    fn offset(&self, position: i64, now: i64) -> i32 {
        match self.kind {
            Kind::Time => {
                let offset = position.saturating_sub(self.position(now));
                i32::try_from(offset).unwrap_or(self.drift)
            }
            Kind::Event => 0,
        }
    }

    /// The drift that an accepted code teaches.
    ///
    /// RFC 6238 §6: the validator records the drift and adjusts for it. A code that comes early proves that
    /// the token's clock is ahead. One that comes late may only have been typed late: it moves the drift
    /// back no further than where an exact clock's code is still accepted. Two codes in a row tell more.
    fn learned(&self, position: i64, window: Window, now: i64) -> i32 {
        let seen = self.offset(position, now);
        if seen >= self.drift {
            return seen;
        }
        let reach = i32::try_from(window.accept.min(FARTHEST)).unwrap_or(0);
        seen.max(self.drift.min(-reach))
    }
}

#[cfg(test)]
mod tests;
