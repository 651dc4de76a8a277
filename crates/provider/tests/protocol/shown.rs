//! `/revoke` and `/introspect`.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use countersign_identity::Level;
use serde_json::{Value, json};

use crate::house::{Answer, App, House, form};

async fn signed_in(house: &House) -> (App, String) {
    let id = house.person("ds@example.com", &["deepsight:acme"]).await;
    (house.app(Some("deepsight"), |_| {}).await, house.session(&id, Level::Password).await)
}

async fn show(house: &House, path: &str, app: &App, token: &str) -> Answer {
    let mut fields = vec![("token", token.to_owned()), ("client_id", app.row.id.clone())];
    fields.extend(app.secret.clone().map(|secret| ("client_secret", secret)));
    house.post(path, "", form(&fields)).await
}

async fn is_good(house: &House, app: &App, tokens: &Value) -> (StatusCode, StatusCode) {
    let bearer = format!("Bearer {}", text(tokens, "access_token"));
    let request = Request::get("/userinfo").header(header::AUTHORIZATION, bearer);
    let userinfo = house.send(request.body(Body::empty()).unwrap()).await.status;
    (userinfo, house.token(&app.refresh(text(tokens, "refresh_token"))).await.status)
}

fn text<'a>(tokens: &'a Value, name: &str) -> &'a str {
    tokens[name].as_str().unwrap()
}

#[tokio::test]
async fn rfc7009_2_1_either_token_ends_the_grant() {
    for kind in ["access_token", "refresh_token"] {
        let house = House::open().await;
        let (app, cookies) = signed_in(&house).await;
        let (tokens, others) = (house.tokens(&app, &cookies).await, house.tokens(&app, &cookies).await);
        // Used once, so that nothing remembered outlives the revocation.
        show(&house, "/introspect", &app, text(&tokens, "access_token")).await;
        let revoked = show(&house, "/revoke", &app, text(&tokens, kind)).await;
        assert_eq!((revoked.status, revoked.text.as_str()), (StatusCode::OK, ""));
        assert_eq!(revoked.header("cache-control"), "no-store");
        let bad = (StatusCode::UNAUTHORIZED, StatusCode::BAD_REQUEST);
        assert_eq!(is_good(&house, &app, &tokens).await, bad, "{kind}");
        assert_eq!(is_good(&house, &app, &others).await, (StatusCode::OK, StatusCode::OK));
        let again = show(&house, "/revoke", &app, text(&tokens, kind)).await;
        assert_eq!(again.status, StatusCode::OK);
    }
}

#[tokio::test]
async fn rfc7009_2_2_what_is_not_the_clients_own_is_left_alone() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    let other = house.app(Some("deepsight"), |_| {}).await;
    for token in
        [text(&tokens, "access_token"), text(&tokens, "refresh_token"), text(&tokens, "id_token"), "x"]
    {
        assert_eq!(show(&house, "/revoke", &other, token).await.status, StatusCode::OK);
    }
    assert_eq!(is_good(&house, &app, &tokens).await, (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn rfc7009_2_1_the_client_proves_itself_and_names_a_token() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    for path in ["/revoke", "/introspect"] {
        let token = text(&tokens, "refresh_token");
        let nobody = house.post(path, "", form(&[("token", token)])).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
        let impostor = App { row: app.row.clone(), secret: Some(countersign_store::Secret::new().text()) };
        let wrong = show(&house, path, &impostor, token).await;
        assert_eq!(
            (wrong.status, wrong.json()["error"].clone()),
            (StatusCode::UNAUTHORIZED, json!("invalid_client"))
        );
        let empty = show(&house, path, &app, "").await;
        assert_eq!(
            (empty.status, empty.json()["error"].clone()),
            (StatusCode::BAD_REQUEST, json!("invalid_request"))
        );
        let doubled = house.post(path, "", "token=a&token=b".into()).await;
        assert_eq!(doubled.json()["error"], "invalid_request");
    }
    assert_eq!(is_good(&house, &app, &tokens).await, (StatusCode::OK, StatusCode::OK));
}

#[tokio::test]
async fn rfc7662_2_2_a_good_token_is_told_about() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    let told = show(&house, "/introspect", &app, text(&tokens, "access_token")).await.json();
    assert_eq!(told["active"], true);
    assert_eq!(told["token_type"], "Bearer");
    assert_eq!(told["client_id"], app.row.id.as_str());
    assert_eq!(told["scope"], "openid email profile organization offline_access");
    assert_eq!(told["exp"], house.identity.now() + 600);
    assert_eq!(told["acr"], "http://portal.example/acr/password");
    let told = show(&house, "/introspect", &app, text(&tokens, "refresh_token")).await.json();
    assert_eq!((&told["active"], told.get("token_type")), (&json!(true), None));
}

#[tokio::test]
async fn rfc7662_2_2_of_any_other_token_nothing_is_said() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let tokens = house.tokens(&app, &cookies).await;
    let inactive = json!({ "active": false });
    let other = house.app(Some("deepsight"), |_| {}).await;
    let access = text(&tokens, "access_token");
    assert_eq!(show(&house, "/introspect", &other, access).await.json(), inactive);
    assert_eq!(show(&house, "/introspect", &app, text(&tokens, "id_token")).await.json(), inactive);
    assert_eq!(show(&house, "/introspect", &app, "x").await.json(), inactive);
    // A refresh token that was used, and an access token that has expired.
    let refresh = text(&tokens, "refresh_token");
    assert_eq!(house.token(&app.refresh(refresh)).await.status, StatusCode::OK);
    assert_eq!(show(&house, "/introspect", &app, refresh).await.json(), inactive);
    house.clock.advance(600);
    assert_eq!(show(&house, "/introspect", &app, access).await.json(), inactive);
    let spa = house
        .app(Some("deepsight"), |row| {
            row.public = true;
            row.secret_digest = None;
            row.token_endpoint_auth_method = "none".into();
        })
        .await;
    assert_eq!(show(&house, "/introspect", &spa, access).await.status, StatusCode::UNAUTHORIZED);
}
