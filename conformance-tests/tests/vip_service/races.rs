//! One code, 32 at once, two nodes on PostgreSQL: one success, whether the service keeps count or says yes to all.

use std::sync::Arc;

use conformance_tests::backend::Backend;
use countersign_vip_services::simulator::rule::Rule;
use tokio::task::JoinSet;

use crate::desk::{Desk, Judge, Said, said};

conformance_tests::on_both_databases!(one_of_32_uses_of_a_code_wins);

async fn one_of_32_uses_of_a_code_wins(backend: Backend) {
    let mut desk = Desk::open(backend, Judge::VipService);
    if backend == Backend::Postgres {
        desk.cast.house.start_server();
    }
    let nodes = desk.cast.house.bases.len();
    let rounds = if std::env::var("COUNTERSIGN_TEST_RACES").is_ok_and(|how| how == "few") { 2 } else { 25 };
    for round in 0..2 * rounds {
        let mut human = desk.enrolled(&format!("race{round}@vip.test")).await;
        if round >= rounds {
            desk.tenant.order(Rule {
                operation: Some("AuthenticateUser".into()),
                status: Some("0000".into()),
                credential_id: human.token.as_ref().map(|token| token.credential_id.clone()),
                credential_type: Some("STANDARD_OTP".into()),
                ..Rule::default()
            });
        }
        let mut waiting = Vec::new();
        for at in 0..32 {
            let (browser, page, _) = desk.at_vip(&human, at % nodes).await;
            waiting.push((browser, page));
        }
        let code = human.token.as_mut().unwrap().code();
        let gate = Arc::new(tokio::sync::Barrier::new(waiting.len()));
        let mut running = JoinSet::new();
        for (mut browser, page) in waiting {
            let (gate, code) = (gate.clone(), code.clone());
            running.spawn(async move {
                gate.wait().await;
                said(&browser.submit(&page, &[("code", &code)]).await)
            });
        }
        let ends = running.join_all().await;
        let won = ends.iter().filter(|end| **end == Said::In).count();
        assert_eq!(won, 1, "round {round}: {ends:?}");
        desk.tenant.forget_rules();
    }
}
