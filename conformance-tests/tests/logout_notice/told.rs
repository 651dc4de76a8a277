//! Back-channel logout.

use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::relying_party::{Answer, RelyingParty};
use serde_json::{Value, json};
use url::Url;

use crate::listener::Listener;

conformance_tests::on_both_databases!(
    an_application_is_told_at_once_when_a_person_logs_out,
    of_two_servers_one_tells_it_for_each_session,
    a_failure_is_tried_again_and_what_is_due_survives_a_restart,
);

/// A house that may call loopback.
fn house(backend: Backend) -> House {
    House::serve_with(backend, "outbound.allow = ['127.0.0.1']")
}

async fn scene(house: House, email: &str) -> (Cast, Human, Listener, RelyingParty) {
    let cast = Cast::new(house);
    let human = cast.enrolled(email, &["deepsight:acme"]).await;
    let listener = Listener::open().await;
    let party = listener.register(&cast.house, "--backchannel-logout-uri", "/told");
    (cast, human, listener, party)
}

/// What `session logouts` says once all rows say so.
async fn recorded(house: &House, says: impl Fn(&Value) -> bool) -> Vec<Value> {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let rows = house.admin(&["session", "logouts"]);
        let rows = rows.as_array().expect("a list").clone();
        if !rows.is_empty() && rows.iter().all(&says) {
            return rows;
        }
        assert!(Instant::now() < until, "{rows:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn is_delivered(row: &Value) -> bool {
    row["state"] == "delivered"
}

/// The claims of a logout token, its signature verified with the published keys.
async fn verified(party: &RelyingParty, token: &str) -> Value {
    let answer = Answer { status: 200, body: json!({ "id_token": token }) };
    party.verify(&answer, None).await.0
}

async fn an_application_is_told_at_once_when_a_person_logs_out(backend: Backend) {
    let (cast, mut human, listener, party) = scene(house(backend), "told@logout.test").await;
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, &party, &[]).await;
    let (tokens, claims) = party.tokens(&away, &attempt).await;
    let mut url = Url::parse(&cast.house.issuer).and_then(|url| url.join("/logout")).expect("an issuer");
    url.query_pairs_mut().append_pair("id_token_hint", tokens.text("id_token"));
    let began = Instant::now();
    let page = browser.visit(&url).await.page();
    assert_eq!((page.status, page.path()), (200, "/logout"));
    while listener.tokens().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(5), "nobody told it");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let told = verified(&party, &listener.tokens()[0]).await;
    assert_eq!(told["sid"], claims.0["sid"]);
    assert_eq!(told["sub"], claims.0["sub"]);
    assert_eq!(told["events"], json!({ "http://schemas.openid.net/event/backchannel-logout": {} }));
    assert!(told.get("nonce").is_none());
    let rows = recorded(&cast.house, is_delivered).await;
    assert_eq!((&rows[0]["answer"], &rows[0]["user"]), (&json!("200"), &json!(human.email)));
}

async fn of_two_servers_one_tells_it_for_each_session(backend: Backend) {
    let mut house = house(backend);
    house.start_server();
    let (cast, mut human, listener, party) = scene(house, "many@logout.test").await;
    let mut sessions = Vec::new();
    for server in [0, 1, 0, 1, 0, 1] {
        let mut browser = cast.house.person_at(server);
        let (away, attempt) = human.sign_in(&mut browser, &party, &[]).await;
        sessions.push(party.claims(&away, &attempt).await.text("sid").to_owned());
    }
    let listed = cast.house.admin(&["session", "list", "--user", &human.email]);
    let listed = listed.as_array().expect("a list");
    // One more was begun by the enrolment.
    assert_eq!(listed.len(), sessions.len() + 1, "{listed:?}");
    cast.house.admin(&["session", "end", &sessions[0]]);
    cast.house.admin(&["session", "end", "--user", &human.email]);
    let rows = recorded(&cast.house, is_delivered).await;
    assert!(rows.iter().all(|row| row["attempts"] == 1), "{rows:?}");
    let mut told = Vec::new();
    for token in listener.tokens() {
        told.push(verified(&party, &token).await["sid"].as_str().expect("a sid").to_owned());
    }
    told.sort();
    sessions.sort();
    assert_eq!(told, sessions);
    assert_eq!(cast.house.admin(&["session", "list"]), json!([]));
    let again = cast.house.run(&["session", "end", &sessions[0]], "");
    assert_eq!(again.status.code(), Some(1), "{}", String::from_utf8_lossy(&again.stderr));
}

async fn a_failure_is_tried_again_and_what_is_due_survives_a_restart(backend: Backend) {
    let (mut cast, mut human, listener, party) = scene(house(backend), "late@logout.test").await;
    listener.answer(&[500]);
    let (away, attempt) = human.sign_in(&mut cast.house.person(), &party, &[]).await;
    let sid = party.claims(&away, &attempt).await.text("sid").to_owned();
    cast.house.admin(&["session", "end", &sid]);
    let rows = recorded(&cast.house, |row| row["answer"] == "500").await;
    assert_eq!((&rows[0]["state"], &rows[0]["attempts"]), (&json!("waiting"), &json!(1)));
    // Ten seconds go by.
    cast.house.sql("UPDATE session_client SET next_attempt_at = 0 WHERE next_attempt_at IS NOT NULL");
    recorded(&cast.house, is_delivered).await;
    assert_eq!(listener.tokens().len(), 2);

    let (away, attempt) = human.sign_in(&mut cast.house.person(), &party, &[]).await;
    let sid = party.claims(&away, &attempt).await.text("sid").to_owned();
    let mut server = cast.house.servers.remove(0);
    assert!(server.stop().success());
    cast.house.admin(&["session", "end", &sid]);
    assert_eq!(listener.tokens().len(), 2);
    cast.house.start_server();
    recorded(&cast.house, is_delivered).await;
    let party = party.through(cast.house.bases.last().expect("a server"));
    let last = listener.tokens().pop().expect("a token");
    assert_eq!(verified(&party, &last).await["sid"], sid.as_str());
    assert_eq!(listener.tokens().len(), 3);
}
