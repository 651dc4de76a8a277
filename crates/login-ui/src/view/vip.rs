//! VIP Authentication.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem, bridge};

/// What the page shows.
pub struct Vip<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// Whether the token is out of step, so that the next code is asked for too.
    pub resynchronize: bool,
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
    /// Where a bridging code can be entered instead, if one could help.
    pub bridge: Option<&'a str>,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, vip: &Vip<'_>) -> Markup {
    let wrong = vip.problem.is_some();
    let code = Field::new(frame, "code", Kind::Code, key::VIP_CODE).focus(true).wrong(wrong);
    let next = Field::new(frame, "code2", Kind::Code, key::VIP_CODE2)
        .hint(frame.text(key::VIP_CODE2_HINT))
        .wrong(wrong);
    let body = html! {
        p class="lead" { (frame.text(key::VIP_LEAD)) }
        (alert(frame, vip.problem))
        form method="post" action=(vip.action) novalidate {
            (code.view(frame))
            @if vip.resynchronize { (next.view(frame)) }
            (button("login", &frame.text(key::VIP_BUTTON)))
        }
        (bridge::link(frame, vip.bridge))
    };
    frame.page(&frame.text(key::VIP_TITLE), &body)
}
