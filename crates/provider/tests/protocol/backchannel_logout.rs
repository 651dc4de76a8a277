//! Back-channel logout: who took part in a session is told of its end by the server itself.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_identity::Level;
use countersign_provider::outbound::OutboundSettings;
use countersign_provider::{Provider, ProviderSettings, backchannel_logout};
use countersign_store::session_client::{self, SessionClient};
use josekit::jwk::Jwk;
use josekit::jws::{ES256, EdDSA, RS256};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::house::{App, House, ISSUER, claims};
use crate::party::Party;

/// A server with its job, and somebody signed in.
struct Scene {
    house: House,
    jobs: Vec<JoinHandle<()>>,
    person: String,
    cookies: String,
}

impl Drop for Scene {
    fn drop(&mut self) {
        self.jobs.iter().for_each(JoinHandle::abort);
    }
}

impl Scene {
    async fn open() -> Self {
        let allow = vec!["127.0.0.1".parse().unwrap()];
        let outbound = OutboundSettings { allow, ..OutboundSettings::default() };
        let house = House::open_with(ProviderSettings { outbound, ..ProviderSettings::default() }).await;
        let person = house.person("a@b.example", &[]).await;
        let cookies = house.session(&person, Level::Password).await;
        let jobs = vec![tokio::spawn(backchannel_logout::run(house.provider.clone()))];
        Self { house, jobs, person, cookies }
    }

    /// A further server on the same database.
    async fn join(&mut self) {
        let first = &self.house.provider;
        let node = Provider::open(first.ui().clone(), first.settings().clone()).await.unwrap();
        self.jobs.push(tokio::spawn(backchannel_logout::run(node)));
    }

    /// A client that is told there, and has taken part.
    async fn app(&self, uri: &str, change: impl FnOnce(&mut countersign_store::client::Client)) -> App {
        let app = self.house.app(None, |client| {
            client.metadata.backchannel_logout_uri = Some(uri.to_owned());
            change(client);
        });
        let app = app.await;
        self.house.get(&app.request(&[]), &self.cookies).await.code();
        app
    }

    async fn log_out(&self) {
        let question = self.house.get("/logout", &self.cookies).await;
        let action = question.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        self.house.post(&action, &self.cookies, String::new()).await;
    }

    /// The record of the one who is told, once it says so.
    async fn record(&self, says: impl Fn(&SessionClient) -> bool) -> SessionClient {
        for _ in 0..500 {
            let rows = session_client::ended(self.house.identity.store().read(), 10).await.unwrap();
            if let [row] = rows.as_slice()
                && says(row)
            {
                return row.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{:?}", session_client::ended(self.house.identity.store().read(), 10).await);
    }

    /// Time passes, and the job looks.
    fn advance(&self, seconds: i64) {
        self.house.clock.advance(seconds);
        self.house.identity.store().revoked();
    }
}

/// Header and claims of a token that verifies with a key of the key set.
async fn verified(house: &House, token: &str) -> (Value, Value) {
    let parts: Vec<&str> = token.split('.').collect();
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[0]).unwrap()).unwrap();
    let jwks = house.get("/jwks", "").await.json();
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!(key["alg"], header["alg"]);
    let jwk = Jwk::from_map(key.as_object().unwrap().clone()).unwrap();
    let message = format!("{}.{}", parts[0], parts[1]);
    let signature = URL_SAFE_NO_PAD.decode(parts[2]).unwrap();
    let verified = match header["alg"].as_str().unwrap() {
        "RS256" => jws_verify(&RS256.verifier_from_jwk(&jwk).unwrap(), &message, &signature),
        "ES256" => jws_verify(&ES256.verifier_from_jwk(&jwk).unwrap(), &message, &signature),
        _ => jws_verify(&EdDSA.verifier_from_jwk(&jwk).unwrap(), &message, &signature),
    };
    assert!(verified, "{token}");
    (header, claims(&json!(token)))
}

fn jws_verify(verifier: &dyn josekit::jws::JwsVerifier, message: &str, signature: &[u8]) -> bool {
    verifier.verify(message.as_bytes(), signature).is_ok()
}

#[tokio::test]
async fn back_channel_logout_2_5_a_signed_logout_token_is_posted_once() {
    let scene = Scene::open().await;
    let party = Party::open(&[]).await;
    let app = scene.app(&party.uri, |client| client.id_token_alg = "RS256".into()).await;
    let tokens = scene.house.tokens(&app, &scene.cookies).await;
    assert!(party.tokens().is_empty());
    scene.log_out().await;
    let row = scene.record(|row| row.delivered_at.is_some()).await;
    assert_eq!((row.attempts, row.answer.as_deref(), row.next_attempt_at), (1, Some("200"), None));
    let posted = party.tokens();
    assert_eq!(posted.len(), 1);
    let (header, claims) = verified(&scene.house, &posted[0]).await;
    assert_eq!((&header["typ"], &header["alg"]), (&json!("logout+jwt"), &json!("RS256")));
    let sid = crate::house::claims(&tokens["id_token"])["sid"].clone();
    let now = scene.house.identity.now();
    assert!(claims["jti"].as_str().is_some_and(|jti| jti.len() >= 16));
    let expected = json!({
        "iss": ISSUER, "sub": scene.person, "aud": app.row.id, "iat": now, "exp": now + 120,
        "jti": claims["jti"], "sid": sid,
        "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
    });
    assert_eq!(claims, expected);
    // Shown back as a hint, it is no ID token.
    let hint = scene.house.get(&format!("/logout?id_token_hint={}", posted[0]), "").await;
    assert!(hint.is_local_page());
}

#[tokio::test]
async fn of_several_servers_one_tells_each_client_and_nobody_is_told_again() {
    let mut scene = Scene::open().await;
    scene.join().await;
    scene.join().await;
    let parties = [Party::open(&[]).await, Party::open(&[]).await, Party::open(&[]).await];
    for party in &parties {
        for _ in 0..2 {
            scene.app(&party.uri, |_| {}).await;
        }
    }
    let bystander = Party::open(&[]).await;
    scene
        .house
        .app(None, |client| client.metadata.backchannel_logout_uri = Some(bystander.uri.clone()))
        .await;
    scene.log_out().await;
    let store = scene.house.identity.store();
    while session_client::waiting(store.read()).await.unwrap() > 0 {
        store.revoked();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    scene.advance(24 * 60 * 60);
    for party in &parties {
        assert_eq!(party.tokens().len(), 2);
    }
    assert!(bystander.tokens().is_empty());
    assert!(session_client::due(store.read(), i64::MAX, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn back_channel_logout_2_7_what_fails_is_tried_again_with_a_new_token() {
    let scene = Scene::open().await;
    let party = Party::open(&[500, 503]).await;
    scene.app(&party.uri, |_| {}).await;
    scene.log_out().await;
    let began = scene.house.identity.now();
    let row = scene.record(|row| row.attempts == 1 && row.answer.is_some()).await;
    assert_eq!((row.answer.as_deref(), row.next_attempt_at), (Some("500"), Some(began + 10)));
    scene.advance(10);
    let row = scene.record(|row| row.answer.as_deref() == Some("503")).await;
    assert_eq!((row.attempts, row.next_attempt_at), (2, Some(began + 70)));
    scene.advance(60);
    let row = scene.record(|row| row.delivered_at.is_some()).await;
    assert_eq!((row.attempts, row.delivered_at, row.next_attempt_at), (3, Some(began + 70), None));
    let mut ids = Vec::new();
    for token in party.tokens() {
        ids.push(verified(&scene.house, &token).await.1["jti"].as_str().unwrap().to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn back_channel_logout_2_8_a_client_that_says_no_is_given_up_and_so_is_one_that_is_gone() {
    let scene = Scene::open().await;
    let party = Party::open(&[400; 9]).await;
    scene.app(&party.uri, |_| {}).await;
    scene.log_out().await;
    for (attempts, wait) in [(1, 10), (2, 60), (3, 300)] {
        let next = scene.house.identity.now() + wait;
        scene.record(|row| row.attempts == attempts && row.next_attempt_at == Some(next)).await;
        scene.advance(wait);
    }
    let row = scene.record(|row| row.next_attempt_at.is_none()).await;
    assert_eq!((row.attempts, row.delivered_at, row.answer.as_deref()), (4, None, Some("400")));
    assert_eq!(party.tokens().len(), 4);

    let scene = Scene::open().await;
    let nobody = Party::open(&[]).await.uri.clone();
    scene.app(&nobody, |_| {}).await;
    scene.log_out().await;
    let row = scene.record(|row| row.answer.is_some()).await;
    assert_eq!(row.answer.as_deref(), Some("its host takes no connection"));
    scene.advance(24 * 60 * 60);
    let row = scene.record(|row| row.next_attempt_at.is_none()).await;
    assert_eq!((row.attempts, row.delivered_at), (2, None));
}

#[tokio::test]
async fn a_client_that_the_operator_does_not_list_is_not_called() {
    let scene = Scene::open().await;
    scene.app("https://10.0.0.1/logout", |_| {}).await;
    scene.log_out().await;
    let row = scene.record(|row| row.answer.is_some()).await;
    let said = "its host is not on the public internet, nor among those the operator allows";
    assert_eq!((row.answer.as_deref(), row.delivered_at), (Some(said), None));
}

#[tokio::test]
async fn every_end_of_a_session_is_told() {
    let scene = Scene::open().await;
    let identity = &scene.house.identity;
    let party = Party::open(&[]).await;
    let app = scene.app(&party.uri, |_| {}).await;
    let mut told = 0;
    let mut wait = async || {
        told += 1;
        while party.tokens().len() < told {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    identity.end_sessions_of("a@b.example").await.unwrap();
    wait().await;
    let cookies = scene.house.session(&scene.person, Level::Password).await;
    let tokens = scene.house.tokens(&app, &cookies).await;
    let sid = claims(&tokens["id_token"])["sid"].as_str().unwrap().to_owned();
    identity.end_session_of_id(&sid).await.unwrap();
    wait().await;
    assert!(identity.end_session_of_id(&sid).await.is_err());
    let refused = scene.house.token(&app.refresh(tokens["refresh_token"].as_str().unwrap())).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    let cookies = scene.house.session(&scene.person, Level::Password).await;
    scene.house.get(&app.request(&[]), &cookies).await.code();
    assert_eq!(identity.live_sessions(Some("a@b.example")).await.unwrap().len(), 1);
    identity.disable_person("a@b.example").await.unwrap();
    wait().await;
    assert!(identity.live_sessions(None).await.unwrap().is_empty());
    assert_eq!(party.tokens().len(), 3);
}

#[tokio::test]
async fn core_8_1_a_logout_token_names_the_person_as_the_client_knows_them() {
    let scene = Scene::open().await;
    let party = Party::open(&[204]).await;
    let app = scene.app(&party.uri, |client| client.metadata.subject_type = Some("pairwise".into())).await;
    let known = claims(&scene.house.tokens(&app, &scene.cookies).await["id_token"])["sub"].clone();
    scene.log_out().await;
    scene.record(|row| row.delivered_at.is_some()).await;
    let (_, told) = verified(&scene.house, &party.tokens()[0]).await;
    assert_eq!(told["sub"], known);
    assert_ne!(told["sub"], json!(scene.person));
}

#[tokio::test]
async fn a_client_that_is_told_in_the_browser_alone_is_not_called() {
    let scene = Scene::open().await;
    let app = scene.house.app(None, |client| {
        client.metadata.frontchannel_logout_uri = Some("https://app.example/forget".into());
    });
    scene.house.get(&app.await.request(&[]), &scene.cookies).await.code();
    scene.log_out().await;
    let store = scene.house.identity.store();
    while session_client::waiting(store.read()).await.unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(session_client::ended(store.read(), 10).await.unwrap().is_empty());
}
