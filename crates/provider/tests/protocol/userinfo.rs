//! `/userinfo`, and the documents.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use countersign_identity::Level;
use serde_json::Value;

use crate::house::{App, House, claims};

async fn signed_in(house: &House) -> (App, String) {
    let id = house.person("ds@example.com", &["deepsight:acme"]).await;
    (house.app(Some("deepsight"), |_| {}).await, house.session(&id, Level::Password).await)
}

async fn ask(house: &House, token: &str) -> crate::house::Answer {
    let request = Request::get("/userinfo").header(header::AUTHORIZATION, format!("Bearer {token}"));
    house.send(request.body(Body::empty()).unwrap()).await
}

fn access(tokens: &Value) -> &str {
    tokens["access_token"].as_str().unwrap()
}

#[tokio::test]
async fn core_5_3_userinfo_answers_get_and_post_with_the_granted_claims() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    let told = ask(&house, access(&tokens)).await;
    assert_eq!(told.header("content-type"), "application/json");
    assert_eq!(told.json()["sub"], claims(&tokens["id_token"])["sub"]);
    assert_eq!(told.json()["email"], "ds@example.com");
    assert_eq!(told.json()["org_id"], "acme");
    let posted = house.post("/userinfo", "", format!("access_token={}", access(&tokens))).await;
    assert_eq!(posted.json(), told.json());
    let code = house.get(&app.request(&[("scope", "openid")]), &cookies).await.code();
    let narrow = house.token(&app.redemption(&code)).await.json();
    let told = ask(&house, access(&narrow)).await.json();
    assert_eq!(told.as_object().unwrap().len(), 1, "{told}");
}

#[tokio::test]
async fn rfc6750_3_1_other_tokens_are_refused() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    let token = access(&tokens).to_owned();
    let others = [
        tokens["refresh_token"].as_str().unwrap().to_owned(),
        tokens["id_token"].as_str().unwrap().to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        token.to_lowercase(),
        "x".into(),
    ];
    for other in &others {
        let answer = ask(&house, other).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""));
    }
    let query = house.get(&format!("/userinfo?access_token={token}"), "").await;
    assert_eq!(query.status, StatusCode::UNAUTHORIZED);
    house.clock.advance(599);
    assert_eq!(ask(&house, &token).await.status, StatusCode::OK);
    house.clock.advance(1);
    assert_eq!(ask(&house, &token).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn core_5_5_claims_asked_for_one_by_one() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let wish = r#"{"userinfo":{"email":{"essential":true}},"id_token":{"org_id":null}}"#;
    let code = house.get(&app.request(&[("scope", "openid"), ("claims", wish)]), &cookies).await.code();
    let tokens = house.token(&app.redemption(&code)).await.json();
    assert_eq!(claims(&tokens["id_token"])["org_id"], "acme");
    assert!(claims(&tokens["id_token"]).get("email").is_none());
    let told = ask(&house, access(&tokens)).await.json();
    assert_eq!((told["email"].as_str(), told.get("org_id")), (Some("ds@example.com"), None));
}

#[tokio::test]
async fn core_5_5_third_parties_get_single_claims_once_they_are_consented_to() {
    let house = House::open().await;
    let (_, cookies) = signed_in(&house).await;
    let app = house.app(None, |client| client.third_party = true).await;
    let wish = ("claims", r#"{"userinfo":{"email":{"essential":true}}}"#);
    let asking = |prompt| app.request(&[("scope", "openid"), wish, ("prompt", prompt)]);
    let allow = async |request: String| {
        let sent = house.get(&request, &cookies).await;
        let page = house.get(sent.header("location"), &cookies).await.text;
        let action = page.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
        let allowed = house.post(&action, &cookies, "decision=allow".into()).await;
        house.get(allowed.header("location"), &cookies).await.code()
    };
    allow(app.request(&[("scope", "openid")])).await;
    assert_eq!(house.get(&asking("none"), &cookies).await.error(), "consent_required");
    let code = allow(asking("consent")).await;
    let tokens = house.token(&app.redemption(&code)).await.json();
    assert_eq!(tokens["scope"], "openid");
    let told = ask(&house, access(&tokens)).await.json();
    assert_eq!((told["email"].as_str(), told.get("email_verified")), (Some("ds@example.com"), None));
    house.get(&asking("none"), &cookies).await.code();
}

#[tokio::test]
async fn the_documents_are_public_and_cached() {
    let house = House::open().await;
    for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/jwks"] {
        let answer = house.get(path, "").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(answer.header("cache-control").starts_with("public, max-age="));
        assert!(answer.json().is_object());
    }
    let discovery = house.get("/.well-known/openid-configuration", "").await.json();
    assert_eq!(discovery["issuer"], "http://portal.example");
    let keys = house.get("/jwks", "").await.json();
    assert_eq!(keys["keys"].as_array().unwrap().len(), 3);
}
