//! A request object: the parameters of an authorization request as claims of a token that the client signed
//! (OIDC Core §6, RFC 9101).
//!
//! The signature has been verified before, by the keys of the client that the query names; here is what the token must
//! say, and which parameters the request then has.

use serde_json::Value;

use crate::authorize::request::KNOWN;
use crate::error::{Code, Refusal};
use crate::jose::Verified;
use crate::params::Params;

/// How far a client's clock may be ahead, in seconds.
const SKEW: i64 = 60;
/// How long before now a request object may have begun to be good, and how long it may be good, in seconds.
const LONGEST: i64 = 60 * 60;
/// Claims about the token; they are no parameters.
const OF_THE_TOKEN: [&str; 7] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti"];
/// Parameters that say where the request object is. They have been followed.
pub(super) const WAYS: [&str; 2] = ["request", "request_uri"];

/// How a request object came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// In `request`. Whoever has seen one can send it again, so it has to end.
    ByValue,
    /// From the URI in `request_uri`, which the client registered: it can be cited whenever, and is what it is now.
    ByReference,
}

fn refuse(sentence: &'static str) -> Refusal {
    Refusal::new(Code::InvalidRequestObject, sentence)
}

/// The request that query and request object make together.
///
/// OIDC Core §6.3.3: the parameters of both, those of the object before the query's. What is required is looked for in
/// the whole afterwards, so a client may leave to the object what RFC 9101 §5 lets it.
///
/// # Errors
/// The [`Refusal`] to send to the client.
pub fn merge(query: &Params, object: &Verified, way: Way, issuer: &str, now: i64) -> Result<Params, Refusal> {
    let client_id = query.get("client_id").ok_or_else(|| Refusal::invalid("client_id is required"))?;
    check_token(object, client_id, issuer)?;
    check_times(object, way, now)?;
    // RFC 9101 §4: request and request_uri MUST NOT be in there.
    if WAYS.iter().any(|name| object.claims().contains_key(*name)) {
        return Err(refuse("a request object must not hold request or request_uri"));
    }
    // OIDC Core §6.1, RFC 9101 §5: these MUST match those of the query.
    for name in ["client_id", "response_type"] {
        let (inside, outside) = (object.claims().get(name), query.get(name));
        if inside.zip(outside).is_some_and(|(inside, outside)| inside.as_str() != Some(outside)) {
            return Err(refuse(
                "client_id and response_type must be the same in the query and the request object",
            ));
        }
    }
    let claims = object.claims().iter().filter(|(name, _)| !OF_THE_TOKEN.contains(&name.as_str()));
    let mut pairs = Vec::new();
    for (name, value) in claims {
        match parameter(name, value) {
            Some(text) => pairs.push((name.clone(), text)),
            None if KNOWN.contains(&name.as_str()) => {
                return Err(Refusal::because(
                    Code::InvalidRequestObject,
                    "a parameter in the request object is of the wrong type",
                    format!("{name} is of the wrong type"),
                ));
            }
            // Parameters that are not known are ignored, whatever they are.
            None => {}
        }
    }
    let merged = query.clone().without(&WAYS).overlaid(pairs);
    merged.map_err(|unreadable| {
        let sentence = "a parameter in the request object holds a NUL, or there are too many of them";
        Refusal::because(Code::InvalidRequestObject, sentence, unreadable.to_string())
    })
}

/// A claim as the parameter would be written in a query.
fn parameter(name: &str, value: &Value) -> Option<String> {
    match (name, value) {
        (_, Value::String(text)) => Some(text.clone()),
        // OIDC Core §6.1: numbers are JSON numbers, and claims is an object.
        ("max_age", Value::Number(number)) => number.as_u64().map(|seconds| seconds.to_string()),
        ("claims" | "registration", Value::Object(_)) => Some(value.to_string()),
        _ => None,
    }
}

/// That the token is a request object, made by this client for this issuer.
fn check_token(object: &Verified, client_id: &str, issuer: &str) -> Result<(), Refusal> {
    // RFC 9101 §10.8: no token that was made for something else.
    if !object.is_of_kind(&["oauth-authz-req+jwt", "JWT"]) {
        return Err(refuse("typ of the request object must be oauth-authz-req+jwt or JWT"));
    }
    if object.text("sub") == Some(client_id) {
        return Err(refuse("sub of a request object must not be the client_id: that is a client assertion"));
    }
    let claims = object.claims();
    // OIDC Core §6.1: iss SHOULD be the client. RFC 9101 §4 has client_id say it too; one of them has to.
    if claims.get("iss").is_some_and(|iss| iss != client_id) {
        return Err(refuse("iss of the request object must be the client_id"));
    }
    if !claims.contains_key("iss") && !claims.contains_key("client_id") {
        return Err(refuse("a request object must hold iss or client_id"));
    }
    // OIDC Core §6.1: aud SHOULD be or include the issuer. Without it, it could be meant for another server.
    let includes_us = |aud: &Value| match aud {
        Value::Array(all) => all.iter().all(Value::is_string) && all.iter().any(|one| one == issuer),
        one => one == issuer,
    };
    if !claims.get("aud").is_some_and(includes_us) {
        return Err(refuse("aud of the request object must be or include the issuer"));
    }
    Ok(())
}

/// That it is good now, as far as it says when.
fn check_times(object: &Verified, way: Way, now: i64) -> Result<(), Refusal> {
    let (exp, nbf, iat) = (object.time("exp"), object.time("nbf"), object.time("iat"));
    if exp.is_none() && way == Way::ByValue {
        return Err(refuse("a request object in the request itself must have exp"));
    }
    if exp.is_some_and(|exp| exp <= now) {
        return Err(refuse("the request object has expired"));
    }
    if [nbf, iat].into_iter().flatten().any(|time| time > now + SKEW) {
        return Err(refuse("nbf or iat of the request object is in the future"));
    }
    // FAPI 2.0 Message Signing §5.3.1: nbf no longer than 60 minutes in the past, exp no longer than 60 after it.
    let lasts_too_long = exp.zip(nbf).is_some_and(|(exp, nbf)| exp - nbf > LONGEST);
    if lasts_too_long || nbf.is_some_and(|nbf| nbf < now - LONGEST) {
        return Err(refuse("a request object is good for at most 60 minutes from its nbf on"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::jose::tests::verified;
    use crate::params::AUTHORIZATION_REQUEST;

    const ISSUER: &str = "https://portal.example";
    const NOW: i64 = 1_800_000_000;
    const QUERY: &str = "client_id=app&response_type=code&scope=openid&state=query&request=x.y.z";

    fn merged(query: &str, typ: Option<&str>, claims: Value) -> Result<Params, Refusal> {
        let query = Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST).unwrap();
        merge(&query, &verified(typ, &claims), Way::ByValue, ISSUER, NOW)
    }

    /// A good object's claims with some changed; null leaves one out.
    fn claims(change: Value) -> Value {
        let mut claims = json!({ "iss": "app", "aud": ISSUER, "exp": NOW + 60 });
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims.as_object_mut().unwrap().retain(|name, value| !value.is_null() || name == "state");
        claims
    }

    fn of(change: Value) -> Result<Params, Refusal> {
        merged(QUERY, None, claims(change))
    }

    #[test]
    fn core_6_3_3_the_objects_parameters_come_before_the_querys() {
        let params = of(json!({
            "client_id": "app", "response_type": "code",
            "redirect_uri": "https://app.example/cb", "state": "object", "max_age": 60,
            "claims": { "userinfo": { "name": { "essential": true } } },
        }));
        let params = params.unwrap();
        assert_eq!(params.check(), Ok(()));
        for (name, value) in [
            ("client_id", Some("app")),
            ("response_type", Some("code")),
            ("scope", Some("openid")),
            ("state", Some("object")),
            ("redirect_uri", Some("https://app.example/cb")),
            ("max_age", Some("60")),
            ("claims", Some(r#"{"userinfo":{"name":{"essential":true}}}"#)),
            ("request", None),
            ("iss", None),
            ("aud", None),
            ("exp", None),
        ] {
            assert_eq!(params.get(name), value, "{name}");
        }
    }

    #[test]
    fn rfc9101_5_all_but_the_client_id_may_be_in_the_object_alone() {
        let more = json!({ "iss": null, "client_id": "app", "response_type": "code", "scope": "openid" });
        let claims = claims(more);
        let params = merged("client_id=app&request=x", Some("oauth-authz-req+jwt"), claims.clone()).unwrap();
        assert_eq!(params.get("response_type"), Some("code"));
        assert_eq!(merged("request=x", None, claims).unwrap_err().code, Code::InvalidRequest);
    }

    #[test]
    fn what_was_signed_empty_is_not_filled_in_by_the_query() {
        assert_eq!(of(json!({ "state": "" })).unwrap().get("state"), None);
    }

    #[test]
    fn core_6_1_rfc9101_4_what_an_object_must_not_say() {
        for claims in [
            json!({ "client_id": "other" }),
            json!({ "client_id": ["app"] }),
            json!({ "response_type": "token" }),
            json!({ "request": "x.y.z" }),
            json!({ "request_uri": "https://app.example/object" }),
            json!({ "iss": "other" }),
            json!({ "iss": ["app"] }),
            json!({ "aud": "https://other.example" }),
            json!({ "aud": "https://portal.example/" }),
            json!({ "aud": [] }),
            json!({ "aud": ["https://other.example"] }),
            json!({ "aud": [ISSUER, 1] }),
            json!({ "aud": null }),
            json!({ "iss": null }),
            json!({ "exp": null }),
            json!({ "iss": 1 }),
            json!({ "aud": 1 }),
            json!({ "response_type": ["code"] }),
            json!({ "sub": "app" }),
            json!({ "exp": NOW }),
            json!({ "exp": 0 }),
            json!({ "nbf": NOW + 61 }),
            json!({ "iat": NOW + 61 }),
            json!({ "nbf": NOW - 3_601 }),
            json!({ "nbf": NOW, "exp": NOW + 3_601 }),
            json!({ "scope": ["openid"] }),
            json!({ "scope": true }),
            json!({ "state": null }),
            json!({ "nonce": 7 }),
            json!({ "redirect_uri": { "a": 1 } }),
            json!({ "max_age": -1 }),
            json!({ "max_age": 1.5 }),
            json!({ "max_age": 1e300 }),
            json!({ "max_age": [] }),
            json!({ "claims": [] }),
            json!({ "claims": 1 }),
            json!({ "state": "a\u{0}b" }),
        ] {
            let refusal = of(claims.clone()).expect_err(&claims.to_string());
            assert_eq!(refusal.code, Code::InvalidRequestObject, "{claims}");
        }
        for typ in ["at+jwt", "client-authentication+jwt", "dpop+jwt"] {
            assert_eq!(
                merged(QUERY, Some(typ), claims(json!({}))).unwrap_err().code,
                Code::InvalidRequestObject
            );
        }
    }

    #[test]
    fn what_may_be_there_is_accepted() {
        for claims in [
            json!({}),
            json!({ "aud": [ISSUER, "https://other.example"], "jti": "j", "sub": "a person" }),
            json!({ "nbf": NOW + 10, "iat": NOW + 10, "exp": NOW + 11 }),
            json!({ "nbf": NOW - 3_590, "exp": NOW + 10 }),
            json!({ "claims": "{\"userinfo\":{}}", "max_age": "60" }),
            json!({ "authorization_details": [{ "type": "x" }], "extra": true }),
            json!({ "iss": null, "client_id": "app" }),
        ] {
            assert!(of(claims.clone()).is_ok(), "{claims}");
        }
    }

    #[test]
    fn core_6_2_what_is_fetched_now_needs_no_end() {
        let query = Params::parse(QUERY.as_bytes(), AUTHORIZATION_REQUEST).unwrap();
        let read = |change: Value| {
            merge(&query, &verified(None, &claims(change)), Way::ByReference, ISSUER, NOW).map(|_| ())
        };
        assert_eq!(read(json!({ "exp": null })), Ok(()));
        assert!(read(json!({ "exp": NOW })).is_err() && read(json!({ "aud": null })).is_err());
    }

    #[test]
    fn limits_hold_inside_too() {
        let params = of(json!({ "state": "x".repeat(2_001) })).unwrap();
        assert!(params.get("state").is_none() && params.check().is_err());
        let many: serde_json::Map<String, Value> = (0..100).map(|n| (format!("n{n}"), "x".into())).collect();
        assert_eq!(of(Value::Object(many)).unwrap_err().code, Code::InvalidRequestObject);
        let doubled =
            merged(&format!("{QUERY}&state=again"), None, claims(json!({ "state": "object" }))).unwrap();
        assert!(doubled.check().is_err(), "what the query says twice stays refused");
    }
}
