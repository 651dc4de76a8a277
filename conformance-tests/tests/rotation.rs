//! Signing keys rotate under sign-ins, on every node, and nobody notices. `COUNTERSIGN_TEST_ROTATIONS=N` rotates so
//! many times instead of four.

use std::process::Output;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::key_cache::{KeyCache, kid, published};
use conformance_tests::place::free_ports;
use conformance_tests::relying_party::RelyingParty;
use conformance_tests::server::{Server, command};
use reqwest::{Client, redirect};
use serde_json::Value;

conformance_tests::on_both_databases!(
    no_sign_in_fails_while_keys_rotate,
    a_new_and_a_retired_key_reach_every_server_within_a_second,
    of_two_servers_one_makes_the_key_that_is_due,
    commands_that_cannot_be_are_refused_in_one_line,
);

fn rotations() -> usize {
    let given = std::env::var("COUNTERSIGN_TEST_ROTATIONS").ok();
    given.map_or(4, |text| text.parse().expect("COUNTERSIGN_TEST_ROTATIONS is a number"))
}

fn two_servers(backend: Backend) -> House {
    let mut house = House::serve(backend);
    house.start_server();
    house
}

/// The keys of an algorithm, as `key list` has them.
fn keys(house: &House, alg: &str) -> Vec<Value> {
    let all = house.admin(&["key", "list"]);
    all.as_array().into_iter().flatten().filter(|key| key["alg"] == alg).cloned().collect()
}

fn states(house: &House, alg: &str) -> Vec<String> {
    keys(house, alg).iter().map(|key| key["state"].as_str().unwrap_or_default().to_owned()).collect()
}

fn text<'a>(key: &'a Value, name: &str) -> &'a str {
    key[name].as_str().unwrap_or_else(|| panic!("no {name} in {key}"))
}

/// Waits until it holds, and fails when it does not within `limit`.
async fn soon(limit: Duration, what: &str, holds: impl AsyncFn() -> bool) {
    let until = Instant::now() + limit;
    while !holds().await {
        assert!(Instant::now() < until, "{what}: not within {limit:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What sign-ins and the one who rotates the keys share.
#[derive(Default)]
struct Stage {
    over: AtomicBool,
    /// The keys of verified ID tokens, one for each.
    signed_by: Mutex<Vec<String>>,
}

/// Signs in again and again: tokens come from one server, and the keys to verify them from the other.
async fn sign_ins(stage: Arc<Stage>, cast: Arc<Cast>, mut human: Human, at: usize) -> usize {
    let mut browser = cast.house.person_at(at);
    let party = cast.deepsight.through(&cast.house.bases[at]);
    let mut cache = KeyCache::new(&cast.house.bases[1 - at]);
    while !stage.over.load(Ordering::Acquire) {
        let (away, attempt) = human.sign_in(&mut browser, &party, &[]).await;
        let code = party.code(&away, &attempt).unwrap();
        let answer = party.redeem(&code, &attempt.verifier).await;
        let token = answer.text("id_token");
        let verified = cache.verify(token, &cast.house.issuer, &party.id, cast.house.clock.now()).await;
        let claims = verified.unwrap_or_else(|error| panic!("an ID token does not hold: {error}"));
        assert_eq!(claims.text("nonce"), attempt.nonce);
        stage.signed_by.lock().unwrap().push(kid(token));
    }
    cache.fetched
}

async fn no_sign_in_fails_while_keys_rotate(backend: Backend) {
    let cast = Arc::new(Cast::new(two_servers(backend)));
    let stage = Arc::new(Stage::default());
    let mut running = Vec::new();
    for at in [0, 1] {
        let human = cast.enrolled(&format!("signs.in.{at}@rotation.test"), &["deepsight:acme"]).await;
        running.push(tokio::spawn(sign_ins(Arc::clone(&stage), Arc::clone(&cast), human, at)));
    }
    for round in 0..rotations() {
        let house = Arc::clone(&cast);
        let rotated = tokio::task::spawn_blocking(move || {
            house.house.admin(&["key", "rotate", "--alg", "RS256", "--now"])
        });
        let rotated = rotated.await.unwrap();
        let new = text(&rotated[0], "kid").to_owned();
        soon(Duration::from_secs(30), &format!("rotation {round}"), async || {
            assert!(!running.iter().any(tokio::task::JoinHandle::is_finished), "a sign-in failed");
            stage.signed_by.lock().unwrap().contains(&new)
        })
        .await;
    }
    stage.over.store(true, Ordering::Release);
    for sign_ins in running {
        let fetched = sign_ins.await.unwrap();
        assert!(fetched <= rotations() + 1, "the key set was fetched {fetched} times: it was not cached");
    }
    assert_eq!(states(&cast.house, "RS256").len(), rotations() + 1, "the old keys are still published");
    let signed_in = stage.signed_by.lock().unwrap().len();
    println!("{signed_in} sign-ins on {backend:?} while keys rotated {} times", rotations());
}

async fn a_new_and_a_retired_key_reach_every_server_within_a_second(backend: Backend) {
    let cast = Cast::new(two_servers(backend));
    let mut human = cast.enrolled("has.a.hint@rotation.test", &["deepsight:acme"]).await;
    let (away, attempt) = human.sign_in(&mut cast.house.person(), &cast.deepsight, &[]).await;
    let (tokens, _) = cast.deepsight.tokens(&away, &attempt).await;
    let hint = tokens.text("id_token");
    let old = kid(hint);
    let rotated = cast.house.admin(&["key", "rotate", "--alg", "RS256", "--now"]);
    let new = text(&rotated[0], "kid");
    let second = Duration::from_secs(1);
    for base in &cast.house.bases {
        soon(second, "published", async || published(base).await.iter().any(|kid| kid == new)).await;
    }
    soon(Duration::from_secs(10), "signing", async || {
        states(&cast.house, "RS256") == ["superseded", "signing"]
    })
    .await;
    for base in &cast.house.bases {
        assert!(published(base).await.contains(&old), "superseded, and still published");
        assert!(takes(&cast.deepsight, base, hint).await, "superseded, and still verified");
    }
    cast.house.admin(&["key", "retire", &old]);
    for base in &cast.house.bases {
        soon(second, "withdrawn", async || !published(base).await.contains(&old)).await;
        assert!(!takes(&cast.deepsight, base, hint).await, "retired, and still verified");
    }
    for server in &cast.house.servers {
        for (event, kid) in [("signing_key_published", new), ("signing_key_withdrawn", old.as_str())] {
            let log = server.log();
            let said = log.lines().any(|line| line.contains(event) && line.contains(kid));
            assert!(said, "{event} is missing in the audit log:\n{log}");
        }
    }
}

/// Whether a server takes the hint of someone who has no session there.
async fn takes(party: &RelyingParty, base: &str, hint: &str) -> bool {
    let mut url = party.begin(&[("id_token_hint", hint), ("prompt", "none")]).url;
    let port = base.rsplit(':').next().unwrap().parse().ok();
    url.set_scheme("http").unwrap();
    url.set_host(Some("127.0.0.1")).unwrap();
    url.set_port(port).unwrap();
    let http = Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let answer = http.get(url).send().await.unwrap();
    let away = answer.headers()["location"].to_str().unwrap();
    match (away.contains("error=login_required"), away.contains("error=invalid_request")) {
        (true, false) => true,
        (false, true) => false,
        _ => panic!("neither taken nor refused: {away}"),
    }
}

async fn of_two_servers_one_makes_the_key_that_is_due(backend: Backend) {
    let house = House::build(backend, "https://login.example.test", "");
    // Makes the first keys, and one that is soon withdrawn.
    let soon_gone = house.admin(&["key", "rotate", "--alg", "ES256"]);
    house.admin(&["key", "retire", text(&soon_gone[0], "kid")]);
    house.sql("UPDATE signing_key SET created_at = 1000, signs_from = 1000");
    let config = house.config().to_owned();
    let ports = free_ports(2);
    let starting = [ports, ports + 1].map(|port| {
        let mut serve = command();
        serve.arg("serve").arg("--config").arg(&config).current_dir(config.parent().unwrap());
        serve.env("COUNTERSIGN__LISTEN", format!("127.0.0.1:{port}"));
        std::thread::spawn(move || Server::start(serve, &format!("http://127.0.0.1:{port}")))
    });
    let servers = starting.map(|server| server.join().unwrap());
    let made =
        || servers.iter().map(|server| server.log().matches("signing_key_made").count()).sum::<usize>();
    soon(Duration::from_secs(20), "made", async || made() == 3).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(made(), 3);
    for alg in ["RS256", "ES256", "EdDSA"] {
        assert_eq!(states(&house, alg), ["signing", "announced"], "{alg}");
    }
}

/// Refused: the exit status, and one line on standard error that has `about` in it.
fn refused(done: &Output, status: i32, about: &str) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(status), "{about}: {said}");
    assert!(said.contains(about), "{about:?} is not in:\n{said}");
    assert!(status == 2 || said.lines().count() == 1, "one line, not:\n{said}");
}

async fn commands_that_cannot_be_are_refused_in_one_line(backend: Backend) {
    let house = House::serve(backend);
    let only = keys(&house, "ES256");
    assert_eq!(only.len(), 1);
    assert_eq!(only[0]["retires_at"], Value::Null);
    let old = text(&only[0], "kid");
    let key = |arguments: &[&str]| house.run(&[&["key"], arguments].concat(), "");
    refused(&key(&["retire", old]), 1, "countersign key rotate --alg ES256 --now --retire");
    refused(&key(&["retire", "nobody"]), 1, "countersign key list");
    refused(&key(&["rotate", "--alg", "HS256"]), 2, "RS256, ES256, EdDSA");
    refused(&key(&["rotate", "--now", "--after", "5"]), 2, "--after");
    refused(&key(&["rotate", "--retire"]), 2, "--now");
    assert_eq!(keys(&house, "ES256"), only, "nothing has changed");

    let announced = house.admin(&["key", "rotate", "--alg", "ES256"]);
    assert_eq!(announced.as_array().map(Vec::len), Some(1));
    assert_eq!(text(&announced[0], "state"), "announced");
    let new = text(&announced[0], "kid");
    let done = key(&["retire", old]);
    let said = String::from_utf8_lossy(&done.stdout);
    assert_eq!(said, format!("{old} was retired; {new} signs from now on\n"));
    refused(&key(&["retire", old]), 1, "retired before");
    assert_eq!(states(&house, "ES256"), ["signing"]);
    let all = house.admin(&["key", "list", "--all"]);
    let retired = all.as_array().into_iter().flatten().filter(|key| key["state"] == "retired");
    assert_eq!(retired.map(|key| text(key, "kid")).collect::<Vec<_>>(), [old]);
}
