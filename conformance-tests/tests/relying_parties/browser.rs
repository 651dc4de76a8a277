//! A single-page application on `oidc-client-ts`, in Chromium: signs in with PKCE, asks userinfo, renews its tokens
//! by itself, revokes them and signs out. All of it is asked from a page of another origin than the provider's.

use std::time::{Duration, Instant};

use axum::response::Html;
use axum::routing::get;
use axum::{Json, Router};
use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::relying_party::RelyingParty;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::installed;
use crate::scene::{Guest, Scene};

conformance_tests::on_both_databases!(oidc_client_ts_signs_in_renews_and_signs_out_in_chromium);

async fn oidc_client_ts_signs_in_renews_and_signs_out_in_chromium(backend: Backend) {
    let mut scene = Scene::open(backend).await;
    let app = serve(&scene).await;
    let browser = Browser::open(Scripts::On).await;
    for Guest { human, level, .. } in &mut scene.guests {
        browser.go(&app).await;
        assert_eq!(shown(&browser, "h1").await, "Signed out");
        browser.press("sign-in").await;
        // Whoever was here before has been signed out at the provider too.
        browser.is_at("/login").await;
        browser.answer_as(human, &app).await;

        let read = |text: String| serde_json::from_str::<Value>(&text).expect("the page shows claims");
        let claims = read(shown(&browser, "#claims").await);
        assert_eq!(claims["acr"], format!("{}/acr/{level}", scene.cast.house.issuer));
        assert_eq!(claims["email"], human.email, "from userinfo");
        let renewed = read(shown(&browser, "#renewed").await);
        assert_eq!(renewed["anew"], json!(["access_token", "refresh_token", "id_token"]));
        for name in ["sub", "acr", "amr", "auth_time", "email"] {
            assert_eq!(renewed[name], claims[name], "{name}");
        }

        browser.press("sign-out").await;
        assert_eq!(shown(&browser, "h1").await, "Signed out");
        assert_eq!(browser.url().await.as_str(), format!("{app}/after"));
    }
    browser.press("sign-in").await;
    browser.is_at("/login").await;
    browser.close().await;
}

/// Registers the application and serves its page until the test is over. Returns its origin.
async fn serve(scene: &Scene) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let after = format!("{origin}/after");
    let more = ["--public", "--post-logout-redirect-uri", &after];
    let client = RelyingParty::register_at(&scene.cast.house, "", &format!("{origin}/callback"), &more);
    let settings = Json(json!({
        "authority": scene.cast.house.issuer,
        "client_id": client.id,
        "redirect_uri": client.redirect_uri,
        "post_logout_redirect_uri": after,
    }));
    let library = installed::npm().join("node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js");
    let library = std::fs::read_to_string(library).expect("the library is installed");
    let page = std::fs::read_to_string(installed::source("oidc-client-ts.html")).expect("the page is there");
    let router = Router::new()
        .route("/settings.json", get(async move || settings))
        .route("/oidc-client-ts.js", get(async move || ([("content-type", "text/javascript")], library)))
        .fallback(get(async move || Html(page)));
    tokio::spawn(async move { axum::serve(listener, router).await });
    origin
}

/// Waits until the page shows a text there.
async fn shown(browser: &Browser, css: &str) -> String {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let text = browser.text(css).await.filter(|text| !text.is_empty());
        if let Some(text) = text {
            return text;
        }
        let problem = browser.problem().await;
        assert!(
            problem.is_none() && Instant::now() < until,
            "no {css} on {}: {problem:?}",
            browser.url().await
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
