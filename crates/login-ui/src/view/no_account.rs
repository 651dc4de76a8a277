//! No account at the client's service: why, and the way back.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// What the page shows.
pub struct NoAccount<'a> {
    /// The person's address.
    pub email: &'a str,
    /// The service, by name.
    pub service: &'a str,
    /// Who is told that access was denied, by name.
    pub client: &'a str,
    /// The link that takes the client its error.
    pub onward: &'a str,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, none: &NoAccount<'_>) -> Markup {
    let values = [("email", none.email), ("service", none.service)];
    let body = html! {
        p class="lead" { (frame.with(key::NO_ACCOUNT_LEAD, &values)) }
        p { (frame.with(key::NO_ACCOUNT_WHY, &values)) }
        p { (frame.text(key::NO_ACCOUNT_NEXT)) }
        p class="actions" {
            a id="continue" class="main" href=(none.onward) {
                (frame.with(key::NO_ACCOUNT_CONTINUE, &[("client", none.client)]))
            }
        }
    };
    frame.page(&frame.text(key::NO_ACCOUNT_TITLE), &body)
}
