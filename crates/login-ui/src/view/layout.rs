//! What every page has around it: head, header, one card, footer.

use maud::{DOCTYPE, Markup, html};

use crate::asset::Assets;
use crate::brand::Brand;
use crate::key::{self, Key};
use crate::words::Words;
use countersign_identity::language::Language;

/// What every page is drawn with.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The words, in the language of this request.
    pub words: Words<'a>,
    /// Where the style sheet and the images are.
    pub assets: &'a Assets,
}

impl<'a> Frame<'a> {
    /// A frame in that language.
    #[must_use]
    pub fn new(language: Language, brand: &'a Brand, assets: &'a Assets) -> Self {
        Self { words: Words::new(language, brand), assets }
    }

    /// A message.
    #[must_use]
    pub fn text(&self, key: Key) -> String {
        self.words.text(key)
    }

    /// A message with values.
    #[must_use]
    pub fn with(&self, key: Key, values: &[(&str, &str)]) -> String {
        self.words.with(key, values)
    }

    /// The whole document: `title` is its one `h1`, `body` what stands under it in the card.
    #[must_use]
    pub fn page(&self, title: &str, body: &Markup) -> Markup {
        let portal = &self.words.brand().portal_name;
        html! {
            (DOCTYPE)
            html lang=(self.words.language().tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " – " (portal) }
                    link rel="stylesheet" href=(self.assets.style_path());
                    link rel="icon" href=(self.assets.icon_path()) type="image/svg+xml";
                }
                body {
                    a class="skip" href="#main" { (self.text(key::SKIP)) }
                    header class="top" { (self.header()) }
                    main id="main" class="card" {
                        h1 { (title) }
                        (body)
                    }
                    footer class="bottom" { (self.footer()) }
                }
            }
        }
    }

    fn header(&self) -> Markup {
        let portal = &self.words.brand().portal_name;
        html! {
            a class="brand" href="/" {
                @match self.assets.logo_path() {
                    Some(path) => { img class="logo" src=(path) alt=""; }
                    None => { img class="mark" src=(self.assets.icon_path()) alt="" width="36" height="36"; }
                }
                span { (portal) }
            }
        }
    }

    fn footer(&self) -> Markup {
        html! {
            p { (self.soc()) }
            p { a href="/browsers" { (self.text(key::SUPPORTED_BROWSERS)) } }
        }
    }

    /// The sentence that says how to reach the SOC.
    #[must_use]
    pub fn soc(&self) -> Markup {
        let contact = self.words.brand().soc_contact.trim();
        html! {
            @if contact.is_empty() {
                (self.text(key::HELP_PLAIN))
            } @else {
                (self.text(key::HELP_CONTACT)) " "
                @match contact_link(contact) {
                    Some(href) => a href=(href) { (contact) },
                    None => strong { (contact) },
                }
            }
        }
    }
}

/// Where a contact leads, when it is an https address or looks like an email address.
fn contact_link(contact: &str) -> Option<String> {
    let one_word = !contact.contains(char::is_whitespace);
    if contact.starts_with("https://") && one_word {
        return Some(contact.to_owned());
    }
    let (local, domain) = contact.split_once('@')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    let email = !local.is_empty() && domain.contains('.') && local.bytes().chain(domain.bytes()).all(plain);
    email.then(|| format!("mailto:{contact}"))
}
