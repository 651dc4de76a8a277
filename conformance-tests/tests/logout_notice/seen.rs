//! Front-channel logout and session management, in Chromium, at a provider with TLS of its own.

use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::relying_party::{Attempt, RelyingParty};
use url::Url;

use crate::listener::Listener;

conformance_tests::on_both_databases!(
    an_application_is_loaded_in_a_frame_and_the_person_goes_on,
    without_scripts_the_person_goes_on_all_the_same,
    the_frame_says_unchanged_until_the_person_logs_out_in_another_tab,
    where_the_browser_keeps_cookies_from_frames_there_is_no_telling,
);

struct Scene {
    cast: Cast,
    human: Human,
    listener: Listener,
    party: RelyingParty,
    browser: Browser,
}

impl Scene {
    async fn open(backend: Backend, browser: Browser) -> Self {
        let house = House::serve_tls_with(backend, "protocol.session_management = true");
        let cast = Cast::new(house);
        let human = cast.enrolled("seen@logout.test", &["deepsight:acme"]).await;
        let listener = Listener::open().await;
        let party = listener.register(&cast.house, "--frontchannel-logout-uri", "/forget");
        listener.watch(&cast.house.issuer, &party.id);
        Self { cast, human, listener, party, browser }
    }

    /// Signs in; the browser is at the application's page then.
    async fn sign_in(&mut self) -> Attempt {
        let attempt = self.party.begin(&[]);
        self.browser.go(attempt.url.as_str()).await;
        self.browser.answer_as(&mut self.human, &self.listener.base).await;
        attempt
    }

    /// Logs out as the application asks for it, and waits for the browser to come back to it.
    async fn log_out(&self, id_token: &str) -> Url {
        let out = format!("{}/out", self.listener.base);
        let mut url = Url::parse(&format!("{}/logout", self.cast.house.issuer)).expect("an issuer");
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("post_logout_redirect_uri", &out)
            .append_pair("state", "a b");
        self.browser.go(url.as_str()).await;
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            let at = self.browser.url().await;
            if at.as_str().starts_with(&out) {
                return at;
            }
            assert!(Instant::now() < until, "it stays at {at}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the application's page shows that.
    async fn shows(&self, css: &str, text: &str) {
        let until = Instant::now() + Duration::from_secs(30);
        while self.browser.text(css).await.as_deref() != Some(text) {
            assert!(Instant::now() < until, "{css} is {:?}, not {text}", self.browser.text(css).await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn forgets_and_comes_back(mut self) {
        let attempt = self.sign_in().await;
        let (tokens, claims) = self.party.tokens(&self.browser.url().await, &attempt).await;
        assert!(self.listener.loaded().is_empty());
        let back = self.log_out(tokens.text("id_token")).await;
        assert_eq!(back.query(), Some("state=a+b"));
        let loaded = self.listener.loaded();
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", &self.cast.house.issuer)
            .append_pair("sid", claims.text("sid"))
            .finish();
        assert_eq!(loaded, [query]);
        let silent = self.party.begin(&[("prompt", "none")]);
        self.browser.go(silent.url.as_str()).await;
        assert_eq!(self.party.code(&self.browser.url().await, &silent), Err("login_required".to_owned()));
        self.browser.close().await;
    }
}

async fn an_application_is_loaded_in_a_frame_and_the_person_goes_on(backend: Backend) {
    let browser = Browser::open(Scripts::On).await;
    Scene::open(backend, browser).await.forgets_and_comes_back().await;
}

async fn without_scripts_the_person_goes_on_all_the_same(backend: Backend) {
    let browser = Browser::open(Scripts::Off).await;
    Scene::open(backend, browser).await.forgets_and_comes_back().await;
}

async fn the_frame_says_unchanged_until_the_person_logs_out_in_another_tab(backend: Backend) {
    let mut scene = Scene::open(backend, Browser::open_for_frames().await).await;
    scene.sign_in().await;
    scene.shows("#answer", "unchanged").await;
    scene.shows("#errors", "1").await;
    let issuer = scene.cast.house.issuer.clone();
    scene.browser.second_tab(&format!("{issuer}/logout")).await;
    scene.browser.press("logout").await;
    assert!(scene.browser.has("a#again").await, "{}", scene.browser.all_text().await);
    scene.browser.first_tab().await;
    scene.shows("#answer", "changed").await;
    // Signed in again it is another session: what the page knew of the first one stays changed.
    let known = scene.browser.url().await;
    scene.sign_in().await;
    scene.shows("#answer", "unchanged").await;
    scene.browser.go(known.as_str()).await;
    scene.shows("#answer", "changed").await;
    scene.browser.close().await;
}

async fn where_the_browser_keeps_cookies_from_frames_there_is_no_telling(backend: Backend) {
    let mut scene = Scene::open(backend, Browser::open(Scripts::On).await).await;
    scene.sign_in().await;
    // Not "changed", which would have the page ask for a new sign-in over and over.
    scene.shows("#errors", "3").await;
    assert_eq!(scene.browser.text("#answer").await.as_deref(), Some(""));
    scene.browser.close().await;
}
