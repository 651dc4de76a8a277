//! Proof Key for Code Exchange (RFC 7636), through oxide-auth's extension. Required of every client, S256 only.

use std::borrow::Cow;

use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::Value;

/// Why a challenge is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// None came.
    Missing,
    /// Not base64url of a SHA-256.
    Syntax,
    /// `plain`, or no method, which means `plain`.
    Method,
}

impl Unfit {
    /// What the client is told.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Missing => "code_challenge is required (PKCE)",
            Self::Syntax => "code_challenge must be 43 characters of base64url",
            Self::Method => "code_challenge_method must be S256",
        }
    }
}

/// The extension's value for a request's challenge.
///
/// # Errors
/// [`Unfit`].
pub fn challenge(method: Option<&str>, challenge: Option<&str>) -> Result<Value, Unfit> {
    let text = challenge.ok_or(Unfit::Missing)?;
    // RFC 7636 §4.2: 43 to 128 unreserved characters; with S256 it is a SHA-256 in base64url, 43 of them.
    if text.len() != 43
        || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Err(Unfit::Syntax);
    }
    // RFC 7636 §4.3: an absent method means "plain", which RFC 9700 §2.1.1 rules out.
    if method != Some("S256") {
        return Err(Unfit::Method);
    }
    // `optional()` would accept a verifier for a code that had no challenge: the downgrade of RFC 9700 §2.1.1.
    let value = Pkce::required().challenge(method.map(Cow::Borrowed), challenge.map(Cow::Borrowed));
    value.ok().flatten().ok_or(Unfit::Missing)
}

/// Whether `verifier` answers the challenge stored with the code.
#[must_use]
pub fn verify(stored: Option<Value>, verifier: Option<&str>) -> bool {
    let Some(verifier) = verifier else { return false };
    // RFC 7636 §4.1: 43 to 128 unreserved characters.
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    if !(43..=128).contains(&verifier.len()) || !verifier.bytes().all(unreserved) {
        return false;
    }
    Pkce::required().verify(stored, Some(Cow::Borrowed(verifier))).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636 Appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn rfc7636_appendix_b() {
        let stored = challenge(Some("S256"), Some(CHALLENGE)).unwrap();
        assert!(verify(Some(stored.clone()), Some(VERIFIER)));
        assert!(!verify(Some(stored.clone()), Some(CHALLENGE)));
        assert!(!verify(Some(stored), None));
        assert!(!verify(None, Some(VERIFIER)));
    }

    #[test]
    fn rfc9700_2_1_1_only_s256_is_accepted() {
        assert_eq!(challenge(Some("S256"), None), Err(Unfit::Missing));
        assert_eq!(challenge(None, None), Err(Unfit::Missing));
        assert_eq!(challenge(None, Some(CHALLENGE)), Err(Unfit::Method));
        assert_eq!(challenge(Some("plain"), Some(CHALLENGE)), Err(Unfit::Method));
        assert_eq!(challenge(Some("s256"), Some(CHALLENGE)), Err(Unfit::Method));
    }

    #[test]
    fn rfc7636_4_2_challenge_syntax() {
        for text in [
            "",
            "x",
            &CHALLENGE[..42],
            &format!("{CHALLENGE}A"),
            &format!("{}=", &CHALLENGE[..42]),
            &format!("{}+", &CHALLENGE[..42]),
        ] {
            assert_eq!(challenge(Some("S256"), Some(text)), Err(Unfit::Syntax), "{text}");
        }
    }

    #[test]
    fn rfc7636_4_1_verifier_syntax() {
        let stored = challenge(Some("S256"), Some(CHALLENGE)).unwrap();
        for verifier in
            ["", &VERIFIER[..42], &"a".repeat(129), &format!("{} ", &VERIFIER[..42]), &format!("{VERIFIER}é")]
        {
            assert!(!verify(Some(stored.clone()), Some(verifier)), "{verifier}");
        }
    }
}
