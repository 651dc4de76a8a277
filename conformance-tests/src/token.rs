//! A VIP token in someone's hand.

use countersign_store::{Clock, secret};
use sha1::Sha1;
use totp_lite::totp_custom;

/// Seconds a time-based code is shown for.
const STEP: u64 = 30;

/// A token that shows codes.
#[derive(Clone, Debug)]
pub struct Token {
    /// What is printed on its back.
    pub credential_id: String,
    /// What it and the provider share.
    pub seed: Vec<u8>,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Time { clock: Clock, last: u64 },
    Event { counter: u64 },
}

impl Token {
    /// A token that shows the next code at each press: its tests never wait.
    #[must_use]
    pub fn event() -> Self {
        Self::new(Kind::Event { counter: 0 })
    }

    /// A token that shows another code every 30 seconds of `clock`.
    #[must_use]
    pub fn time(clock: &Clock) -> Self {
        Self::new(Kind::Time { clock: clock.clone(), last: 0 })
    }

    fn new(kind: Kind) -> Self {
        let number = u32::from_be_bytes(secret::random::<4>()) % 100_000_000;
        // VIP credential IDs: four letters of the maker and kind, eight digits.
        let credential_id = format!("VSMT{number:08}");
        Self { credential_id, seed: secret::random::<20>().to_vec(), kind }
    }

    /// `time` or `event`, as the inventory's CSV says it.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.kind {
            Kind::Time { .. } => "time",
            Kind::Event { .. } => "event",
        }
    }

    /// The next code that has not been shown: an event token is pressed; a time token that has shown this
    /// step's shows the following step's, as its owner would have waited for it.
    ///
    /// # Panics
    /// When a time token would have to show more than the provider accepts ahead of time.
    pub fn code(&mut self) -> String {
        match &mut self.kind {
            Kind::Event { counter } => {
                *counter += 1;
                at(&self.seed, *counter - 1)
            }
            Kind::Time { clock, last } => {
                let now = u64::try_from(clock.now()).expect("after 1970") / STEP;
                *last = (*last + 1).max(now);
                assert!(*last <= now + 1, "the token has shown the next step's code already");
                at(&self.seed, *last)
            }
        }
    }

    /// Two codes in a row.
    pub fn two_codes(&mut self) -> (String, String) {
        if let Kind::Time { clock, last } = &mut self.kind {
            // From the step before this one, so that the next sign-in need not wait.
            let now = u64::try_from(clock.now()).expect("after 1970") / STEP;
            *last = (*last).max(now.saturating_sub(2));
            *last += 2;
            return (at(&self.seed, *last - 1), at(&self.seed, *last));
        }
        (self.code(), self.code())
    }

    /// The code `ahead` steps or presses after the last one shown, which stays unshown.
    #[must_use]
    pub fn peek(&self, ahead: u64) -> String {
        match &self.kind {
            Kind::Event { counter } => at(&self.seed, counter + ahead - 1),
            Kind::Time { clock, last } => {
                let now = u64::try_from(clock.now()).expect("after 1970") / STEP;
                at(&self.seed, (*last).max(now) + ahead)
            }
        }
    }

    /// A code that is not this token's around here.
    #[must_use]
    pub fn wrong(&self) -> String {
        let near: Vec<String> = (0..200).map(|ahead| self.peek(ahead.max(1))).collect();
        let mut wrong = (0..1_000_000).map(|number| format!("{number:06}"));
        wrong.find(|code| !near.contains(code)).expect("most codes are wrong")
    }

    /// The token's row of an inventory, with its heading.
    #[must_use]
    pub fn csv(&self, organization: &str) -> String {
        let seed: String = self.seed.iter().map(|byte| format!("{byte:02x}")).collect();
        let (step, counter) = match self.kind {
            Kind::Time { .. } => ("30", ""),
            Kind::Event { .. } => ("", "0"),
        };
        format!(
            "credential_id,kind,seed_hex,digits,step,counter,organization,expires_at\n{},{},{seed},6,{step},{counter},{organization},\n",
            self.credential_id,
            self.kind()
        )
    }
}

/// RFC 4226 §5.3; a time-based code is that of the number of its step (RFC 6238 §4).
#[must_use]
pub fn at(seed: &[u8], counter: u64) -> String {
    totp_custom::<Sha1>(1, 6, seed, counter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc_4226_appendix_d() {
        let expected = ["755224", "287082", "359152", "969429", "338314"];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(at(b"12345678901234567890", counter), code);
        }
    }

    #[test]
    fn a_time_token_never_shows_a_code_twice() {
        let mut token = Token::time(&Clock::manual(3_000));
        let (first, second) = token.two_codes();
        assert_eq!([first, second], [at(&token.seed, 99), at(&token.seed, 100)]);
        assert_eq!(token.code(), at(&token.seed, 101));
    }
}
