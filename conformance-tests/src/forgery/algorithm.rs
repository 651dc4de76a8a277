//! Another algorithm than the key's.

use hmac::{Hmac, Mac as _};
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};

use super::{Forgery, Genuine, decoded, encoded, forgery, object, with, without};

/// Spellings of `none`, and names that a lenient reader could take for a known one.
const NAMES: [&str; 32] = [
    "none",
    "None",
    "NONE",
    "nOnE",
    "none ",
    " none",
    "none\\u0000",
    "",
    "null",
    "HS256",
    "HS384",
    "HS512",
    "RS1",
    "RS384",
    "RS512",
    "PS384",
    "PS512",
    "ES384",
    "ES512",
    "ES256K",
    "Ed25519",
    "Ed448",
    "EDDSA",
    "rs256",
    "es256",
    "eddsa",
    "RS256 ",
    "ES256\\u0000",
    "RSA-OAEP",
    "dir",
    "A256KW",
    "ML-DSA-44",
];
/// The algorithms that are verified.
const KNOWN: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// Forgeries of the algorithm.
#[must_use]
pub fn forgeries(genuine: &Genuine) -> Vec<Forgery> {
    let [_, p, s] = genuine.parts();
    let header = genuine.header();
    let mut all = Vec::new();
    let names = NAMES.iter().map(|name| format!("\"{name}\""));
    let others = KNOWN.iter().filter(|name| header["alg"] != **name).map(|name| format!("\"{name}\""));
    let no_text = ["null", "0", "1", "true", "[]", "{}", "[\"none\"]", "[\"RS256\"]", "{\"alg\":\"none\"}"];
    for alg in names.chain(others).chain(no_text.map(str::to_owned)) {
        let changed = encoded(object(&with(&header, "alg", alg.as_str())));
        all.push(forgery(format!("alg {alg} and no signature"), format!("{changed}.{p}.")));
        all.push(forgery(format!("alg {alg} and the signature"), format!("{changed}.{p}.{s}")));
    }
    for bare in [r#"{"alg":"none"}"#, r#"{"alg":"none","typ":"JWT"}"#, r#"{"typ":"JWT"}"#, "{}", ""] {
        all.push(forgery(format!("header {bare} and no signature"), format!("{}.{p}.", encoded(bare))));
    }
    let missing = encoded(object(&without(&header, "alg")));
    all.push(forgery("no alg and no signature", format!("{missing}.{p}.")));
    all.push(forgery("no alg and the signature", format!("{missing}.{p}.{s}")));
    all.extend(shared_secrets(genuine));
    all
}

/// The public key as the secret of an HMAC, in every form that a library might hand on.
fn shared_secrets(genuine: &Genuine) -> Vec<Forgery> {
    let p = genuine.parts()[1];
    let mut all = Vec::new();
    for (what, secret) in secrets(&genuine.public) {
        for alg in ["HS256", "HS384", "HS512"] {
            let header = object(&with(&genuine.header(), "alg", format!("\"{alg}\"")));
            let message = format!("{}.{p}", encoded(header));
            let tag = match alg {
                "HS256" => mac::<Sha256>(&secret, &message),
                "HS384" => mac::<Sha384>(&secret, &message),
                _ => mac::<Sha512>(&secret, &message),
            };
            all.push(forgery(format!("{alg} keyed with {what}"), format!("{message}.{}", encoded(tag))));
        }
        // The tag under the name of the key's own algorithm.
        let own = format!("{}.{p}", genuine.parts()[0]);
        let tag = encoded(mac::<Sha256>(&secret, &own));
        all.push(forgery(
            format!("a tag keyed with {what}, under the key's algorithm"),
            format!("{own}.{tag}"),
        ));
    }
    all
}

fn mac<D: hmac::EagerHash>(secret: &[u8], message: &str) -> Vec<u8>
where
    Hmac<D>: hmac::Mac + hmac::KeyInit,
{
    let mut mac = <Hmac<D> as hmac::KeyInit>::new_from_slice(secret).expect("any length");
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn secrets(public: &Map<String, Value>) -> Vec<(&'static str, Vec<u8>)> {
    let spki = subject_public_key_info(public);
    let pem = |ends: &str, newline: &str| {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(&spki);
        let lines: Vec<&str> =
            text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).expect("ASCII")).collect();
        let body = lines.join(newline);
        format!("-----BEGIN PUBLIC KEY-----{newline}{body}{newline}-----END PUBLIC KEY-----{ends}")
            .into_bytes()
    };
    let member = |name: &str| public.get(name).and_then(Value::as_str).map(decoded);
    let mut all = vec![
        ("the public key in PEM", pem("\n", "\n")),
        ("the public key in PEM without the last line's end", pem("", "\n")),
        ("the public key in PEM with CR LF", pem("\r\n", "\r\n")),
        ("the public key in DER", spki.clone()),
        ("the public JWK", Value::Object(public.clone()).to_string().into_bytes()),
        ("nothing", Vec::new()),
        ("a zero byte", vec![0]),
        ("the kid", public.get("kid").and_then(Value::as_str).unwrap_or_default().as_bytes().to_vec()),
    ];
    for (what, name) in [("the modulus", "n"), ("the exponent", "e"), ("x", "x"), ("y", "y")] {
        all.extend(member(name).map(|bytes| (what, bytes)));
    }
    all
}

/// RFC 5280 §4.1: the DER of a public key.
fn subject_public_key_info(public: &Map<String, Value>) -> Vec<u8> {
    let member = |name: &str| decoded(public[name].as_str().expect("a text"));
    match public["kty"].as_str() {
        Some("RSA") => {
            let numbers = [integer(&member("n")), integer(&member("e"))].concat();
            let key = [&[0], tlv(0x30, &numbers).as_slice()].concat();
            let oid = [0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 0x05, 0];
            tlv(0x30, &[tlv(0x30, &oid), tlv(0x03, &key)].concat())
        }
        Some("EC") => {
            let key = [&[0, 4], member("x").as_slice(), &member("y")].concat();
            let oids =
                [0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
            tlv(0x30, &[tlv(0x30, &oids), tlv(0x03, &key)].concat())
        }
        _ => {
            let key = [&[0], member("x").as_slice()].concat();
            tlv(0x30, &[tlv(0x30, &[0x06, 3, 0x2b, 0x65, 0x70]), tlv(0x03, &key)].concat())
        }
    }
}

pub(super) fn integer(bytes: &[u8]) -> Vec<u8> {
    let digits = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let sign: &[u8] = if digits.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    tlv(0x02, &[sign, digits].concat())
}

pub(super) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let bytes = length.to_be_bytes();
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let low = u8::try_from(length & 0x7f).expect("seven bits");
    let head = if length < 0x80 { vec![low] } else { [&[0x80 + bytes.len() as u8], bytes].concat() };
    [&[tag], head.as_slice(), value].concat()
}
