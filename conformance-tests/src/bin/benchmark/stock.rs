//! A provider with people in it, on SQLite, and grants in any number.

use std::time::Duration;

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::ISSUER;
use conformance_tests::place::{self, free_ports};
use countersign_store::{Store, grant, person, secret, session};

use crate::load::{CONNECTIONS, Load};
use crate::process::{Process, SERVER_CORE, pinned};
use crate::worker::Worker;

/// Rows that one transaction writes.
const BATCH: usize = 2_000;
/// Grants of one person.
const EACH: usize = 10;

/// A provider and its people.
#[derive(Debug)]
pub struct House {
    /// Its server, on the server's core.
    pub server: Process,
    cast: Cast,
    /// Someone without a credential and someone with one, for each worker.
    people: Vec<(Human, Human)>,
}

impl House {
    /// Sets one up and has its people enrol.
    pub async fn build() -> Self {
        let mut house = conformance_tests::house::House::build(Backend::Sqlite, ISSUER, "");
        let (server, base, _) = start(&house);
        house.bases.push(base);
        let cast = Cast::new(house);
        let mut people = Vec::new();
        for number in 0..CONNECTIONS {
            let reader = cast.enrolled(&format!("reader{number}@example.com"), &["deepsight:acme"]).await;
            let analyst = cast.enrolled(&format!("analyst{number}@example.com"), &["mss:acme"]).await;
            people.push((reader, analyst));
        }
        Self { server, cast, people }
    }

    /// Starts the server anew on the same database, and returns the time to ready.
    pub fn restart(&mut self) -> Duration {
        let (server, base, ready) = start(&self.cast.house);
        // The one before is ended here.
        self.server = server;
        self.cast.house.bases = vec![base];
        ready
    }

    /// Those who will use it.
    pub async fn load(&self) -> Load {
        let mut workers = Vec::new();
        for (reader, analyst) in &self.people {
            let clients = (&self.cast.deepsight, &self.cast.mss);
            workers.push(Worker::new(&self.server.address, (reader, analyst), clients).await);
        }
        Load::new(workers)
    }

    /// Queries and commits so far, as the server counts them.
    pub async fn counted(&self) -> (u64, u64) {
        let url = format!("http://{}/metrics", self.server.address);
        let page = reqwest::get(url).await.expect("the metrics answer").text().await.expect("a text");
        let value = |name: &str| {
            let line = page.lines().find(|line| line.starts_with("countersign_") && line.contains(name));
            let value = line.and_then(|line| line.rsplit(' ').next()?.parse().ok());
            value.unwrap_or_else(|| panic!("no {name} among the metrics:\n{page}"))
        };
        (value("_queries"), value("_commits"))
    }

    /// Writes live grants, each of a session of its own, ten to a person.
    pub async fn fill(&mut self, number: usize) {
        let store = Store::open(self.cast.house.database_url()).await.expect("the database opens");
        let now = self.cast.house.clock.now();
        let client = self.cast.deepsight.clone();
        for _ in 0..number.div_ceil(BATCH) {
            let client = client.clone();
            let batch = store.write(move |tx| {
                Box::pin(async move {
                    for _ in 0..BATCH / EACH {
                        let someone = someone(now);
                        let id = someone.id.clone();
                        person::insert(tx, someone).await?;
                        for _ in 0..EACH {
                            let session = live_session(&id, now);
                            let grant = live_grant(&session, &client.id, &client.redirect_uri);
                            session::insert(tx, session).await?;
                            grant::insert(tx, grant).await?;
                        }
                    }
                    Ok(())
                })
            });
            batch.await.expect("rows are written");
        }
    }
}

fn start(house: &conformance_tests::house::House) -> (Process, String, Duration) {
    let address = format!("127.0.0.1:{}", free_ports(1));
    let mut serve = pinned(SERVER_CORE, place::program());
    serve.arg("serve").arg("--config").arg(house.config()).env("COUNTERSIGN__LISTEN", &address);
    if let Some(directory) = house.config().parent() {
        serve.current_dir(directory);
    }
    let (process, ready) = Process::start(serve, &address, "/readyz", &house.file("log"));
    (process, format!("http://{address}"), ready)
}

fn someone(now: i64) -> person::Person {
    let id = secret::id();
    let email = format!("{id}@example.net");
    person::Person {
        id,
        email_key: email.clone(),
        email,
        name: None,
        language: None,
        password_hash: None,
        password_changed_at: None,
        created_at: now,
        updated_at: now,
        disabled_at: None,
        claims: None,
    }
}

fn live_session(person: &str, now: i64) -> session::Session {
    session::Session {
        id: secret::id(),
        digest: secret::random::<32>().to_vec(),
        person_id: person.to_owned(),
        password_at: now,
        vip_at: None,
        vip_credential_id: None,
        bridged_until: None,
        auth_time: now,
        created_at: now,
        seen_at: now,
        expires_at: now + 12 * 60 * 60,
        ended_at: None,
    }
}

fn live_grant(session: &session::Session, client: &str, redirect_uri: &str) -> grant::Grant {
    let now = session.created_at;
    grant::Grant {
        id: secret::id(),
        code_digest: secret::random::<32>().to_vec(),
        code_expires_at: now + 60,
        code_spent_at: Some(now),
        client_id: client.to_owned(),
        person_id: session.person_id.clone(),
        session_id: session.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scope: "openid email profile organization offline_access".to_owned(),
        nonce: Some(secret::id()),
        code_challenge: "S256:E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM".to_owned(),
        level: "password".to_owned(),
        acr: format!("{ISSUER}/acr/password"),
        essential_acr: None,
        bridged_until: None,
        auth_time: now,
        account_id: None,
        claims: None,
        generation: 3,
        refreshed_at: Some(now),
        created_at: now,
        expires_at: now + 30 * 24 * 60 * 60,
        revoked_at: None,
    }
}
