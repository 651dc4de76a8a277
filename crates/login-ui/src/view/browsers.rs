//! Supported Browsers.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>) -> Markup {
    let body = html! {
        p class="lead" { (frame.text(key::BROWSERS_LEAD)) }
        ul {
            @for name in ["Google Chrome", "Microsoft Edge", "Mozilla Firefox", "Apple Safari"] { li { (name) } }
        }
        p { (frame.text(key::BROWSERS_OTHER)) }
        p { (frame.text(key::BROWSERS_COMPATIBILITY)) }
        p { (frame.text(key::BROWSERS_COOKIES)) }
    };
    frame.page(&frame.text(key::BROWSERS_TITLE), &body)
}
