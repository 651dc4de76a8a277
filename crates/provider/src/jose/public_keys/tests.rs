//! Key sets good and bad, and tokens of clients.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner};
use serde_json::json;

use super::*;

/// A client's key: what it keeps and what it registers.
struct Pair {
    private: Jwk,
    public: Map<String, Value>,
}

fn pair(alg: Alg, kid: Option<&str>) -> Pair {
    let private = match alg {
        Alg::Rs256 | Alg::Ps256 => Jwk::generate_rsa_key(2_048),
        Alg::Es256 => Jwk::generate_ec_key(EcCurve::P256),
        Alg::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519),
    };
    let private = private.unwrap();
    let mut public = private.to_public_key().unwrap().as_ref().clone();
    if let Some(kid) = kid {
        public.insert("kid".into(), kid.into());
    }
    Pair { private, public }
}

impl Pair {
    fn token(&self, alg: Alg, kid: Option<&str>) -> String {
        let signer: Box<dyn JwsSigner> = match alg {
            Alg::Rs256 => Box::new(jws::RS256.signer_from_jwk(&self.private).unwrap()),
            Alg::Ps256 => Box::new(jws::PS256.signer_from_jwk(&self.private).unwrap()),
            Alg::Es256 => Box::new(jws::ES256.signer_from_jwk(&self.private).unwrap()),
            Alg::EdDsa => Box::new(jws::EdDSA.signer_from_jwk(&self.private).unwrap()),
        };
        let header =
            kid.map_or(json!({ "alg": alg.as_str() }), |kid| json!({ "alg": alg.as_str(), "kid": kid }));
        let b64 = |text: String| URL_SAFE_NO_PAD.encode(text);
        let message = format!("{}.{}", b64(header.to_string()), b64(r#"{"sub":"app"}"#.into()));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes()).unwrap()))
    }

    fn with(&self, more: Value) -> Map<String, Value> {
        let mut jwk = self.public.clone();
        jwk.extend(more.as_object().unwrap().clone());
        jwk
    }

    fn without(&self, name: &str) -> Map<String, Value> {
        let mut jwk = self.public.clone();
        jwk.remove(name);
        jwk
    }
}

fn set(jwks: &[&Map<String, Value>]) -> PublicKeys {
    PublicKeys::read(&json!({ "keys": jwks })).unwrap()
}

fn verify(keys: &PublicKeys, token: &str, allowed: &[Alg]) -> Result<Verified, Refused> {
    keys.verify(Unverified::read(token)?, allowed)
}

#[test]
fn every_algorithm_verifies_what_was_signed_by_it_alone() {
    let rsa = pair(Alg::Rs256, Some("rsa"));
    let (ec, ed) = (pair(Alg::Es256, Some("ec")), pair(Alg::EdDsa, Some("ed")));
    let keys = set(&[&rsa.public, &ec.public, &ed.public]);
    for (key, alg, kid) in [
        (&rsa, Alg::Rs256, "rsa"),
        (&rsa, Alg::Ps256, "rsa"),
        (&ec, Alg::Es256, "ec"),
        (&ed, Alg::EdDsa, "ed"),
    ] {
        let token = key.token(alg, Some(kid));
        assert_eq!(verify(&keys, &token, &Alg::CLIENTS).unwrap().text("sub"), Some("app"));
        let others: Vec<Alg> = Alg::CLIENTS.into_iter().filter(|other| *other != alg).collect();
        assert_eq!(verify(&keys, &token, &others).unwrap_err(), Refused::Algorithm);
        assert_eq!(verify(&keys, &token, &[]).unwrap_err(), Refused::Algorithm);
        // A signature of one algorithm is none of another's.
        for other in others {
            let (_, rest) = token.split_once('.').unwrap();
            let header = json!({ "alg": other.as_str(), "kid": kid }).to_string();
            let changed = format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header));
            assert!(verify(&keys, &changed, &Alg::CLIENTS).is_err());
        }
    }
}

#[test]
fn rfc8725_3_1_a_key_that_names_its_algorithm_is_for_that_one() {
    let rsa = pair(Alg::Rs256, Some("k"));
    let keys = set(&[&rsa.with(json!({ "alg": "PS256" }))]);
    assert!(verify(&keys, &rsa.token(Alg::Ps256, Some("k")), &Alg::CLIENTS).is_ok());
    assert_eq!(
        verify(&keys, &rsa.token(Alg::Rs256, Some("k")), &Alg::CLIENTS).unwrap_err(),
        Refused::Algorithm
    );
}

#[test]
fn core_10_1_a_kid_picks_its_key_and_may_be_left_out_if_only_one_fits() {
    let (a, b) = (pair(Alg::Es256, Some("a")), pair(Alg::Es256, None));
    let one = set(&[&b.public]);
    assert!(verify(&one, &b.token(Alg::Es256, None), &Alg::CLIENTS).is_ok());
    assert_eq!(verify(&one, &b.token(Alg::Es256, Some("a")), &Alg::CLIENTS).unwrap_err(), Refused::Key);
    let two = set(&[&a.public, &b.public]);
    assert!(verify(&two, &a.token(Alg::Es256, Some("a")), &Alg::CLIENTS).is_ok());
    assert_eq!(verify(&two, &b.token(Alg::Es256, None), &Alg::CLIENTS).unwrap_err(), Refused::Key);
    assert_eq!(verify(&two, &b.token(Alg::Es256, Some("a")), &Alg::CLIENTS).unwrap_err(), Refused::Signature);
    // Of two kinds, the algorithm tells which is meant.
    let ed = pair(Alg::EdDsa, None);
    let mixed = set(&[&b.public, &ed.public]);
    assert!(verify(&mixed, &b.token(Alg::Es256, None), &Alg::CLIENTS).is_ok());
    assert!(verify(&mixed, &ed.token(Alg::EdDsa, None), &Alg::CLIENTS).is_ok());
}

#[test]
fn rfc7517_5_keys_that_are_not_for_us_are_passed_over() {
    let (ec, rsa) = (pair(Alg::Es256, None), pair(Alg::Rs256, None));
    let p384 = Jwk::generate_ec_key(EcCurve::P384).unwrap().to_public_key().unwrap().as_ref().clone();
    let ed448 = Jwk::generate_ed_key(EdCurve::Ed448).unwrap().to_public_key().unwrap().as_ref().clone();
    let small = json!({ "n": URL_SAFE_NO_PAD.encode([0xff; 128]) });
    let huge = json!({ "n": URL_SAFE_NO_PAD.encode([0xff; 1_025]) });
    let short = json!({ "x": URL_SAFE_NO_PAD.encode([1; 31]) });
    let off_curve = json!({ "x": URL_SAFE_NO_PAD.encode([1; 32]), "y": URL_SAFE_NO_PAD.encode([1; 32]) });
    let zeros = json!({ "n": URL_SAFE_NO_PAD.encode([&[0], &[0xff; 256][..]].concat()) });
    let exponent = |e: &[u8]| json!({ "e": URL_SAFE_NO_PAD.encode(e) });
    for (jwk, why) in [
        (ec.with(json!({ "use": "enc" })), Unfit::Purpose),
        (ec.with(json!({ "key_ops": ["encrypt"] })), Unfit::Purpose),
        (ec.with(json!({ "key_ops": [] })), Unfit::Purpose),
        (ec.with(json!({ "alg": "ES384" })), Unfit::Kind),
        (ec.with(json!({ "alg": "RS256" })), Unfit::Kind),
        (rsa.with(json!({ "alg": "RSA-OAEP" })), Unfit::Kind),
        (rsa.with(json!({ "alg": "HS256" })), Unfit::Kind),
        (rsa.with(json!({ "alg": "none" })), Unfit::Kind),
        (ec.with(json!({ "kty": "AKP" })), Unfit::Kind),
        (p384, Unfit::Kind),
        (ed448, Unfit::Kind),
        (rsa.with(small), Unfit::Rsa),
        (rsa.with(huge), Unfit::Rsa),
        (rsa.with(exponent(&[1])), Unfit::Rsa),
        (rsa.with(exponent(&[3])), Unfit::Rsa),
        (rsa.with(exponent(&[1, 0, 2])), Unfit::Rsa),
        (rsa.with(exponent(&[0xff; 256])), Unfit::Rsa),
        (rsa.with(exponent(&[])), Unfit::Rsa),
        (rsa.with(exponent(&[0, 1, 0, 1])), Unfit::Malformed),
        (rsa.with(zeros), Unfit::Malformed),
        (rsa.with(json!({ "n": "****" })), Unfit::Malformed),
        (rsa.with(json!({ "n": 1 })), Unfit::Malformed),
        (rsa.without("e"), Unfit::Malformed),
        (ec.without("y"), Unfit::Malformed),
        (ec.without("kty"), Unfit::Malformed),
        (ec.with(short), Unfit::Malformed),
        (ec.with(off_curve), Unfit::Malformed),
        (ec.with(json!({ "kid": 1 })), Unfit::Malformed),
        (ec.with(json!({ "kid": "k".repeat(513) })), Unfit::Malformed),
        (ec.with(json!({ "use": ["sig"] })), Unfit::Malformed),
    ] {
        let keys = set(&[&jwk, &ec.public]);
        assert_eq!((keys.len(), keys.unfit()), (1, &[why][..]), "{jwk:?}");
    }
    for more in [
        json!({ "use": "sig" }),
        json!({ "key_ops": ["verify"] }),
        json!({ "alg": "ES256", "x5u": "https://a" }),
    ] {
        assert_eq!(set(&[&ec.with(more)]).len(), 1);
    }
}

#[test]
fn sets_that_are_no_sets_are_refused_whole() {
    let ec = pair(Alg::Es256, Some("a"));
    for text in [
        "",
        "[]",
        "{}",
        "null",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":["a"]}"#,
        r#"{"keys":[],"keys":[]}"#,
    ] {
        assert_eq!(PublicKeys::parse(text.as_bytes()).unwrap_err(), NotAKeySet::Form, "{text}");
    }
    assert!(PublicKeys::parse(br#"{"keys":[],"more":1}"#).unwrap().is_empty());
    for member in PRIVATE {
        let jwk = ec.with(json!({ member: "AA", "use": "enc" }));
        let private = json!({ "keys": [ec.public, jwk] });
        assert_eq!(PublicKeys::read(&private).unwrap_err(), NotAKeySet::Private, "{member}");
    }
    let symmetric = json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0" }] });
    assert_eq!(PublicKeys::read(&symmetric).unwrap_err(), NotAKeySet::Private);
    let many: Vec<Value> = (0..21).map(|_| json!({ "kty": "AKP" })).collect();
    assert_eq!(PublicKeys::read(&json!({ "keys": many })).unwrap_err(), NotAKeySet::Long);
    let twice = json!({ "keys": [ec.public, pair(Alg::EdDsa, Some("a")).public] });
    assert_eq!(PublicKeys::read(&twice).unwrap_err(), NotAKeySet::Doubled);
    // Another purpose's key of the same name can't be meant.
    let other = json!({ "keys": [ec.public, ec.with(json!({ "use": "enc" }))] });
    assert_eq!(PublicKeys::read(&other).unwrap().len(), 1);
}
