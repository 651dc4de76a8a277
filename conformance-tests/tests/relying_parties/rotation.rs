//! Signing keys rotate while applications sign people in that keep the key set for as long as their library does.
//! Each rotation announces its key for longer than the most patient of them, oauth4webapi, goes without asking.
//! `COUNTERSIGN_TEST_ROTATIONS=N` rotates so many times, every ten seconds, instead of three.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;

use crate::programs::{Program, node, python};
use crate::scene;

conformance_tests::on_both_databases!(no_library_fails_while_keys_rotate);

/// From one rotation to the next.
const EVERY: Duration = Duration::from_secs(10);
/// How long a key is announced before it signs, in seconds.
const ANNOUNCED: &str = "75";

/// What the applications and the one who rotates the keys share.
#[derive(Default)]
struct Stage {
    over: AtomicBool,
    /// By application, the keys of its ID tokens in their order.
    seen: Mutex<HashMap<&'static str, Vec<String>>>,
}

impl Stage {
    fn have_all_seen(&self, kid: &str) -> bool {
        let seen = self.seen.lock().unwrap();
        seen.len() == 3 && seen.values().all(|kids| kids.iter().any(|seen| seen == kid))
    }
}

async fn no_library_fails_while_keys_rotate(backend: Backend) {
    let rotations = std::env::var("COUNTERSIGN_TEST_ROTATIONS").ok();
    let rotations: usize = rotations.map_or(3, |text| text.parse().expect("a number of rotations"));
    let cast = Arc::new(Cast::new(House::serve_tls(backend)));
    let stage = Arc::new(Stage::default());
    let mut running = Vec::new();
    for (name, service) in [("openid-client", "deepsight"), ("oauth4webapi", ""), ("authlib", "deepsight")] {
        let human = cast.enrolled(&format!("{name}@rotation.test"), &["deepsight:acme"]).await;
        running.push(tokio::spawn(stays(name, service, Arc::clone(&cast), human, Arc::clone(&stage))));
    }
    let mut last = String::new();
    for _ in 0..rotations {
        let again = Instant::now() + EVERY;
        let house = Arc::clone(&cast);
        let rotate = move || house.house.admin(&["key", "rotate", "--alg", "RS256", "--after", ANNOUNCED]);
        let rotated = tokio::task::spawn_blocking(rotate).await.unwrap();
        rotated[0]["kid"].as_str().expect("a key has a name").clone_into(&mut last);
        tokio::time::sleep_until(again.into()).await;
    }
    let until = Instant::now() + Duration::from_secs(150);
    while !stage.have_all_seen(&last) {
        assert!(!running.iter().any(tokio::task::JoinHandle::is_finished), "a sign-in failed");
        assert!(Instant::now() < until, "the last key does not sign: {:?}", stage.seen.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    stage.over.store(true, Ordering::Release);
    for application in running {
        application.await.unwrap();
    }
    for (name, kids) in stage.seen.lock().unwrap().iter() {
        let different = kids.iter().collect::<HashSet<_>>().len();
        assert_eq!(different, rotations + 1, "{name} did not see every key sign");
        println!("{name}: {} sign-ins on {backend:?} while keys rotated {rotations} times", kids.len());
    }
}

/// One application signs one person in until it is over.
async fn stays(
    name: &'static str,
    service: &'static str,
    cast: Arc<Cast>,
    mut human: Human,
    stage: Arc<Stage>,
) {
    let house = &cast.house;
    let client = scene::client(house, service);
    let program = Program::start(
        if name == "authlib" { python("authlib-stays.py") } else { node(&format!("{name}-stays.mjs")) },
        house,
        &scene::given(house, &client, &human.email, "password"),
    );
    let mut browser = house.person();
    program
        .accompany(&mut human, &mut browser, |kid| {
            stage.seen.lock().unwrap().entry(name).or_default().push(kid.to_owned());
            !stage.over.load(Ordering::Acquire)
        })
        .await;
}
