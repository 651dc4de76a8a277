//! What a level means: the page at the address that `acr` claims carry.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// The page of the level VIP, or of the level password. `acr` is the level's own address.
#[must_use]
pub fn view(frame: &Frame<'_>, acr: &str, vip: bool) -> Markup {
    let (title, meaning, amr, other) = if vip {
        (key::LEVEL_TITLE_VIP, key::LEVEL_VIP, r#"["pwd","otp","mfa"]"#, ("/acr/password", key::LEVEL_LOWER))
    } else {
        (key::LEVEL_TITLE_PASSWORD, key::LEVEL_PASSWORD, r#"["pwd"]"#, ("/acr/vip", key::LEVEL_HIGHER))
    };
    let body = html! {
        p class="lead" { (frame.text(meaning)) }
        p { (frame.text(key::LEVEL_LEAD)) " " (frame.text(key::LEVEL_EVIDENCE)) }
        dl {
            dt { "acr" }
            dd { code { (acr) } }
            dt { (frame.text(key::LEVEL_AMR)) }
            dd { code { (amr) } }
        }
        div class="links" { p { a href=(other.0) { (frame.text(other.1)) } } }
    };
    frame.page(&frame.text(title), &body)
}
