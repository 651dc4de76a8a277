//! A client that proves itself by a token it signed (`private_key_jwt`: RFC 7523 §3, OIDC Core §9).
//!
//! The signature has been verified before, by the keys of the client the token names; here is what the token must say,
//! and that it says it once.

use countersign_store::{Store, secret, spent_jti};

use crate::jose::Verified;

/// The `client_assertion_type` of RFC 7523 §2.2.
pub const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The longest an assertion may be good from now on, in seconds: so long its identifier has to be remembered.
const LONGEST: i64 = 5 * 60;
/// How far a client's clock may be ahead, in seconds.
const SKEW: i64 = 60;
/// How long after its expiry an identifier is remembered, in seconds: another node's clock may be behind.
const REMEMBERED: i64 = 5 * 60;
/// The longest identifier, in characters.
const JTI: usize = 255;

/// What proves a client, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    /// Its identifier.
    pub jti: String,
    /// From when on it proves nothing, in seconds since 1970.
    pub exp: i64,
}

/// Why a token proves no client: a sentence for the one who wrote the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproved {
    /// Another kind of token.
    #[error(
        "the client assertion is a token of another kind: its typ must be JWT or client-authentication+jwt"
    )]
    Kind,
    /// `iss` or `sub`.
    #[error("iss and sub of the client assertion must both be the client_id")]
    Client,
    /// `aud`.
    #[error("aud of the client assertion must be one string: the issuer or the URL of the token endpoint")]
    Audience,
    /// No `exp`.
    #[error("the client assertion has no exp")]
    NoExpiry,
    /// `exp` has passed.
    #[error("the client assertion has expired")]
    Expired,
    /// `exp` is too far ahead.
    #[error("exp of the client assertion must be at most five minutes ahead")]
    Lasting,
    /// `iat` or `nbf`.
    #[error("iat or nbf of the client assertion is in the future")]
    Future,
    /// `jti`.
    #[error("the client assertion needs a jti of 1 to 255 characters")]
    Identifier,
}

/// Checks what an assertion says. `audiences` are the issuer and whichever endpoints the client may name instead.
///
/// # Errors
/// [`Unproved`].
pub fn check(
    claims: &Verified,
    client_id: &str,
    audiences: &[&str],
    now: i64,
) -> Result<Assertion, Unproved> {
    // draft-ietf-oauth-rfc7523bis §3.1: new clients say what kind of token it is; others say JWT, or nothing.
    if !claims.is_of_kind(&["JWT", "client-authentication+jwt"]) {
        return Err(Unproved::Kind);
    }
    // RFC 7523 §3: both iss and sub are the client.
    if claims.text("iss") != Some(client_id) || claims.text("sub") != Some(client_id) {
        return Err(Unproved::Client);
    }
    // RFC 7523 §3 lets aud be a list. One that names others too is another's to replay here, and was the way in of
    // CVE-2025-27370: one string, and one of ours.
    if !claims.text("aud").is_some_and(|aud| audiences.contains(&aud)) {
        return Err(Unproved::Audience);
    }
    let exp = claims.time("exp").ok_or(Unproved::NoExpiry)?;
    if exp <= now {
        return Err(Unproved::Expired);
    }
    if exp > now + LONGEST + SKEW {
        return Err(Unproved::Lasting);
    }
    if ["iat", "nbf"].iter().filter_map(|name| claims.time(name)).any(|time| time > now + SKEW) {
        return Err(Unproved::Future);
    }
    let jti = claims.text("jti").filter(|jti| !jti.is_empty() && jti.chars().count() <= JTI);
    Ok(Assertion { jti: jti.ok_or(Unproved::Identifier)?.to_owned(), exp })
}

/// Spends an assertion that has been checked: true for exactly one caller, on whichever node.
///
/// # Errors
/// When the database fails.
pub async fn spend(store: &Store, client_id: &str, assertion: &Assertion) -> countersign_store::Result<bool> {
    let digest = secret::digest(assertion.jti.as_bytes()).to_vec();
    let (client_id, until) = (client_id.to_owned(), assertion.exp + REMEMBERED);
    let spent = store
        .statement(move |db| Box::pin(async move { spent_jti::spend(&db, &client_id, digest, until).await }));
    spent.await
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::jose::tests::verified;

    const NOW: i64 = 1_800_000_000;
    const OURS: [&str; 2] = ["https://portal.example", "https://portal.example/token"];

    fn claims(change: Value) -> Value {
        let mut claims = json!({
            "iss": "app", "sub": "app", "aud": OURS[0], "jti": "j", "iat": NOW, "exp": NOW + 60,
        });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        claims
    }

    fn judge(change: Value) -> Result<Assertion, Unproved> {
        check(&verified(Some("JWT"), &claims(change)), "app", &OURS, NOW)
    }

    #[test]
    fn rfc7523_3_an_assertion_of_the_client_for_us_is_good() {
        let good = Assertion { jti: "j".into(), exp: NOW + 60 };
        assert_eq!(judge(json!({})), Ok(good.clone()));
        assert_eq!(judge(json!({ "aud": OURS[1], "iat": null })), Ok(good.clone()));
        assert_eq!(judge(json!({ "iat": NOW + 10, "nbf": NOW + 10 })), Ok(good.clone()));
        assert_eq!(judge(json!({ "iat": NOW - 100_000, "nbf": 0, "more": [1] })), Ok(good));
        assert!(judge(json!({ "exp": NOW + 300 })).is_ok());
        assert!(judge(json!({ "jti": "é".repeat(255) })).is_ok());
    }

    #[test]
    fn rfc7523_3_what_is_missing_or_wrong_is_said() {
        for (change, why) in [
            (json!({ "iss": "other" }), Unproved::Client),
            (json!({ "sub": "other" }), Unproved::Client),
            (json!({ "iss": null }), Unproved::Client),
            (json!({ "sub": null }), Unproved::Client),
            (json!({ "sub": ["app"] }), Unproved::Client),
            (json!({ "aud": null }), Unproved::Audience),
            (json!({ "aud": "" }), Unproved::Audience),
            (json!({ "aud": "https://portal.example/" }), Unproved::Audience),
            (json!({ "aud": "https://portal.example/token/" }), Unproved::Audience),
            (json!({ "aud": "HTTPS://portal.example" }), Unproved::Audience),
            (json!({ "aud": "https://other.example" }), Unproved::Audience),
            (json!({ "aud": [OURS[0]] }), Unproved::Audience),
            (json!({ "aud": [OURS[0], "https://other.example"] }), Unproved::Audience),
            (json!({ "exp": null }), Unproved::NoExpiry),
            (json!({ "exp": NOW }), Unproved::Expired),
            (json!({ "exp": NOW - 1 }), Unproved::Expired),
            (json!({ "exp": NOW + 361 }), Unproved::Lasting),
            (json!({ "exp": 253_402_300_799_i64 }), Unproved::Lasting),
            (json!({ "iat": NOW + 61 }), Unproved::Future),
            (json!({ "nbf": NOW + 61 }), Unproved::Future),
            (json!({ "jti": null }), Unproved::Identifier),
            (json!({ "jti": "" }), Unproved::Identifier),
            (json!({ "jti": 7 }), Unproved::Identifier),
            (json!({ "jti": "j".repeat(256) }), Unproved::Identifier),
        ] {
            assert_eq!(judge(change.clone()), Err(why), "{change}");
        }
    }

    #[test]
    fn rfc8725_3_11_another_kind_of_token_proves_no_client() {
        let of_kind = |typ| check(&verified(typ, &claims(json!({}))), "app", &OURS, NOW).map(|_| ());
        for typ in [None, Some("JWT"), Some("client-authentication+jwt")] {
            assert_eq!(of_kind(typ), Ok(()));
        }
        for typ in ["at+jwt", "oauth-authz-req+jwt", "dpop+jwt", "logout+jwt"] {
            assert_eq!(of_kind(Some(typ)), Err(Unproved::Kind), "{typ}");
        }
    }
}
