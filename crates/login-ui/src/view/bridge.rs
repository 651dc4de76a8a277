//! Bridging Code.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// The page: where its form goes, where Back goes, and what was wrong with the last try.
#[must_use]
pub fn view(frame: &Frame<'_>, action: &str, back: &str, problem: Option<&Problem>) -> Markup {
    let code =
        Field::new(frame, "bridging_code", Kind::Code, key::BRIDGE_CODE).focus(true).wrong(problem.is_some());
    let body = html! {
        p class="lead" { (frame.text(key::BRIDGE_LEAD)) }
        (alert(frame, problem))
        form method="post" action=(action) novalidate {
            (code.view(frame))
            (button("bridge", &frame.text(key::BRIDGE_BUTTON)))
        }
        div class="links" { p { a id="back" href=(back) { (frame.text(key::BRIDGE_BACK)) } } }
    };
    frame.page(&frame.text(key::BRIDGE_TITLE), &body)
}

/// The link to it, where a bridging code could help on.
#[must_use]
pub fn link(frame: &Frame<'_>, bridge: Option<&str>) -> Markup {
    html! {
        @if let Some(bridge) = bridge {
            div class="links" { p { a id="bridge-link" href=(bridge) { (frame.text(key::BRIDGE_LINK)) } } }
        }
    }
}
