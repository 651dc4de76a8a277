//! Signed tokens (RFC 7515, RFC 7519), read by our own strict rules and signed through josekit.
//!
//! josekit does the signatures and the keys. Its own JWT reader is not used: it takes the last of two equal
//! claims, accepts a token without `aud` or `exp`, and panics on huge times.

pub mod json;
pub mod keys;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use keys::{Alg, Keys};

/// The longest token that is read, in bytes.
const LONGEST: usize = 16 * 1024;
/// 9999-12-31T23:59:59Z: later times are not times.
const LAST_SECOND: i64 = 253_402_300_799;

/// Why a token is refused. For the log: the one who sent it learns only that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Over 16 KiB.
    #[error("the token is too long")]
    Long,
    /// Not three parts of base64url.
    #[error("the token is not a compact JWS")]
    Form,
    /// A header that is not JSON, lists an extension, or has no key we know.
    #[error("the token's header is not acceptable")]
    Header,
    /// Another algorithm than its key's.
    #[error("the token's algorithm is not its key's")]
    Algorithm,
    /// The signature is not of that key.
    #[error("the token's signature does not verify")]
    Signature,
    /// Claims that are not a JSON object, or of the wrong kind.
    #[error("the token's claims are malformed")]
    Claims,
}

/// The claims of a token whose signature has been verified. Nothing else can make one.
#[derive(Clone, Debug)]
pub struct Verified(Map<String, Value>);

impl Verified {
    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A claim that is a time: a whole number of seconds between 1970 and the year 10000.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.as_i64().filter(|time| (0..=LAST_SECOND).contains(time))
    }
}

/// Verifies a token that one of our own keys signed.
///
/// # Errors
/// [`Refused`].
pub fn verify(keys: &Keys, token: &str) -> Result<Verified, Refused> {
    if token.len() > LONGEST {
        return Err(Refused::Long);
    }
    let mut parts = token.splitn(4, '.');
    let (Some(header), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refused::Form);
    };
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Form);
    let fields = object(&decode(header)?).ok_or(Refused::Header)?;
    let signature = decode(signature)?;
    let payload_bytes = decode(payload)?;
    // RFC 7515 §4.1.11: an extension listed in crit that we don't understand (we understand none) invalidates
    // the token. Keys carried or linked by the token itself are never looked at.
    if fields.contains_key("crit") || fields.contains_key("b64") {
        return Err(Refused::Header);
    }
    let kid = fields.get("kid").and_then(Value::as_str).ok_or(Refused::Header)?;
    let key = keys.by_kid(kid).ok_or(Refused::Header)?;
    // RFC 8725 §3.1: the algorithm is the key's; the header only has to agree.
    if fields.get("alg").and_then(Value::as_str).and_then(Alg::parse) != Some(key.alg()) {
        return Err(Refused::Algorithm);
    }
    let signed = &token[..header.len() + 1 + payload.len()];
    if !key.verify(signed.as_bytes(), &signature) {
        return Err(Refused::Signature);
    }
    let claims = object(&payload_bytes).ok_or(Refused::Claims)?;
    let is_time = |claim: &Value| claim.as_i64().is_some_and(|time| (0..=LAST_SECOND).contains(&time));
    if ["exp", "iat", "nbf", "auth_time"].iter().filter_map(|name| claims.get(*name)).all(is_time) {
        Ok(Verified(claims))
    } else {
        Err(Refused::Claims)
    }
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match json::parse(bytes) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::keys::{Key, NewKey};
    use super::*;

    fn keys() -> Keys {
        let made = [Alg::Rs256, Alg::Es256, Alg::EdDsa].map(|alg| NewKey::generate(alg).unwrap());
        Keys::new(made.iter().map(|key| Key::open(&key.private_jwk, 0).unwrap()).collect())
    }

    fn b64(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn signed(keys: &Keys, alg: Alg, header: &str, payload: &str) -> String {
        let key = keys.signer(alg, 0).unwrap();
        let message = format!("{}.{}", b64(&header.replace("KID", key.kid())), b64(payload));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(key.sign_raw(message.as_bytes()).unwrap()))
    }

    #[test]
    fn every_algorithm_verifies_what_it_signed() {
        let keys = keys();
        for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa] {
            let token = keys.signer(alg, 0).unwrap().sign(br#"{"sub":"x","exp":1}"#).unwrap();
            let claims = verify(&keys, &token).unwrap();
            assert_eq!(claims.text("sub"), Some("x"));
            assert_eq!(claims.time("exp"), Some(1));
        }
    }

    #[test]
    fn rfc8725_3_1_the_key_decides_the_algorithm() {
        let keys = keys();
        for (name, why) in [
            ("none", Refused::Algorithm),
            ("None", Refused::Algorithm),
            ("HS256", Refused::Algorithm),
            ("RS512", Refused::Algorithm),
            ("PS256", Refused::Algorithm),
            ("ES256", Refused::Algorithm),
            ("rs256", Refused::Algorithm),
        ] {
            let token = signed(&keys, Alg::Rs256, &format!(r#"{{"alg":"{name}","kid":"KID"}}"#), "{}");
            assert_eq!(verify(&keys, &token).unwrap_err(), why, "{name}");
        }
        let unsigned = format!("{}.{}.", b64(r#"{"alg":"none"}"#), b64("{}"));
        assert_eq!(verify(&keys, &unsigned).unwrap_err(), Refused::Header);
    }

    #[test]
    fn rfc7515_4_1_11_critical_extensions_and_foreign_keys_are_refused() {
        let keys = keys();
        for header in [
            r#"{"alg":"ES256","kid":"KID","crit":["x"],"x":1}"#,
            r#"{"alg":"ES256","kid":"KID","crit":["b64"],"b64":false}"#,
            r#"{"alg":"ES256","kid":"KID","b64":false}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"ES256","kid":"../KID"}"#,
            r#"{"alg":"ES256","kid":["KID"]}"#,
            r#"{"alg":"ES256","kid":"KID","kid":"KID"}"#,
            r#"["ES256"]"#,
        ] {
            assert_eq!(
                verify(&keys, &signed(&keys, Alg::Es256, header, "{}")).unwrap_err(),
                Refused::Header,
                "{header}"
            );
        }
        // A key in the header is not looked at: ours, by kid, decides.
        let header =
            r#"{"alg":"ES256","kid":"KID","jku":"https://evil.example","jwk":{"kty":"oct","k":"AA"}}"#;
        assert!(verify(&keys, &signed(&keys, Alg::Es256, header, "{}")).is_ok());
    }

    #[test]
    fn malformed_claims_are_refused_without_a_panic() {
        let keys = keys();
        for payload in [
            "[]",
            "1",
            "",
            "{",
            r#"{"exp":1,"exp":2}"#,
            r#"{"exp":1e300}"#,
            r#"{"exp":1.5}"#,
            r#"{"exp":"1"}"#,
            r#"{"exp":-1}"#,
            r#"{"exp":18446744073709551615}"#,
            r#"{"iat":1000000000000000}"#,
            r#"{"nbf":null}"#,
            r#"{"auth_time":[]}"#,
        ] {
            let token = signed(&keys, Alg::EdDsa, r#"{"alg":"EdDSA","kid":"KID"}"#, payload);
            assert_eq!(verify(&keys, &token).unwrap_err(), Refused::Claims, "{payload}");
        }
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let keys = keys();
        for alg in [Alg::Rs256, Alg::Es256, Alg::EdDsa] {
            let token = keys.signer(alg, 0).unwrap().sign(br#"{"sub":"x"}"#).unwrap();
            for at in (0..token.len()).step_by(7) {
                let mut bytes = token.clone().into_bytes();
                bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
                assert!(verify(&keys, &String::from_utf8(bytes).unwrap()).is_err(), "{at}");
            }
            for text in [
                format!("{token}A"),
                format!("{token}="),
                format!("{token}."),
                format!(" {token}"),
                format!("{token}\n"),
            ] {
                assert!(verify(&keys, &text).is_err());
            }
        }
    }

    #[test]
    fn long_and_odd_tokens_are_refused_unread() {
        let keys = keys();
        assert_eq!(verify(&keys, &"a".repeat(LONGEST + 1)).unwrap_err(), Refused::Long);
        for token in ["", ".", "..", "...", "a.b", "a.b.c.d.e", "é.é.é", &".".repeat(LONGEST)] {
            assert!(verify(&keys, token).is_err(), "{token}");
        }
        assert!(verify(&Keys::new(Vec::new()), "e30.e30.e30").is_err());
    }

    #[test]
    fn es256_all_zero_signatures_are_refused() {
        let keys = keys();
        let key = keys.signer(Alg::Es256, 0).unwrap();
        let message =
            format!("{}.{}", b64(&format!(r#"{{"alg":"ES256","kid":"{}"}}"#, key.kid())), b64("{}"));
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
        assert_eq!(verify(&keys, &token).unwrap_err(), Refused::Signature);
    }
}
