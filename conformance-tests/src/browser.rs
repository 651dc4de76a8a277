//! Chromium, driven through WebDriver: opened, and looked at. What a person does in it is in `browser/hands.rs`.

mod hands;

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use url::Url;

use crate::page::Page;
use crate::place::{Scratch, free_ports};

/// Whether a browser runs scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// As browsers come.
    On,
    /// Switched off for every site.
    Off,
}

/// A browser with an empty profile. It and its driver end when this is dropped.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    driver: Driver,
    _profile: Scratch,
}

#[derive(Debug)]
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // Chromium is a child of the driver and ends with its session or, failing that, with its pipe.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Browser {
    /// Opens a fresh browser.
    ///
    /// # Panics
    /// When Chromium or its driver is missing.
    pub async fn open(scripts: Scripts) -> Self {
        Self::open_in(scripts, "en").await
    }

    /// Opens a fresh browser of somebody who reads `language`.
    ///
    /// # Panics
    /// When Chromium or its driver is missing.
    pub async fn open_in(scripts: Scripts, language: &str) -> Self {
        Self::start(scripts, language, false).await
    }

    /// Opens a fresh browser whose owner lets sites read their cookies in frames of other sites, without which
    /// OpenID Connect Session Management cannot work.
    ///
    /// # Panics
    /// When Chromium or its driver is missing.
    pub async fn open_for_frames() -> Self {
        Self::start(Scripts::On, "en", true).await
    }

    async fn start(scripts: Scripts, language: &str, frames: bool) -> Self {
        let port = free_ports(1);
        let mut driver = Command::new("chromedriver");
        driver.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = Driver(driver.spawn().unwrap_or_else(|error| {
            panic!("chromedriver cannot be started ({error}): start the tests through conformance-tests/run, which installs it")
        }));
        let until = Instant::now() + Duration::from_secs(30);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < until, "chromedriver does not listen");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let profile = Scratch::new();
        let javascript = if scripts == Scripts::On { 1 } else { 2 };
        let capabilities = json!({
            "browserName": "chrome",
            // The provider's own certificate, made for the test.
            "acceptInsecureCerts": true,
            "goog:chromeOptions": {
                "args": [
                    "--headless=new",
                    // Containers run as root, where Chromium's sandbox cannot be set up.
                    "--no-sandbox",
                    "--disable-dev-shm-usage",
                    "--disable-gpu",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--no-first-run",
                    "--hide-scrollbars",
                    "--window-size=1000,900",
                    format!("--accept-lang={language}"),
                    format!("--user-data-dir={}", profile.path().display()),
                ],
                "prefs": {
                    "profile.managed_default_content_settings.javascript": javascript,
                    "intl.accept_languages": language,
                    "credentials_enable_service": false,
                    "profile.cookie_controls_mode": i32::from(!frames),
                },
            },
        });
        let capabilities = capabilities.as_object().cloned().unwrap_or_default();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("Chromium cannot be started: {error}"));
        Self { client, driver, _profile: profile }
    }

    /// Closes it in good order.
    pub async fn close(self) {
        drop(self.client.close().await);
        drop(self.driver);
    }

    /// Goes to an address.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// Where it is.
    ///
    /// # Panics
    /// When it does not say.
    pub async fn url(&self) -> Url {
        self.client.current_url().await.expect("a browser is somewhere")
    }

    /// The path of the page.
    pub async fn path(&self) -> String {
        self.url().await.path().to_owned()
    }

    /// Checks which page it is on.
    ///
    /// # Panics
    /// When it is on another.
    pub async fn is_at(&self, path: &str) {
        let (now, heading) = (self.url().await, self.heading().await);
        assert_eq!(now.path(), path, "{now} «{heading}» {:?}", self.problem().await);
    }

    /// The page's heading, empty when it has none.
    pub async fn heading(&self) -> String {
        self.text("h1").await.unwrap_or_default()
    }

    /// The problem the page shows.
    pub async fn problem(&self) -> Option<String> {
        self.text("[role=alert]").await
    }

    /// The text of the first element that matches.
    pub async fn text(&self, css: &str) -> Option<String> {
        self.client.find(Locator::Css(css)).await.ok()?.text().await.ok()
    }

    /// The text of the whole page.
    pub async fn all_text(&self) -> String {
        self.text("body").await.unwrap_or_default()
    }

    /// Whether an element matches.
    pub async fn has(&self, css: &str) -> bool {
        self.client.find(Locator::Css(css)).await.is_ok()
    }

    /// An attribute of the first element that matches.
    pub async fn attribute(&self, css: &str, name: &str) -> Option<String> {
        self.client.find(Locator::Css(css)).await.ok()?.attr(name).await.ok().flatten()
    }

    /// What a field holds now.
    pub async fn value(&self, field: &str) -> String {
        let found = self.element(&format!("[name={field}]")).await;
        found.prop("value").await.ok().flatten().unwrap_or_default()
    }

    /// Whether a box is ticked.
    pub async fn ticked(&self, field: &str) -> bool {
        self.element(&format!("[name={field}]")).await.is_selected().await.unwrap_or_default()
    }

    /// The labels of the page's fields.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn labels(&self) -> Vec<String> {
        let mut labels = Vec::new();
        for label in self.client.find_all(Locator::Css("label")).await.expect("labels") {
            labels.push(label.text().await.expect("a label has a text"));
        }
        labels
    }

    async fn element(&self, css: &str) -> Element {
        match self.client.find(Locator::Css(css)).await {
            Ok(found) => found,
            Err(error) => panic!("{css} on {} «{}»: {error}", self.url().await, self.heading().await),
        }
    }

    /// What is on the page.
    ///
    /// # Panics
    /// When the browser does not say.
    pub async fn page(&self) -> Page {
        let source = self.client.source().await.expect("a page has a source");
        Page::read(self.url().await, 200, Vec::new(), source)
    }

    /// Forgets every cookie of this site.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn clear_cookies(&self) {
        self.client.delete_all_cookies().await.expect("cookies can be cleared");
    }

    /// Ends the browser's session as closing its window does: cookies without a lifetime go.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn forget_session_cookies(&self) {
        for cookie in self.client.get_all_cookies().await.expect("cookies can be listed") {
            if cookie.expires().is_none() {
                self.client.delete_cookie(cookie.name()).await.expect("a cookie can be deleted");
            }
        }
    }

    /// Writes a picture of the whole page.
    ///
    /// # Panics
    /// When it cannot be taken or written, or this browser runs no scripts.
    pub async fn picture(&self, file: &Path) {
        let picture = self.photograph().await;
        std::fs::write(file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// A picture of the whole page, as PNG.
    ///
    /// # Panics
    /// When it cannot be taken, or this browser runs no scripts.
    pub async fn photograph(&self) -> Vec<u8> {
        let (width, screen) = (760, 700);
        self.client.set_window_size(width, screen).await.expect("a window can be resized");
        let measure =
            "return [document.documentElement.scrollHeight, window.outerHeight - window.innerHeight]";
        let measured = self.client.execute(measure, Vec::new()).await.expect("a page can be measured");
        let pixels = |at: usize| measured[at].as_u64().and_then(|pixels| u32::try_from(pixels).ok());
        let height = pixels(0).unwrap_or(screen) + pixels(1).unwrap_or_default();
        self.client.set_window_size(width, height.max(400)).await.expect("a window can be resized");
        self.client.screenshot().await.expect("a browser takes pictures")
    }

    /// The JSON that the page consists of.
    ///
    /// # Panics
    /// When it is something else.
    pub async fn json(&self) -> serde_json::Value {
        let text = self.text("pre").await.unwrap_or(self.all_text().await);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}
