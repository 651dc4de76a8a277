//! Forgot Password. Its answer is [`new_user::sent`](super::new_user::sent).

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
        p class="lead" { (frame.text(key::FORGOT_LEAD)) }
        p class="hint" { (frame.text(key::FORGOT_VIP)) }
        (alert(frame, problem))
        form method="post" action=(action) novalidate {
            (email.view(frame))
            (button("enter", &frame.text(key::FORGOT_BUTTON)))
        }
        div class="links" {
            p { a id="back" href=(login) { (frame.text(key::BACK_TO_LOGIN)) } }
        }
    };
    frame.page(&frame.text(key::FORGOT_TITLE), &body)
}
