//! Claims that must not be accepted, although the right key signed them.

use super::{Forgery, Genuine, SigningKey, decoded, forgery, members, object, with, without};

/// What a time must not be: no whole number between 1970 and the year 10000.
const NO_TIMES: [&str; 22] = [
    "1e300",
    "-1e300",
    "1e9",
    "1.8e9",
    "1800000060.0",
    "1800000060.5",
    "18446744073709551615",
    "18446744073709551616",
    "9223372036854775807",
    "9223372036854775808",
    "-1",
    "-9223372036854775808",
    "253402300800",
    "1000000000000000",
    "\"1800000060\"",
    "\"\"",
    "\"never\"",
    "null",
    "true",
    "[]",
    "[1800000060]",
    "{}",
];
/// The times that every token's reader looks at.
const TIMES: [&str; 4] = ["exp", "iat", "nbf", "auth_time"];

/// Forgeries of the claims. `required` are the ones that must be there, `wrong` are values that a claim must not have.
#[must_use]
pub fn forgeries(
    genuine: &Genuine,
    key: &SigningKey,
    required: &[&str],
    wrong: &[(&str, String)],
) -> Vec<Forgery> {
    let (header, claims) = (decoded(genuine.parts()[0]), genuine.claims());
    let mut all = Vec::new();
    let mut add = |what: String, payload: &str| all.push(forgery(what, key.token(&header, payload)));
    for time in TIMES {
        for value in NO_TIMES {
            add(format!("{time} {value}"), &object(&with(&claims, time, value)));
        }
    }
    for name in required {
        add(format!("no {name}"), &object(&without(&claims, name)));
        for value in ["null", "true", "[]", "{}", "[null]"] {
            add(format!("{name} {value}"), &object(&with(&claims, name, value)));
        }
    }
    for (name, value) in wrong {
        add(format!("{name} {value:.60}"), &object(&with(&claims, name, value.as_str())));
    }
    for (name, value) in members(&claims) {
        let mut twice = members(&claims);
        twice.push((name.clone(), value.clone()));
        add(format!("{name} twice"), &object(&twice));
        twice.pop();
        // The same name in another spelling.
        let first = name.chars().nth(1).map_or(0, u32::from);
        twice.push((format!("\"\\u{first:04x}{}", &name[2..]), value));
        add(format!("{name} twice, once in escapes"), &object(&twice));
    }
    all.extend(json(genuine, key));
    all.extend(nested(genuine, key));
    all
}

/// Payloads that are no JSON object of one reading.
fn json(genuine: &Genuine, key: &SigningKey) -> Vec<Forgery> {
    let header = decoded(genuine.parts()[0]);
    let text = object(&members(&genuine.claims()));
    let rest = &text[1..text.len() - 1];
    let mut payloads: Vec<(&str, Vec<u8>)> = [
        ("in a list", format!("[{text}]")),
        ("as a text", serde_json::Value::from(text.as_str()).to_string()),
        ("followed by another", format!("{text}{text}")),
        ("followed by a letter", format!("{text}x")),
        ("followed by a NUL", format!("{text}\0")),
        ("with a byte order mark", format!("\u{feff}{text}")),
        ("with a comma at the end", format!("{{{rest},}}")),
        ("with a comment", format!("{{{rest}// \n}}")),
        ("with single quotes", text.replace('"', "'")),
        ("with NaN", format!("{{{rest},\"x\":NaN}}")),
        ("with Infinity", format!("{{{rest},\"x\":Infinity}}")),
        ("with 1e400", format!("{{{rest},\"x\":1e400}}")),
        ("with a lone surrogate", format!("{{{rest},\"x\":\"\\ud800\"}}")),
        ("with a member twice further down", format!("{{{rest},\"x\":[{{\"a\":1,\"a\":1}}]}}")),
        ("without its last brace", text[..text.len() - 1].to_owned()),
        ("empty", String::new()),
        ("an empty object", "{}".to_owned()),
        ("an empty list", "[]".to_owned()),
        ("null", "null".to_owned()),
        ("a number", "1".to_owned()),
        ("a text", "\"x\"".to_owned()),
        ("lists 4,000 deep", format!("{{{rest},\"x\":{}{}}}", "[".repeat(4_000), "]".repeat(4_000))),
        ("over 16 KiB", format!("{{{rest},\"x\":\"{}\"}}", "x".repeat(16 * 1024))),
        ("of 1 MB", format!("{{{rest},\"x\":\"{}\"}}", "x".repeat(1 << 20))),
    ]
    .map(|(what, text)| (what, text.into_bytes()))
    .into();
    let mut latin = text.clone().into_bytes();
    latin.insert(2, 0xe9);
    payloads.push(("not UTF-8", latin));
    payloads.push(("in UTF-16", text.encode_utf16().flat_map(u16::to_le_bytes).collect()));
    // The head of a gzip stream.
    payloads.push(("compressed", vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]));
    payloads
        .into_iter()
        .map(|(what, bytes)| forgery(format!("payload {what}"), key.token(&header, bytes)))
        .collect()
}

/// A token in a token (RFC 7519 §5.2), and the claims of the token beside its header.
fn nested(genuine: &Genuine, key: &SigningKey) -> Vec<Forgery> {
    let header = genuine.header();
    let nested = object(&with(&header, "cty", "\"JWT\""));
    let beside = [members(&header), members(&genuine.claims())].concat();
    vec![
        forgery("a token in a token", key.token(&nested, &genuine.token)),
        forgery("a token in a token, as a text", key.token(&nested, format!("\"{}\"", genuine.token))),
        forgery("claims in the header alone", key.token(object(&beside), "{}")),
        forgery(
            "a signed unsigned token",
            key.token(&nested, format!("{}.{}.", super::encoded(r#"{"alg":"none"}"#), genuine.parts()[1])),
        ),
    ]
}
