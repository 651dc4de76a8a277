//! Status and reason codes, and what each means for whoever asked.
//!
//! A code that is not listed here never lets anybody in: it reads as [`Outcome::Unavailable`].

use std::fmt;

/// A status or a reason: two bytes, written as four hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(u16);

impl Code {
    /// Done.
    pub const SUCCESS: Self = Self(0x0000);

    /// The code of that number.
    #[must_use]
    pub const fn new(number: u16) -> Self {
        Self(number)
    }

    /// Reads four hexadecimal digits, in either case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex.then(|| u16::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04X}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Done, or right.
    Ok,
    /// The code is wrong.
    InvalidCode,
    /// The code is right for another moment: two in a row bring the token in step.
    NeedsSecondCode,
    /// The user or the credential is locked there.
    Locked,
    /// The credential is switched off, new, inactive or revoked there.
    Disabled,
    /// There is no such credential, or it is none that shows codes.
    UnknownCredential,
    /// The credential is bound already.
    AlreadyBound,
    /// The user is there already.
    UserExists,
    /// There is no such user.
    UnknownUser,
    /// The credential is not the user's, or the user has none that is enabled.
    NotBound,
    /// It can't be said just now. Nobody gets in, and nothing is asked twice.
    Unavailable,
    /// Our side is set up wrongly: only an operator can help.
    Misconfigured,
}

/// Statuses of User Services.
pub const STATUSES: &[(Code, Outcome, &str)] = &[
    (Code(0x0000), Outcome::Ok, "success"),
    (Code(0x6001), Outcome::Misconfigured, "the account is not valid"),
    (Code(0x6002), Outcome::UserExists, "the user exists already"),
    (Code(0x6003), Outcome::UnknownUser, "there is no such user"),
    (Code(0x6004), Outcome::UnknownCredential, "the credential ID is not valid"),
    (Code(0x6005), Outcome::Unavailable, "internal error"),
    (Code(0x6006), Outcome::UnknownCredential, "the credential is of another type"),
    (Code(0x6007), Outcome::NotBound, "the credential is not bound to the user"),
    (Code(0x6008), Outcome::NotBound, "the user has no enabled credential of that type"),
    (Code(0x6009), Outcome::InvalidCode, "authentication failed"),
    (Code(0x600A), Outcome::UnknownCredential, "the type of credential is not supported"),
    (Code(0x600B), Outcome::Misconfigured, "the request is not of the schema"),
    (Code(0x600E), Outcome::Misconfigured, "the client certificate is revoked"),
    (Code(0x6015), Outcome::Unavailable, "the telephone number is not valid"),
    (Code(0x601B), Outcome::Locked, "the user's status does not allow it"),
    (Code(0x601F), Outcome::Misconfigured, "the account asks for a PIN"),
    (Code(0x6020), Outcome::Misconfigured, "the account's PIN policy is not met"),
    (Code(0x6021), Outcome::Misconfigured, "the account has no PINs"),
    (Code(0x6026), Outcome::AlreadyBound, "the credential is registered already"),
    // Push is never asked for: whatever is said of it is no answer to a code.
    (Code(0x6040), Outcome::Unavailable, "a push request was sent"),
    (Code(0x604A), Outcome::NeedsSecondCode, "the token is out of step"),
    (Code(0x7000), Outcome::Unavailable, "a push request was approved"),
    (Code(0x7001), Outcome::Unavailable, "a push request is in progress"),
    (Code(0x7002), Outcome::Unavailable, "a push request was denied"),
    (Code(0x7005), Outcome::Unavailable, "there is no such push request"),
];

/// Reasons: the older service's statuses, and what User Services adds to a status.
pub const REASONS: &[(Code, Outcome, &str)] = &[
    (Code(0x4879), Outcome::Unavailable, "the service is unavailable for a while"),
    (Code(0x4923), Outcome::NeedsSecondCode, "a second code in a row is needed"),
    (Code(0x4952), Outcome::Misconfigured, "the temporary password has the wrong length"),
    (Code(0x4953), Outcome::Misconfigured, "the temporary password lives too long"),
    (Code(0x4990), Outcome::Disabled, "the token's state does not allow it"),
    (Code(0x4993), Outcome::Disabled, "the token is disabled"),
    (Code(0x4994), Outcome::Locked, "the token is locked"),
    (Code(0x4995), Outcome::Disabled, "the token is new"),
    (Code(0x4996), Outcome::Disabled, "the token is inactive"),
    (Code(0x4997), Outcome::Disabled, "a disabled token failed"),
    (Code(0x49B5), Outcome::InvalidCode, "the code is wrong"),
    (Code(0x49F2), Outcome::UnknownCredential, "there is no such token"),
    (Code(0x4E00), Outcome::Misconfigured, "the request is malformed"),
    (Code(0x4E01), Outcome::Unavailable, "internal error"),
    (Code(0x4E02), Outcome::Misconfigured, "the account is not authenticated"),
    (Code(0x4E03), Outcome::Misconfigured, "the account is not authorized"),
    (Code(0x4E04), Outcome::Misconfigured, "the protocol's version is not supported"),
    (Code(0x4E0B), Outcome::Misconfigured, "the client certificate is revoked"),
    (Code(0x4E0D), Outcome::Misconfigured, "the token's model is not supported"),
    (Code(0x4E10), Outcome::Misconfigured, "the address does not take this operation"),
    (Code(0x4E11), Outcome::Disabled, "the token is revoked"),
];

/// What a status, with the reason that came along, means.
#[must_use]
pub fn outcome(status: Code, detail: Option<Code>) -> Outcome {
    let failed = Code(0x6009);
    match detail.filter(|detail| *detail != Code::SUCCESS) {
        None => listed(STATUSES, status).or_else(|| listed(REASONS, status)).unwrap_or(Outcome::Unavailable),
        // A success that gives a reason for failing is none.
        Some(_) if status == Code::SUCCESS => Outcome::Unavailable,
        Some(Code(0x4923)) => Outcome::NeedsSecondCode,
        // A failed authentication is what its reason says, which is no success: those are statuses.
        Some(detail) if status == failed => listed(REASONS, detail).unwrap_or(Outcome::Unavailable),
        Some(_) => {
            listed(STATUSES, status).or_else(|| listed(REASONS, status)).unwrap_or(Outcome::Unavailable)
        }
    }
}

/// The meaning of a code in words, for logs.
#[must_use]
pub fn meaning(code: Code) -> &'static str {
    STATUSES.iter().chain(REASONS).find(|(own, ..)| *own == code).map_or("not listed", |(.., words)| words)
}

fn listed(table: &[(Code, Outcome, &str)], code: Code) -> Option<Outcome> {
    table.iter().find(|(own, ..)| *own == code).map(|(_, outcome, _)| *outcome)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: &str, detail: Option<&str>) -> Outcome {
        outcome(Code::parse(status).unwrap(), detail.map(|detail| Code::parse(detail).unwrap()))
    }

    #[test]
    fn success_alone_is_ok() {
        let all = 0..=u16::MAX;
        let right: Vec<_> = all.filter(|number| outcome(Code(*number), None) == Outcome::Ok).collect();
        assert_eq!(right, [0]);
        assert_eq!(of("0000", Some("0000")), Outcome::Ok);
        for detail in 1..=u16::MAX {
            assert_ne!(outcome(Code(0), Some(Code(detail))), Outcome::Ok);
            assert_ne!(outcome(Code(0x6009), Some(Code(detail))), Outcome::Ok);
        }
    }

    #[test]
    fn a_failed_authentication_is_what_its_reason_says() {
        assert_eq!(of("6009", None), Outcome::InvalidCode);
        assert_eq!(of("6009", Some("49b5")), Outcome::InvalidCode);
        assert_eq!(of("6009", Some("4923")), Outcome::NeedsSecondCode);
        assert_eq!(of("604a", None), Outcome::NeedsSecondCode);
        assert_eq!(of("6009", Some("4994")), Outcome::Locked);
        assert_eq!(of("6009", Some("1234")), Outcome::Unavailable);
        assert_eq!(of("6005", Some("4E01")), Outcome::Unavailable);
        assert_eq!(of("6001", Some("4E03")), Outcome::Misconfigured);
    }

    #[test]
    fn no_code_is_listed_twice() {
        let mut all: Vec<Code> = STATUSES.iter().chain(REASONS).map(|(code, ..)| *code).collect();
        all.sort();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn codes_are_four_hexadecimal_digits() {
        assert_eq!(Code::parse("604a").unwrap().to_string(), "604A");
        for text in ["", "0", "000", "00000", "+000", "6O09", " 6009"] {
            assert_eq!(Code::parse(text), None, "{text}");
        }
    }
}
