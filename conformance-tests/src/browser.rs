//! Chromium, driven through WebDriver.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource as _, MouseActions, PointerAction};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use url::Url;

use crate::cast::Human;
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

    /// Types into a field, in place of what it holds.
    ///
    /// # Panics
    /// When there is no such field.
    pub async fn fill(&self, field: &str, value: &str) {
        let found = self.element(&format!("input[name={field}]")).await;
        found.clear().await.expect("a field can be cleared");
        found.send_keys(value).await.expect("a field can be typed into");
    }

    /// Chooses an option of a list by its value.
    ///
    /// # Panics
    /// When there is no such option.
    pub async fn choose(&self, field: &str, value: &str) {
        let css = format!("select[name={field}] option[value='{value}']");
        self.element(&css).await.click().await.expect("an option can be chosen");
    }

    /// Clicks a box or a radio button, which leads nowhere.
    ///
    /// # Panics
    /// When there is none.
    pub async fn tick(&self, css: &str) {
        self.element(css).await.click().await.unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Clicks a link and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is none, or it leads nowhere.
    pub async fn follow(&self, css: &str) {
        let before = self.element("html").await;
        self.tick(css).await;
        self.leave(&before).await;
    }

    /// Presses the button of that `id` and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is none, or it leads nowhere.
    pub async fn press(&self, id: &str) {
        self.follow(&format!("button#{id}")).await;
    }

    /// Presses a button twice as fast as a mouse can, and waits for the page it leads to.
    ///
    /// # Panics
    /// When there is no such button, or it leads nowhere.
    pub async fn press_twice(&self, id: &str) {
        let before = self.element("html").await;
        let element = self.element(&format!("button#{id}")).await;
        let left = fantoccini::actions::MOUSE_BUTTON_LEFT;
        let (down, up) = (PointerAction::Down { button: left }, PointerAction::Up { button: left });
        let at = PointerAction::MoveToElement { element, duration: None, x: 0.0, y: 0.0 };
        let mouse = MouseActions::new("mouse".into()).then(at);
        let mouse = mouse.then(down.clone()).then(up.clone()).then(down).then(up);
        self.client.perform_actions(mouse).await.expect("a mouse can be clicked");
        self.leave(&before).await;
    }

    /// Waits until a document has been replaced by another: a click answers before the form it sends has been
    /// answered. The driver holds the next command until the new document is there.
    async fn leave(&self, document: &Element) {
        let until = Instant::now() + Duration::from_secs(30);
        while document.tag_name().await.is_ok() {
            assert!(Instant::now() < until, "nothing came of the click on {}", self.url().await);
            tokio::time::sleep(Duration::from_millis(10)).await;
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

    /// Types into the page what this person knows and holds, without pressing its button. Returns the button's
    /// `id`, or nothing when the page asks for nothing.
    pub async fn type_as(&self, human: &mut Human) -> Option<String> {
        let page = self.page().await;
        let button = page.form()?.buttons.first()?.clone();
        let fields = human.fields(&page);
        if fields.is_empty() && page.path() != "/consent" {
            return None;
        }
        for (name, value) in fields {
            match name {
                "account" => self.tick(&format!("input[name=account][value='{value}']")).await,
                _ => self.fill(name, &value).await,
            }
        }
        Some(button)
    }

    /// Answers page after page as this person until it is at `app`.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn answer_as(&self, human: &mut Human, app: &str) {
        for _ in 0..8 {
            if self.url().await.as_str().starts_with(app) {
                return;
            }
            let Some(button) = self.type_as(human).await else { break };
            self.press(&button).await;
        }
        let (url, heading, problem) = (self.url().await, self.heading().await, self.problem().await);
        assert!(url.as_str().starts_with(app), "stuck at {url} «{heading}» {problem:?}");
    }

    /// Goes back.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn back(&self) {
        self.client.back().await.expect("a browser goes back");
    }

    /// Goes forward.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn forward(&self) {
        self.client.forward().await.expect("a browser goes forward");
    }

    /// Reloads, sending a form once more when the page came from one.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("a browser reloads");
    }

    /// Opens a second tab at an address and stays there; the first goes on existing.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn second_tab(&self, url: &str) {
        let tab = self.client.new_window(true).await.expect("a browser opens a tab");
        self.client.switch_to_window(tab.handle).await.expect("a browser changes tabs");
        self.go(url).await;
    }

    /// Returns to the first tab, leaving the second open.
    ///
    /// # Panics
    /// When it cannot.
    pub async fn first_tab(&self) {
        let tabs = self.client.windows().await.expect("a browser has tabs");
        self.client.switch_to_window(tabs[0].clone()).await.expect("a browser changes tabs");
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
        let (width, screen) = (760, 700);
        self.client.set_window_size(width, screen).await.expect("a window can be resized");
        let measure =
            "return [document.documentElement.scrollHeight, window.outerHeight - window.innerHeight]";
        let measured = self.client.execute(measure, Vec::new()).await.expect("a page can be measured");
        let pixels = |at: usize| measured[at].as_u64().and_then(|pixels| u32::try_from(pixels).ok());
        let height = pixels(0).unwrap_or(screen) + pixels(1).unwrap_or_default();
        self.client.set_window_size(width, height.max(400)).await.expect("a window can be resized");
        let picture = self.client.screenshot().await.expect("a browser takes pictures");
        std::fs::write(file, picture).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
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
