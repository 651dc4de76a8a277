//! From the New User page, or Forgot password, to the session.

use countersign_identity::Level;
use countersign_identity::administration::{AccountName, Import};
use countersign_identity::factor::{NewPasswordOutcome, PasswordOutcome, RegistrationOutcome, VipOutcome};
use countersign_identity::journey::Step;
use countersign_identity::mail::Mail;
use countersign_identity::mail_request::Reason;
use countersign_identity::sign_in::{Advance, Found};

use crate::portal::*;

#[tokio::test]
async fn the_guide_from_new_user_to_the_first_session() {
    let portal = Portal::open().await;
    portal.add("new@example.com", &["mss:acme"]).await;
    portal.assign("AVT333666999", "time", "new@example.com").await;

    let temporary = portal.temporary("New@Example.com", Reason::NewUser).await;
    let outcome = portal.password("new@example.com", &format!(" {temporary} "), BROWSER).await;
    let PasswordOutcome::Begun { secret, step: Step::NewPassword } = outcome else { panic!("{outcome:?}") };

    assert!(matches!(portal.new_password(&secret, "short").await, NewPasswordOutcome::Refused(_)));
    assert!(matches!(portal.new_password(&secret, &temporary).await, NewPasswordOutcome::Refused(_)));
    let outcome = portal.new_password(&secret, PASSWORD).await;
    assert!(matches!(outcome, NewPasswordOutcome::Advanced(Advance::Step(Step::RegisterCredential))));

    let (one, two) = (portal.code(0), portal.code(1));
    let refused = portal.register(&secret, "AVT333666999", [&one, &one]).await;
    assert!(matches!(refused, RegistrationOutcome::SameCode));
    let refused = portal.register(&secret, "AVT333666999", [&two, &one]).await;
    assert!(matches!(refused, RegistrationOutcome::Refused));
    let outcome = portal.register(&secret, "avt 333-666 999", [&one, &two]).await;
    let RegistrationOutcome::Advanced(Advance::Finished(started)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(portal.level(&started).await, Level::Vip);

    // The form again: the same cookie, no second session.
    match portal.identity.sign_in(Some(&secret.text()), BROWSER, &portal.demand()).await.unwrap() {
        Found::Finished(again) => assert_eq!(again.secret.text(), started.secret.text()),
        other => panic!("{other:?}"),
    }
    // Both codes are consumed.
    let at_vip = portal.at_vip("new@example.com").await;
    assert!(matches!(portal.vip(&at_vip, &one, None).await, VipOutcome::Used { .. }));
    assert!(matches!(portal.vip(&at_vip, &two, None).await, VipOutcome::Used { .. }));
}

#[tokio::test]
async fn the_first_use_of_a_temporary_password_ends_the_last_three() {
    let portal = Portal::open().await;
    portal.add("n@example.com", &["deepsight:acme"]).await;
    let mut sent = Vec::new();
    for _ in 0..4 {
        sent.push(portal.temporary("n@example.com", Reason::NewUser).await);
        portal.clock.advance(1);
    }
    assert!(matches!(portal.password("n@example.com", &sent[0], b"other").await, PasswordOutcome::Wrong));
    let secret = begun(portal.password("n@example.com", &sent[1], BROWSER).await);
    for spent in &sent {
        assert!(matches!(portal.password("n@example.com", spent, b"other").await, PasswordOutcome::Wrong));
    }
    // Sent twice by the same browser, it leads to the same enrolment.
    let again = begun(portal.password("n@example.com", &sent[1], BROWSER).await);
    assert_eq!(again.text(), secret.text());
    assert!(matches!(
        portal.new_password(&secret, PASSWORD).await,
        NewPasswordOutcome::Advanced(Advance::Finished(_))
    ));
}

#[tokio::test]
async fn a_temporary_password_expires() {
    let portal = Portal::open().await;
    portal.add("n@example.com", &["deepsight:acme"]).await;
    let temporary = portal.temporary("n@example.com", Reason::NewUser).await;
    portal.clock.advance(60 * 60);
    assert!(matches!(portal.password("n@example.com", &temporary, BROWSER).await, PasswordOutcome::Wrong));
}

#[tokio::test]
async fn someone_elses_credential_reads_as_wrong() {
    let portal = Portal::open().await;
    portal.add("a@example.com", &["mss:acme"]).await;
    portal.add("b@example.com", &["mss:acme"]).await;
    portal.assign("AVT000000001", "time", "b@example.com").await;
    let temporary = portal.temporary("a@example.com", Reason::NewUser).await;
    let secret = begun(portal.password("a@example.com", &temporary, BROWSER).await);
    portal.new_password(&secret, PASSWORD).await;
    let (one, two) = (portal.code(0), portal.code(1));
    for id in ["AVT000000001", "AVT999999999", "nonsense"] {
        assert!(matches!(portal.register(&secret, id, [&one, &two]).await, RegistrationOutcome::Refused));
    }
    assert_eq!(portal.identity.credential("AVT000000001").await.unwrap().failures, 0);
}

#[tokio::test]
async fn a_reset_proves_the_credential_before_it_changes_the_password() {
    let portal = Portal::open().await;
    portal.registered("m@example.com", "AVT000000001").await;
    let temporary = portal.temporary("m@example.com", Reason::ForgotPassword).await;
    let outcome = portal.password("m@example.com", &temporary, BROWSER).await;
    let PasswordOutcome::Begun { secret, step: Step::Vip { .. } } = outcome else { panic!("{outcome:?}") };
    // Out of order: nothing is set.
    let early = portal.new_password(&secret, "a completely new one 7").await;
    assert!(matches!(early, NewPasswordOutcome::Advanced(Advance::Step(Step::Vip { .. }))));
    let outcome = portal.vip(&secret, &portal.code(0), None).await;
    assert!(matches!(outcome, VipOutcome::Advanced(Advance::Step(Step::NewPassword))));
    let before = portal.outbox.mails().len();
    let outcome = portal.new_password(&secret, "a completely new one 7").await;
    let NewPasswordOutcome::Advanced(Advance::Finished(started)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(portal.level(&started).await, Level::Vip);
    let announced = |mail: &Mail| mail.subject.contains("was changed").then(|| mail.to.clone());
    assert_eq!(portal.wait(before, announced).await, "m@example.com");
    assert!(matches!(portal.password("m@example.com", PASSWORD, BROWSER).await, PasswordOutcome::Wrong));
}

#[tokio::test]
async fn a_link_added_later_asks_for_the_credential_and_mails_the_way_to_register_it() {
    let portal = Portal::open().await;
    portal.add("d@example.com", &["deepsight:acme"]).await;
    portal.enrolled("d@example.com").await;
    let PasswordOutcome::Finished(started) = portal.password("d@example.com", PASSWORD, BROWSER).await else {
        panic!("not signed in")
    };
    let who = portal.identity.session(Some(&started.secret.text())).await.unwrap().unwrap();
    assert_eq!(who.profile().required(&portal.identity.settings().services), Level::Password);
    portal.identity.link("d@example.com", &AccountName::parse("mss:acme").unwrap()).await.unwrap();
    let who = portal.identity.session(Some(&started.secret.text())).await.unwrap().unwrap();
    assert_eq!(who.profile().required(&portal.identity.settings().services), Level::Vip);
    assert_eq!(who.level(), Level::Password);

    let before = portal.outbox.mails().len();
    let outcome = portal.password("d@example.com", PASSWORD, BROWSER).await;
    assert!(matches!(outcome, PasswordOutcome::RegisterFirst), "{outcome:?}");
    let temporary = portal.mailed(before).await;
    portal.assign("AVT000000001", "time", "d@example.com").await;
    let outcome = portal.password("d@example.com", &temporary, BROWSER).await;
    assert!(matches!(outcome, PasswordOutcome::Begun { step: Step::NewPassword, .. }), "{outcome:?}");
}

#[tokio::test]
async fn an_import_with_one_bad_row_imports_nothing_and_names_every_bad_row() {
    let portal = Portal::open().await;
    let seed = hex::encode(SEED);
    let file = format!(
        "credential_id,kind,seed_hex,organization\nAVT000000001,time,{seed},acme\nAVT000000002,time,{seed},nowhere\nbad,time,{seed},\n"
    );
    let report =
        portal.identity.import_credentials(file.as_bytes(), &Import::default(), |_| {}).await.unwrap();
    assert_eq!((report.rows, report.imported, report.errors.len()), (3, 0, 2), "{report:?}");
    assert!(portal.identity.credentials("", 10).await.unwrap().is_empty());
    assert!(!format!("{report:?}").contains(&seed));
}
