//! The provider as `serve` runs it, in this process, behind a proxy that isn't there: plain HTTP for an https issuer.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::HashMap;
use std::path::Path;

use countersign::app::App;
use countersign::settings::{Settings, source};
use countersign_store::Clock;
use tempfile::TempDir;

/// Settings of a provider whose files are in `place`.
fn settings(place: &TempDir, more: &str) -> Settings {
    let at = |name: &str| place.path().join(name).display().to_string();
    let text = format!(
        "issuer = 'https://login.example.test'\nlisten = '127.0.0.1:0'\n{more}\n\
         [database]\nurl = 'sqlite://{}'\n[master_key]\nfile = '{}'\n[mail]\nurl = 'file://{}'",
        at("c.db"),
        at("c.key"),
        at("mail"),
    );
    source::from_parts(Some((Path::new("test.toml"), &text)), HashMap::new()).unwrap().settings
}

async fn app(place: &TempDir) -> App {
    App::start(settings(place, ""), Clock::System).await.map_err(|failure| failure.to_string()).unwrap()
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_probes_and_metrics_answer() {
    let place = tempfile::tempdir().unwrap();
    let app = app(&place).await;
    let base = format!("http://{}", app.address);
    let get = |path: &str| client().get(format!("{base}{path}")).send();
    let login = get("/login").await.unwrap();
    assert_eq!(login.status(), 200);
    let cookie = login.headers()["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-countersign-browser=") && cookie.ends_with("; Secure"), "{cookie}");
    assert_eq!(get("/healthz").await.unwrap().status(), 200);
    assert_eq!(get("/readyz").await.unwrap().status(), 200);
    assert_eq!(get("/.well-known/openid-configuration").await.unwrap().status(), 200);
    let metrics = get("/metrics").await.unwrap().text().await.unwrap();
    assert!(metrics.contains(r#"countersign_requests_total{route="/login",method="GET",status="200"} 1"#));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_or_too_large_is_a_page_with_the_id_of_its_header() {
    let place = tempfile::tempdir().unwrap();
    let app = app(&place).await;
    let base = format!("http://{}", app.address);
    let missing = client().get(format!("{base}/nowhere?code=secret")).send().await.unwrap();
    assert_eq!(missing.status(), 404);
    let id = missing.headers()["x-request-id"].to_str().unwrap().to_owned();
    assert!(missing.text().await.unwrap().contains(&id));
    for path in ["/login", "/token", "/authorize"] {
        let large = client().post(format!("{base}{path}")).body("x".repeat(70_000)).send().await.unwrap();
        assert_eq!(large.status(), 413, "{path}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_in_use_is_refused_before_anything_is_made() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let place = tempfile::tempdir().unwrap();
    let mut settings = settings(&place, "");
    settings.listen = taken.local_addr().unwrap();
    let failure = App::start(settings, Clock::System).await.err().expect("the port is taken").to_string();
    assert!(failure.contains("is in use") && !failure.contains('\n'), "{failure}");
    assert!(!place.path().join("c.db").exists() && !place.path().join("c.key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_move_to_a_listener_of_their_own() {
    let place = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let settings = settings(&place, &format!("metrics.listen = '{free}'"));
    let app = App::start(settings, Clock::System).await.map_err(|failure| failure.to_string()).unwrap();
    let main = client().get(format!("http://{}/metrics", app.address)).send().await.unwrap();
    assert_eq!(main.status(), 404);
    let own = client().get(format!("http://{free}/metrics")).send().await.unwrap();
    assert_eq!(own.status(), 200);
    app.stop().await;
}
