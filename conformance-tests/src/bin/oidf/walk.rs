//! Chromium at an address that the suite names, in the hands of one of our people.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conformance_tests::browser::Browser;
use conformance_tests::cast::Human;
use url::Url;

use crate::https::Failure;
use crate::suite::{Suite, Visit};

/// How long a page without a question may take to lead on by itself: a form that posts itself, frames of a logout.
const LEADS_ON: Duration = Duration::from_secs(8);

/// One visit.
pub struct Walk<'a> {
    /// The suite.
    pub suite: &'a Suite,
    /// The run of a module that asked for it.
    pub run: &'a str,
    /// Our origin.
    pub issuer: &'a str,
    /// The browser, with whatever it remembers from earlier visits of the same run.
    pub browser: &'a Browser,
    /// Whether the page that is to be photographed is all the module is about.
    pub only_picture: bool,
}

impl Walk<'_> {
    /// Goes there, answers our pages as `human`, photographs one if the suite wants to see it, and stays where
    /// that ends.
    ///
    /// # Errors
    /// When the suite does not take the picture.
    pub async fn go(&self, visit: &Visit, human: &mut Human) -> Result<(), Failure> {
        self.suite.visiting(self.run, &visit.url).await?;
        let mut wanted = self.suite.pictures_wanted(self.run).await?;
        if visit.method == "POST" {
            let url = Url::parse(&visit.url).map_err(|error| format!("{}: {error}", visit.url))?;
            self.browser.post(&url).await;
        } else {
            self.browser.go(&visit.url).await;
        }
        for _ in 0..12 {
            if !self.is_ours().await {
                return Ok(());
            }
            // A page of the sign-in is shown as the person finds it, before anything is typed.
            let path = self.browser.path().await;
            if !wanted.is_empty() && (path.starts_with("/login") || path == "/consent") {
                self.photograph(wanted.drain(..)).await?;
                if self.only_picture {
                    return Ok(());
                }
            }
            let Some(button) = self.answer(human).await else {
                // Any other page is shown where it all ends.
                if !self.leads_on().await {
                    self.photograph(wanted.drain(..)).await?;
                }
                return Ok(());
            };
            self.browser.press(&button).await;
        }
        Err(format!("the pages do not end: {}", self.browser.url().await))
    }

    /// Fills in the page; returns the button to press, or nothing where nothing is asked.
    async fn answer(&self, human: &mut Human) -> Option<String> {
        for (path, button) in [("/logout", "logout"), ("/consent", "allow")] {
            if self.browser.path().await == path && self.browser.has(&format!("button#{button}")).await {
                return Some(button.to_owned());
            }
        }
        self.browser.type_as(human).await
    }

    async fn is_ours(&self) -> bool {
        self.browser.url().await.as_str().starts_with(self.issuer)
    }

    /// Waits whether a page that asks nothing leads away from us by itself.
    async fn leads_on(&self) -> bool {
        let script = self.browser.has("script, iframe, meta[http-equiv=refresh]").await;
        let until = Instant::now() + if script { LEADS_ON } else { Duration::from_millis(300) };
        while Instant::now() < until {
            if !self.is_ours().await {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    async fn photograph(&self, places: impl ExactSizeIterator<Item = String>) -> Result<(), Failure> {
        if places.len() == 0 {
            return Ok(());
        }
        let picture = STANDARD.encode(self.browser.photograph().await);
        for place in places {
            self.suite.picture(self.run, &place, format!("data:image/png;base64,{picture}")).await?;
        }
        Ok(())
    }
}
