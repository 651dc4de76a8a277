//! New User, and the answer that New User and Forgot Password give to everybody.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// The page. `login` is where Back to Login leads.
#[must_use]
pub fn view(frame: &Frame<'_>, action: &str, login: &str, problem: Option<&Problem>) -> Markup {
    let email =
        Field::new(frame, "email", Kind::Email, key::EMAIL_LABEL).focus(true).wrong(problem.is_some());
    let body = html! {
        p class="lead" { (frame.text(key::NEW_USER_LEAD)) }
        (alert(frame, problem))
        form method="post" action=(action) novalidate {
            (email.view(frame))
            (button("enter", &frame.text(key::NEW_USER_BUTTON)))
        }
        div class="links" {
            p { a id="back" href=(login) { (frame.text(key::BACK_TO_LOGIN)) } }
        }
    };
    frame.page(&frame.text(key::NEW_USER_TITLE), &body)
}

/// "Check your mail": the same bytes whatever the address, so it does not even repeat it.
#[must_use]
pub fn sent(frame: &Frame<'_>, login: &str) -> Markup {
    let body = html! {
        div role="status" {
            p class="lead" { (frame.text(key::NEW_USER_SENT)) }
            p { (frame.text(key::NEW_USER_SENT_NEXT)) " " (frame.text(key::NEW_USER_SENT_LIFETIME)) }
        }
        p class="actions" { a id="continue" class="main" href=(login) { (frame.text(key::NEW_USER_GO_LOGIN)) } }
        p class="hint" { (frame.text(key::NEW_USER_SENT_NOTHING)) }
    };
    frame.page(&frame.text(key::NEW_USER_SENT_TITLE), &body)
}
