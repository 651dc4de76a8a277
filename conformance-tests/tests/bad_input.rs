//! Bad input: answered in place, in one clear line, with nothing half done.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::{House, write_private};
use conformance_tests::person::Landing;
use conformance_tests::place::Scratch;
use conformance_tests::server::{command, run};
use reqwest::Method;
use std::process::Output;
use url::Url;

conformance_tests::on_both_databases!(
    requests_that_cannot_be_trusted_stay_here,
    a_database_from_the_future_is_refused
);

/// The URL with one of its parameters changed or, without a value, left out.
fn with(url: &Url, name: &str, value: Option<&str>) -> Url {
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(own, _)| own != name)
        .map(|(n, v)| (n.into_owned(), v.into_owned()))
        .collect();
    let mut url = url.clone();
    url.query_pairs_mut().clear().extend_pairs(kept).extend_pairs(value.map(|value| (name, value)));
    url
}

async fn requests_that_cannot_be_trusted_stay_here(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut browser = cast.house.person();
    let good = cast.mss.begin(&[]).url;
    let uri = cast.mss.redirect_uri.clone();
    for (what, bad) in [
        ("unknown client", with(&good, "client_id", Some("nobody"))),
        ("no client", with(&good, "client_id", None)),
        ("a client with a NUL", with(&good, "client_id", Some("no\0body"))),
        ("unknown redirect URI", with(&good, "redirect_uri", Some("https://evil.example/callback"))),
        ("longer redirect URI", with(&good, "redirect_uri", Some(&format!("{uri}/more")))),
        ("redirect URI with a query", with(&good, "redirect_uri", Some(&format!("{uri}?a=b")))),
        ("another spelling", with(&good, "redirect_uri", Some(&uri.to_uppercase()))),
        ("client twice", Url::parse(&format!("{good}&client_id={}", cast.deepsight.id)).unwrap()),
        (
            "redirect URI twice",
            Url::parse(&format!("{good}&redirect_uri=https%3A%2F%2Fevil.example")).unwrap(),
        ),
    ] {
        let page = match browser.visit(&bad).await {
            Landing::Page(page) => page,
            Landing::Away(url) => panic!("{what}: a redirect to {url}"),
        };
        assert!((400..500).contains(&page.status), "{what}: {}", page.status);
        assert!(!page.heading.is_empty(), "{what}: a page says what to do");
    }
    // RFC 6749 §3.1: parameters MUST NOT be included more than once.
    for name in ["scope", "state", "nonce", "response_type", "code_challenge", "prompt"] {
        let twice = Url::parse(&format!("{good}&{name}=a&{name}=b")).unwrap();
        let away = browser.visit(&twice).await.away();
        let error = away.query_pairs().find(|(own, _)| own == "error").map(|(_, value)| value.into_owned());
        assert_eq!(error.as_deref(), Some("invalid_request"), "{name} twice: {away}");
    }
    for name in ["grant_type", "code", "redirect_uri", "code_verifier"] {
        let answer = cast
            .mss
            .token(&[("grant_type", "authorization_code"), ("code", "x"), (name, "a"), (name, "b")])
            .await;
        assert_eq!(
            (answer.status, answer.error()),
            (400, "invalid_request"),
            "{name} twice: {}",
            answer.body
        );
    }
    for path in ["/login", "/new-user", "/authorize", "/token", "/userinfo", "/logout"] {
        let url = Url::parse(&cast.house.issuer).unwrap().join(path).unwrap();
        let body = format!("email={}", "a".repeat(70_000));
        let headers = [("origin", cast.house.issuer.as_str()), ("sec-fetch-site", "same-origin")];
        let page = browser.send(Method::POST, &url, Some(body), &headers).await;
        assert_eq!(page.status, 413, "{path}");
    }
    // A form from another site is not obeyed.
    let login = browser.visit(&good).await.at("/login");
    let action = login.form().unwrap().action.clone();
    let headers = [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")];
    let page =
        browser.send(Method::POST, &action, Some("email=a%40b.example&password=x".into()), &headers).await;
    assert_eq!(page.status, 403, "a cross-site post");
    // Bytes that are no form, and addresses that are none.
    for body in ["%ff%fe", "email=%00&password=%00", "email[]=a", "=&=&="] {
        let headers = [("origin", cast.house.issuer.as_str()), ("sec-fetch-site", "same-origin")];
        let page = browser.send(Method::POST, &action, Some(body.into()), &headers).await;
        assert!(page.status < 500, "{body}: {}", page.status);
    }
}

/// Refused: exit status 1, and one line on standard error, beside the log's, that has `about` in it.
fn refused(done: &Output, about: &str) {
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{about}: {said}");
    let lines: Vec<&str> = said.lines().filter(|line| !line.starts_with('{')).collect();
    assert!(lines.len() == 1 && lines[0].contains(about), "one clear line about {about:?}, not:\n{said}");
}

async fn a_database_from_the_future_is_refused(backend: Backend) {
    let house = House::build(backend, "https://login.example.test", "");
    let statement =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000000_future', 0)";
    house.sql(statement);
    refused(&house.run(&["serve"], ""), "newer");
    refused(&house.run(&["migrate"], ""), "newer");
    refused(&house.run(&["org", "list"], ""), "newer");
}

#[test]
fn a_configuration_that_cannot_work_is_refused_in_one_line() {
    let scratch = Scratch::new();
    let config = scratch.join("c.toml");
    let good = "issuer = 'https://login.example.test'\ndatabase.url = 'sqlite://a.db'\n";
    let serve = |text: &str| {
        write_private(&config, text);
        let mut serve = command();
        serve.arg("serve").arg("--config").arg(&config).current_dir(scratch.path());
        run(serve, "")
    };
    refused(&serve(&format!("{good}isuer = 'x'\n")), "isuer");
    refused(&serve(&format!("{good}[vip]\nacept_steps = 2\n")), "vip.acept_steps");
    refused(&serve("issuer = 'http://login.example.test'\n"), "issuer");
    refused(&serve(&format!("{good}listen = 'everywhere'\n")), "listen");
    // Not the usual port: somebody else may have it.
    let elsewhere = format!("listen = '127.0.0.1:0'\n{good}");
    write_private(&scratch.join("bad.key"), "this is no key\n");
    refused(&serve(&format!("{elsewhere}master_key.file = 'bad.key'\n")), "bad.key");
    refused(&serve(&format!("{elsewhere}master_key.file = '{}'\n", scratch.path().display())), "key");
    assert!(!scratch.join("a.db").exists(), "nothing is half done");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&serve(&format!("{good}listen = '{address}'\n")), &address);
    let missing = scratch.join("missing.toml");
    let mut serve = command();
    serve.arg("serve").arg("--config").arg(&missing);
    refused(&run(serve, ""), "missing.toml");
}

#[test]
fn usage_errors_exit_with_2() {
    for arguments in
        [&["no-such-command"][..], &["client", "add"], &["serve", "--no-such-flag"], &["user", "add"]]
    {
        let mut wrong = command();
        wrong.args(arguments);
        assert_eq!(run(wrong, "").status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn an_inventory_with_one_bad_row_is_refused_whole() {
    let house = House::build(Backend::Sqlite, "https://login.example.test", "");
    let heading = "credential_id,kind,seed_hex,digits,step,counter,organization,expires_at";
    let good = "VSMT00000001,time,3132333435363738393031323334353637383930,6,30,,,";
    let secret = "31323334353637383930313233343536373839";
    for bad in [
        "VSMT00000002,time,zz,6,30,,,",
        "VSMT00000002,sometimes,3132333435363738393031323334353637383930,6,30,,,",
        "VSMT00000002,time,3132333435363738393031323334353637383930,99,30,,,",
        "VSMT00000001,time,3132333435363738393031323334353637383930,6,30,,,",
        "VSMT00000002,time",
    ] {
        let file = house.file("inventory.csv");
        std::fs::write(&file, format!("{heading}\n{good}\n{bad}\n")).unwrap();
        let done = house.run(&["credential", "import", &file.display().to_string()], "");
        let said = [&done.stdout[..], &done.stderr[..]].concat();
        let said = String::from_utf8_lossy(&said);
        assert_eq!(done.status.code(), Some(1), "{bad}: {said}");
        assert!(!said.contains(secret), "a seed in the report: {said}");
        assert_eq!(house.admin(&["credential", "list"]).as_array().map(Vec::len), Some(0), "{bad}");
    }
    std::fs::write(house.file("inventory.csv"), format!("{heading}\n{good}\n")).unwrap();
    let file = house.file("inventory.csv").display().to_string();
    house.admin(&["credential", "import", &file, "--dry-run"]);
    assert_eq!(
        house.admin(&["credential", "list"]).as_array().map(Vec::len),
        Some(0),
        "a dry run does nothing"
    );
    house.admin(&["credential", "import", &file]);
    assert_eq!(house.admin(&["credential", "list"]).as_array().map(Vec::len), Some(1));
}
