//! Signed by somebody else, who brings the key along, links to it, or names another.

use serde_json::{Value, json};

use super::{Forgery, Genuine, SigningKey, decoded, encoded, forgery, object, with};

/// Forgeries by other keys. `canary` is a URL that nobody must fetch.
#[must_use]
pub fn forgeries(genuine: &Genuine, strangers: &[SigningKey], canary: &str) -> Vec<Forgery> {
    let payload = decoded(genuine.parts()[1]);
    let mut all = Vec::new();
    for stranger in strangers {
        let by = stranger.alg;
        let mut header = genuine.header();
        header.insert("alg".into(), by.into());
        let jwk = stranger.public("stranger");
        let certificate = json!(["MIIB", "AAAA"]);
        let mut add = |what: &str, more: &[(&str, Value)]| {
            let mut header = header.clone();
            for (name, value) in more {
                header.insert((*name).into(), value.clone());
            }
            header.retain(|_, value| !value.is_null());
            let token = stranger.token(Value::Object(header).to_string(), &payload);
            all.push(forgery(format!("{what}, signed by a stranger's {by}"), token));
        };
        add("the right kid", &[]);
        add("no kid", &[("kid", Value::Null)]);
        add("the stranger's kid", &[("kid", json!("stranger"))]);
        add("the key in jwk", &[("jwk", json!(jwk))]);
        add("the key in jwk and no kid", &[("jwk", json!(jwk)), ("kid", Value::Null)]);
        add("the right public key in jwk", &[("jwk", json!(genuine.public))]);
        add("a link in jku", &[("jku", json!(format!("{canary}/jwks.json")))]);
        add(
            "a link in jku and no kid",
            &[("jku", json!(format!("{canary}/jwks.json"))), ("kid", Value::Null)],
        );
        add("a link in x5u", &[("x5u", json!(format!("{canary}/cert.pem")))]);
        add("a certificate in x5c", &[("x5c", certificate.clone())]);
        add("a certificate in x5c and no kid", &[("x5c", certificate), ("kid", Value::Null)]);
        add("a thumbprint in x5t", &[("x5t", json!("AAAA")), ("kid", Value::Null)]);
        add("a link for kid", &[("kid", json!(format!("{canary}/key")))]);
        add("a file for kid", &[("kid", json!("../../../../dev/null"))]);
        add("SQL for kid", &[("kid", json!("' OR 1=1 --"))]);
        add("a list for kid", &[("kid", json!(["stranger"]))]);
        add("a number for kid", &[("kid", json!(0))]);
        add("every key at once", &[("jwk", json!(jwk)), ("jku", json!(canary)), ("x5u", json!(canary))]);
        // What the stranger says in the first of two members of one name.
        let doubled =
            [with(&header, "kid", "\"stranger\""), vec![("\"kid\"".into(), header["kid"].to_string())]];
        all.push(forgery(
            format!("two kids, signed by a stranger's {by}"),
            stranger.token(object(&doubled.concat()), &payload),
        ));
    }
    // RFC 7515 §4.1.3: a symmetric key in the header.
    let header = with(&genuine.header(), "jwk", r#"{"kty":"oct","k":"AAAA"}"#);
    let message = format!("{}.{}", encoded(object(&header)), genuine.parts()[1]);
    all.push(forgery("a symmetric key in jwk", format!("{message}.AAAA")));
    all
}
