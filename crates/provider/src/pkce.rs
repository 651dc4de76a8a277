//! Proof Key for Code Exchange (RFC 7636), through oxide-auth's extension. S256 only, and required of every client but
//! those registered to do without.

use std::borrow::Cow;

use countersign_store::client::Client;
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::Value;

use crate::params::Params;

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

/// Whether a request needs a challenge: where a code comes of it, unless the client may do without and brings none.
#[must_use]
pub fn is_needed(params: &Params, client: &Client) -> bool {
    let code = params.get("response_type").is_none_or(|kind| kind.split(' ').any(|word| word == "code"));
    let brought = ["code_challenge", "code_challenge_method"].iter().any(|name| params.get(name).is_some());
    code && (brought || !client.metadata.pkce_optional)
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

/// Whether `verifier` answers the challenge stored with the code. A code without a challenge is redeemed without a
/// verifier: one that comes all the same shows that the challenge was taken out on the way (RFC 9700 §2.1.1).
#[must_use]
pub fn verify(stored: Option<Value>, verifier: Option<&str>) -> bool {
    let Some(verifier) = verifier else { return stored.is_none() };
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
    use crate::clients::tests::client;

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
        assert!(verify(None, None));
    }

    #[test]
    fn rfc9700_2_1_1_a_challenge_is_needed_unless_the_client_may_do_without() {
        let needed = |query: &str, pkce_optional: bool| {
            let mut client = client("app", &[]);
            client.metadata.pkce_optional = pkce_optional;
            is_needed(&Params::parse(query.as_bytes(), 1_000).unwrap(), &client)
        };
        assert!(needed("response_type=code", false) && needed("response_type=code+id_token", false));
        assert!(!needed("response_type=code", true) && !needed("response_type=id_token", false));
        assert!(needed("response_type=code&code_challenge=x", true));
        assert!(needed("response_type=code&code_challenge_method=plain", true));
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
