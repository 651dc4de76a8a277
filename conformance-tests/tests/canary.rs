//! Planted secrets: a whole life of sign-ins with logs at TRACE, and then the search for what must appear nowhere:
//! not in the log, not in any process's arguments, not in the database.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::{House, ISSUER};
use conformance_tests::person::Person;
use conformance_tests::place::free_ports;
use conformance_tests::server::{Server, command, run};
use conformance_tests::token::at;

conformance_tests::on_both_databases!(secrets_appear_in_no_log_no_process_list_no_database);

/// A bare level opens our own code; this opens the libraries too.
const EVERYTHING: &str = "trace,countersign=trace";

/// Not our own code alone, but every library under it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_appear_nowhere_with_every_library_at_trace() {
    search(Backend::Sqlite, EVERYTHING).await;
}

async fn secrets_appear_in_no_log_no_process_list_no_database(backend: Backend) {
    search(backend, "trace").await;
}

const WRONG_PASSWORD: &str = "a canary that nobody knows 2846";
const MAIL_PASSWORD: &str = "canary-of-the-mail-server-5127";

/// What was planted.
#[derive(Default)]
struct Canaries {
    /// Every shape that a secret could leak in, with its name.
    shapes: Vec<(String, Vec<u8>)>,
    /// Security codes: too short to be looked for but as a word.
    codes: Vec<String>,
}

impl Canaries {
    fn plant(&mut self, name: &str, secret: &[u8]) {
        let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        let listed: Vec<String> = secret.iter().map(u8::to_string).collect();
        let form: String = url::form_urlencoded::byte_serialize(secret).collect();
        let shapes = [
            ("as it is", secret.to_vec()),
            ("in hex", hex.clone().into_bytes()),
            ("in upper hex", hex.to_uppercase().into_bytes()),
            ("in base64", STANDARD.encode(secret).trim_end_matches('=').as_bytes().to_vec()),
            ("in base64url", URL_SAFE_NO_PAD.encode(secret).into_bytes()),
            ("as Rust prints bytes", listed.join(", ").into_bytes()),
            ("in a form", form.replace('+', "%20").into_bytes()),
            ("in a form with plus signs", form.into_bytes()),
        ];
        assert!(secret.len() >= 6, "{name} is too short to be looked for");
        self.shapes.extend(shapes.map(|(shape, bytes)| (format!("{name}, {shape}"), bytes)));
    }

    /// What of all that is found in a place.
    fn found(&self, place: &str, hay: &[u8]) -> Vec<String> {
        assert!(!hay.is_empty(), "{place} was looked into");
        let shapes = self.shapes.iter().filter(|(_, needle)| contains(hay, needle));
        let mut found: Vec<String> = shapes.map(|(name, _)| format!("{name}, in {place}")).collect();
        let text = String::from_utf8_lossy(hay);
        let word = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let words: BTreeSet<&str> = text.split(|letter| !word(letter)).collect();
        let codes = self.codes.iter().filter(|code| words.contains(code.as_str()));
        found.extend(codes.map(|code| format!("the security code {code}, in {place}")));
        found
    }
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else { return false };
    let mut from = 0;
    while let Some(next) = hay[from..].iter().position(|byte| byte == first) {
        if hay[from + next..].starts_with(needle) {
            return true;
        }
        from += next + 1;
    }
    false
}

async fn search(backend: Backend, level: &str) {
    let watch = Watch::begin();
    let cast = Cast::new(House::serve_with(backend, &format!("log.level = '{level}'")));
    let mut canaries = Canaries::default();
    life(&cast, &mut canaries).await;
    let mut house = cast.house;
    // A command that prints a secret on purpose, once.
    let client = cast.mss.id.as_str();
    let rotated = house.admin(&["client", "rotate-secret", client]);
    canaries.plant("a client's new secret", rotated["client_secret"].as_str().expect("a secret").as_bytes());
    let master = std::fs::read_to_string(house.file("master.key")).expect("the master key");
    canaries.plant("the master key", master.trim().as_bytes());
    canaries.plant("the master key's bytes", &URL_SAFE_NO_PAD.decode(master.trim()).expect("base64url"));
    canaries.plant("the mail server's password", MAIL_PASSWORD.as_bytes());
    canaries.plant("a private key", b"-----BEGIN PRIVATE KEY");
    canaries.plant("a private JWK", b",\"d\":\"");

    let mut server = house.servers.remove(0);
    assert!(server.stop().success());
    let mut log = server.log();
    // Our own code has little to say at TRACE; the libraries have a lot.
    let most = if level == EVERYTHING { "\"TRACE\"" } else { "\"DEBUG\"" };
    assert!(log.contains(most), "the log holds what the level lets through");
    log.push_str(&mail_server_is_gone(&house).await);
    let shown = run(with_mail(&house, &["config", "show"]), "");
    assert!(shown.status.success());
    log.push_str(&String::from_utf8_lossy(&shown.stdout));

    let arguments = watch.end();
    assert!(contains(&arguments, b"rotate-secret"), "the processes were watched");
    let database = database(&house, backend);
    let mut leaks = canaries.found("the log", log.as_bytes());
    leaks.extend(canaries.found("a process's arguments", &arguments));
    canaries.codes.clear();
    leaks.extend(canaries.found("the database", &database));
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

/// An enrolment, a wrong and a right sign-in, tokens, a refresh, userinfo, and the secrets in all of it.
async fn life(cast: &Cast, canaries: &mut Canaries) {
    let mut human = cast.provision("canary@canary.test", &["mss:acme", "deepsight:acme"]);
    human.password = "the canary sings before dawn 7319".to_owned();
    let seed = human.token.as_ref().expect("a token").seed.clone();
    canaries.codes.extend((0..8).map(|counter| at(&seed, counter)));
    let mut browser = cast.house.person();
    let temporary = cast.temporary_password(&mut browser, &human.email).await;
    canaries.plant("a temporary password", temporary.as_bytes());
    canaries.plant("a temporary password without hyphens", temporary.replace('-', "").as_bytes());
    canaries.plant("a password", human.password.as_bytes());
    canaries.plant("a wrong password", WRONG_PASSWORD.as_bytes());
    canaries.plant("a seed", &seed);
    let login = browser.open("/login").await.at("/login");
    let wrong = [("email", human.email.as_str()), ("password", WRONG_PASSWORD)];
    let login = browser.submit(&login, &wrong).await.at("/login");
    let landing = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
    let end = human.answer(&mut browser, landing).await.at("/");
    assert_eq!(end.problem, None);

    let mut fresh = cast.house.person();
    let (away, attempt) = human.sign_in(&mut fresh, &cast.mss, &[]).await;
    let code = cast.mss.code(&away, &attempt).expect("a code");
    let answer = cast.mss.redeem(&code, &attempt.verifier).await;
    let refreshed = cast.mss.refresh(answer.text("refresh_token")).await;
    let user = cast.mss.userinfo(refreshed.text("access_token")).await;
    assert_eq!(user.status, 200, "{}", user.body);
    canaries.plant("a code", code.as_bytes());
    canaries.plant("a PKCE verifier", attempt.verifier.as_bytes());
    for (name, tokens) in [("first", &answer), ("second", &refreshed)] {
        for token in ["access_token", "refresh_token", "id_token"] {
            canaries.plant(&format!("the {name} {token}"), tokens.text(token).as_bytes());
        }
    }
    let secret = cast.mss.secret.as_ref().expect("a confidential client");
    canaries.plant("a client's secret", secret.as_bytes());
    let basic = STANDARD.encode(format!("{}:{secret}", cast.mss.id));
    canaries.plant("a client's Authorization", basic.as_bytes());
    for cookie in browser.jar.iter().chain(&fresh.jar) {
        canaries.plant(&format!("the cookie {}", cookie.name), cookie.value.as_bytes());
    }
}

/// A command with a mail server behind a password.
fn with_mail(house: &House, arguments: &[&str]) -> std::process::Command {
    let mut command = command();
    command.args(arguments).arg("--config").arg(house.config());
    // Nobody listens there.
    command.env("COUNTERSIGN__MAIL__URL", format!("smtps://portal:{MAIL_PASSWORD}@127.0.0.1:9"));
    command
}

/// The log of a server whose mails cannot be delivered.
async fn mail_server_is_gone(house: &House) -> String {
    let base = format!("http://127.0.0.1:{}", free_ports(1));
    let mut serve = with_mail(house, &["serve"]);
    serve.env("COUNTERSIGN__LISTEN", base.trim_start_matches("http://"));
    let mut server = Server::start(serve, &base);
    let mut browser = Person::new(&[(ISSUER, &base)]);
    let page = browser.open("/forgot-password").await.at("/forgot-password");
    let sent = browser.submit(&page, &[("email", "canary@canary.test")]).await.page();
    assert_eq!(sent.problem, None);
    let until = Instant::now() + Duration::from_secs(30);
    let failed = |log: &str| log.lines().any(|line| line.contains("WARN") && line.contains("mail"));
    while !failed(&server.log()) {
        assert!(Instant::now() < until, "no mail failed:\n{}", server.log());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.stop().success());
    server.log()
}

/// Watches the arguments of every process there is.
struct Watch {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Vec<u8>>,
}

impl Watch {
    fn begin() -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !until.load(Ordering::SeqCst) {
                seen.extend(process_list());
                std::thread::sleep(Duration::from_millis(3));
            }
            seen.into_iter().collect::<Vec<_>>().concat()
        });
        Self { over, thread }
    }

    fn end(self) -> Vec<u8> {
        self.over.store(true, Ordering::SeqCst);
        self.thread.join().expect("the watch ends")
    }
}

fn process_list() -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir("/proc").expect("/proc can be read").filter_map(Result::ok);
    let processes =
        entries.filter(|entry| entry.file_name().to_string_lossy().bytes().all(|byte| byte.is_ascii_digit()));
    processes.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok()).collect()
}

/// All bytes of the database: SQLite's files, or a dump.
fn database(house: &House, backend: Backend) -> Vec<u8> {
    match backend {
        Backend::Sqlite => {
            let file = house.database_url().trim_start_matches("sqlite://").to_owned();
            let read = |ending: &str| std::fs::read(format!("{file}{ending}")).unwrap_or_default();
            [read(""), read("-wal")].concat()
        }
        Backend::Postgres => {
            let dump = std::process::Command::new("pg_dump").arg(house.database_url()).output();
            let dump = dump.unwrap_or_else(|error| panic!("pg_dump cannot be started: {error}"));
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            dump.stdout
        }
    }
}
