//! A provider as an operator sets one up: a configuration file, a database, mail into a directory, commands.

use std::path::PathBuf;
use std::process::Output;

use countersign_store::{Clock, Keyring};
use serde_json::Value;

use crate::backend::{Backend, Database};
use crate::mails::Mails;
use crate::person::Person;
use crate::place::{Scratch, free_ports};
use crate::server::{Server, command, run};

/// The issuer of a house that a proxy would stand in front of.
pub const ISSUER: &str = "https://login.example.test";

/// A configured provider with its servers.
#[derive(Debug)]
pub struct House {
    /// The issuer.
    pub issuer: String,
    /// Its servers, first the one that [`person`](Self::person) meets.
    pub servers: Vec<Server>,
    /// Where its servers listen.
    pub bases: Vec<String>,
    /// Its time.
    pub clock: Clock,
    /// Which database it is on.
    pub backend: Backend,
    // Dropped in this order: the servers above, the database, the directory.
    database: Database,
    scratch: Scratch,
    config: PathBuf,
}

impl House {
    /// A house with one server. Throttles are wide open: tests come from one address and guess a lot.
    #[must_use]
    pub fn serve(backend: Backend) -> Self {
        Self::serve_with(backend, "")
    }

    /// A house with one server and further lines of configuration.
    #[must_use]
    pub fn serve_with(backend: Backend, more: &str) -> Self {
        let mut house = Self::build(backend, ISSUER, more);
        house.start_server();
        house
    }

    /// A house with two servers: one behind a proxy, which tests may speak to without TLS, and one that does TLS
    /// itself, at the issuer's own address.
    #[must_use]
    pub fn serve_tls(backend: Backend) -> Self {
        let issuer = format!("https://127.0.0.1:{}", free_ports(1));
        let mut house = Self::build(backend, &issuer, "");
        house.start_server();
        house.start_tls_server();
        house
    }

    /// A house without a server.
    ///
    /// # Panics
    /// When its files cannot be written or its database not be set up.
    #[must_use]
    pub fn build(backend: Backend, issuer: &str, more: &str) -> Self {
        let scratch = Scratch::new();
        let database = backend.database(&scratch);
        let (_, key) = Keyring::generate();
        write_private(&scratch.join("master.key"), &key);
        std::fs::create_dir(scratch.join("mails")).expect("a directory for mails can be made");
        let at = |name: &str| scratch.join(name).display().to_string();
        let text = format!(
            "issuer = '{issuer}'\nlisten = '127.0.0.1:0'\n\
             database.url = '{}'\nmaster_key.file = '{}'\nmail.url = 'file://{}'\n\
             mail.from = 'Managed Services Portal <portal@login.example.test>'\n\
             soc.contact = 'soc@example.test'\n\
             throttle.address_failures = 1000\nthrottle.network_failures = 1000000\n{more}\n",
            database.url,
            at("master.key"),
            at("mails"),
        );
        let config = scratch.join("countersign.toml");
        write_private(&config, &text);
        let house = Self {
            issuer: issuer.to_owned(),
            servers: Vec::new(),
            bases: Vec::new(),
            clock: Clock::System,
            backend,
            database,
            scratch,
            config,
        };
        house.admin(&["migrate"]);
        house
    }

    /// Starts a further server on the same database, as it stands behind a proxy.
    pub fn start_server(&mut self) {
        let base = format!("http://127.0.0.1:{}", free_ports(1));
        self.start(&base, &[]);
    }

    /// Starts a further server that does TLS itself, at the issuer's own address.
    ///
    /// # Panics
    /// When `openssl` cannot make a certificate.
    fn start_tls_server(&mut self) {
        let [certificate, key] = ["tls.pem", "tls.key"].map(|name| self.file(name).display().to_string());
        let made = std::process::Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
            .args(["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", &key, "-out", &certificate])
            .output()
            .unwrap_or_else(|error| panic!("openssl cannot be started ({error}): install it"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let base = self.issuer.clone();
        self.start(
            &base,
            &[("COUNTERSIGN__TLS__CERTIFICATE", &certificate), ("COUNTERSIGN__TLS__KEY", &key)],
        );
    }

    fn start(&mut self, base: &str, variables: &[(&str, &str)]) {
        let mut serve = command();
        serve.arg("serve").arg("--config").arg(&self.config).current_dir(self.scratch.path());
        let listen = base.rsplit('/').next().unwrap_or_default();
        serve.env("COUNTERSIGN__LISTEN", listen).envs(variables.iter().copied());
        self.servers.push(Server::start(serve, base));
        self.bases.push(base.to_owned());
    }

    /// Runs a command against this house's database.
    #[must_use]
    pub fn run(&self, arguments: &[&str], input: &str) -> Output {
        let mut with = command();
        with.args(arguments).arg("--config").arg(&self.config).current_dir(self.scratch.path());
        run(with, input)
    }

    /// Runs a command with `--json` and returns what it prints.
    ///
    /// # Panics
    /// When it fails.
    #[expect(clippy::must_use_candidate, reason = "most are run for their effect")]
    pub fn admin(&self, arguments: &[&str]) -> Value {
        let done = self.run(&[arguments, &["--json"]].concat(), "");
        let out = String::from_utf8_lossy(&done.stdout);
        let err = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "countersign {arguments:?}: {}\n{out}{err}", done.status);
        serde_json::from_str(&out).unwrap_or(Value::Null)
    }

    /// Someone with a fresh browser.
    #[must_use]
    pub fn person(&self) -> Person {
        self.person_at(0)
    }

    /// Someone whose requests the load balancer sends to the server of that number.
    #[must_use]
    pub fn person_at(&self, server: usize) -> Person {
        Person::new(&[(&self.issuer, &self.bases[server])])
    }

    /// Changes the database behind the product's back, as time or an accident would.
    ///
    /// # Panics
    /// When it cannot be done.
    pub fn sql(&self, statement: &str) {
        self.database.sql(statement);
    }

    /// Everybody's mailbox.
    #[must_use]
    pub fn mails(&self) -> Mails {
        Mails::Directory(self.scratch.join("mails"))
    }

    /// A path among this house's files.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.scratch.join(name)
    }

    /// The configuration file.
    #[must_use]
    pub fn config(&self) -> &std::path::Path {
        &self.config
    }

    /// As `database.url` has it.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.database.url
    }
}

/// Writes a file that only this user may read.
///
/// # Panics
/// When it cannot be written.
pub fn write_private(path: &std::path::Path, text: &str) {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(path).expect("writable");
    file.write_all(text.as_bytes()).expect("written");
}
