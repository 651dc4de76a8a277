//! Tokens good and bad.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::keys::{Key, NewKey};
use super::unverified::LONGEST;
use super::*;

/// Claims as if a token's signature had been verified.
pub(crate) fn verified(typ: Option<&str>, claims: &Value) -> Verified {
    Verified { typ: typ.map(str::to_owned), claims: claims.as_object().unwrap().clone() }
}

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
    assert_eq!(verify(&keys, &unsigned).unwrap_err(), Refused::Algorithm);
}

#[test]
fn rfc7515_4_1_11_rfc8725_3_10_extensions_and_keys_in_the_header_are_refused() {
    let keys = keys();
    for header in [
        r#"{"alg":"ES256","kid":"KID","crit":["x"],"x":1}"#,
        r#"{"alg":"ES256","kid":"KID","crit":["b64"],"b64":false}"#,
        r#"{"alg":"ES256","kid":"KID","b64":false}"#,
        r#"{"alg":"ES256","kid":"KID","jku":"https://evil.example"}"#,
        r#"{"alg":"ES256","kid":"KID","jwk":{"kty":"oct","k":"AA"}}"#,
        r#"{"alg":"ES256","kid":"KID","x5u":"https://evil.example"}"#,
        r#"{"alg":"ES256","kid":"KID","x5c":["AA"]}"#,
        r#"{"alg":"ES256","kid":["KID"]}"#,
        r#"{"alg":"ES256","kid":"KID","kid":"KID"}"#,
        r#"{"alg":"ES256","kid":"KID","typ":1}"#,
        r#"{"alg":["ES256"],"kid":"KID"}"#,
        r#"{"kid":"KID"}"#,
        r#"["ES256"]"#,
    ] {
        let token = signed(&keys, Alg::Es256, header, "{}");
        assert_eq!(verify(&keys, &token).unwrap_err(), Refused::Header, "{header}");
    }
    for header in [r#"{"alg":"ES256"}"#, r#"{"alg":"ES256","kid":"../KID"}"#, r#"{"alg":"ES256","kid":""}"#] {
        let token = signed(&keys, Alg::Es256, header, "{}");
        assert_eq!(verify(&keys, &token).unwrap_err(), Refused::Key, "{header}");
    }
    // A thumbprint of the certificate points at nothing: some libraries add it.
    let header = r#"{"alg":"ES256","kid":"KID","x5t":"AA","cty":"JWT"}"#;
    assert!(verify(&keys, &signed(&keys, Alg::Es256, header, "{}")).is_ok());
}

#[test]
fn rfc8725_3_11_a_token_of_another_kind_is_told_apart() {
    let keys = keys();
    let of_kind = |typ: &str, kinds: &[&str]| {
        let header = format!(r#"{{"alg":"ES256","kid":"KID"{typ}}}"#);
        verify(&keys, &signed(&keys, Alg::Es256, &header, "{}")).unwrap().is_of_kind(kinds)
    };
    for typ in ["", r#","typ":"JWT""#, r#","typ":"jwt""#, r#","typ":"application/JWT""#] {
        assert!(of_kind(typ, &["JWT"]), "{typ}");
    }
    for typ in [r#","typ":"at+jwt""#, r#","typ":"text/JWT""#, r#","typ":"""#, r#","typ":"application/""#] {
        assert!(!of_kind(typ, &["JWT"]), "{typ}");
    }
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
    let message = format!("{}.{}", b64(&format!(r#"{{"alg":"ES256","kid":"{}"}}"#, key.kid())), b64("{}"));
    let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode([0; 64]));
    assert_eq!(verify(&keys, &token).unwrap_err(), Refused::Signature);
}
