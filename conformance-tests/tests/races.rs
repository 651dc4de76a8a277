//! Exactly one of many wins: codes, refresh tokens, security codes, temporary passwords and assertions, used at once; on
//! PostgreSQL, through two servers. `COUNTERSIGN_TEST_RACES=few` runs each a tenth as often.

use std::future::Future;

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::Answer;
use countersign_provider::token::client_assertion::{Assertion, spend};
use countersign_store::grant::{self, Grant};
use countersign_store::session::{self, Session};
use countersign_store::{Store, person, secret, session_client};
use tokio::task::JoinSet;

conformance_tests::on_both_databases!(
    one_of_64_redemptions_wins,
    one_of_64_refreshes_wins,
    one_of_32_uses_of_a_security_code_wins,
    one_of_32_uses_of_a_temporary_password_wins,
    one_of_32_uses_of_an_assertion_wins,
    nothing_outlives_a_session_that_is_being_ended,
);

fn rounds(full: usize) -> usize {
    if std::env::var("COUNTERSIGN_TEST_RACES").is_ok_and(|how| how == "few") { full / 10 } else { full }
}

/// A house with one server on SQLite and two on PostgreSQL.
fn cast(backend: Backend) -> Cast {
    let mut house = House::serve(backend);
    if backend == Backend::Postgres {
        house.start_server();
    }
    Cast::new(house)
}

/// Runs all at once and returns what they return.
async fn at_once<T: Send + 'static>(
    all: impl ExactSizeIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let gate = std::sync::Arc::new(tokio::sync::Barrier::new(all.len()));
    let mut running = JoinSet::new();
    for one in all {
        let gate = std::sync::Arc::clone(&gate);
        running.spawn(async move {
            gate.wait().await;
            one.await
        });
    }
    running.join_all().await
}

fn one_wins(answers: &[Answer], round: usize) {
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.error() == "invalid_grant").count();
    let others: Vec<_> =
        answers.iter().filter(|answer| answer.status != 200 && answer.error() != "invalid_grant").collect();
    assert_eq!((won, refused), (1, answers.len() - 1), "round {round}: {others:?}");
}

async fn one_of_64_redemptions_wins(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("redeem@race.test", &["deepsight:acme"]).await;
    let mut browser = cast.house.person();
    for round in 0..rounds(100) {
        let (away, attempt) = human.sign_in(&mut browser, &cast.deepsight, &[]).await;
        let code = cast.deepsight.code(&away, &attempt).unwrap();
        let all = (0..64).map(|at| {
            let party = cast.deepsight.through(&cast.house.bases[at % cast.house.bases.len()]);
            let (code, verifier) = (code.clone(), attempt.verifier.clone());
            async move { party.redeem(&code, &verifier).await }
        });
        one_wins(&at_once(all).await, round);
    }
}

async fn one_of_64_refreshes_wins(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("refresh@race.test", &["deepsight:acme"]).await;
    let mut browser = cast.house.person();
    for round in 0..rounds(100) {
        let (away, attempt) = human.sign_in(&mut browser, &cast.deepsight, &[]).await;
        let (tokens, _) = cast.deepsight.tokens(&away, &attempt).await;
        let all = (0..64).map(|at| {
            let party = cast.deepsight.through(&cast.house.bases[at % cast.house.bases.len()]);
            let token = tokens.text("refresh_token").to_owned();
            async move { party.refresh(&token).await }
        });
        one_wins(&at_once(all).await, round);
    }
}

async fn one_of_32_uses_of_a_security_code_wins(backend: Backend) {
    let cast = cast(backend);
    for round in 0..rounds(50) {
        let mut human = cast.enrolled(&format!("code{round}@race.test"), &["mss:acme"]).await;
        let mut waiting = Vec::new();
        for at in 0..32 {
            let mut browser = cast.house.person_at(at % cast.house.bases.len());
            let landing = browser.visit(&cast.mss.begin(&[]).url).await;
            let login = landing.at("/login");
            let page =
                browser.submit(&login, &[("email", &human.email), ("password", &human.password)]).await;
            waiting.push((browser, page.at("/login/vip")));
        }
        let code = human.token.as_mut().unwrap().code();
        let all = waiting.into_iter().map(|(mut browser, page)| {
            let code = code.clone();
            async move { browser.submit(&page, &[("code", &code)]).await }
        });
        let won = at_once(all).await.iter().filter(|landing| matches!(landing, Landing::Away(_))).count();
        assert_eq!(won, 1, "round {round}");
    }
}

async fn one_of_32_uses_of_a_temporary_password_wins(backend: Backend) {
    let cast = cast(backend);
    for round in 0..rounds(50) {
        let human = cast.provision(&format!("temporary{round}@race.test"), &["deepsight:acme"]);
        let temporary = cast.temporary_password(&mut cast.house.person(), &human.email).await;
        let mut waiting = Vec::new();
        for at in 0..32 {
            let mut browser: Person = cast.house.person_at(at % cast.house.bases.len());
            let page = browser.open("/login").await.at("/login");
            waiting.push((browser, page));
        }
        let all = waiting.into_iter().map(|(mut browser, page)| {
            let (email, temporary) = (human.email.clone(), temporary.clone());
            async move { browser.submit(&page, &[("email", &email), ("password", &temporary)]).await.page() }
        });
        let ends = at_once(all).await;
        let won = ends.iter().filter(|page| page.path() == "/login/new-password").count();
        let statuses: Vec<u16> = ends.iter().map(|page| page.status).collect();
        assert_eq!(won, 1, "round {round}: {statuses:?}");
    }
}

async fn one_of_32_uses_of_an_assertion_wins(backend: Backend) {
    let cast = cast(backend);
    let url = cast.house.database_url();
    let first = Store::open(url).await.unwrap();
    let second = if backend == Backend::Postgres { Store::open(url).await.unwrap() } else { first.clone() };
    let nodes = [first, second];
    for round in 0..rounds(500) {
        let all = (0..32).map(|at| {
            let (node, client) = (nodes[at % 2].clone(), cast.portal.id.clone());
            let assertion = Assertion { jti: format!("jti-{round}"), exp: 1_800_000_000 };
            async move { spend(&node, &client, &assertion).await.unwrap() }
        });
        let won = at_once(all).await.into_iter().filter(|won| *won).count();
        assert_eq!(won, 1, "round {round}");
    }
}

/// Neither a grant nor the news for a client slips through while the session it stands on is being ended.
async fn nothing_outlives_a_session_that_is_being_ended(backend: Backend) {
    // No server: its jobs would tell the clients before they are counted.
    let cast = Cast::new(House::build(backend, "https://login.example.test", ""));
    let human = cast.provision("ending@race.test", &["deepsight:acme"]);
    let url = cast.house.database_url();
    let first = Store::open(url).await.unwrap();
    let second = if backend == Backend::Postgres { Store::open(url).await.unwrap() } else { first.clone() };
    let nodes = [first, second];
    let person_id = person::find_by_key(nodes[0].read(), &human.email).await.unwrap().unwrap().person.id;
    let (mut before, mut after) = (0, 0);
    for round in 0..rounds(200) {
        let session = live_session(&person_id);
        let (id, begun) = (session.id.clone(), session.clone());
        nodes[0].write(move |tx| Box::pin(async move { session::insert(tx, begun).await })).await.unwrap();
        let all = (0..8).map(|at| {
            let (node, grant, ends) = (nodes[at % 2].clone(), grant_in(&session, &cast.portal.id), at == 4);
            async move {
                let grant_id = grant.id.clone();
                let recorded = node.write(move |tx| {
                    Box::pin(async move {
                        if ends {
                            session::end(tx, &grant.session_id, 2).await?;
                            grant::revoke_of_session(tx, &grant.session_id, 2).await?;
                            return Ok(false);
                        }
                        let (session_id, client, person) =
                            (grant.session_id.clone(), grant.client_id.clone(), grant.person_id.clone());
                        let recorded = grant::insert(tx, grant).await?;
                        session_client::join(tx, &session_id, &client, &person, 1).await?;
                        Ok(recorded)
                    })
                });
                (grant_id, recorded.await.unwrap())
            }
        });
        for (grant_id, recorded) in at_once(all).await {
            let found = grant::find(nodes[0].read(), &grant_id).await.unwrap();
            assert_eq!(found.is_some(), recorded, "round {round}");
            assert!(
                found.is_none_or(|found| found.grant.revoked_at.is_some()),
                "round {round}: a grant stands"
            );
            *if recorded { &mut before } else { &mut after } += 1;
        }
        let clients = session_client::due(nodes[0].read(), 2, 10_000).await.unwrap();
        let told = clients.iter().filter(|row| row.session_id == id && row.ended_at == Some(2)).count();
        assert_eq!(told, 1, "round {round}: the client is not told");
    }
    // The session's end came in the middle, or this shows nothing.
    assert!(before > 0 && after > rounds(200), "{before} before and {after} after the end");
}

fn live_session(person_id: &str) -> Session {
    let id = secret::id();
    Session {
        digest: id.clone().into_bytes(),
        id,
        person_id: person_id.to_owned(),
        password_at: 0,
        vip_at: None,
        vip_credential_id: None,
        bridged_until: None,
        auth_time: 0,
        created_at: 0,
        seen_at: 0,
        expires_at: i64::MAX,
        ended_at: None,
    }
}

fn grant_in(session: &Session, client_id: &str) -> Grant {
    let id = secret::id();
    Grant {
        code_digest: id.clone().into_bytes(),
        id,
        code_expires_at: 60,
        code_spent_at: None,
        client_id: client_id.to_owned(),
        person_id: session.person_id.clone(),
        session_id: session.id.clone(),
        redirect_uri: "https://app.example/cb".to_owned(),
        scope: "openid".to_owned(),
        nonce: None,
        code_challenge: String::new(),
        level: "password".to_owned(),
        acr: "password".to_owned(),
        essential_acr: None,
        bridged_until: None,
        auth_time: 0,
        account_id: None,
        claims: None,
        generation: 0,
        refreshed_at: None,
        created_at: 0,
        expires_at: 60,
        revoked_at: None,
    }
}
