//! What clients sign: assertions that prove them, and request objects.

use axum::http::StatusCode;
use countersign_identity::Level;
use countersign_provider::jose::keys::{Alg, Key, Keys, NewKey};
use serde_json::{Value, json};

use crate::house::{Answer, App, House, ISSUER, VERIFIER};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key of a client's, and the set it registers.
fn key() -> (Key, Value) {
    let private = NewKey::generate(Alg::Es256).unwrap().private_jwk;
    let set = Keys::new(vec![Key::open(&private, 0).unwrap()]);
    (Key::open(&private, 0).unwrap(), serde_json::from_slice(&set.jwks()).unwrap())
}

async fn by_key(house: &House, set: &Value) -> App {
    let set = set.clone();
    house
        .app(None, |client| {
            client.token_endpoint_auth_method = "private_key_jwt".into();
            client.secret_digest = None;
            client.metadata.jwks = Some(set);
        })
        .await
}

fn assertion(house: &House, app: &App, change: Value) -> Value {
    let now = house.identity.now();
    let id = &app.row.id;
    let mut claims = json!({ "iss": id, "sub": id, "aud": ISSUER, "exp": now + 60, "jti": "one" });
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

async fn redeem(house: &House, app: &App, code: &str, assertion: &str) -> Answer {
    let uri = app.redirect_uri();
    house
        .token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &uri),
            ("code_verifier", VERIFIER),
            ("client_assertion_type", TYPE),
            ("client_assertion", assertion),
        ])
        .await
}

#[tokio::test]
async fn core_9_private_key_jwt_proves_a_client_once() {
    let house = House::open().await;
    let (key, set) = key();
    let app = by_key(&house, &set).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let sign = |change: Value| key.sign(assertion(&house, &app, change).to_string().as_bytes()).unwrap();
    let code = house.get(&app.request(&[]), &cookies).await.code();
    for (change, why) in [
        (json!({ "aud": "https://elsewhere.example" }), "another audience"),
        (json!({ "sub": "somebody" }), "another client"),
        (json!({ "exp": house.identity.now() }), "expired"),
        (json!({ "jti": null }), "without an identifier"),
    ] {
        let refused = redeem(&house, &app, &code, &sign(change)).await;
        assert_eq!(
            (refused.status, refused.json()["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("invalid_client")),
            "{why}"
        );
    }
    let foreign = Key::open(&NewKey::generate(Alg::Es256).unwrap().private_jwk, 0).unwrap();
    let forged = foreign.sign(assertion(&house, &app, json!({})).to_string().as_bytes()).unwrap();
    assert_eq!(redeem(&house, &app, &code, &forged).await.status, StatusCode::UNAUTHORIZED);
    // None of these has spent the code, or the identifier.
    let good = sign(json!({}));
    assert_eq!(redeem(&house, &app, &code, &good).await.status, StatusCode::OK);
    let code = house.get(&app.request(&[]), &cookies).await.code();
    assert_eq!(redeem(&house, &app, &code, &good).await.json()["error"], "invalid_client", "used before");
    let endpoint = sign(json!({ "aud": format!("{ISSUER}/token"), "jti": "two" }));
    assert_eq!(redeem(&house, &app, &code, &endpoint).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc7521_4_2_only_the_registered_method_and_one_at_a_time() {
    let house = House::open().await;
    let (key, set) = key();
    let app = by_key(&house, &set).await;
    let with_secret = house.app(None, |client| client.metadata.jwks = Some(set.clone())).await;
    let good = key.sign(assertion(&house, &with_secret, json!({})).to_string().as_bytes()).unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_assertion", &good)];
    let typed = [&form[..], &[("client_assertion_type", TYPE)]].concat();
    assert_eq!(house.token(&typed).await.json()["error"], "invalid_client", "registered for a secret");
    let good = key.sign(assertion(&house, &app, json!({})).to_string().as_bytes()).unwrap();
    let form = [("grant_type", "refresh_token"), ("refresh_token", "x"), ("client_assertion", good.as_str())];
    assert_eq!(house.token(&form).await.json()["error"], "invalid_client", "without its type");
    let typed = [&form[..], &[("client_assertion_type", TYPE)]].concat();
    let both = [&typed[..], &[("client_secret", "x")]].concat();
    assert_eq!(house.token(&both).await.json()["error"], "invalid_request");
    let other = [&typed[..], &[("client_id", "other")]].concat();
    assert_eq!(house.token(&other).await.json()["error"], "invalid_request");
    let named = [&typed[..], &[("client_id", app.row.id.as_str())]].concat();
    assert_eq!(house.token(&named).await.json()["error"], "invalid_grant", "proved, and no such token");
}

#[tokio::test]
async fn core_6_1_a_request_object_is_the_request() {
    let house = House::open().await;
    let (key, set) = key();
    let app = by_key(&house, &set).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let id = &app.row.id;
    let until = house.identity.now() + 60;
    let object = |mut claims: Value| {
        claims["exp"] = until.into();
        claims["aud"] = ISSUER.into();
        key.sign(claims.to_string().as_bytes()).unwrap()
    };
    let inside = object(json!({ "iss": id, "aud": ISSUER, "client_id": id, "state": "of the object" }));
    let answer = house.get(&app.request(&[("request", &inside)]), &cookies).await;
    assert_eq!(answer.parameter("state").as_deref(), Some("of the object"));
    assert!(!answer.code().is_empty());
    // The whole sign-in goes by what the object says.
    let silent = object(json!({ "iss": id, "prompt": "none" }));
    assert_eq!(house.get(&app.request(&[("request", &silent)]), "").await.error(), "login_required");
    for (request, error) in [
        (object(json!({ "iss": "somebody" })), "invalid_request_object"),
        (object(json!({ "iss": id, "redirect_uri": "https://evil.example/" })), ""),
        (format!("{inside}x"), "invalid_request_object"),
        ("e30.e30.".to_owned(), "invalid_request_object"),
    ] {
        let answer = house.get(&app.request(&[("request", &request)]), &cookies).await;
        if error.is_empty() {
            assert!(
                answer.is_local_page(),
                "an address that is not registered: {}",
                answer.header("location")
            );
        } else {
            assert_eq!(answer.error(), error, "{request}");
        }
    }
    let by_reference = house.get(&app.request(&[("request_uri", "https://rp.example/r")]), &cookies).await;
    assert_eq!(by_reference.error(), "invalid_request_uri", "not registered");
    let doubly = [("request_uri", "https://rp.example/r"), ("request", inside.as_str())];
    assert_eq!(house.get(&app.request(&doubly), &cookies).await.error(), "invalid_request");
}

#[tokio::test]
async fn rfc9101_10_5_a_client_may_insist_on_signed_requests() {
    let house = House::open().await;
    let (key, set) = key();
    let app = house
        .app(None, |client| {
            client.metadata.jwks = Some(set);
            client.metadata.require_signed_request_object = true;
            client.third_party = true;
        })
        .await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    assert_eq!(house.get(&app.request(&[]), &cookies).await.error(), "invalid_request");
    let request = json!({ "iss": app.row.id, "aud": ISSUER, "exp": house.identity.now() + 60 }).to_string();
    let request = key.sign(request.as_bytes()).unwrap();
    let asked = house.get(&app.request(&[("request", &request)]), &cookies).await;
    // What comes back from the consent page has been signed before.
    assert_eq!(asked.path(), "/consent");
    let page = house.get(asked.header("location"), &cookies).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
}
