//! A header that must not be accepted, although the right key signed it.

use super::{Forgery, Genuine, SigningKey, decoded, encoded, forgery, members, object, with, without};

/// Kinds of tokens that are read nowhere here.
const KINDS: [&str; 9] = [
    "dpop+jwt",
    "logout+jwt",
    "secevent+jwt",
    "JOSE",
    "JOSE+JSON",
    "kb+jwt",
    "text/JWT",
    "jwt2",
    "application/",
];
const KNOWN: [&str; 4] = ["RS256", "PS256", "ES256", "EdDSA"];

/// Forgeries of the header. `others` are names of keys that the reader knows too.
#[must_use]
pub fn forgeries(genuine: &Genuine, key: &SigningKey, others: &[&str]) -> Vec<Forgery> {
    let payload = decoded(genuine.parts()[1]);
    let mut all = Vec::new();
    let mut add = |what: String, header: &[u8]| all.push(forgery(what, key.token(header, &payload)));
    let header = genuine.header();
    let kid = header["kid"].as_str().expect("a kid");
    for (name, values) in [
        ("crit", &["[]", "[\"x\"]", "[\"b64\"]", "[\"exp\"]", "null", "\"exp\"", "[\"alg\"]"][..]),
        ("b64", &["false", "true", "null", "\"false\""]),
        ("typ", &["null", "1", "true", "[\"JWT\"]", "{}"]),
        ("alg", &["null", "0", "[]", "{}", "\"none\"", "\"HS256\"", "\"RS512\"", "\"ES256K\"", "\"\""]),
        (
            "kid",
            &[
                "null",
                "0",
                "true",
                "[]",
                "{}",
                "\"\"",
                "\"../../../dev/null\"",
                "\"' OR 1=1 --\"",
                "\"\\u0000\"",
            ],
        ),
        ("jwk", &["{}", "null", "{\"kty\":\"oct\",\"k\":\"AA\"}"]),
        ("jku", &["\"https://127.0.0.1:1/jwks\"", "null", "\"\""]),
        ("x5u", &["\"https://127.0.0.1:1/cert\"", "null"]),
        ("x5c", &["[]", "[\"AAAA\"]", "null"]),
    ] {
        for value in values {
            add(format!("{name} {value}"), object(&with(&header, name, *value)).as_bytes());
        }
    }
    for kind in KINDS {
        add(format!("typ {kind}"), object(&with(&header, "typ", format!("{kind:?}"))).as_bytes());
    }
    for alg in KNOWN.into_iter().filter(|alg| *alg != key.alg) {
        add(
            format!("signed by {} as {alg}", key.alg),
            object(&with(&header, "alg", format!("{alg:?}"))).as_bytes(),
        );
    }
    let near = [
        format!("{kid} "),
        format!(" {kid}"),
        format!("{kid}\0"),
        format!("./{kid}"),
        format!("x/../{kid}"),
        format!("{kid}\n"),
        format!("%{:02x}{}", kid.as_bytes()[0], &kid[1..]),
        kid[1..].to_owned(),
        format!("{kid}{kid}"),
        "k".repeat(10_000),
        "k".repeat(64_000),
    ];
    for other in near.iter().map(String::as_str).chain(others.iter().copied()) {
        let text = serde_json::Value::from(other).to_string();
        add(format!("kid {other:.60}"), object(&with(&header, "kid", text)).as_bytes());
    }
    add("no kid".into(), object(&without(&header, "kid")).as_bytes());
    add("no alg".into(), object(&without(&header, "alg")).as_bytes());
    all.extend(json(genuine, key));
    all
}

/// Headers that are no JSON object of one reading.
fn json(genuine: &Genuine, key: &SigningKey) -> Vec<Forgery> {
    let payload = decoded(genuine.parts()[1]);
    let header = genuine.header();
    let text = object(&members(&header));
    let rest = &text[1..text.len() - 1];
    let deep = |open: &str, close: &str, depth: usize| {
        format!("{{{rest},\"x\":{}1{}}}", open.repeat(depth), close.repeat(depth))
    };
    let mut all: Vec<Forgery> = [
        ("alg twice", format!("{{{rest},\"alg\":{}}}", header["alg"])),
        ("alg none first", format!("{{\"alg\":\"none\",{rest}}}")),
        ("alg none last", format!("{{{rest},\"alg\":\"none\"}}")),
        ("kid twice", format!("{{{rest},\"kid\":{}}}", header["kid"])),
        ("alg twice, once in escapes", format!("{{\"\\u0061lg\":\"none\",{rest}}}")),
        ("kid twice, once in escapes", format!("{{{rest},\"k\\u0069d\":\"x\"}}")),
        ("an unknown member twice", format!("{{{rest},\"x\":1,\"x\":1}}")),
        ("a member twice further down", format!("{{{rest},\"x\":{{\"a\":1,\"a\":2}}}}")),
        ("in a list", format!("[{text}]")),
        ("as a text", serde_json::Value::from(text.as_str()).to_string()),
        ("followed by another", format!("{text}{text}")),
        ("followed by a brace", format!("{text}}}")),
        ("followed by a NUL", format!("{text}\0")),
        ("with a byte order mark", format!("\u{feff}{text}")),
        ("with a comma at the end", format!("{{{rest},}}")),
        ("with a comment", format!("{{{rest}/* */}}")),
        ("with single quotes", text.replace('"', "'")),
        ("with unquoted names", text.replace("\"alg\"", "alg")),
        ("with NaN", format!("{{{rest},\"x\":NaN}}")),
        ("with a line feed in a text", format!("{{{rest},\"x\":\"\n\"}}")),
        ("without its last brace", text[..text.len() - 1].to_owned()),
        ("empty", String::new()),
        ("an empty object", "{}".to_owned()),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("lists 1,000 deep", deep("[", "]", 1_000)),
        ("lists 5,000 deep", deep("[", "]", 5_000)),
        ("objects 1,000 deep", deep("{\"a\":", "}", 1_000)),
        ("a number without end", format!("{{{rest},\"x\":1{}}}", "0".repeat(5_000))),
    ]
    .into_iter()
    .map(|(what, header)| forgery(format!("header {what}"), key.token(header, &payload)))
    .collect();
    let mut latin = text.into_bytes();
    latin.insert(2, 0xe9);
    all.push(forgery("header not UTF-8", key.token(latin, &payload)));
    all.push(forgery("header a token", key.token(&genuine.token, &payload)));
    // RFC 7797: a payload that is signed as it is.
    let unencoded = object(&with(&header, "b64", "false"));
    let message = [encoded(unencoded).as_bytes(), b".", &payload].concat();
    let signature = encoded(key.sign(&message));
    let [_, p, _] = genuine.parts();
    let head = String::from_utf8_lossy(&message).split('.').next().unwrap_or_default().to_owned();
    all.push(forgery("an unencoded payload", format!("{head}.{p}.{signature}")));
    all.push(forgery("a detached payload", format!("{head}..{signature}")));
    all
}
