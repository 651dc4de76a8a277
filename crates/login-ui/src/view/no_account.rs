//! No account at the client's service: why, and the way back.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;
use crate::view::form_post::hidden;

/// What takes the client its error.
pub enum Onward {
    /// A link.
    Link(String),
    /// A form, for a client that is answered by post.
    Form {
        /// Where it goes.
        action: String,
        /// What it carries.
        fields: Vec<(&'static str, String)>,
    },
}

/// What the page shows.
pub struct NoAccount<'a> {
    /// The person's address.
    pub email: &'a str,
    /// The service, by name.
    pub service: &'a str,
    /// Who is told that access was denied, by name.
    pub client: &'a str,
    /// What takes the client its error.
    pub onward: &'a Onward,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, none: &NoAccount<'_>) -> Markup {
    let values = [("email", none.email), ("service", none.service)];
    let label = frame.with(key::NO_ACCOUNT_CONTINUE, &[("client", none.client)]);
    let body = html! {
        p class="lead" { (frame.with(key::NO_ACCOUNT_LEAD, &values)) }
        p { (frame.with(key::NO_ACCOUNT_WHY, &values)) }
        p { (frame.text(key::NO_ACCOUNT_NEXT)) }
        @match none.onward {
            Onward::Link(href) => p class="actions" { a id="continue" class="main" href=(href) { (label) } },
            Onward::Form { action, fields } => form method="post" action=(action) {
                (hidden(fields))
                p class="actions" { button id="continue" type="submit" class="main" { (label) } }
            },
        }
    };
    frame.page(&frame.text(key::NO_ACCOUNT_TITLE), &body)
}
