//! Back to the application by a form (OAuth 2.0 Form Post Response Mode): a script sends it, and a button does
//! where there is no script.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// What the form carries.
pub struct FormPost<'a> {
    /// Where it goes: the client's redirect URI.
    pub action: &'a str,
    /// The client, by name.
    pub client: &'a str,
    /// The parameters of the answer.
    pub fields: &'a [(&'static str, String)],
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, post: &FormPost<'_>) -> Markup {
    let body = html! {
        p class="lead" { (frame.with(key::FORM_POST_LEAD, &[("client", post.client)])) }
        form method="post" action=(post.action) {
            (hidden(post.fields))
            p class="actions" {
                button id="continue" type="submit" class="main" { (frame.text(key::FORM_POST_BUTTON)) }
            }
        }
        script src=(frame.assets.submit_path()) {}
    };
    frame.page(&frame.text(key::FORM_POST_TITLE), &body)
}

/// Fields nobody types into.
#[must_use]
pub fn hidden(fields: &[(&'static str, String)]) -> Markup {
    html! {
        @for (name, value) in fields {
            input type="hidden" name=(name) value=(value);
        }
    }
}
