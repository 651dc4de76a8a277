//! Every status and reason code, and where it leads.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use countersign_vip_services::simulator::rule::Rule;
use countersign_vip_services::status::{REASONS, STATUSES};

use crate::desk::{Desk, Judge, Said, said};

conformance_tests::on_both_databases!(
    every_code_leads_to_its_page,
    a_yes_counts_for_a_token_of_ones_own_alone
);

/// Status, reason, page.
const ROWS: &[(&str, &str, Said)] = &[
    ("6001", "", Said::Misconfigured),
    ("6002", "", Said::Misconfigured),
    ("6003", "", Said::Misconfigured),
    ("6004", "", Said::Misconfigured),
    ("6005", "", Said::Unavailable),
    ("6006", "", Said::Misconfigured),
    ("6007", "", Said::Misconfigured),
    ("6008", "", Said::Misconfigured),
    ("6009", "", Said::Wrong),
    ("600A", "", Said::Misconfigured),
    ("600B", "", Said::Misconfigured),
    ("600E", "", Said::Misconfigured),
    ("6015", "", Said::Unavailable),
    ("601B", "", Said::Locked),
    ("601F", "", Said::Misconfigured),
    ("6020", "", Said::Misconfigured),
    ("6021", "", Said::Misconfigured),
    ("6026", "", Said::Misconfigured),
    ("6040", "", Said::Unavailable),
    ("604A", "", Said::OutOfStep),
    ("7000", "", Said::Unavailable),
    ("7001", "", Said::Unavailable),
    ("7002", "", Said::Unavailable),
    ("7005", "", Said::Unavailable),
    ("6009", "4879", Said::Unavailable),
    ("6009", "4923", Said::OutOfStep),
    ("6009", "4952", Said::Misconfigured),
    ("6009", "4953", Said::Misconfigured),
    ("6009", "4990", Said::Misconfigured),
    ("6009", "4993", Said::Misconfigured),
    ("6009", "4994", Said::Locked),
    ("6009", "4995", Said::Misconfigured),
    ("6009", "4996", Said::Misconfigured),
    ("6009", "4997", Said::Misconfigured),
    ("6009", "49B5", Said::Wrong),
    ("6009", "49F2", Said::Misconfigured),
    ("6009", "4E00", Said::Misconfigured),
    ("6009", "4E01", Said::Unavailable),
    ("6009", "4E02", Said::Misconfigured),
    ("6009", "4E03", Said::Misconfigured),
    ("6009", "4E04", Said::Misconfigured),
    ("6009", "4E0B", Said::Misconfigured),
    ("6009", "4E0D", Said::Misconfigured),
    ("6009", "4E10", Said::Misconfigured),
    ("6009", "4E11", Said::Misconfigured),
    // In words of their own: no code of these, and a success that says why it failed.
    ("6009", "FFFF", Said::Unavailable),
    ("FFFF", "", Said::Unavailable),
    ("0001", "", Said::Unavailable),
    ("0000", "49B5", Said::Unavailable),
];

fn order(status: &str, detail: &str) -> Rule {
    let operation = Some("AuthenticateUser".to_owned());
    let detail = Some(detail.to_owned()).filter(|detail| !detail.is_empty());
    Rule { operation, status: Some(status.to_owned()), detail, times: Some(1), ..Rule::default() }
}

async fn try_code(desk: &Desk, human: &Human, code: &str) -> Said {
    let (mut browser, page, _) = desk.at_vip(human, 0).await;
    let landing = browser.submit(&page, &[("code", code)]).await;
    said(&landing)
}

async fn every_code_leads_to_its_page(backend: Backend) {
    for (code, ..) in STATUSES.iter().filter(|(code, ..)| code.to_string() != "0000") {
        assert!(ROWS.iter().any(|(status, ..)| *status == code.to_string()), "{code} has no row");
    }
    for (code, ..) in REASONS {
        assert!(ROWS.iter().any(|(_, detail, _)| *detail == code.to_string()), "{code} has no row");
    }
    let desk = Desk::open(backend, Judge::VipService);
    let mut human = desk.enrolled("codes@vip.test").await;
    for (at, (status, detail, expected)) in ROWS.iter().enumerate() {
        desk.tenant.order(order(status, detail));
        let code = human.token.as_ref().unwrap().peek(1);
        assert_eq!(try_code(&desk, &human, &code).await, *expected, "{status} {detail}");
        // Now and then: not to be locked by the rows that count as wrong, and nothing that was said lingers.
        if at % 8 == 7 {
            desk.signs_in(&mut human, status).await;
        }
    }
    desk.signs_in(&mut human, "after all of them").await;
    let log = desk.cast.house.servers[0].log();
    assert!(log.contains("vip_request") && log.contains("4E0B"), "the operator reads why");
}

async fn a_yes_counts_for_a_token_of_ones_own_alone(backend: Backend) {
    let desk = Desk::open(backend, Judge::VipService);
    let mut human = desk.enrolled("yes@vip.test").await;
    let other = desk.enrolled("another@vip.test").await.token.unwrap().credential_id;
    let own = human.token.as_ref().unwrap().credential_id.clone();
    for (credential, kind, expected) in [
        (None, None, Said::Wrong),
        (Some(own.as_str()), None, Said::Wrong),
        (None, Some("STANDARD_OTP"), Said::Wrong),
        (Some(own.as_str()), Some("SMS_OTP"), Said::Wrong),
        (Some(own.as_str()), Some("VOICE_OTP"), Said::Wrong),
        (Some(own.as_str()), Some("EMAIL_OTP"), Said::Wrong),
        (Some(other.as_str()), Some("STANDARD_OTP"), Said::Wrong),
        (Some("VSMT00000001"), Some("STANDARD_OTP"), Said::Wrong),
        (Some(own.as_str()), Some("STANDARD_OTP"), Said::In),
    ] {
        let text = |text: Option<&str>| text.map(str::to_owned);
        let rule = Rule { credential_id: text(credential), credential_type: text(kind), ..order("0000", "") };
        desk.tenant.order(rule);
        let code = human.token.as_ref().unwrap().peek(1);
        assert_eq!(try_code(&desk, &human, &code).await, expected, "{credential:?} {kind:?}");
    }
    // That code was said yes to: here it counts no second time, whatever the service says.
    let rule =
        Rule { credential_id: Some(own), credential_type: Some("STANDARD_OTP".into()), ..order("0000", "") };
    desk.tenant.order(rule);
    let code = human.token.as_mut().unwrap().code();
    assert_eq!(try_code(&desk, &human, &code).await, Said::Wrong);
    desk.signs_in(&mut human, "by its own token").await;
}
