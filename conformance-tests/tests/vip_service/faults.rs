//! The service stopped, slow, garbled, or not who it should be: a clear page, nobody at level `vip`, and everything
//! else goes on.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use conformance_tests::place::Scratch;
use countersign_vip_services::simulator::certificates::Certificates;
use countersign_vip_services::simulator::rule::{Fault, Rule};

use crate::desk::{Desk, Judge, Said, said};

conformance_tests::on_both_databases!(
    no_answer_is_no_sign_in,
    certificates_that_do_not_match_are_an_operators_business,
    a_registration_whose_answer_was_lost_is_made_good,
);

async fn asked(desk: &Desk, human: &mut Human, what: &str, expected: Said) {
    let (mut browser, page, _) = desk.at_vip(human, 0).await;
    let code = human.token.as_mut().unwrap().code();
    let landing = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(said(&landing), expected, "{what}");
    let next = browser.visit(&desk.cast.mss.begin(&[("prompt", "none")]).url).await.away();
    assert!(next.query().unwrap_or_default().contains("error="), "{what}: {next}");
}

async fn no_answer_is_no_sign_in(backend: Backend) {
    let mut desk = Desk::open(backend, Judge::VipService);
    let mut human = desk.enrolled("fault@vip.test").await;
    let mut deepsight = desk.cast.enrolled("intelligence@vip.test", &["deepsight:acme"]).await;
    for fault in Fault::ALL {
        desk.tenant.order(Rule { fault: Some(fault), times: Some(1), ..Rule::default() });
        let before = desk.tenant.seen().len();
        asked(&desk, &mut human, &format!("{fault:?}"), Said::Unavailable).await;
        assert_eq!(desk.tenant.seen().len(), before + 1, "{fault:?}: it is asked once");
    }
    // More of them than lock a credential: nobody was locked out by what was not their doing.
    desk.signs_in(&mut human, "after the faults").await;
    desk.tenant.order(Rule { delay_ms: 6_000, times: Some(1), ..Rule::default() });
    let slow = asked(&desk, &mut human, "slow", Said::Unavailable);
    let meanwhile = desk.deepsight_goes_on(&mut deepsight, 0);
    tokio::join!(slow, meanwhile);
    desk.signs_in(&mut human, "after it was slow").await;
    let newcomer = desk.provision("newcomer@vip.test");
    desk.stop().await;
    asked(&desk, &mut human, "stopped", Said::Unavailable).await;
    desk.deepsight_goes_on(&mut deepsight, 0).await;
    let (mut browser, mut page) = desk.at_registration(&newcomer, 0).await;
    let token = newcomer.token.as_ref().unwrap();
    let (first, second) = (token.peek(1), token.peek(2));
    let typed = [("credential_id", token.credential_id.as_str()), ("code1", &first), ("code2", &second)];
    for _ in 0..12 {
        let landing = browser.submit(&page, &typed).await;
        assert_eq!(said(&landing), Said::Unavailable, "registering");
        page = landing.at("/login/register-credential");
    }
    desk.restart();
    assert_eq!(browser.submit(&page, &typed).await.page().path(), "/", "the enrolment goes on");
    desk.signs_in(&mut human, "after it came back").await;
}

async fn certificates_that_do_not_match_are_an_operators_business(backend: Backend) {
    let mut desk = Desk::open(backend, Judge::VipService);
    let mut human = desk.enrolled("certificate@vip.test").await;
    let mut deepsight = desk.cast.enrolled("public@vip.test", &["deepsight:acme"]).await;
    let elsewhere = Scratch::new();
    let strange = Certificates::in_directory(elsewhere.path(), None).unwrap();
    let ours = desk.certificates.clone();
    let seen = desk.tenant.seen().len();
    // Read when a server starts: the first goes on with the right ones.
    let saved: Vec<Vec<u8>> =
        [&ours.client, &ours.client_key].iter().map(|path| std::fs::read(path).unwrap()).collect();
    std::fs::copy(&strange.client, &ours.client).unwrap();
    std::fs::copy(&strange.client_key, &ours.client_key).unwrap();
    desk.cast.house.start_server();
    std::fs::write(&ours.client, &saved[0]).unwrap();
    std::fs::write(&ours.client_key, &saved[1]).unwrap();
    std::fs::copy(&strange.ca, &ours.ca).unwrap();
    desk.cast.house.start_server();
    for (node, whose) in [(1, "the client's certificate"), (2, "the server's certificate")] {
        let (mut browser, page, _) = desk.at_vip(&human, node).await;
        let code = human.token.as_mut().unwrap().code();
        let landing = browser.submit(&page, &[("code", &code)]).await;
        assert_eq!(said(&landing), Said::Misconfigured, "{whose}");
        desk.deepsight_goes_on(&mut deepsight, node).await;
        let log = desk.cast.house.servers[node].log();
        assert!(log.contains("TLS failed") && log.contains("ERROR"), "{whose}: {log}");
        assert!(!log.contains(&code), "{whose}: the code is in the log");
    }
    assert_eq!(desk.tenant.seen().len(), seen, "no code reached the service");
    desk.signs_in(&mut human, "by the node that is set up rightly").await;
}

/// The service bound the token, and its answer never came: the next try finds it bound, and proves it by two codes.
async fn a_registration_whose_answer_was_lost_is_made_good(backend: Backend) {
    let desk = Desk::open(backend, Judge::VipService);
    let mut human = desk.provision("lost@vip.test");
    let (mut browser, page) = desk.at_registration(&human, 0).await;
    desk.tenant.order(Rule {
        operation: Some("AddCredential".into()),
        fault: Some(Fault::Garbled),
        times: Some(1),
        ..Rule::default()
    });
    let fields = human.fields(&page);
    let typed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let landing = browser.submit(&page, &typed).await;
    assert_eq!(said(&landing), Said::Unavailable);
    let page = landing.at("/login/register-credential");
    let landing = browser.submit(&page, &typed).await;
    assert_eq!(said(&landing), Said::Wrong, "the same codes once more");
    let page = landing.at("/login/register-credential");
    let fields = human.fields(&page);
    let typed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let end = browser.submit(&page, &typed).await.page();
    assert_eq!(end.path(), "/", "{:?}", end.problem);
    desk.signs_in(&mut human, "after all").await;
}
