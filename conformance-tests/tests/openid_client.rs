//! npm's `openid-client`, as a public and as a confidential client, against `countersign serve` with TLS of its
//! own and clients made by the command line.

use std::process::Command;

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::place::{Scratch, free_ports, top};
use conformance_tests::relying_party::RelyingParty;
use serde_json::{Value, json};

conformance_tests::on_both_databases!(openid_client_signs_in_refreshes_and_logs_out);

async fn openid_client_signs_in_refreshes_and_logs_out(backend: Backend) {
    let issuer = format!("https://127.0.0.1:{}", free_ports(1));
    let mut house = House::build(backend, &issuer, "");
    house.start_server();
    house.start_tls_server();
    let mut cast = Cast::new(house);
    let after = "https://app.example.test/after";
    let client = |service: &str, more: &[&str]| {
        let more = [&["--post-logout-redirect-uri", after], more].concat();
        let made = RelyingParty::register(&cast.house, service, &more);
        json!({"client_id": made.id, "client_secret": made.secret, "redirect_uri": made.redirect_uri,
               "post_logout_redirect_uri": after})
    };
    let clients = json!({"confidential": client("mss", &[]), "public": client("deepsight", &["--public"])});
    assert_eq!(clients["public"]["client_secret"], Value::Null, "a public client has no secret");
    let mut vip = cast.enrolled("mss@openid-client.test", &["mss:acme"]).await;
    let mut plain = cast.enrolled("deepsight@openid-client.test", &["deepsight:acme"]).await;
    let mut both = cast.enrolled("both@openid-client.test", &["mss:acme", "deepsight:acme"]).await;
    let people =
        json!({"confidential": [person(&mut vip)], "public": [person(&mut plain), person(&mut both)]});

    let folder = Scratch::new();
    for file in ["package.json", "package-lock.json", "browser.mjs", "sign-in.test.mjs"] {
        let from = top().join("conformance-tests/openid-client").join(file);
        std::fs::copy(from, folder.join(file)).unwrap();
    }
    let run = |program: &str, arguments: &[&str], given: &str| {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(folder.path()).env("COUNTERSIGN_OPENID_CLIENT", given);
        command.env("NODE_EXTRA_CA_CERTS", cast.house.file("tls.pem"));
        let done = command.output().unwrap_or_else(|error| panic!("{program} cannot be started: {error}"));
        let said =
            [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
        assert!(done.status.success(), "{program} {arguments:?}:\n{said}");
        said
    };
    run("npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund"], "");
    let given = json!({"issuer": cast.house.issuer, "clients": clients, "people": people});
    println!("{}", run("node", &["--test", "--test-reporter=spec"], &given.to_string()));
    cast.house.servers.clear();
}

fn person(human: &mut Human) -> Value {
    let codes: Vec<String> = human.token.iter_mut().flat_map(|token| [token.code(), token.code()]).collect();
    let level = if codes.is_empty() { "password" } else { "vip" };
    json!({"email": human.email, "password": human.password, "codes": codes, "level": level})
}
