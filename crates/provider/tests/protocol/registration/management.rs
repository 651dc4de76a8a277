//! A registration read, updated and withdrawn by its own token (RFC 7592).

use axum::http::{Method, StatusCode};
use countersign_identity::Level;
use countersign_store::Secret;
use serde_json::json;

use super::{INVALID, Registered, allowed_code, open_house, plain, refused, unauthorized};
use crate::house::form;

#[tokio::test]
async fn rfc7592_2_a_registration_is_read_updated_and_withdrawn() {
    let house = open_house(|_| {}).await;
    let more = json!({"initiate_login_uri": "https://rp.example/begin", "client_name": "App"});
    let mut registered = Registered::at(&house, &more).await;
    let read = registered.manage(&house, Method::GET, None).await;
    assert_eq!((read.status, read.header("cache-control")), (StatusCode::OK, "no-store"));
    let read = read.json();
    assert_eq!(read["initiate_login_uri"], "https://rp.example/begin");
    assert_eq!(read["registration_access_token"], registered.told["registration_access_token"]);
    // A secret is told once: what is kept is its digest.
    assert_eq!((read.get("client_secret"), read.get("client_secret_expires_at")), (None, None));

    let secret = registered.told["client_secret"].clone();
    let changed = registered.update(&house, &json!({"client_name": "Other", "client_secret": secret})).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let changed = changed.json();
    assert_eq!(changed["client_name"], "Other");
    // §2.2: what is left out goes.
    assert_eq!(changed.get("initiate_login_uri"), None);
    assert_eq!(changed.get("client_secret"), None);
    let token = changed["registration_access_token"].clone();
    assert_ne!(token, registered.told["registration_access_token"]);
    for method in [Method::GET, Method::DELETE] {
        unauthorized(&registered.manage(&house, method, None).await, INVALID);
    }
    unauthorized(&registered.update(&house, &json!({})).await, INVALID);

    registered.told["registration_access_token"] = token;
    let gone = registered.manage(&house, Method::DELETE, None).await;
    assert_eq!((gone.status, gone.text.as_str()), (StatusCode::NO_CONTENT, ""));
    unauthorized(&registered.manage(&house, Method::GET, None).await, INVALID);
    unauthorized(&registered.manage(&house, Method::DELETE, None).await, INVALID);
}

#[tokio::test]
async fn rfc7592_2_3_what_a_withdrawn_client_was_granted_ends_with_it() {
    let house = open_house(|_| {}).await;
    let registered =
        Registered::at(&house, &json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    let app = registered.app(&house).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let code = allowed_code(&house, &app, &cookies).await;
    let tokens = house.token(&app.redemption(&code)).await.json();
    let access = tokens["access_token"].as_str().unwrap();
    let told = async || house.post("/userinfo", "", form(&[("access_token", access)])).await.status;
    assert_eq!(told().await, StatusCode::OK);
    assert_eq!(registered.manage(&house, Method::DELETE, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(told().await, StatusCode::UNAUTHORIZED);
    assert_eq!(house.get(&app.request(&[]), &cookies).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn rfc7592_2_2_an_update_says_whose_it_is_and_leaves_to_the_server_what_is_the_servers() {
    let house = open_house(|_| {}).await;
    let registered = Registered::at(&house, &json!({})).await;
    let metadata = "invalid_client_metadata";
    for (more, code, member) in [
        (json!({"client_id": null}), metadata, "client_id"),
        (json!({"client_id": "x"}), metadata, "client_id"),
        (json!({"client_secret": "x"}), metadata, "client_secret"),
        (json!({"client_secret": Secret::new().text()}), metadata, "client_secret"),
        (json!({"registration_access_token": "x"}), metadata, "registration_access_token"),
        (json!({"registration_client_uri": "https://x"}), metadata, "registration_client_uri"),
        (json!({"client_secret_expires_at": 0}), metadata, "client_secret_expires_at"),
        (json!({"client_id_issued_at": 1}), metadata, "client_id_issued_at"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"response_types": ["id_token"]}), metadata, "response_types"),
    ] {
        refused(&registered.update(&house, &more).await, code, member);
    }
    // None of them cost it its token.
    assert_eq!(registered.manage(&house, Method::GET, None).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_secret_comes_and_goes_with_the_method_that_needs_one() {
    let house = open_house(|_| {}).await;
    let mut registered = Registered::at(&house, &json!({"token_endpoint_auth_method": "none"})).await;
    assert_eq!(registered.told.get("client_secret"), None);
    assert!(registered.app(&house).await.row.public);
    let told = registered.update(&house, &json!({})).await.json();
    assert!(told["client_secret"].is_string() && told["client_secret_expires_at"] == 0, "{told}");
    registered.told = told;
    assert!(registered.app(&house).await.row.secret_digest.is_some());
    let told = registered.update(&house, &json!({"token_endpoint_auth_method": "none"})).await.json();
    assert_eq!(told.get("client_secret"), None);
    let row = registered.app(&house).await.row;
    assert!(row.public && row.secret_digest.is_none());
}

#[tokio::test]
async fn rfc7592_2_another_clients_token_and_a_client_there_is_not_are_answered_alike() {
    let house = open_house(|_| {}).await;
    let (one, other) = (Registered::at(&house, &json!({})).await, Registered::at(&house, &json!({})).await);
    let by_command_line = house.app(None, |_| {}).await;
    let (uri, token) = (one.text("registration_client_uri"), other.text("registration_access_token"));
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let body = (method == Method::PUT).then(plain);
        let send = async |uri: &str, token: &str| house.json(method.clone(), uri, token, body.as_ref()).await;
        let wrong = send(uri, token).await;
        unauthorized(&wrong, INVALID);
        for uri in [
            "/register/none".to_owned(),
            "/register/a%00b".to_owned(),
            format!("/register/{}", by_command_line.row.id),
        ] {
            let unknown = send(&uri, token).await;
            unauthorized(&unknown, INVALID);
            assert_eq!(unknown.text, wrong.text, "{uri}");
        }
        unauthorized(&send(uri, "x").await, INVALID);
        unauthorized(&send(uri, "").await, "");
    }
    assert_eq!(one.manage(&house, Method::GET, None).await.status, StatusCode::OK);
}
