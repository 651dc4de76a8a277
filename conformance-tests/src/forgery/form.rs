//! The same token, written in another way.

use super::{Forgery, Genuine, encoded, forgery};

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Forgeries of the form.
#[must_use]
pub fn forgeries(genuine: &Genuine) -> Vec<Forgery> {
    let mut all = parts(genuine);
    all.extend(characters(genuine));
    all.extend(lengths(genuine));
    all.extend(other_serializations(genuine));
    all
}

fn parts(genuine: &Genuine) -> Vec<Forgery> {
    let [h, p, s] = genuine.parts();
    [
        ("nothing", String::new()),
        ("one dot", ".".into()),
        ("two dots", "..".into()),
        ("three dots", "...".into()),
        ("four dots", "....".into()),
        ("a header alone", h.into()),
        ("no signature and no dot", format!("{h}.{p}")),
        ("no signature", format!("{h}.{p}.")),
        ("no payload", format!("{h}..{s}")),
        ("no header", format!(".{p}.{s}")),
        ("no header and no signature", format!(".{p}.")),
        ("a dot at the end", format!("{h}.{p}.{s}.")),
        ("a dot at the beginning", format!(".{h}.{p}.{s}")),
        ("two dots in the middle", format!("{h}..{p}.{s}")),
        ("four parts", format!("{h}.{p}.{s}.{s}")),
        ("five parts", format!("{h}.{p}.{s}.{s}.{s}")),
        ("five parts, some empty", format!("{h}..{p}.{s}.")),
        ("payload first", format!("{p}.{h}.{s}")),
        ("signature first", format!("{s}.{h}.{p}")),
        ("payload last", format!("{h}.{s}.{p}")),
        ("header twice", format!("{h}.{h}.{s}")),
        ("payload twice", format!("{p}.{p}.{s}")),
        ("the token twice", format!("{h}.{p}.{s}{h}.{p}.{s}")),
        ("the token twice with a space", format!("{h}.{p}.{s} {h}.{p}.{s}")),
        ("encoded as a whole", encoded(&genuine.token)),
        ("each part encoded again", format!("{}.{}.{}", encoded(h), encoded(p), encoded(s))),
        ("in quotes", format!("\"{h}.{p}.{s}\"")),
        ("after its scheme", format!("Bearer {h}.{p}.{s}")),
        ("dots percent-encoded", format!("{h}%2E{p}%2E{s}")),
        ("dots full-width", format!("{h}．{p}．{s}")),
        ("dots ideographic", format!("{h}。{p}。{s}")),
        ("commas for dots", format!("{h},{p},{s}")),
    ]
    .map(|(what, token)| forgery(what, token))
    .into()
}

fn characters(genuine: &Genuine) -> Vec<Forgery> {
    let [h, p, s] = genuine.parts();
    let mut all = Vec::new();
    let strange = [
        ("a space", " "),
        ("a tab", "\t"),
        ("a line feed", "\n"),
        ("CR LF", "\r\n"),
        ("a no-break space", "\u{a0}"),
        ("a zero-width space", "\u{200b}"),
        ("a byte order mark", "\u{feff}"),
        ("a NUL", "\0"),
        ("an equals sign", "="),
        ("two equals signs", "=="),
        ("a percent-encoded equals sign", "%3D"),
        ("an exclamation mark", "!"),
        ("a letter of Latin 1", "é"),
    ];
    for (what, text) in strange {
        all.push(forgery(format!("{what} before the token"), format!("{text}{h}.{p}.{s}")));
        all.push(forgery(format!("{what} after the header"), format!("{h}{text}.{p}.{s}")));
        all.push(forgery(format!("{what} before the payload"), format!("{h}.{text}{p}.{s}")));
        all.push(forgery(format!("{what} after the payload"), format!("{h}.{p}{text}.{s}")));
        all.push(forgery(
            format!("{what} in the signature"),
            format!("{h}.{p}.{}{text}{}", &s[..9], &s[9..]),
        ));
        all.push(forgery(format!("{what} after the token"), format!("{h}.{p}.{s}{text}")));
    }
    let token = &genuine.token;
    all.push(forgery("upper case", token.to_uppercase()));
    all.push(forgery("lower case", token.to_lowercase()));
    all.push(forgery("backwards", token.chars().rev().collect::<String>()));
    all.push(forgery("the alphabet of ordinary base64", token.replace('-', "+").replace('_', "/")));
    all.push(forgery("full-width digits", token.replace('1', "１").replace('0', "０")));
    // RFC 7515 §2: base64url without padding; what the last character has beyond the last byte is zero.
    for (what, part) in [("header", h), ("payload", p), ("signature", s)] {
        let unused = match part.len() % 4 {
            2 => 4,
            3 => 2,
            _ => continue,
        };
        let last = *part.as_bytes().last().expect("a character");
        let at = ALPHABET.iter().position(|letter| *letter == last).expect("base64url");
        for bits in 1..1 << unused {
            let changed = format!("{}{}", &part[..part.len() - 1], char::from(ALPHABET[at | bits]));
            let token = match what {
                "header" => format!("{changed}.{p}.{s}"),
                "payload" => format!("{h}.{changed}.{s}"),
                _ => format!("{h}.{p}.{changed}"),
            };
            all.push(forgery(format!("unused bits {bits} in the {what}"), token));
        }
    }
    all
}

fn lengths(genuine: &Genuine) -> Vec<Forgery> {
    let [h, p, _] = genuine.parts();
    let token = &genuine.token;
    let mut all = Vec::new();
    for cut in (1..10).chain([token.len() / 4, token.len() / 2, token.len() - 1]) {
        all.push(forgery(format!("{cut} characters short"), &token[..token.len() - cut]));
        all.push(forgery(format!("{cut} characters short at the beginning"), &token[cut..]));
    }
    for more in ["A", "AA", "AAA", "AAAA", "-", "_"] {
        all.push(forgery(format!("{more} after it"), format!("{token}{more}")));
        all.push(forgery(format!("{more} before it"), format!("{more}{token}")));
    }
    let megabyte = 1 << 20;
    all.extend([
        forgery("1 MB of dots", ".".repeat(megabyte)),
        forgery("16 KiB of dots", ".".repeat(16 * 1024)),
        forgery("1 MB of letters", "A".repeat(megabyte)),
        forgery("a header and 60,000 dots", format!("{h}{}", ".".repeat(60_000))),
        forgery("a signature of 1 MB", format!("{h}.{p}.{}", "A".repeat(megabyte))),
        forgery("a signature of 10,000 characters", format!("{h}.{p}.{}", "A".repeat(10_000))),
        forgery("a payload of 1 MB", format!("{h}.{}.AAAA", "A".repeat(megabyte))),
        forgery("a header of 1 MB", format!("{}.{p}.AAAA", "A".repeat(megabyte))),
        forgery("1 MB of brackets", format!("{}.{p}.AAAA", encoded("[".repeat(megabyte)))),
        forgery("12,000 brackets for a header", format!("{}.{p}.AAAA", encoded("[".repeat(9_000)))),
        forgery("12,000 brackets for a payload", format!("{h}.{}.AAAA", encoded("[".repeat(9_000)))),
        forgery("white space of 1 MB", format!("{}{token}", " ".repeat(megabyte))),
    ]);
    all
}

fn other_serializations(genuine: &Genuine) -> Vec<Forgery> {
    let [h, p, s] = genuine.parts();
    let flattened = format!(r#"{{"payload":"{p}","protected":"{h}","signature":"{s}"}}"#);
    let general = format!(r#"{{"payload":"{p}","signatures":[{{"protected":"{h}","signature":"{s}"}}]}}"#);
    let mut all = vec![
        forgery("flattened JSON serialization", flattened.clone()),
        forgery("flattened JSON serialization, encoded", encoded(flattened)),
        forgery("general JSON serialization", general.clone()),
        forgery("general JSON serialization, encoded", encoded(general)),
        forgery("JSON without signatures", format!(r#"{{"payload":"{p}","signatures":[]}}"#)),
        forgery("a JSON list", format!(r#"["{h}","{p}","{s}"]"#)),
    ];
    // JWE in place of JWS.
    for header in [
        r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#,
        r#"{"alg":"RSA1_5","enc":"A128CBC-HS256"}"#,
        r#"{"alg":"dir","enc":"A256GCM"}"#,
        r#"{"alg":"dir","enc":"A256GCM","zip":"DEF"}"#,
        r#"{"alg":"ECDH-ES","enc":"A256GCM","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}"#,
        r#"{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2c":2147483647,"p2s":"AAAAAAAA"}"#,
    ] {
        all.push(forgery(
            format!("JWE {header}"),
            format!("{}.{s}.AAAAAAAAAAAAAAAA.{p}.AAAA", encoded(header)),
        ));
        all.push(forgery(format!("JWE in three parts {header}"), format!("{}.{p}.{s}", encoded(header))));
    }
    all
}
