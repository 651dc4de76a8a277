//! Create a New Password.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// What the page shows.
pub struct NewPassword<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// Whose password it is.
    pub email: &'a str,
    /// The least number of characters.
    pub least: usize,
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, new: &NewPassword<'_>) -> Markup {
    let wrong = new.problem.is_some();
    let hint = frame.with(key::NEW_PASSWORD_HINT, &[("least", &new.least.to_string())]);
    let password = Field::new(frame, "password", Kind::NewPassword, key::PASSWORD_LABEL)
        .hint(hint)
        .focus(true)
        .wrong(wrong);
    let confirm = Field::new(frame, "confirm", Kind::NewPassword, key::NEW_PASSWORD_CONFIRM).wrong(wrong);
    let body = html! {
        p class="lead" { (frame.text(key::NEW_PASSWORD_LEAD)) }
        (alert(frame, new.problem))
        form method="post" action=(new.action) novalidate {
            (owner(frame, new.email))
            (password.view(frame))
            (confirm.view(frame))
            (button("confirm", &frame.text(key::NEW_PASSWORD_BUTTON)))
        }
    };
    frame.page(&frame.text(key::NEW_PASSWORD_TITLE), &body)
}

/// Whose sign-in this is: for the person to see, and for a password manager to file the new password under. It
/// has no name, so it is not sent.
fn owner(frame: &Frame<'_>, email: &str) -> Markup {
    html! {
        div class="field" {
            label for="owner-field" { (frame.text(key::EMAIL_LABEL)) }
            input id="owner-field" type="email" value=(email) autocomplete="username" inputmode="email" readonly;
        }
    }
}
