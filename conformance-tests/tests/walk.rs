//! A walk at random over every state, endpoint and form, beside a model that keeps what was really proved.
//!
//! | module | holds |
//! | --- | --- |
//! | [`world`] | the product in this process, on a clock moved by hand; people, applications, browsers |
//! | [`act`] | what happens next |
//! | [`watch`], [`grants`] | what is demanded of every answer |
//! | [`model`] | what was proved |
//! | [`dice`] | choices that a seed decides |
//!
//! Demanded: no session and no code at level `vip` without a code of the token verified for that person in that
//! sign-in or session; no code at all from a password-only session of an MSS-linked address; `acr`, `amr`,
//! `auth_time`, `sid` and `sub` equal to what was proved; no fault; no redirect to an unregistered URI; nothing
//! from a form of another site; what is used once, once. `COUNTERSIGN_WALK_SEED` walks a printed seed's choices
//! again.

#[path = "walk/act.rs"]
mod act;
#[path = "walk/befall.rs"]
mod befall;
#[path = "walk/dice.rs"]
mod dice;
#[path = "walk/grants.rs"]
mod grants;
#[path = "walk/model.rs"]
mod model;
#[path = "walk/watch.rs"]
mod watch;
#[path = "walk/world.rs"]
mod world;

use conformance_tests::backend::Backend;
use countersign_store::secret;

use crate::world::World;

/// What a long walk must have come by: without these it would have shown little.
const LANDMARKS: [&str; 27] = [
    "sign-in begun",
    "step-up begun",
    "enrolment opened",
    "password set",
    "credential registered",
    "code verified",
    "session at password",
    "session at vip",
    "code from password",
    "code from vip",
    "lower acr asked for",
    "code redeemed",
    "code redeemed twice",
    "redemption refused",
    "token at password",
    "token at vip",
    "refreshed",
    "refresh refused",
    "userinfo",
    "signed out",
    "link added",
    "link removed",
    "old form",
    "tampered request",
    "access_denied",
    "login_required",
    "unmet_authentication_requirements",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_thousand_transitions_prove_what_they_claim() {
    let tally = walk(Backend::Sqlite, 5_000).await;
    for landmark in LANDMARKS {
        assert!(tally.contains_key(landmark), "the walk never came by «{landmark}»: {tally:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_transitions_prove_what_they_claim_on_postgresql() {
    walk(Backend::Postgres, 500).await;
}

async fn walk(backend: Backend, transitions: usize) -> std::collections::BTreeMap<&'static str, u64> {
    let seed = match std::env::var("COUNTERSIGN_WALK_SEED") {
        Ok(seed) => seed.parse().expect("COUNTERSIGN_WALK_SEED is a number"),
        Err(_) => u64::from_be_bytes(secret::random::<8>()),
    };
    println!("a walk of {transitions} transitions on {backend:?}, COUNTERSIGN_WALK_SEED={seed}");
    let mut world = World::new(backend, seed).await;
    for number in 1..=transitions {
        world.note(format!("transition {number}"));
        world.step().await;
    }
    println!("came by {:?}", world.tally);
    let World { app, tally, .. } = world;
    app.stop().await;
    tally
}
