//! `sector_identifier_uri`, fetched from a server of the test's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::StatusCode;
use countersign_provider::outbound::OutboundSettings;
use countersign_provider::registration::policy::RegistrationPolicy;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{INVALID, Registered, refused, register, settings, unauthorized, with};
use crate::house::House;

/// A house that may fetch from this machine.
async fn house(needs_token: bool) -> House {
    let policy = RegistrationPolicy { needs_token, ..RegistrationPolicy::default() };
    let allow = vec!["127.0.0.1".parse().unwrap()];
    let outbound = OutboundSettings { allow, ..OutboundSettings::default() };
    House::open_with(countersign_provider::ProviderSettings { outbound, ..settings(policy) }).await
}

/// Serves a list of redirect URIs, and counts how often it was asked for.
async fn serve(list: Value) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/uris.json", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4_096]).await;
            let body = list.to_string();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    (uri, asked)
}

#[tokio::test]
async fn registration_5_a_sector_is_joined_only_with_its_consent() {
    let house = house(false).await;
    let uris = json!(["https://rp.example/cb", "https://other.example/cb"]);
    let (sector, asked) = serve(uris.clone()).await;
    let more = json!({"redirect_uris": uris, "subject_type": "pairwise", "sector_identifier_uri": sector});
    let mut registered = Registered::at(&house, &more).await;
    assert_eq!(registered.told["sector_identifier_uri"], sector.as_str());
    assert_eq!(registered.told["subject_type"], "pairwise");

    let stranger = json!({"redirect_uris": ["https://evil.example/cb"], "sector_identifier_uri": sector});
    refused(&register(&house, &stranger).await, "invalid_client_metadata", "sector_identifier_uri");
    let (elsewhere, _) = serve(json!({"redirect_uris": uris})).await;
    let other = with(&json!({"sector_identifier_uri": elsewhere}));
    refused(&register(&house, &other).await, "invalid_client_metadata", "sector_identifier_uri");
    let nobody = with(&json!({"sector_identifier_uri": "http://127.0.0.1:9/uris.json"}));
    refused(&register(&house, &nobody).await, "invalid_client_metadata", "sector_identifier_uri");
    let listed_nowhere = with(&json!({"sector_identifier_uri": "http://127.0.0.2/uris.json"}));
    refused(&register(&house, &listed_nowhere).await, "invalid_client_metadata", "sector_identifier_uri");

    // An update is held to the list as well.
    let wider = json!({"redirect_uris": ["https://evil.example/cb"], "sector_identifier_uri": sector});
    refused(&registered.update(&house, &wider).await, "invalid_client_metadata", "sector_identifier_uri");
    let updated = registered.update(&house, &json!({"sector_identifier_uri": sector})).await;
    assert_eq!(updated.status, StatusCode::OK, "{}", updated.text);
    registered.told = updated.json();
    assert_eq!(registered.told["subject_type"], "public");
    assert_eq!(asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn nothing_is_fetched_for_who_may_not_register_or_says_what_does_not_fit() {
    let (sector, asked) = serve(json!(["https://rp.example/cb"])).await;
    let body = with(&json!({"sector_identifier_uri": sector}));
    let closed = house(true).await;
    unauthorized(&register(&closed, &body).await, "");
    let shown = closed.json(axum::http::Method::POST, "/register", "x", Some(&body)).await;
    unauthorized(&shown, INVALID);
    let open = house(false).await;
    let unfit = with(&json!({"sector_identifier_uri": sector, "scope": "email"}));
    refused(&register(&open, &unfit).await, "invalid_client_metadata", "scope");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
