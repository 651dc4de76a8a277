//! Relying parties of other languages, each a program in `relying-parties/`. It begins a sign-in or a logout by
//! printing an address, and is told in answer where the browser left the provider; the browser is this test.

use std::process::Stdio;
use std::time::Duration;

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use conformance_tests::house::House;
use conformance_tests::person::Person;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use url::Url;

use crate::installed;
use crate::scene::{self, Guest, Scene};

conformance_tests::on_both_databases!(
    authlib_signs_in_refreshes_and_logs_out,
    openid_client_signs_in_refreshes_and_logs_out,
    oauth4webapi_signs_in_refreshes_and_logs_out,
);

async fn openid_client_signs_in_refreshes_and_logs_out(backend: Backend) {
    signs_in_refreshes_and_logs_out(backend, || node("openid-client.mjs")).await;
}

async fn oauth4webapi_signs_in_refreshes_and_logs_out(backend: Backend) {
    signs_in_refreshes_and_logs_out(backend, || node("oauth4webapi.mjs")).await;
}

async fn authlib_signs_in_refreshes_and_logs_out(backend: Backend) {
    signs_in_refreshes_and_logs_out(backend, || python("authlib-client.py")).await;
}

/// A program for Node.js.
pub fn node(file: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(file).current_dir(installed::npm());
    command
}

/// A program for Python.
pub fn python(file: &str) -> Command {
    let mut command = Command::new(installed::python());
    command.arg(installed::source(file));
    command
}

async fn signs_in_refreshes_and_logs_out(backend: Backend, program: fn() -> Command) {
    let mut scene = Scene::open(backend).await;
    let house = &scene.cast.house;
    for Guest { human, service, level } in &mut scene.guests {
        let client = scene::client(house, service);
        let given = scene::given(house, &client, &human.email, level);
        let mut browser = house.person();
        Program::start(program(), house, &given).accompany(human, &mut browser, |_| true).await;
    }
}

/// A program that runs, told who it is to be.
pub struct Program {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    tell: String,
    name: String,
}

impl Program {
    /// Starts it. It trusts the house's certificate.
    pub fn start(mut program: Command, house: &House, given: &Value) -> Self {
        let certificate = house.file("tls.pem");
        program.env("NODE_EXTRA_CA_CERTS", &certificate).env("REQUESTS_CA_BUNDLE", &certificate);
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let name = format!("{program:?} for {}", given["email"]);
        let mut child = program.spawn().unwrap_or_else(|error| panic!("{name}: {error}"));
        let input = child.stdin.take().expect("a program has an input");
        let lines = BufReader::new(child.stdout.take().expect("a program has an output")).lines();
        Self { child, input, lines, tell: given.to_string(), name }
    }

    /// Goes with `browser`, as `human`, wherever it says, to its end. A program that goes on until it is told
    /// otherwise says which key signed the token it got, and `goes_on` has the answer.
    pub async fn accompany(
        mut self,
        human: &mut Human,
        browser: &mut Person,
        mut goes_on: impl FnMut(&str) -> bool,
    ) {
        let mut content = false;
        while !content {
            // A program that has ended says why below.
            drop(self.input.write_all(format!("{}\n", self.tell).as_bytes()).await);
            let line = tokio::time::timeout(Duration::from_secs(120), self.lines.next_line()).await;
            let line = line.unwrap_or_else(|_| panic!("{} has said nothing for two minutes", self.name));
            match line.expect("a program prints text").as_deref() {
                None => break,
                Some("done") => content = true,
                Some(line) => match line.strip_prefix("kid ") {
                    Some(kid) => self.tell = if goes_on(kid) { "again" } else { "over" }.to_owned(),
                    None => {
                        let url = Url::parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
                        let landing = browser.visit(&url).await;
                        self.tell = human.answer(browser, landing).await.away().to_string();
                    }
                },
            }
        }
        drop(self.input);
        let done = self.child.wait_with_output().await.expect("a program ends");
        let complaint = String::from_utf8_lossy(&done.stderr);
        assert!(content && done.status.success(), "{}: {}\n{complaint}", self.name, done.status);
    }
}
