//! Takes the pictures in `docs/screenshots`: every page a person can meet, in Chromium, in English; and the guide's
//! own pages in Japanese too.
//!
//! ```sh
//! cargo run -p conformance-tests --example pictures
//! ```

use std::path::PathBuf;

use conformance_tests::app::App;
use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::place::top;
use conformance_tests::stage::{SAMPLE_PASSWORD, Stage};
use conformance_tests::token::Token;

/// A browser of one language, and the names of its pictures.
struct Album {
    browser: Browser,
    language: &'static str,
}

impl Album {
    async fn open(language: &'static str) -> Self {
        Self { browser: Browser::open_in(Scripts::On, language).await, language }
    }

    async fn take(&self, name: &str) {
        let ending = if self.language == "en" { String::new() } else { format!("-{}", self.language) };
        let file = folder().join(format!("{name}{ending}.png"));
        self.browser.picture(&file).await;
        println!("{} «{}»", file.display(), self.browser.heading().await);
    }

    async fn log_in(&self, email: &str, password: &str) {
        self.browser.fill("email", email).await;
        self.browser.fill("password", password).await;
        self.browser.press("login").await;
    }
}

fn folder() -> PathBuf {
    top().join("docs/screenshots")
}

#[tokio::main]
async fn main() {
    let stage = Stage::serve(Backend::Sqlite).await;
    for language in ["en", "ja"] {
        guide(&stage, language).await;
    }
    choices(&stage).await;
    of_an_application(&stage).await;
    refusals(&stage).await;
    around(&stage).await;
    drop(stage);
    for language in ["en", "ja"] {
        tokens(language).await;
    }
    demonstration().await;
}

/// The guide's own pages, in its order.
async fn guide(stage: &Stage, language: &'static str) {
    let cast = stage.cast();
    let mut human = cast.provision(&format!("ann.{language}@example.com"), &["mss:acme", "mss:globex"]);
    let album = Album::open(language).await;
    let browser = &album.browser;
    browser.go(&format!("{}/login", stage.mss)).await;
    album.take("login").await;
    browser.follow("#forgot-password").await;
    album.take("forgot-password").await;
    browser.back().await;
    browser.follow("#new-user").await;
    browser.fill("email", &human.email).await;
    album.take("new-user").await;
    browser.press("enter").await;
    album.take("new-user-sent").await;
    let temporary = cast.house.mails().temporary_password(&human.email, 0).await;
    browser.follow("#continue").await;
    album.log_in(&human.email, "certainly not the right one").await;
    album.take("login-refused").await;
    album.log_in(&human.email, &temporary).await;
    album.take("create-a-new-password").await;
    browser.fill("password", "password1234567").await;
    browser.fill("confirm", "password1234567").await;
    browser.press("confirm").await;
    album.take("create-a-new-password-refused").await;
    browser.type_as(&mut human).await;
    browser.press("confirm").await;
    album.take("register-credential").await;
    let token = human.token.as_ref().expect("a token");
    browser.fill("credential_id", &token.credential_id).await;
    browser.fill("code1", &token.wrong()).await;
    browser.fill("code2", "999999").await;
    browser.press("register").await;
    album.take("register-credential-refused").await;
    browser.type_as(&mut human).await;
    browser.press("register").await;
    album.take("multiple-accounts-found").await;
    album.browser.close().await;
    daily(stage, language, &mut human).await;
}

/// The page for the code: as it comes, refused, out of step, locked.
async fn daily(stage: &Stage, language: &'static str, human: &mut Human) {
    let album = Album::open(language).await;
    let browser = &album.browser;
    browser.go(&format!("{}/login", stage.mss)).await;
    album.log_in(&human.email, &human.password).await;
    album.take("vip-authentication").await;
    let wrong = human.token.as_ref().expect("a token").wrong();
    browser.fill("code", &wrong).await;
    browser.press("login").await;
    album.take("vip-authentication-refused").await;
    let token = human.token.as_mut().expect("a token");
    for _ in 0..20 {
        token.code();
    }
    let (first, _) = token.two_codes();
    browser.fill("code", &first).await;
    browser.press("login").await;
    album.take("vip-authentication-out-of-step").await;
    while browser.has("input[name=code]").await {
        browser.fill("code", &wrong).await;
        if browser.has("input[name=code2]").await {
            browser.fill("code2", &wrong).await;
        }
        browser.press("login").await;
    }
    album.take("token-locked").await;
    album.browser.close().await;
}

/// Consent, no account, a token to be registered first, logging out.
async fn choices(stage: &Stage) {
    let cast = stage.cast();
    let album = Album::open("en").await;
    let browser = &album.browser;
    let third = App::start(&cast.house, "deepsight", &["--third-party"]).await;
    browser.go(&format!("{}/login", third.base)).await;
    album.log_in("deepsight@example.com", SAMPLE_PASSWORD).await;
    album.take("consent").await;
    browser.go(&format!("{}/login", stage.mss)).await;
    album.take("no-account").await;
    browser.go(&stage.issuer).await;
    album.take("services-signed-in").await;
    browser.follow("#logout").await;
    album.take("log-out").await;
    browser.press("logout").await;
    album.take("logged-out").await;
    let human = cast.enrolled("late@example.com", &["deepsight:acme"]).await;
    cast.house.admin(&["user", "link", &human.email, "--account", "mss:acme"]);
    browser.go(&format!("{}/login", stage.mss)).await;
    album.log_in(&human.email, &human.password).await;
    album.take("check-your-mail").await;
    album.browser.close().await;
}

/// What an application brings with it: its logo and links, its answer by post, its frame at a logout. Without scripts,
/// which would press the buttons and leave.
async fn of_an_application(stage: &Stage) {
    let house = &stage.cast().house;
    let album = Album { browser: Browser::open(Scripts::Off).await, language: "en" };
    let browser = &album.browser;
    let third = App::start(house, "deepsight", &["--third-party"]).await;
    browser.go(&stage.issuer).await;
    let icon = browser.attribute("link[rel=icon]", "href").await.expect("the pages have an icon");
    let logo = format!("{}{icon}", stage.issuer);
    let link = |name: &str| format!("{}/{name}", third.base);
    let (terms, policy, told) = (link("terms"), link("privacy"), link("logged-out"));
    house.admin(&[
        "client",
        "update",
        &third.client.id,
        "--name",
        "Threat Reports",
        "--logo-uri",
        &logo,
        "--tos-uri",
        &terms,
        "--policy-uri",
        &policy,
        "--frontchannel-logout-uri",
        &told,
    ]);
    browser.go(third.client.begin(&[("response_mode", "form_post")]).url.as_str()).await;
    album.take("login-for-an-application").await;
    album.log_in("deepsight@example.com", SAMPLE_PASSWORD).await;
    album.take("consent-for-an-application").await;
    browser.press("allow").await;
    album.take("answer-by-post").await;
    browser.go(&format!("{}/logout", stage.issuer)).await;
    browser.press("logout").await;
    album.take("logged-out-of-applications").await;
    album.browser.close().await;
}

/// Requests that cannot be gone on with.
async fn refusals(stage: &Stage) {
    let album = Album::open("en").await;
    let browser = &album.browser;
    let at = |path: &str| format!("{}{path}", stage.issuer);
    for (name, path) in [
        ("error-unknown-application", "/authorize?client_id=nobody".to_owned()),
        ("error-unknown-address", format!("/authorize?client_id={}", stage.cast().mss.id)),
        ("error-not-found", "/nowhere".to_owned()),
        ("error-logout", "/logout?post_logout_redirect_uri=https://elsewhere.example".to_owned()),
        ("page-expired", "/login/vip?r=worn-out".to_owned()),
    ] {
        browser.go(&at(&path)).await;
        album.take(name).await;
    }
    browser.go(&format!("{}/login", stage.mss)).await;
    browser.clear_cookies().await;
    browser.press("login").await;
    album.take("error-no-cookies").await;
    album.browser.close().await;
}

/// What stands around the sign-in.
async fn around(stage: &Stage) {
    let album = Album::open("en").await;
    for (name, path) in [
        ("services", "/"),
        ("supported-browsers", "/browsers"),
        ("level-password", "/acr/password"),
        ("level-vip", "/acr/vip"),
    ] {
        album.browser.go(&format!("{}{path}", stage.issuer)).await;
        album.take(name).await;
    }
    album.browser.close().await;
}

/// What people see of their own tokens, and the desk's packet and bridging code.
async fn tokens(language: &'static str) {
    let cast = Cast::new(House::serve_tls_with(Backend::Sqlite, "vip.bridging_minutes = 60"));
    let mut human = cast.enrolled("ann@example.com", &["mss:acme", "deepsight:acme"]).await;
    let first = human.token.as_ref().expect("a token").credential_id.clone();
    let second = cast.assign(Token::event(), &human.email).credential_id;
    let app = App::start(&cast.house, "deepsight", &[]).await;
    let album = Album::open(language).await;
    let browser = &album.browser;
    let at = |path: &str| format!("{}{path}", cast.house.issuer);
    browser.go(&at("/account/tokens")).await;
    browser.choose("language", language).await;
    while let Some(button) = browser.type_as(&mut human).await {
        browser.press(&button).await;
    }
    album.take("my-tokens").await;
    browser.go(&at("/account")).await;
    album.take("my-account").await;
    browser.go(&at("/account/tokens/add")).await;
    album.take("my-tokens-add").await;
    browser.go(&at(&format!("/account/tokens/lost?id={first}"))).await;
    album.take("my-tokens-lost").await;
    browser.press("report").await;
    album.take("my-tokens-reported").await;
    cast.house.admin(&["credential", "unassign", &second]);
    browser.clear_cookies().await;
    browser.go(&format!("{}/login", app.base)).await;
    album.log_in(&human.email, &human.password).await;
    album.take("token-lost").await;
    browser.follow("#bridge-link").await;
    album.take("bridging-code").await;
    let issued = cast.house.admin(&["credential", "bridge", &human.email, "--reason", "a picture"]);
    browser.fill("bridging_code", issued["bridging_code"].as_str().expect("a code")).await;
    browser.press("bridge").await;
    browser.go(&at("/account/tokens")).await;
    album.take("my-tokens-bridged").await;
    cast.house.admin(&["credential", "assign", &second, "--user", &human.email]);
    let packet = cast.house.file("packet.html");
    let written = cast.house.run(
        &["credential", "packet", &second, "--language", language, "--output", &packet.display().to_string()],
        "",
    );
    assert!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
    browser.go(&format!("file://{}", packet.display())).await;
    album.take("welcome-packet").await;
    album.browser.close().await;
}

/// The demonstration's own pages.
async fn demonstration() {
    let stage = Stage::demo();
    let album = Album::open("en").await;
    let browser = &album.browser;
    browser.go(&format!("{}/demo", stage.issuer)).await;
    album.take("demo").await;
    let credential = stage.credential("new-mss@example.com").await;
    browser.go(&format!("{}/demo/token/{credential}", stage.issuer)).await;
    album.take("demo-token").await;
    browser.go(&format!("{}/new-user", stage.issuer)).await;
    browser.fill("email", "new-mss@example.com").await;
    browser.press("enter").await;
    stage.mails().temporary_password("new-mss@example.com", 0).await;
    browser.go(&format!("{}/demo/outbox", stage.issuer)).await;
    album.take("demo-outbox").await;
    stage.sign_in(browser, &stage.deepsight, "both@example.com").await;
    album.take("demo-application").await;
    album.browser.close().await;
}
