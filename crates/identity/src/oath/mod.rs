//! OATH tokens: what code a token shows at a position, and whether a typed code is one it may have shown.
//!
//! A token's codes are numbered. For a time-based token (RFC 6238) the *position* is the number of periods
//! since 1970; for an event-based one (RFC 4226) it is the counter. Everything here is pure: the caller
//! passes the time, stores what [`check`](Token::check) answers, and counts the failures.

mod check;

pub use check::{Match, PairMatch, Window};

use thiserror::Error;
use totp_lite::{Sha1, totp_custom};
use zeroize::Zeroizing;

/// What moves a token on to its next code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The clock: a new code each period (RFC 6238).
    Time,
    /// A press of its button: a counter (RFC 4226).
    Event,
}

impl Kind {
    /// The word for it in files and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Event => "event",
        }
    }

    /// Reads that word, in any case. `None` for another.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Time, Self::Event].into_iter().find(|kind| word.eq_ignore_ascii_case(kind.as_str()))
    }
}

/// Why a token with such parameters can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The seed has this many bytes.
    #[error("a seed has 16 to 64 bytes, this one {0}")]
    Seed(usize),
    /// The codes would have this many digits.
    #[error("codes have 6 to 8 digits, not {0}")]
    Digits(u32),
    /// The period would be this many seconds.
    #[error("a time-based token's step is 10 to 300 seconds, not {0}")]
    Period(u32),
}

/// The secret inside a token. Erased from memory when dropped, and never printed.
#[derive(Clone)]
pub struct Seed(Zeroizing<Vec<u8>>);

impl Seed {
    /// Takes a seed's bytes.
    ///
    /// # Errors
    /// [`TokenError::Seed`] unless it has 16 to 64 bytes.
    pub fn new(bytes: impl Into<Zeroizing<Vec<u8>>>) -> Result<Self, TokenError> {
        let bytes = bytes.into();
        // RFC 4226 §4, R6: the shared secret MUST be at least 128 bits. 64 bytes are a SHA-1 block: a longer
        // key would be hashed first and gain nothing.
        if !(16..=64).contains(&bytes.len()) {
            return Err(TokenError::Seed(bytes.len()));
        }
        Ok(Self(bytes))
    }

    /// The bytes, for sealing them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

/// A token as the validator knows it. Its parameters are valid: there is no other way to make one.
#[derive(Debug, Clone)]
pub struct Token {
    kind: Kind,
    digits: u32,
    period: u32,
    seed: Seed,
    last: i64,
    drift: i32,
}

impl Token {
    /// A token of which no code has been accepted, whose clock is right. `period` is in seconds, and
    /// without meaning for an event-based token.
    ///
    /// # Errors
    /// [`TokenError`] names the parameter out of range.
    pub fn new(kind: Kind, digits: u32, period: u32, seed: Seed) -> Result<Self, TokenError> {
        if !(6..=8).contains(&digits) {
            return Err(TokenError::Digits(digits));
        }
        if kind == Kind::Time && !(10..=300).contains(&period) {
            return Err(TokenError::Period(period));
        }
        Ok(Self { kind, digits, period, seed, last: -1, drift: 0 })
    }

    /// The same token where it stands: `last` is the highest position whose code was accepted (−1 when
    /// none was; an event-based token that counts from `n` has `n − 1`), `drift` by how many periods its
    /// clock is ahead.
    #[must_use]
    pub fn at(self, last: i64, drift: i32) -> Self {
        Self { last: last.max(-1), drift, ..self }
    }

    /// The highest position whose code was accepted, −1 when none was.
    #[must_use]
    pub fn last(&self) -> i64 {
        self.last
    }

    /// In how many seconds the token shows its next code, if its clock is right to the second; none for an
    /// event-based one, which waits for its button.
    #[must_use]
    pub fn next_in(&self, now: i64) -> Option<u32> {
        let period = i64::from(self.period);
        let left = (self.kind == Kind::Time).then(|| period - now.rem_euclid(period.max(1)));
        left.and_then(|left| u32::try_from(left).ok())
    }

    /// The code shown at a position. Zero stands for negative positions, which no token has.
    #[must_use]
    pub fn code(&self, position: i64) -> Zeroizing<String> {
        // With a step of 1 the step's number is the argument itself: RFC 4226's counter.
        let position = u64::try_from(position).unwrap_or(0);
        Zeroizing::new(totp_custom::<Sha1>(1, self.digits, self.seed.bytes(), position))
    }

    /// The position an exact token is at: the period of `now`, or the next counter.
    #[must_use]
    pub fn position(&self, now: i64) -> i64 {
        match self.kind {
            // RFC 6238 §4.2: T = (Current Unix time - T0) / X, with T0 = 0.
            Kind::Time => now.max(0) / i64::from(self.period),
            Kind::Event => self.last.saturating_add(1),
        }
    }

    /// Seconds until an exact clock shows the next code; `None` for an event-based token.
    #[must_use]
    pub fn seconds_left(&self, now: i64) -> Option<u32> {
        let period = i64::from(self.period);
        match self.kind {
            Kind::Time => u32::try_from(period - now.max(0) % period).ok(),
            Kind::Event => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RFC_SEED: &[u8] = b"12345678901234567890";

    fn token(kind: Kind, digits: u32, period: u32) -> Result<Token, TokenError> {
        Token::new(kind, digits, period, Seed::new(RFC_SEED.to_vec()).unwrap())
    }

    #[test]
    fn rfc_4226_appendix_d_event_codes() {
        let token = token(Kind::Event, 6, 0).unwrap();
        let expected = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871",
            "520489",
        ];
        for (counter, code) in (0..).zip(expected) {
            assert_eq!(*token.code(counter), code, "counter {counter}");
        }
    }

    #[test]
    fn rfc_6238_appendix_b_time_codes() {
        let token = token(Kind::Time, 8, 30).unwrap();
        for (now, code) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(*token.code(token.position(now)), code, "time {now}");
        }
    }

    #[test]
    fn codes_keep_leading_zeros_and_have_the_last_digits_of_longer_ones() {
        let (six, seven) = (token(Kind::Time, 6, 30).unwrap(), token(Kind::Time, 7, 30).unwrap());
        assert_eq!(*six.code(37_037_036), "081804");
        assert_eq!(*seven.code(37_037_036), "7081804");
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        for digits in [0, 1, 5, 9, 19, 20, u32::MAX] {
            assert_eq!(token(Kind::Time, digits, 30).err(), Some(TokenError::Digits(digits)));
        }
        for period in [0, 9, 301, u32::MAX] {
            assert_eq!(token(Kind::Time, 6, period).err(), Some(TokenError::Period(period)));
        }
        assert!(token(Kind::Event, 6, 0).is_ok(), "an event-based token has no period");
        for length in [0, 15, 65, 4096] {
            assert_eq!(Seed::new(vec![7; length]).err(), Some(TokenError::Seed(length)));
        }
        assert!(Seed::new(vec![7; 16]).is_ok() && Seed::new(vec![7; 64]).is_ok());
    }

    #[test]
    fn a_seed_is_not_printed() {
        let token = token(Kind::Time, 6, 30).unwrap();
        assert!(!format!("{token:?}").contains("49"), "{token:?}");
        assert!(format!("{token:?}").contains("Seed(…)"));
    }

    #[test]
    fn seconds_left_counts_down_to_the_next_code() {
        let token = token(Kind::Time, 6, 30).unwrap();
        for (now, left) in [(-5, 30), (0, 30), (1, 29), (29, 1), (30, 30), (1_111_111_109, 1)] {
            assert_eq!(token.seconds_left(now), Some(left), "at {now}");
        }
        assert_eq!(self::token(Kind::Event, 6, 0).unwrap().seconds_left(7), None);
    }

    #[test]
    fn kinds_are_read_back() {
        assert_eq!(Kind::parse("TIME"), Some(Kind::Time));
        assert_eq!(Kind::parse(Kind::Event.as_str()), Some(Kind::Event));
        assert_eq!(Kind::parse("totp"), None);
    }
}
