//! What a third party's client says of itself: its logo and its links, under the form of Login and of Consent.

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::key;
use crate::view::Frame;

/// A client's own words. They travel with the pending request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Its name.
    pub client: String,
    /// Where its logo is. The person's browser loads it; this server never does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logo: Option<String>,
    /// What it does with what it learns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Its terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
}

impl About {
    /// The logo, if a page may show it: `https` alone.
    fn logo(&self) -> Option<Url> {
        let url = Url::parse(self.logo.as_deref()?).ok()?;
        (url.scheme() == "https").then_some(url)
    }

    /// The origin that the page loads the logo from.
    #[must_use]
    pub fn logo_origin(&self) -> Option<String> {
        Some(self.logo()?.origin().ascii_serialization())
    }
}

/// The client's own words, if it says any.
#[must_use]
pub fn view(frame: &Frame<'_>, about: Option<&About>) -> Markup {
    let Some(about) = about else { return html! {} };
    let name = [("client", about.client.as_str())];
    html! {
        aside class="about" {
            @if let Some(logo) = about.logo() {
                img src=(logo.as_str()) alt=(frame.with(key::ABOUT_LOGO, &name)) referrerpolicy="no-referrer";
            }
            p {
                span class="aside" { (frame.with(key::ABOUT_LEAD, &name)) }
                (link("client-policy", about.policy.as_deref(), &frame.text(key::ABOUT_POLICY)))
                (link("client-terms", about.terms.as_deref(), &frame.text(key::ABOUT_TERMS)))
            }
        }
    }
}

/// A link to somewhere that is not ours: it opens beside the sign-in, and learns nothing of it.
fn link(id: &str, href: Option<&str>, text: &str) -> Markup {
    let is_web = |href: &&str| href.starts_with("https://") || href.starts_with("http://");
    html! {
        @if let Some(href) = href.filter(is_web) {
            " " a id=(id) href=(href) target="_blank" rel="noopener noreferrer nofollow" { (text) }
        }
    }
}
