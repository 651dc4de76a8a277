//! Register Credential.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// What the page shows.
pub struct RegisterCredential<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The Credential ID typed last time.
    pub credential_id: &'a str,
    /// The name typed last time.
    pub token_name: &'a str,
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, register: &RegisterCredential<'_>) -> Markup {
    let wrong = register.problem.is_some();
    let first = register.credential_id.is_empty();
    let fields = [
        Field::new(frame, "credential_id", Kind::CredentialId, key::REGISTER_ID)
            .hint(frame.text(key::REGISTER_ID_HINT))
            .value(register.credential_id)
            .focus(first)
            .wrong(wrong),
        Field::new(frame, "code1", Kind::Code, key::REGISTER_CODE1)
            .hint(frame.text(key::REGISTER_CODE1_HINT))
            .focus(!first)
            .wrong(wrong),
        Field::new(frame, "code2", Kind::Code, key::REGISTER_CODE2)
            .hint(frame.text(key::REGISTER_CODE2_HINT))
            .wrong(wrong),
        Field::new(frame, "token_name", Kind::Name, key::REGISTER_NAME)
            .hint(frame.text(key::REGISTER_NAME_HINT))
            .value(register.token_name)
            .optional(),
    ];
    let body = html! {
        p class="lead" { (frame.text(key::REGISTER_LEAD)) }
        (alert(frame, register.problem))
        form method="post" action=(register.action) novalidate {
            @for field in &fields { (field.view(frame)) }
            (button("register", &frame.text(key::REGISTER_BUTTON)))
        }
    };
    frame.page(&frame.text(key::REGISTER_TITLE), &body)
}
