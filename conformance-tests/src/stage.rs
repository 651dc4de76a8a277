//! The two ways browser tests meet the program: `countersign demo`, which is on SQLite, and `countersign serve`
//! with TLS of its own on PostgreSQL, with applications of these tests and the same sample people.

use std::collections::HashSet;

use serde_json::Value;
use tokio::sync::Mutex;

use crate::app::App;
use crate::backend::Backend;
use crate::browser::Browser;
use crate::cast::{Cast, Human};
use crate::house::House;
use crate::mails::Mails;
use crate::place::{Scratch, free_ports};
use crate::server::{Server, command};

/// A provider, two applications and the sample people.
#[derive(Debug)]
pub struct Stage {
    /// The provider.
    pub issuer: String,
    /// The MSS application.
    pub mss: String,
    /// The DeepSight application.
    pub deepsight: String,
    kind: Kind,
    /// Codes that were shown, so that none is given out twice.
    shown: Mutex<HashSet<String>>,
}

#[derive(Debug)]
enum Kind {
    Demo { _server: Server, _data: Scratch },
    Serve(Box<Served>),
}

#[derive(Debug)]
struct Served {
    cast: Cast,
    humans: Mutex<Vec<Human>>,
    _apps: [App; 2],
}

/// The password of the sample people that have one.
pub const SAMPLE_PASSWORD: &str = "amber otter 42 lagoon";

/// The sample people: address, accounts, whether they have enrolled.
const SAMPLES: [(&str, &[&str], bool); 6] = [
    ("deepsight@example.com", &["deepsight:acme"], true),
    ("mss@example.com", &["mss:acme"], true),
    ("both@example.com", &["mss:acme", "deepsight:acme"], true),
    ("multi@example.com", &["mss:acme", "mss:globex"], true),
    ("new-mss@example.com", &["mss:acme"], false),
    ("new-deepsight@example.com", &["deepsight:acme"], false),
];

impl Stage {
    /// Opens the one that is on that database.
    pub async fn open(backend: Backend) -> Self {
        match backend {
            Backend::Sqlite => Self::demo(),
            Backend::Postgres => Self::serve(backend).await,
        }
    }

    /// `countersign demo`.
    #[must_use]
    pub fn demo() -> Self {
        let data = Scratch::new();
        let port = free_ports(3);
        let [issuer, mss, deepsight] = [0, 1, 2].map(|next| format!("http://127.0.0.1:{}", port + next));
        let mut demo = command();
        demo.args(["demo", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data.path());
        demo.current_dir(data.path());
        let server = Server::start(demo, &issuer);
        let kind = Kind::Demo { _server: server, _data: data };
        Self { issuer, mss, deepsight, kind, shown: Mutex::default() }
    }

    /// `countersign serve`: one node behind a proxy, one with TLS of its own.
    pub async fn serve(backend: Backend) -> Self {
        let cast = Cast::new(House::serve_tls(backend));
        let issuer = cast.house.issuer.clone();
        let mut humans = Vec::new();
        for (email, accounts, enrolled) in SAMPLES {
            let mut human = cast.provision(email, accounts);
            human.password = SAMPLE_PASSWORD.to_owned();
            if enrolled {
                cast.enrol(&mut human).await;
            }
            humans.push(human);
        }
        let apps =
            [App::start(&cast.house, "mss", &[]).await, App::start(&cast.house, "deepsight", &[]).await];
        let [mss, deepsight] = [&apps[0], &apps[1]].map(|app| app.base.clone());
        let kind = Kind::Serve(Box::new(Served { cast, humans: Mutex::new(humans), _apps: apps }));
        Self { issuer, mss, deepsight, kind, shown: Mutex::default() }
    }

    /// The house and its clients.
    ///
    /// # Panics
    /// In the demo, which keeps its own.
    #[must_use]
    pub fn cast(&self) -> &Cast {
        match &self.kind {
            Kind::Demo { .. } => panic!("the demo has no house of ours"),
            Kind::Serve(served) => &served.cast,
        }
    }

    /// Everybody's mailbox.
    #[must_use]
    pub fn mails(&self) -> Mails {
        match &self.kind {
            Kind::Demo { .. } => Mails::Demo(self.issuer.clone()),
            Kind::Serve(served) => served.cast.house.mails(),
        }
    }

    /// The ID of the credential that is assigned to a sample person.
    ///
    /// # Panics
    /// When there is no such person, or none is.
    pub async fn credential(&self, email: &str) -> String {
        match &self.kind {
            Kind::Demo { .. } => {
                let people = get(&format!("{}/demo/people.json", self.issuer)).await;
                let mut people = people.as_array().into_iter().flatten();
                let person = people.find(|person| person["email"] == email);
                let person = person.unwrap_or_else(|| panic!("{email} is no sample person"));
                person["credential_id"].as_str().unwrap_or_else(|| panic!("none in {person}")).to_owned()
            }
            Kind::Serve(served) => {
                let humans = served.humans.lock().await;
                let human = humans.iter().find(|human| human.email == email);
                human.and_then(|human| human.token.as_ref()).expect("a token").credential_id.clone()
            }
        }
    }

    /// The next code on a sample person's token that it has not given out, waiting for it if need be.
    ///
    /// # Panics
    /// When there is no such token.
    pub async fn code(&self, email: &str) -> String {
        if let Kind::Serve(served) = &self.kind {
            let mut humans = served.humans.lock().await;
            let human = humans.iter_mut().find(|human| human.email == email).expect("a sample person");
            return human.token.as_mut().expect("a token").code();
        }
        let page = format!("{}/demo/token/{}.json", self.issuer, self.credential(email).await);
        loop {
            let token = get(&page).await;
            let code = |name: &str| token[name].as_str().expect("the token shows codes").to_owned();
            let mut shown = self.shown.lock().await;
            for code in [code("code"), code("next_code")] {
                if shown.insert(format!("{email} {code}")) {
                    return code;
                }
            }
            drop(shown);
            let seconds = token["seconds_left"].as_u64().expect("the token counts down");
            tokio::time::sleep(std::time::Duration::from_millis(seconds * 1_000 + 200)).await;
        }
    }

    /// The claims of the ID token that an application holds for this browser.
    ///
    /// # Panics
    /// When it holds none.
    pub async fn claims(&self, browser: &Browser, app: &str) -> Value {
        browser.go(&format!("{app}/claims.json")).await;
        browser.json().await
    }

    /// Walks a browser from an application through the daily sign-in to the application again.
    pub async fn sign_in(&self, browser: &Browser, app: &str, email: &str) {
        browser.go(&format!("{app}/login")).await;
        browser.fill("email", email).await;
        browser.fill("password", SAMPLE_PASSWORD).await;
        browser.press("login").await;
        if browser.path().await == "/login/vip" {
            browser.fill("code", &self.code(email).await).await;
            browser.press("login").await;
        }
        if browser.path().await == "/login/accounts" {
            browser.tick("input[name=account]").await;
            browser.press("login").await;
        }
        assert!(
            browser.url().await.as_str().starts_with(app),
            "{} {:?}",
            browser.url().await,
            browser.problem().await
        );
    }
}

async fn get(url: &str) -> Value {
    let answer = reqwest::get(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    answer.json().await.unwrap_or_else(|error| panic!("{url}: {error}"))
}
