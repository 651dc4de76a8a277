//! The sign-in of every day: passwords, codes, accounts, sessions.

use countersign_identity::Level;
use countersign_identity::administration::{Because, Change};
use countersign_identity::factor::{Attempt, PasswordOutcome, VipOutcome};
use countersign_identity::journey::{Demand, Step};
use countersign_identity::sign_in::{Advance, Found};
use std::sync::Arc;
use std::time::Duration;

use crate::portal::*;

#[tokio::test]
async fn a_deepsight_person_needs_a_password_and_nothing_else() {
    let portal = Portal::open().await;
    portal.add("d@example.com", &["deepsight:acme"]).await;
    portal.enrolled("d@example.com").await;
    let outcome = portal.password("D@EXAMPLE.COM", PASSWORD, BROWSER).await;
    let PasswordOutcome::Finished(started) = outcome else { panic!("{outcome:?}") };
    assert_eq!(portal.level(&started).await, Level::Password);
    assert!(matches!(portal.password("d@example.com", "wrong", BROWSER).await, PasswordOutcome::Wrong));
    assert!(matches!(portal.password("nobody@example.com", PASSWORD, BROWSER).await, PasswordOutcome::Wrong));
}

#[tokio::test]
async fn the_daily_sign_in_takes_each_code_once_and_forward_only() {
    let portal = Portal::open().await;
    portal.registered("m@example.com", "AVT000000001").await;
    let first = portal.at_vip("m@example.com").await;
    assert!(matches!(portal.vip(&first, "000000", None).await, VipOutcome::Wrong { .. }));
    let code = portal.code(0);
    let outcome = portal.vip(&first, &code, None).await;
    let VipOutcome::Advanced(Advance::Finished(started)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(portal.level(&started).await, Level::Vip);
    let second = portal.at_vip("m@example.com").await;
    assert!(matches!(portal.vip(&second, &code, None).await, VipOutcome::Used { .. }));
    assert!(matches!(portal.vip(&second, &portal.code(-1), None).await, VipOutcome::Used { .. }));
    portal.clock.advance(30);
    assert!(matches!(portal.vip(&second, &portal.code(0), None).await, VipOutcome::Advanced(_)));
}

#[tokio::test]
async fn a_token_out_of_step_is_brought_in_step_by_two_codes() {
    let portal = Portal::open().await;
    portal.registered("m@example.com", "AVT000000001").await;
    let secret = portal.at_vip("m@example.com").await;
    let (late, next) = (portal.code(20), portal.code(21));
    assert!(matches!(portal.vip(&secret, &late, None).await, VipOutcome::OutOfStep));
    assert_eq!(portal.current(&secret).await.step(), Some(Step::Vip { resync: true }));
    assert!(matches!(portal.vip(&secret, &next, Some(&late)).await, VipOutcome::Wrong { .. }));
    assert!(matches!(
        portal.vip(&secret, &late, Some(&next)).await,
        VipOutcome::Advanced(Advance::Finished(_))
    ));
    // The drift is learned: the next of its codes is right at once.
    let secret = portal.at_vip("m@example.com").await;
    portal.clock.advance(60);
    assert!(matches!(portal.vip(&secret, &portal.code(20), None).await, VipOutcome::Advanced(_)));
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_credential_and_unlocking_helps() {
    let portal = Portal::open().await;
    portal.registered("m@example.com", "AVT000000001").await;
    let secret = portal.at_vip("m@example.com").await;
    for n in 1..=10 {
        let outcome = portal.vip(&secret, "000000", None).await;
        assert!(if n < 10 {
            matches!(outcome, VipOutcome::Wrong { .. })
        } else {
            matches!(outcome, VipOutcome::Locked)
        });
    }
    assert_eq!(portal.current(&secret).await.step(), Some(Step::Locked));
    let outcome = portal.password("m@example.com", PASSWORD, BROWSER).await;
    assert!(matches!(outcome, PasswordOutcome::Begun { step: Step::Locked, .. }));
    portal.identity.change_credential("AVT000000001", Change::Unlock, &Because::default()).await.unwrap();
    assert!(matches!(portal.vip(&secret, &portal.code(0), None).await, VipOutcome::Advanced(_)));
}

#[tokio::test]
async fn two_hundred_parallel_guesses_are_evaluated_ten_times_at_most() {
    let portal = Arc::new(Portal::open().await);
    portal.registered("m@example.com", "AVT000000001").await;
    let secret = portal.at_vip("m@example.com").await;
    let guesses = (0..200).map(|_| {
        let (portal, secret) = (portal.clone(), secret.clone());
        tokio::spawn(async move {
            let current = portal.current(&secret).await;
            if current.step() == Some(Step::Locked) {
                return VipOutcome::Locked;
            }
            portal.identity.vip(&current, ("000000", None), None, &portal.demand()).await.unwrap()
        })
    });
    let mut wrong = 0;
    for guess in guesses.collect::<Vec<_>>() {
        wrong += usize::from(matches!(guess.await.unwrap(), VipOutcome::Wrong { .. }));
    }
    assert!(wrong < 10, "{wrong}");
    assert_eq!(portal.identity.credential("AVT000000001").await.unwrap().state, "locked");
}

#[tokio::test]
async fn one_code_signs_one_in_of_thirty_two() {
    let portal = Arc::new(Portal::open().await);
    portal.registered("m@example.com", "AVT000000001").await;
    let mut secrets = Vec::new();
    for _ in 0..32 {
        secrets.push(portal.at_vip("m@example.com").await);
    }
    portal.identity.change_credential("AVT000000001", Change::Unlock, &Because::default()).await.unwrap_err();
    let code = portal.code(0);
    let uses: Vec<_> = secrets
        .into_iter()
        .map(|secret| {
            let (portal, code) = (portal.clone(), code.clone());
            tokio::spawn(async move {
                let current = portal.current(&secret).await;
                portal.identity.vip(&current, (&code, None), None, &portal.demand()).await.unwrap()
            })
        })
        .collect();
    let mut won = 0;
    for outcome in uses {
        won += usize::from(matches!(outcome.await.unwrap(), VipOutcome::Advanced(Advance::Finished(_))));
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn two_accounts_are_chosen_from_and_no_others() {
    let portal = Portal::open().await;
    portal.add("two@example.com", &["deepsight:acme", "deepsight:globex"]).await;
    portal.enrolled("two@example.com").await;
    let demand = Demand { service: Some("deepsight".into()), ..portal.demand() };
    let attempt = Attempt {
        email: "two@example.com",
        password: PASSWORD.to_owned().into(),
        browser: BROWSER,
        known: None,
        network: "192.0.2.7".parse().unwrap(),
        before: None,
    };
    let outcome = portal.identity.password(attempt, &demand).await.unwrap();
    let PasswordOutcome::Begun { secret, step: Step::Accounts } = outcome else { panic!("{outcome:?}") };
    let Found::Current(current) =
        portal.identity.sign_in(Some(&secret.text()), BROWSER, &demand).await.unwrap()
    else {
        panic!("no sign-in")
    };
    assert!(portal.identity.choose_account(&current, None, &demand, "not mine").await.unwrap().is_none());
    let mine = current.profile().accounts[1].id.clone();
    let chosen = portal.identity.choose_account(&current, None, &demand, &mine).await.unwrap();
    let Some(Advance::Finished(started)) = chosen else { panic!("{chosen:?}") };
    let who = portal.identity.session(Some(&started.secret.text())).await.unwrap().unwrap();
    let choice = portal.identity.chosen_account(&who, "deepsight").await.unwrap();
    assert_eq!(choice.map(|(id, _)| id), Some(mine));
}

#[tokio::test]
async fn sessions_end_when_idle_and_in_the_end() {
    let portal = Portal::open().await;
    portal.add("d@example.com", &["deepsight:acme"]).await;
    portal.enrolled("d@example.com").await;
    let PasswordOutcome::Finished(started) = portal.password("d@example.com", PASSWORD, BROWSER).await else {
        panic!("not signed in")
    };
    let cookie = started.secret.text();
    for _ in 0..12 {
        portal.clock.advance(59 * 60);
        let live = portal.identity.session(Some(&cookie)).await.unwrap();
        assert!(live.is_some());
        // The use is noted in the background.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    portal.clock.advance(15 * 60);
    assert!(portal.identity.session(Some(&cookie)).await.unwrap().is_none(), "twelve hours are over");
}

#[tokio::test]
async fn guessing_at_an_address_is_slowed_and_a_known_browser_is_not_kept_out() {
    let portal = Portal::open().await;
    portal.add("d@example.com", &["deepsight:acme"]).await;
    portal.enrolled("d@example.com").await;
    let mut refused = 0;
    for _ in 0..60 {
        let outcome = portal.password("d@example.com", "a wrong guess", b"attacker").await;
        refused += usize::from(matches!(outcome, PasswordOutcome::Throttled(_)));
    }
    assert_eq!(refused, 10, "a burst of fifty is let through");
    let known = portal.identity.known_browser("d@example.com");
    let attempt = Attempt {
        email: "d@example.com",
        password: PASSWORD.to_owned().into(),
        browser: BROWSER,
        known: Some(&known),
        network: "192.0.2.7".parse().unwrap(),
        before: None,
    };
    let outcome = portal.identity.password(attempt, &portal.demand()).await.unwrap();
    assert!(matches!(outcome, PasswordOutcome::Finished(_)), "{outcome:?}");
}
