//! Whether the time of an answer tells an address that is known from one that is not. Run by hand on a quiet
//! machine with at least two cores; the result is kept in `docs/security/enumeration.md`:
//!
//! ```sh
//! cargo build --release -p countersign
//! COUNTERSIGN_TEST_PROGRAM=target/release/countersign \
//!     cargo run --release -p conformance-tests --example timing [samples a class]
//! ```
//!
//! The server runs pinned to one core and this client to another. Samples of all classes are interleaved in an
//! order of chance. For each page and pair of classes it prints the area under the ROC curve (Mann–Whitney: the
//! probability that an answer for the one class takes longer than one for the other; 0.5: nothing to be told), and
//! ends with status 1 if one is outside 0.45–0.55.

use std::process::{Command, ExitCode};
use std::time::Instant;

use conformance_tests::backend::Backend;
use conformance_tests::house::{House, ISSUER};
use conformance_tests::page::Page;
use conformance_tests::person::Person;
use conformance_tests::place::{free_ports, program};
use conformance_tests::server::Server;
use countersign_identity::administration::AccountName;
use countersign_store::credential::{self, Credential};
use countersign_store::secret;

/// What an address can be; all addresses are of one length.
const CLASSES: [&str; 4] = ["known", "locked", "unfini", "nobody"];
/// Addresses of each class: samples go round them, since mails to one address are limited.
const ADDRESSES: usize = 200;
const PAGES: [&str; 3] = ["/login", "/new-user", "/forgot-password"];
/// Answers left out at the beginning of each page.
const WARMING_UP: usize = 200;
const TOLD: std::ops::RangeInclusive<f64> = 0.45..=0.55;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let samples = std::env::args().nth(1).map_or(2_000, |text| text.parse().expect("a number of samples"));
    let house = House::build(Backend::Sqlite, ISSUER, "");
    populate(&house).await;
    pin(std::process::id(), 0);
    let (server, base) = serve(&house);
    println!("{samples} interleaved samples a class, {ADDRESSES} addresses a class, SQLite, {:?}", program());
    println!("\n| page | class | median ms | against | AUC |\n| --- | --- | --- | --- | --- |");
    let mut told = false;
    for path in PAGES {
        let mut times = measure(&base, path, samples).await;
        let middle: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
        for (one, other) in [(0, 3), (1, 3), (2, 3), (0, 1), (0, 2), (1, 2)] {
            let area = area(&times[one], &times[other]);
            told |= !TOLD.contains(&area);
            println!(
                "| `{path}` | {} | {:.3} | {} ({:.3} ms) | {area:.3} |",
                CLASSES[one], middle[one], CLASSES[other], middle[other]
            );
        }
    }
    drop(server);
    if told { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn email(class: usize, number: usize) -> String {
    format!("{}-{number:04}@timing.test", CLASSES[class])
}

/// Makes the addresses: the known are enrolled, the locked are and have a locked credential, the unfinished have
/// never signed in.
async fn populate(house: &House) {
    let opened = countersign::command::open(Some(house.config())).await.expect("the database opens");
    let identity = opened.identity;
    identity.add_organization("acme", "Acme").await.expect("an organization");
    let account = [AccountName::parse("mss:acme").expect("an account")];
    let mut hash = None;
    for class in 0..3 {
        for number in 0..ADDRESSES {
            let email = email(class, number);
            let who = identity.add_person(&email, &account, None).await.expect("a person");
            let (id, now) = (who.person.id.clone(), identity.now());
            if class < 2 {
                if hash.is_none() {
                    let password = "seven quiet herons at low tide".to_owned();
                    hash = Some(identity.hasher().hash(password.into()).await.expect("a hash"));
                }
                let (id, hash) = (id.clone(), hash.clone().expect("made above"));
                let set = identity.store().write(move |tx| {
                    Box::pin(
                        async move { countersign_store::person::set_password(tx, &id, &hash, now).await },
                    )
                });
                set.await.expect("a password");
            }
            let state = [credential::REGISTERED, credential::LOCKED, credential::ASSIGNED][class];
            let row = token(state, &id, class * ADDRESSES + number, now);
            let insert = identity
                .store()
                .write(move |tx| Box::pin(async move { credential::insert_many(tx, vec![row]).await }));
            insert.await.expect("a credential");
        }
    }
}

/// A credential nobody will prove: only its state matters here.
fn token(state: &str, person: &str, number: usize, now: i64) -> Credential {
    Credential {
        id: format!("VSMT{number:08}"),
        kind: "event".to_owned(),
        seed: secret::random::<60>().to_vec(),
        digits: 6,
        period: 30,
        last_position: -1,
        drift: 0,
        failures: if state == credential::LOCKED { 10 } else { 0 },
        state: state.to_owned(),
        organization_id: None,
        person_id: Some(person.to_owned()),
        token_name: None,
        expires_at: None,
        created_at: now,
        registered_at: (state != credential::ASSIGNED).then_some(now),
        locked_at: (state == credential::LOCKED).then_some(now),
        last_used_at: None,
        replaced_by: None,
    }
}

/// Starts the server on a core of its own, with the wide limits of a house of tests.
fn serve(house: &House) -> (Server, String) {
    let base = format!("http://127.0.0.1:{}", free_ports(1));
    let mut serve = Command::new("taskset");
    serve.args(["--cpu-list", "1"]).arg(program()).arg("serve").arg("--config").arg(house.config());
    serve.env("COUNTERSIGN__LISTEN", base.trim_start_matches("http://"));
    (Server::start(serve, &base), base)
}

fn pin(process: u32, core: usize) {
    let pinned = Command::new("taskset")
        .args(["--all-tasks", "--cpu-list", "--pid", &core.to_string(), &process.to_string()])
        .output()
        .unwrap_or_else(|error| panic!("taskset cannot be started ({error}): install util-linux"));
    assert!(pinned.status.success(), "{}", String::from_utf8_lossy(&pinned.stderr));
}

/// The milliseconds of each class's answers on one page.
async fn measure(base: &str, path: &str, samples: usize) -> Vec<Vec<f64>> {
    let mut browser = Person::new(&[(ISSUER, base)]);
    let page = browser.open(path).await.at(path);
    let asker = Asker::new(base, &browser, &page);
    for warm in 0..WARMING_UP {
        asker.answer(&email(warm % CLASSES.len(), warm % ADDRESSES)).await;
    }
    let mut times = vec![Vec::with_capacity(samples); CLASSES.len()];
    for sample in 0..samples {
        let mut order: Vec<usize> = (0..CLASSES.len()).collect();
        order.sort_by_key(|_| secret::random::<4>());
        for class in order {
            times[class].push(asker.answer(&email(class, sample % ADDRESSES)).await);
        }
    }
    times
}

/// One page's form in one browser, sent again and again over one connection.
struct Asker {
    http: reqwest::Client,
    to: String,
    cookies: String,
    password: bool,
}

impl Asker {
    fn new(base: &str, browser: &Person, page: &Page) -> Self {
        let action = &page.form().expect("a form").action;
        let cookies: Vec<String> =
            browser.jar.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build();
        Self {
            http: http.expect("an HTTP client"),
            to: format!("{base}{}", &action[url::Position::BeforePath..]),
            cookies: cookies.join("; "),
            password: page.path() == "/login",
        }
    }

    /// The milliseconds from sending the form to the last byte of its answer.
    async fn answer(&self, email: &str) -> f64 {
        let mut fields = vec![("email", email)];
        if self.password {
            fields.push(("password", "certainly not the right one"));
        }
        let request = self.http.post(&self.to).header("origin", ISSUER).header("cookie", &self.cookies);
        let request = request.header("sec-fetch-site", "same-origin").form(&fields);
        let began = Instant::now();
        let answer = request.send().await.expect("an answer");
        let status = answer.status();
        let body = answer.bytes().await.expect("an answer's body");
        let took = began.elapsed().as_secs_f64() * 1_000.0;
        assert!(status.as_u16() == 200, "{status}: {}", String::from_utf8_lossy(&body));
        took
    }
}

fn median(of: &mut [f64]) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// The probability that a sample of `one` is longer than one of `other`.
fn area(one: &[f64], other: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = one.iter().map(|time| (*time, true)).collect();
    all.extend(other.iter().map(|time| (*time, false)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut shorter, mut won) = (0_u64, 0_u64);
    for (_, of_one) in all {
        if of_one {
            won += shorter;
        } else {
            shorter += 1;
        }
    }
    let pairs = u64::try_from(one.len() * other.len()).expect("a count");
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let area = won as f64 / pairs as f64;
    area
}
