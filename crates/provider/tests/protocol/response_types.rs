//! Hybrid and implicit flows, and answers by post: off until the operator and the client's registration turn them on.

use axum::http::StatusCode;
use countersign_identity::Level;
use countersign_provider::ProviderSettings;
use countersign_provider::authorize::response::ResponseType;
use serde_json::{Value, json};
use url::Url;

use crate::house::{Answer, App, House, claims, form};

async fn house() -> House {
    let response_types = ResponseType::ALL.iter().filter_map(|text| ResponseType::parse(text)).collect();
    House::open_with(ProviderSettings { response_types, ..ProviderSettings::default() }).await
}

async fn app(house: &House, lean: bool) -> App {
    let change = |client: &mut countersign_store::client::Client| {
        client.metadata.response_types = ResponseType::ALL.map(str::to_owned).to_vec();
        client.metadata.lean_id_token = lean;
    };
    house.app(None, change).await
}

/// A parameter of the fragment.
fn fragment(answer: &Answer, name: &str) -> Option<String> {
    let url = Url::parse(answer.header("location")).unwrap();
    assert_eq!(url.query(), None, "{url}");
    let pairs = url::form_urlencoded::parse(url.fragment().unwrap_or_default().as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

#[tokio::test]
async fn core_3_3_2_5_each_type_gives_what_it_names_in_the_fragment() {
    let house = house().await;
    let app = app(&house, false).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    for kind in &ResponseType::ALL[1..] {
        let answer = house.get(&app.request(&[("response_type", kind)]), &cookies).await;
        let has = |name: &str| fragment(&answer, name).is_some();
        assert_eq!(has("code"), kind.contains("code"), "{kind}");
        assert_eq!(has("id_token"), kind.contains("id_token"), "{kind}");
        assert_eq!(has("access_token"), kind.ends_with("token") && !kind.ends_with("id_token"), "{kind}");
        assert_eq!(fragment(&answer, "state").as_deref(), Some("a&b c"));
        if let Some(token) = fragment(&answer, "id_token") {
            let claims = claims(&json!(token));
            assert_eq!(claims["nonce"], "n");
            assert_eq!(claims.get("c_hash").is_some(), has("code"), "{kind}");
            assert_eq!(claims.get("at_hash").is_some(), has("access_token"), "{kind}");
        }
        if let Some(token) = fragment(&answer, "access_token") {
            let told = house.post("/userinfo", "", form(&[("access_token", token)])).await;
            assert_eq!(told.json()["sub"], person.as_str(), "{kind}");
        }
        if let Some(code) = fragment(&answer, "code") {
            let tokens = house.token(&app.redemption(&code)).await;
            assert_eq!(tokens.status, StatusCode::OK, "{kind} {}", tokens.text);
            assert_eq!(claims(&tokens.json()["id_token"])["sub"], person.as_str());
        }
    }
}

#[tokio::test]
async fn core_5_4_a_lean_id_token_leaves_claims_to_userinfo_where_there_is_an_access_token() {
    let house = house().await;
    let app = app(&house, true).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let token = async |kind: &str| -> Value {
        let answer = house.get(&app.request(&[("response_type", kind)]), &cookies).await;
        claims(&json!(fragment(&answer, "id_token").unwrap()))
    };
    assert_eq!(token("id_token").await["email"], "a@b.example");
    assert_eq!(token("id_token token").await.get("email"), None);
    assert_eq!(token("code id_token").await.get("email"), None);
    let asked = r#"{"id_token":{"email":null}}"#;
    let request = app.request(&[("response_type", "code id_token"), ("claims", asked)]);
    let answer = house.get(&request, &cookies).await;
    assert_eq!(claims(&json!(fragment(&answer, "id_token").unwrap()))["email"], "a@b.example");
}

#[tokio::test]
async fn form_post_2_answers_and_errors_travel_in_a_form() {
    let house = House::open().await;
    let app = house.app(None, |_| {}).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let answer = house.get(&app.request(&[("response_mode", "form_post")]), &cookies).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.header("location").is_empty());
    assert!(answer.text.contains(r#"action="https://app.example/cb""#), "{}", answer.text);
    assert!(answer.text.contains(r#"name="state" value="a&amp;b c""#), "{}", answer.text);
    assert!(answer.text.contains(r#"name="code""#) && answer.text.contains(r#"name="iss""#));
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("form-action 'self' https://app.example"), "{policy}");
    let refused = house.get(&app.request(&[("response_mode", "form_post"), ("prompt", "none")]), "").await;
    assert!(refused.text.contains(r#"name="error" value="login_required""#), "{}", refused.text);
    let missing = house.get(&app.request(&[("response_mode", "form_post"), ("response_type", "")]), "").await;
    assert!(missing.text.contains(r#"name="error" value="invalid_request""#), "{}", missing.text);
}

#[tokio::test]
async fn rfc9700_2_1_1_without_a_challenge_only_where_registered_and_then_without_a_verifier() {
    let house = House::open().await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let bare = [("code_challenge", ""), ("code_challenge_method", "")];
    let strict = house.app(None, |_| {}).await;
    assert_eq!(house.get(&strict.request(&bare), &cookies).await.error(), "invalid_request");
    let app = house.app(None, |client| client.metadata.pkce_optional = true).await;
    let code = house.get(&app.request(&bare), &cookies).await.code();
    // The verifier of a request whose challenge was taken out: refused, and the code is not spent.
    let downgraded = house.token(&app.redemption(&code)).await;
    assert_eq!(downgraded.json()["error"], "invalid_grant");
    let mut redemption = app.redemption(&code);
    redemption.retain(|(name, _)| *name != "code_verifier");
    assert_eq!(house.token(&redemption).await.status, StatusCode::OK);
    // Who brings a challenge is held to it.
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let mut redemption = app.redemption(&code);
    redemption.retain(|(name, _)| *name != "code_verifier");
    assert_eq!(house.token(&redemption).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn core_8_1_pairwise_subjects_hold_in_tokens_userinfo_hints_and_introspection() {
    let house = House::open().await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let app = house.app(None, |client| client.metadata.subject_type = Some("pairwise".into())).await;
    let tokens = house.tokens(&app, &cookies).await;
    let sub = claims(&tokens["id_token"])["sub"].as_str().unwrap().to_owned();
    assert_ne!(sub, person);
    let access = tokens["access_token"].as_str().unwrap();
    let told = house.post("/userinfo", "", form(&[("access_token", access)])).await;
    assert_eq!(told.json()["sub"], sub.as_str());
    let secret = app.secret.as_deref().unwrap();
    let shown = form(&[("token", access), ("client_id", &app.row.id), ("client_secret", secret)]);
    assert_eq!(house.post("/introspect", "", shown).await.json()["sub"], sub.as_str());
    let hint = tokens["id_token"].as_str().unwrap();
    let silent = house.get(&app.request(&[("prompt", "none"), ("id_token_hint", hint)]), &cookies).await;
    assert!(!silent.code().is_empty());
    let out = house.get(&format!("/logout?{}", form(&[("id_token_hint", hint)])), &cookies).await;
    assert_eq!(out.status, StatusCode::OK, "a hint of the person signed in ends the session at once");
    assert!(!out.text.contains(r#"id="logout""#), "{}", out.text);
}

#[tokio::test]
async fn rfc9068_2_jwt_access_tokens_say_what_they_are_and_end_with_their_grant() {
    let house = House::open().await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let app = house.app(None, |client| client.metadata.jwt_access_tokens = true).await;
    let tokens = house.tokens(&app, &cookies).await;
    let access = tokens["access_token"].as_str().unwrap();
    let said = claims(&tokens["access_token"]);
    for (name, value) in [("sub", person.as_str()), ("client_id", &app.row.id), ("iss", crate::house::ISSUER)]
    {
        assert_eq!(said[name], value);
    }
    assert!(said["jti"].is_string() && said["exp"].is_i64() && said["aud"].is_string());
    let userinfo = async || house.post("/userinfo", "", form(&[("access_token", access)])).await.status;
    assert_eq!(userinfo().await, StatusCode::OK);
    // RFC 8725 §3.11: neither serves in the other's place.
    let id_token = tokens["id_token"].as_str().unwrap();
    let told = house.post("/userinfo", "", form(&[("access_token", id_token)])).await;
    assert_eq!(told.status, StatusCode::UNAUTHORIZED);
    let hinted = house.get(&app.request(&[("prompt", "none"), ("id_token_hint", access)]), &cookies).await;
    assert_eq!(hinted.error(), "invalid_request");
    let secret = app.secret.as_deref().unwrap();
    let shown = form(&[("token", access), ("client_id", &app.row.id), ("client_secret", secret)]);
    assert_eq!(house.post("/introspect", "", shown.clone()).await.json()["active"], true);
    assert_eq!(house.post("/revoke", "", shown.clone()).await.status, StatusCode::OK);
    assert_eq!(userinfo().await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.post("/introspect", "", shown).await.json()["active"], false);
}

#[tokio::test]
async fn core_5_3_2_userinfo_is_signed_where_the_client_registered_that() {
    let house = House::open().await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let app =
        house.app(None, |client| client.metadata.userinfo_signed_response_alg = Some("ES256".into())).await;
    let tokens = house.tokens(&app, &cookies).await;
    let access = tokens["access_token"].as_str().unwrap();
    let told = house.post("/userinfo", "", form(&[("access_token", access)])).await;
    assert_eq!(told.header("content-type"), "application/jwt");
    let said = claims(&json!(told.text));
    assert_eq!(
        (said["sub"].as_str(), said["aud"].as_str()),
        (Some(person.as_str()), Some(app.row.id.as_str()))
    );
    assert_eq!(said["iss"], crate::house::ISSUER);
    assert_eq!((said["email"].as_str(), said.get("nonce")), (Some("a@b.example"), None));
}
