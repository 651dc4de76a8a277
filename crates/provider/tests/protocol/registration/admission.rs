//! Who may register, and how many.

use axum::http::{Method, StatusCode};
use countersign_provider::registration::policy::RegistrationPolicy;
use countersign_provider::registration::sweep;
use countersign_store::Secret;
use countersign_store::client;
use countersign_store::initial_access_token::{self, InitialAccessToken};
use serde_json::{Value, json};

use super::{INVALID, Registered, house_with, open_house, plain, refused, register, unauthorized, with};
use crate::house::House;

#[tokio::test]
async fn there_is_no_registration_unless_the_operator_opened_it() {
    let house = House::open().await;
    assert_eq!(register(&house, &plain()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(house.json(Method::GET, "/register/x", "x", None).await.status, StatusCode::NOT_FOUND);
    let discovery = house.get("/.well-known/openid-configuration", "").await.json();
    assert_eq!(discovery.get("registration_endpoint"), None);
    let house = open_house(|_| {}).await;
    let discovery = house.get("/.well-known/openid-configuration", "").await.json();
    assert_eq!(discovery["registration_endpoint"], "http://portal.example/register");
}

async fn initial_token(house: &House, uses_left: i32, lives: i64) -> String {
    let (token, now) = (Secret::new(), house.identity.now());
    let row = InitialAccessToken {
        digest: token.digest(),
        name: "partner".into(),
        uses_left,
        created_at: now,
        expires_at: now + lives,
    };
    let written = house
        .identity
        .store()
        .write(move |tx| Box::pin(async move { initial_access_token::insert(tx, row).await }));
    written.await.unwrap();
    token.text()
}

#[tokio::test]
async fn rfc7591_3_an_initial_access_token_is_spent_by_what_it_buys_alone() {
    let house = house_with(RegistrationPolicy::default()).await;
    unauthorized(&register(&house, &plain()).await, "");
    let post =
        async |token: &str, body: &Value| house.json(Method::POST, "/register", token, Some(body)).await;
    unauthorized(&post(&Secret::new().text(), &plain()).await, INVALID);
    unauthorized(&post("x", &plain()).await, INVALID);
    let token = initial_token(&house, 2, 60).await;
    for _ in 0..3 {
        refused(&post(&token, &with(&json!({"scope": "x"}))).await, "invalid_client_metadata", "scope");
    }
    for _ in 0..2 {
        assert_eq!(post(&token, &plain()).await.status, StatusCode::CREATED);
    }
    unauthorized(&post(&token, &plain()).await, INVALID);
    let token = initial_token(&house, 1, 60).await;
    house.clock.advance(60);
    unauthorized(&post(&token, &plain()).await, INVALID);
    assert_eq!(sweep(&house.provider).await.unwrap(), 2, "both tokens have expired");
}

#[tokio::test]
async fn rfc7591_3_one_of_16_registrations_with_one_initial_token_wins() {
    let house = std::sync::Arc::new(house_with(RegistrationPolicy::default()).await);
    let token = initial_token(&house, 1, 60).await;
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (house, token) = (house.clone(), token.clone());
        running
            .spawn(async move { house.json(Method::POST, "/register", &token, Some(&plain())).await.status });
    }
    let statuses = running.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::CREATED).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == StatusCode::UNAUTHORIZED).count(), 15);
    assert_eq!(client::count_self_registered(house.identity.store().read()).await.unwrap(), 1);
}

#[tokio::test]
async fn open_registrations_are_bounded_by_network_and_in_all() {
    let house = open_house(|policy| policy.per_hour = 3).await;
    for _ in 0..5 {
        // What is refused for what it says costs nothing.
        refused(&register(&house, &json!({})).await, "invalid_redirect_uri", "redirect_uris");
    }
    for _ in 0..3 {
        assert_eq!(register(&house, &plain()).await.status, StatusCode::CREATED);
    }
    let over = register(&house, &plain()).await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(over.header("retry-after"), "1200");
    assert_eq!(over.json()["error"], "temporarily_unavailable");
    house.clock.advance(1_200);
    assert_eq!(register(&house, &plain()).await.status, StatusCode::CREATED);

    let house = open_house(|policy| policy.most = 1).await;
    let first = Registered::at(&house, &json!({})).await;
    assert_eq!(register(&house, &plain()).await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(first.update(&house, &json!({"client_name": "App"})).await.status, StatusCode::OK);
    assert_eq!(first.app(&house).await.row.name, "App");
}

#[tokio::test]
async fn a_client_that_nobody_allows_anything_goes_after_its_days() {
    let house = open_house(|policy| policy.unused_days = Some(30)).await;
    let unused = Registered::at(&house, &json!({})).await;
    let used = Registered::at(&house, &json!({})).await;
    house.app(None, |_| {}).await;
    let consent = countersign_store::consent::Consent {
        person_id: house.person("a@b.example", &[]).await,
        client_id: used.text("client_id").into(),
        scope: "openid".into(),
        granted_at: house.identity.now(),
    };
    let written = house
        .identity
        .store()
        .write(move |tx| Box::pin(async move { countersign_store::consent::put(tx, consent).await }));
    written.await.unwrap();
    house.clock.advance(30 * 24 * 60 * 60);
    assert_eq!(sweep(&house.provider).await.unwrap(), 0);
    house.clock.advance(1);
    assert_eq!(sweep(&house.provider).await.unwrap(), 1);
    assert_eq!(client::all(house.identity.store().read()).await.unwrap().len(), 2);
    unauthorized(&unused.manage(&house, Method::GET, None).await, INVALID);
    assert_eq!(used.manage(&house, Method::GET, None).await.status, StatusCode::OK);
}
