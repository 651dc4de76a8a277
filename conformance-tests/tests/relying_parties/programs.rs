//! Relying parties of other languages, each a program in `relying-parties/`. It begins a sign-in or a logout by
//! printing an address, and is told in answer where the browser left the provider; the browser is this test.

use std::process::Stdio;
use std::time::Duration;

use conformance_tests::backend::Backend;
use conformance_tests::cast::Human;
use conformance_tests::person::Person;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::Command;
use url::Url;

use crate::installed;
use crate::scene::{self, AFTER, Guest, Scene};

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

fn node(file: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(file).current_dir(installed::npm());
    command
}

fn python(file: &str) -> Command {
    let mut command = Command::new(installed::python());
    command.arg(installed::source(file));
    command
}

async fn signs_in_refreshes_and_logs_out(backend: Backend, program: fn() -> Command) {
    let mut scene = Scene::open(backend).await;
    let house = &scene.cast.house;
    let certificate = house.file("tls.pem");
    for Guest { human, service, level } in &mut scene.guests {
        let client = scene::client(house, service);
        let given = json!({
            "issuer": house.issuer,
            "client_id": client.id,
            "client_secret": client.secret,
            "redirect_uri": client.redirect_uri,
            "post_logout_redirect_uri": AFTER,
            "email": human.email,
            "level": level,
        });
        let mut program = program();
        program.env("NODE_EXTRA_CA_CERTS", &certificate).env("REQUESTS_CA_BUNDLE", &certificate);
        accompany(program, &given, human, house.person()).await;
    }
}

/// Runs a program to its end, going with `browser`, as `human`, wherever it says.
async fn accompany(mut program: Command, given: &Value, human: &mut Human, mut browser: Person) {
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    let mut child = program.spawn().unwrap_or_else(|error| panic!("{program:?}: {error}"));
    let mut input = child.stdin.take().expect("a program has an input");
    let mut lines = BufReader::new(child.stdout.take().expect("a program has an output")).lines();
    let mut tell = given.to_string();
    let mut content = false;
    while !content {
        // A program that has ended says why below.
        drop(input.write_all(format!("{tell}\n").as_bytes()).await);
        let line = tokio::time::timeout(Duration::from_secs(120), lines.next_line()).await;
        let line = line.unwrap_or_else(|_| panic!("{program:?} has said nothing for two minutes"));
        match line.expect("a program prints text").as_deref() {
            None => break,
            Some("done") => content = true,
            Some(address) => {
                let url = Url::parse(address).unwrap_or_else(|error| panic!("{address}: {error}"));
                let landing = browser.visit(&url).await;
                tell = human.answer(&mut browser, landing).await.away().to_string();
            }
        }
    }
    drop(input);
    let done = child.wait_with_output().await.expect("a program ends");
    let complaint = String::from_utf8_lossy(&done.stderr);
    assert!(
        content && done.status.success(),
        "{program:?} for {}: {}\n{complaint}",
        human.email,
        done.status
    );
}
