//! Clients that register themselves, as an operator allows it: the command line's token, and races for it; on PostgreSQL,
//! through two servers. `COUNTERSIGN_TEST_RACES=few` runs each race a tenth as often.

use std::sync::Arc;

use conformance_tests::backend::Backend;
use conformance_tests::house::House;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

conformance_tests::on_both_databases!(
    a_partner_registers_by_a_token_that_an_administrator_made,
    a_token_that_an_administrator_revokes_lets_nobody_register,
    one_of_32_registrations_with_one_token_wins,
    one_of_32_updates_with_one_token_wins,
    no_more_register_than_may,
);

fn rounds() -> usize {
    if std::env::var("COUNTERSIGN_TEST_RACES").is_ok_and(|how| how == "few") { 2 } else { 20 }
}

/// A house with one server on SQLite and two on PostgreSQL.
fn house(backend: Backend, more: &str) -> House {
    let mut house = House::serve_with(backend, more);
    if backend == Backend::Postgres {
        house.start_server();
    }
    house
}

const BY_TOKEN: &str = "client_registration.mode = 'token'";

fn initial_token(house: &House) -> String {
    let made = house.admin(&["client", "initial-token", "--name", "A partner"]);
    made["initial_access_token"].as_str().unwrap_or_else(|| panic!("no token in {made}")).to_owned()
}

fn plain() -> Value {
    json!({"redirect_uris": ["https://rp.example.test/cb"]})
}

/// One request to a server of that base.
async fn send(method: Method, url: &str, token: &str, body: Option<Value>) -> (u16, Value) {
    let mut request = Client::new().request(method, url);
    if !token.is_empty() {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
}

/// The same request 32 times at once, to each server in turn.
async fn at_once(house: &House, method: Method, path: &str, token: &str, body: &Value) -> Vec<(u16, Value)> {
    let (gate, mut running) = (Arc::new(Barrier::new(32)), JoinSet::new());
    for at in 0..32 {
        let url = format!("{}{path}", house.bases[at % house.bases.len()]);
        let (gate, method, token, body) = (gate.clone(), method.clone(), token.to_owned(), body.clone());
        running.spawn(async move {
            gate.wait().await;
            send(method, &url, &token, Some(body)).await
        });
    }
    running.join_all().await
}

#[track_caller]
fn exactly(answers: &[(u16, Value)], won: (u16, usize), lost: u16) {
    let statuses: Vec<u16> = answers.iter().map(|(status, _)| *status).collect();
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!((count(won.0), count(lost)), (won.1, statuses.len() - won.1), "{statuses:?}");
}

async fn a_partner_registers_by_a_token_that_an_administrator_made(backend: Backend) {
    let house = house(backend, BY_TOKEN);
    let base = &house.bases[0];
    let endpoint = format!("{base}/register");
    let (status, discovery) =
        send(Method::GET, &format!("{base}/.well-known/openid-configuration"), "", None).await;
    assert_eq!(status, 200);
    assert_eq!(discovery["registration_endpoint"], format!("{}/register", house.issuer));
    assert_eq!(send(Method::POST, &endpoint, "", Some(plain())).await.0, 401);
    let (status, told) = send(Method::POST, &endpoint, &initial_token(&house), Some(plain())).await;
    assert_eq!(status, 201, "{told}");
    let id = told["client_id"].as_str().expect("an id");
    let shown = house.admin(&["client", "show", id]);
    assert_eq!(shown["name"], "rp.example.test");
    assert_eq!(shown["third_party"], true);
    let token = told["registration_access_token"].as_str().expect("a token");
    assert_eq!(send(Method::DELETE, &format!("{endpoint}/{id}"), token, None).await.0, 204);
    assert_eq!(house.admin(&["client", "list"]), json!([]));
    // Neither token is in the log, nor anywhere but with its holder.
    let secret = told["client_secret"].as_str().expect("a secret");
    for server in &house.servers {
        assert!(!server.log().contains(token) && !server.log().contains(secret));
    }
    let log = house.servers[0].log();
    assert!(log.contains("client_registered") && log.contains("A partner") && log.contains("client_removed"));
    // What nobody asks for is not made.
    let off = House::build(backend, &house.issuer, "");
    let refused = off.run(&["client", "initial-token", "--name", "A partner"], "");
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("client_registration.mode"));
}

async fn a_token_that_an_administrator_revokes_lets_nobody_register(backend: Backend) {
    let house = house(backend, BY_TOKEN);
    let endpoint = format!("{}/register", house.bases[0]);
    let named = ["client", "initial-token", "--name", "A partner", "--uses", "2"];
    let (made, other) = (house.admin(&named), house.admin(&named));
    let (token, id) = (made["initial_access_token"].as_str().unwrap(), made["id"].as_str().unwrap());
    let (status, told) = send(Method::POST, &endpoint, token, Some(plain())).await;
    assert_eq!(status, 201, "{told}");
    let listed = house.admin(&["client", "initial-tokens"]);
    let left = |id: &Value| {
        listed.as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap()["uses_left"].clone()
    };
    assert_eq!((left(&made["id"]), left(&other["id"])), (json!(1), json!(2)));
    assert!(!listed.to_string().contains(token), "{listed}");
    house.admin(&["client", "revoke-initial-token", id]);
    assert_eq!(send(Method::POST, &endpoint, token, Some(plain())).await.0, 401);
    assert_eq!(house.admin(&["client", "initial-tokens"]).as_array().map(Vec::len), Some(1));
    // What was registered by it stays, and so does the other one.
    house.admin(&["client", "show", told["client_id"].as_str().unwrap()]);
    let other = other["initial_access_token"].as_str().unwrap();
    assert_eq!(send(Method::POST, &endpoint, other, Some(plain())).await.0, 201);
    assert_eq!(house.run(&["client", "revoke-initial-token", id], "").status.code(), Some(1));
}

async fn one_of_32_registrations_with_one_token_wins(backend: Backend) {
    let house = house(backend, BY_TOKEN);
    for _ in 0..rounds() {
        let token = initial_token(&house);
        exactly(&at_once(&house, Method::POST, "/register", &token, &plain()).await, (201, 1), 401);
    }
    let listed = house.admin(&["client", "list"]);
    assert_eq!(listed.as_array().map(Vec::len), Some(rounds()), "{listed}");
}

async fn one_of_32_updates_with_one_token_wins(backend: Backend) {
    let house = house(backend, BY_TOKEN);
    let endpoint = format!("{}/register", house.bases[0]);
    let (_, told) = send(Method::POST, &endpoint, &initial_token(&house), Some(plain())).await;
    let path = format!("/register/{}", told["client_id"].as_str().expect("an id"));
    let mut token = told["registration_access_token"].as_str().expect("a token").to_owned();
    let mut body = plain();
    body["client_id"] = told["client_id"].clone();
    for round in 0..rounds() {
        body["client_name"] = json!(format!("Round {round}"));
        let answers = at_once(&house, Method::PUT, &path, &token, &body).await;
        exactly(&answers, (200, 1), 401);
        let won = answers.iter().find(|(status, _)| *status == 200).expect("a winner");
        token = won.1["registration_access_token"].as_str().expect("the next token").to_owned();
    }
}

async fn no_more_register_than_may(backend: Backend) {
    let more = "client_registration.mode = 'open'\nclient_registration.most = 5\nclient_registration.per_hour = 1000";
    let house = house(backend, more);
    exactly(&at_once(&house, Method::POST, "/register", "", &plain()).await, (201, 5), 503);
}
