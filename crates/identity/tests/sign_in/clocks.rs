//! Clocks that are wrong, of a server or of one node of two: no code works twice, and nothing locks for good.

use countersign_identity::factor::{PasswordOutcome, VipOutcome};
use countersign_identity::oath::{Kind, Seed, Token};
use countersign_identity::password::hash::{Cost, Hasher};
use countersign_identity::sign_in::Advance;
use countersign_identity::{Identity, Settings};
use countersign_store::Clock;

use crate::portal::*;

const STEPS: [i64; 4] = [30, -30, 3_600, -3_600];

/// What the token shows at a true time, whatever the servers take the time to be.
fn shown(time: i64) -> String {
    let token = Token::new(Kind::Time, 6, 30, Seed::new(SEED.to_vec()).unwrap()).unwrap();
    token.code(token.position(time)).to_string()
}

/// A second node on the same database, whose clock is off by so many seconds.
fn node(portal: &Portal, off: i64) -> Portal {
    let clock = Clock::manual(portal.clock.now() + off);
    let hasher = Hasher::start(1, 64, Cost { memory: 64, passes: 1, lanes: 1 }).unwrap();
    let (store, keyring) = (portal.identity.store().clone(), portal.identity.keyring().clone());
    let identity = Identity::new(store, keyring, clock.clone(), hasher, Settings::default());
    Portal { identity, outbox: portal.outbox.clone(), clock }
}

async fn signs_in(portal: &Portal, code: &str) -> bool {
    match portal.password("m@example.com", PASSWORD, BROWSER).await {
        PasswordOutcome::Begun { secret, .. } => {
            let outcome = portal.vip(&secret, code, None).await;
            matches!(outcome, VipOutcome::Advanced(Advance::Finished(_)))
        }
        // A clock set back has to wait for what was counted before, for some seconds.
        PasswordOutcome::Throttled(_) => false,
        other => panic!("neither begun nor slowed down: {other:?}"),
    }
}

#[tokio::test]
async fn a_servers_clock_that_steps_lets_no_code_work_twice() {
    for off in STEPS {
        let portal = Portal::open().await;
        portal.registered("m@example.com", "AVT000000001").await;
        let code = shown(portal.clock.now());
        assert!(signs_in(&portal, &code).await);
        portal.clock.advance(off);
        assert!(!signs_in(&portal, &code).await, "again, {off} s off");
        let older = shown(portal.clock.now() - off - 30);
        assert!(!signs_in(&portal, &older).await, "an older one, {off} s off");
        // Set right, and a minute later.
        portal.clock.advance(60 - off);
        assert!(signs_in(&portal, &shown(portal.clock.now())).await, "after {off} s");
        // The next one works too: what was learned from the wrong clock is no burden.
        portal.clock.advance(30);
        assert!(signs_in(&portal, &shown(portal.clock.now())).await, "the next, after {off} s");
    }
}

#[tokio::test]
async fn a_code_given_under_a_wrong_clock_is_not_needed_again() {
    for off in STEPS {
        let portal = Portal::open().await;
        portal.registered("m@example.com", "AVT000000001").await;
        let code = shown(portal.clock.now());
        portal.clock.advance(off);
        let taken = signs_in(&portal, &code).await;
        assert!(!taken || off.abs() <= 30, "{off} s off");
        portal.clock.advance(-off);
        let again = signs_in(&portal, &code).await;
        assert_eq!(again, !taken, "{off} s off: once, under one clock or the other");
        portal.clock.advance(60);
        assert!(signs_in(&portal, &shown(portal.clock.now())).await, "after {off} s");
    }
}

#[tokio::test]
async fn two_nodes_whose_clocks_differ_take_a_code_once() {
    for off in STEPS {
        let portal = Portal::open().await;
        portal.registered("m@example.com", "AVT000000001").await;
        let other = node(&portal, off);
        for _ in 0..6 {
            let code = shown(portal.clock.now());
            let mut taken = 0;
            for node in [&other, &portal, &other, &portal] {
                taken += usize::from(signs_in(node, &code).await);
            }
            assert_eq!(taken, 1, "{off} s apart");
            portal.clock.advance(60);
            other.clock.advance(60);
        }
    }
}
