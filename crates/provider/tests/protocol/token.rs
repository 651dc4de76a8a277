//! `/token`

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_identity::Level;
use countersign_identity::administration::AccountName;
use serde_json::json;

use crate::house::{App, House, VERIFIER, claims, form};

async fn signed_in(house: &House) -> (App, String) {
    let id = house.person("ds@example.com", &["deepsight:acme"]).await;
    (house.app(Some("deepsight"), |_| {}).await, house.session(&id, Level::Password).await)
}

#[tokio::test]
async fn core_3_1_3_3_the_token_response_and_the_id_token() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let answer = house.token(&app.redemption(&code)).await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let tokens = answer.json();
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["expires_in"], 600);
    assert_eq!(tokens["scope"], "openid email profile organization offline_access");
    let token = claims(&tokens["id_token"]);
    assert_eq!(token["iss"], "http://portal.example");
    assert_eq!(token["aud"], app.row.id.as_str());
    assert_eq!(token["nonce"], "n");
    assert_eq!(token["acr"], "http://portal.example/acr/password");
    assert_eq!(token["amr"], json!(["pwd"]));
    assert_eq!(token["org_id"], "acme");
    assert!(token["sid"].is_string() && token["at_hash"].is_string() && token["auth_time"].is_i64());
}

#[tokio::test]
async fn rfc6749_5_2_a_code_is_for_its_client_its_address_and_its_verifier() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let other = house.app(Some("deepsight"), |_| {}).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    for (name, value) in [
        ("code", "x"),
        ("redirect_uri", "https://app.example/cb/"),
        ("redirect_uri", "https://app.example:443/cb"),
        ("code_verifier", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("code_verifier", "short"),
        ("code_verifier", ""),
    ] {
        let mut wrong = app.redemption(&code);
        wrong.iter_mut().filter(|(key, _)| *key == name).for_each(|(_, old)| *old = value.into());
        let answer = house.token(&wrong).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.json()["error"], "invalid_grant", "{name}={value}");
    }
    assert_eq!(house.token(&other.redemption(&code)).await.json()["error"], "invalid_grant");
    // None of these spent it.
    assert_eq!(house.token(&app.redemption(&code)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc6749_4_1_2_a_code_works_once_and_its_reuse_ends_what_it_bought() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let tokens = house.token(&app.redemption(&code)).await.json();
    house.clock.advance(120);
    assert_eq!(house.token(&app.redemption(&code)).await.json()["error"], "invalid_grant");
    let refresh = app.refresh(tokens["refresh_token"].as_str().unwrap());
    assert_eq!(house.token(&refresh).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn rfc6749_4_1_2_a_code_lives_a_minute() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    house.clock.advance(60);
    assert_eq!(house.token(&app.redemption(&code)).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn rfc9700_4_14_2_refresh_tokens_rotate_and_reuse_ends_the_family() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let first = house.tokens(&app, &cookies).await;
    let text = |tokens: &serde_json::Value| tokens["refresh_token"].as_str().unwrap().to_owned();
    let second = house.token(&app.refresh(&text(&first))).await.json();
    let (before, after) = (claims(&first["id_token"]), claims(&second["id_token"]));
    for claim in ["iss", "sub", "aud", "auth_time", "acr", "amr", "sid"] {
        assert_eq!(before[claim], after[claim], "{claim}");
    }
    assert!(after.get("nonce").is_none());
    let mut narrow = app.refresh(&text(&second));
    narrow.push(("scope", "openid".into()));
    let third = house.token(&narrow).await.json();
    assert_eq!(third["scope"], "openid");
    let mut wide = app.refresh(&text(&third));
    wide.push(("scope", "openid admin".into()));
    assert_eq!(house.token(&wide).await.json()["error"], "invalid_scope");
    let fourth = house.token(&app.refresh(&text(&third))).await.json();
    assert_eq!(fourth["scope"], first["scope"]);
    assert_eq!(house.token(&app.refresh(&text(&second))).await.json()["error"], "invalid_grant");
    assert_eq!(house.token(&app.refresh(&text(&fourth))).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn refresh_needs_offline_access_and_ends_unused_after_a_week_and_anyway_after_thirty_days() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let code = house.get(&app.request(&[("scope", "openid")]), &cookies).await.code();
    assert!(house.token(&app.redemption(&code)).await.json().get("refresh_token").is_none());
    let mut token = house.tokens(&app, &cookies).await["refresh_token"].as_str().unwrap().to_owned();
    let idle = house.tokens(&app, &cookies).await["refresh_token"].as_str().unwrap().to_owned();
    for _ in 0..4 {
        house.clock.advance(6 * 86_400);
        let answer = house.token(&app.refresh(&token)).await.json();
        token = answer["refresh_token"].as_str().unwrap().to_owned();
    }
    assert_eq!(house.token(&app.refresh(&idle)).await.json()["error"], "invalid_grant");
    house.clock.advance(6 * 86_400);
    assert_eq!(house.token(&app.refresh(&token)).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn rule_2_counts_at_the_token_endpoint_too() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let (mss, deepsight) =
        (AccountName::parse("mss:acme").unwrap(), AccountName::parse("deepsight:acme").unwrap());
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let token = house.tokens(&app, &cookies).await["refresh_token"].as_str().unwrap().to_owned();
    house.identity.link("ds@example.com", &mss).await.unwrap();
    assert_eq!(house.token(&app.redemption(&code)).await.json()["error"], "invalid_grant");
    assert_eq!(house.token(&app.refresh(&token)).await.json()["error"], "invalid_grant");
    house.identity.unlink("ds@example.com", &mss).await.unwrap();
    // What was refused spent nothing.
    assert_eq!(house.token(&app.redemption(&code)).await.status, StatusCode::OK);
    let token = house.token(&app.refresh(&token)).await.json()["refresh_token"].as_str().unwrap().to_owned();
    house.identity.unlink("ds@example.com", &deepsight).await.unwrap();
    assert_eq!(house.token(&app.refresh(&token)).await.json()["error"], "invalid_grant");
}

#[tokio::test]
async fn rfc6749_2_3_clients_prove_themselves_as_registered() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let spa = house
        .app(Some("deepsight"), |client| {
            client.public = true;
            client.secret_digest = None;
            client.token_endpoint_auth_method = "none".into();
        })
        .await;
    house.tokens(&spa, &cookies).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let good = app.redemption(&code);
    let without: Vec<_> = good.iter().filter(|(name, _)| *name != "client_secret").cloned().collect();
    let mut wrong = without.clone();
    wrong.push(("client_secret", "x".into()));
    for form in [without.clone(), wrong] {
        let answer = house.token(&form).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (StatusCode::UNAUTHORIZED, Some("invalid_client"))
        );
        assert!(answer.header("www-authenticate").starts_with("Basic "));
    }
    // Registered for the form, so the header does not do.
    let basic = STANDARD.encode(format!("{}:{}", app.row.id, app.secret.as_deref().unwrap()));
    let request = |body: String| {
        Request::post("/token")
            .header(header::AUTHORIZATION, format!("Basic {basic}"))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .unwrap()
    };
    assert_eq!(house.send(request(form(&without))).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(house.send(request(form(&good))).await.json()["error"], "invalid_request");
}

#[tokio::test]
async fn rfc6749_3_2_the_form_is_read_strictly() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let code = house.get(&app.request(&[]), &cookies).await.code();
    let good = form(&app.redemption(&code));
    for body in [
        format!("{good}&code_verifier={VERIFIER}"),
        format!("{good}&unknown=1&unknown=1"),
        format!("{good}&x=%zz"),
        good.replace("grant_type=authorization_code&", ""),
    ] {
        let answer = house.post("/token", "", body).await;
        assert_eq!(
            (answer.status, answer.json()["error"].as_str()),
            (StatusCode::BAD_REQUEST, Some("invalid_request"))
        );
    }
    let other = good.replace("authorization_code", "password");
    assert_eq!(house.post("/token", "", other).await.json()["error"], "unsupported_grant_type");
    let request =
        Request::post("/token").header(header::CONTENT_TYPE, "application/json").body(Body::from("{}"));
    assert_eq!(house.send(request.unwrap()).await.json()["error"], "invalid_request");
    assert_eq!(house.get(&format!("/token?{good}"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(house.post("/token", "", good).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rfc9700_2_6_pages_of_registered_origins_may_read_the_answer() {
    let house = House::open().await;
    house.app(None, |_| {}).await;
    for (origin, allowed) in
        [("https://app.example", "https://app.example"), ("https://evil.example", ""), ("null", "")]
    {
        for method in ["OPTIONS", "POST"] {
            let request = Request::builder().method(method).uri("/token").header(header::ORIGIN, origin);
            let answer = house.send(request.body(Body::empty()).unwrap()).await;
            assert_eq!(answer.header("access-control-allow-origin"), allowed, "{method} {origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), "");
        }
    }
}
