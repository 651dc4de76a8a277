//! A token that is no longer its holder's here is not theirs at the service either; and where the service cannot be
//! told, what counts here has been done all the same, and the command says what is left to do.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use conformance_tests::token::Token;
use serde_json::Value;

use crate::desk::{Desk, Judge};

conformance_tests::on_both_databases!(
    a_token_that_ends_here_ends_at_the_service,
    a_service_that_cannot_be_told_keeps_nothing_from_being_done,
);

/// What the service has bound to somebody.
fn bound(desk: &Desk, human: &Human) -> Vec<String> {
    let user = desk.cast.house.admin(&["vip-service", "show", &human.email]);
    let ids =
        user["credentials"].as_array().unwrap().iter().map(|row| row["credential_id"].as_str().unwrap());
    ids.map(str::to_owned).collect()
}

fn change(desk: &Desk, arguments: &[&str]) -> Value {
    desk.cast.house.admin(&[&["credential"], arguments].concat())
}

async fn a_token_that_ends_here_ends_at_the_service(backend: Backend) {
    let desk = Desk::open(backend, Judge::VipService);
    for (at, command) in ["unassign", "lost", "retire", "replace"].into_iter().enumerate() {
        let human = desk.enrolled(&format!("leaving{at}@vip.test")).await;
        let id = human.token.as_ref().unwrap().credential_id.clone();
        assert_eq!(bound(&desk, &human), [id.as_str()], "{command}");
        // A lock is for a while: the service is not told.
        assert_eq!(change(&desk, &["lock", &id])["vip_service"], Value::Null);
        assert_eq!(bound(&desk, &human), [id.as_str()], "{command}");
        let by = desk.assign(Token::event(), &human.email).credential_id;
        let arguments = match command {
            "replace" => vec![command, &id, "--by", &by],
            _ => vec![command, &id],
        };
        assert_eq!(change(&desk, &arguments)["vip_service"], "removed", "{command}");
        assert!(bound(&desk, &human).is_empty(), "{command}");
    }
    // Its holder reports it lost.
    let mut human = desk.enrolled("holder@vip.test").await;
    let id = human.token.as_ref().unwrap().credential_id.clone();
    let mut browser = desk.cast.house.person();
    human.sign_in(&mut browser, &desk.cast.mss, &[]).await;
    let page = browser.open(&format!("/account/tokens/lost?id={id}")).await.at("/account/tokens/lost");
    let _ = browser.submit(&page, &[]).await.at("/account/tokens/reported");
    assert!(bound(&desk, &human).is_empty());
    // One that was never registered concerns nobody there.
    let human = desk.provision("never@vip.test");
    let id = human.token.as_ref().unwrap().credential_id.clone();
    assert_eq!(change(&desk, &["retire", &id])["vip_service"], Value::Null);
}

async fn a_service_that_cannot_be_told_keeps_nothing_from_being_done(backend: Backend) {
    let mut desk = Desk::open(backend, Judge::VipService);
    let human = desk.enrolled("untold@vip.test").await;
    let id = human.token.as_ref().unwrap().credential_id.clone();
    desk.stop().await;
    let done = desk.cast.house.run(&["credential", "lost", &id], "");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}");
    assert!(said.contains(&format!("countersign vip-service remove EMAIL {id}")), "{said}");
    assert_eq!(change(&desk, &["show", &id])["state"], "lost");
    desk.restart();
    assert_eq!(bound(&desk, &human), [id.as_str()]);
    desk.cast.house.admin(&["vip-service", "remove", &human.email, &id]);
    assert!(bound(&desk, &human).is_empty());
}
