use super::*;
use crate::client::{self, Client};
use crate::person::{self, Person};
use crate::session::Session;
use crate::{Store, secret};

async fn store() -> Store {
    let path = std::env::temp_dir().join(format!("countersign-store-{}.db", secret::id()));
    let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
    store.migrate().await.unwrap();
    let person = Person {
        id: "p".into(),
        email_key: "p".into(),
        email: "p".into(),
        name: None,
        language: None,
        password_hash: None,
        password_changed_at: None,
        created_at: 0,
        updated_at: 0,
        disabled_at: None,
        claims: None,
    };
    person::insert(store.read(), person).await.unwrap();
    for id in ["a", "b"] {
        client::insert(store.read(), app(id)).await.unwrap();
    }
    for id in ["s", "t"] {
        session::insert(store.read(), begun(id)).await.unwrap();
    }
    store
}

fn app(id: &str) -> Client {
    Client {
        id: id.into(),
        name: "App".into(),
        service_id: None,
        public: false,
        secret_digest: None,
        token_endpoint_auth_method: "client_secret_basic".into(),
        redirect_uris: serde_json::json!([]),
        post_logout_redirect_uris: serde_json::json!([]),
        minimum_level: None,
        id_token_alg: "ES256".into(),
        third_party: false,
        scope: "openid".into(),
        created_at: 0,
        metadata: client::Metadata::default(),
        registration_digest: None,
    }
}

fn begun(id: &str) -> Session {
    Session {
        id: id.into(),
        digest: id.as_bytes().to_vec(),
        person_id: "p".into(),
        password_at: 0,
        vip_at: None,
        vip_credential_id: None,
        bridged_until: None,
        auth_time: 0,
        created_at: 0,
        seen_at: 0,
        expires_at: 1_000,
        ended_at: None,
    }
}

async fn take_part(store: &Store, session: &str, clients: &[&str]) {
    for client in clients {
        join(store.read(), session, client, "p", 10).await.unwrap();
    }
}

async fn due_at(store: &Store, now: i64) -> Vec<(String, String)> {
    let rows = due(store.read(), now, 100).await.unwrap();
    rows.into_iter().map(|row| (row.session_id, row.client_id)).collect()
}

#[tokio::test]
async fn clients_are_due_from_the_moment_their_session_ends_and_not_before() {
    let store = store().await;
    take_part(&store, "s", &["a", "b", "a"]).await;
    take_part(&store, "t", &["a"]).await;
    assert_eq!(of_session(store.read(), "s").await.unwrap(), ["a", "b"]);
    assert!(due_at(&store, 1_000).await.is_empty());
    assert!(session::end(store.read(), "s", 100).await.unwrap());
    assert!(due_at(&store, 99).await.is_empty());
    assert_eq!(due_at(&store, 100).await, [("s".into(), "a".into()), ("s".into(), "b".into())]);
    // Ended twice is ended once.
    assert!(!session::end(store.read(), "s", 200).await.unwrap());
    assert_eq!(ended(store.read(), 10).await.unwrap()[0].ended_at, Some(100));
    session::end_others(store.read(), "p", None, 300).await.unwrap();
    assert_eq!(due_at(&store, 300).await.len(), 3);
    assert_eq!(waiting(store.read()).await.unwrap(), 3);
}

#[tokio::test]
async fn an_end_that_is_undone_tells_nobody() {
    let store = store().await;
    take_part(&store, "s", &["a"]).await;
    let failed = store.write(|tx| {
        Box::pin(async move {
            session::end(tx, "s", 100).await?;
            Err::<(), _>(Error::Closing)
        })
    });
    failed.await.unwrap_err();
    assert!(due_at(&store, 1_000).await.is_empty());
}

#[tokio::test]
async fn a_client_that_takes_part_too_late_is_due_at_once() {
    let store = store().await;
    session::end(store.read(), "s", 100).await.unwrap();
    take_part(&store, "s", &["a"]).await;
    take_part(&store, "nowhere", &["a"]).await;
    assert_eq!(due_at(&store, 100).await, [("s".into(), "a".into())]);
}

#[tokio::test]
async fn one_takes_it_and_another_only_when_that_one_is_late() {
    let store = store().await;
    take_part(&store, "s", &["a"]).await;
    session::end(store.read(), "s", 100).await.unwrap();
    let row = due(store.read(), 100, 1).await.unwrap().remove(0);
    assert!(claim(store.read(), &row, 160).await.unwrap());
    assert!(!claim(store.read(), &row, 160).await.unwrap());
    assert!(due_at(&store, 159).await.is_empty());
    let again = due(store.read(), 160, 1).await.unwrap().remove(0);
    assert!(claim(store.read(), &again, 220).await.unwrap());
    // What the late one says counts no more.
    settle(store.read(), &row, &Outcome::GivenUp, "late").await.unwrap();
    assert_eq!(due_at(&store, 220).await.len(), 1);
    settle(store.read(), &again, &Outcome::Delivered(161), "200").await.unwrap();
    let told = ended(store.read(), 1).await.unwrap().remove(0);
    assert_eq!((told.delivered_at, told.answer.as_deref(), told.attempts), (Some(161), Some("200"), 2));
    assert!(due_at(&store, i64::MAX).await.is_empty());
    assert!(!claim(store.read(), &told, 300).await.unwrap());
}

#[tokio::test]
async fn a_client_that_cannot_be_reached_waits_and_others_do_not() {
    let store = store().await;
    for session in ["s", "t"] {
        take_part(&store, session, &["a", "b"]).await;
        session::end(store.read(), session, 100).await.unwrap();
    }
    postpone(store.read(), "a", 110).await.unwrap();
    assert_eq!(due_at(&store, 109).await, [("s".into(), "b".into()), ("t".into(), "b".into())]);
    assert_eq!(due_at(&store, 110).await.len(), 4);
}

#[tokio::test]
async fn what_is_settled_is_forgotten_later_and_what_waits_is_not() {
    let store = store().await;
    take_part(&store, "s", &["a", "b"]).await;
    session::end(store.read(), "s", 100).await.unwrap();
    let row = due(store.read(), 100, 1).await.unwrap().remove(0);
    claim(store.read(), &row, 160).await.unwrap();
    settle(store.read(), &row, &Outcome::GivenUp, "its host takes no connection").await.unwrap();
    assert_eq!(sweep(store.read(), 100).await.unwrap(), 0);
    assert_eq!(sweep(store.read(), 101).await.unwrap(), 1);
    // A session that passed its limit ended for nobody: who took part in it is forgotten with it.
    take_part(&store, "t", &["a"]).await;
    assert_eq!(sweep(store.read(), 0).await.unwrap(), 0);
    session::sweep(store.read(), 1_000).await.unwrap();
    assert_eq!(sweep(store.read(), 0).await.unwrap(), 1);
    assert_eq!(ended(store.read(), 10).await.unwrap().len(), 1, "b has still to be told");
}

#[tokio::test]
async fn a_removed_client_is_told_nothing() {
    let store = store().await;
    take_part(&store, "s", &["a", "b"]).await;
    session::end(store.read(), "s", 100).await.unwrap();
    client::delete(store.read(), "a").await.unwrap();
    assert_eq!(due_at(&store, 100).await, [("s".into(), "b".into())]);
}
