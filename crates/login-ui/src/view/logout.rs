//! Log Out: the question, and the page afterwards.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// The question. `client` is who asks for it, by name, where a client does.
#[must_use]
pub fn view(frame: &Frame<'_>, action: &str, client: Option<&str>) -> Markup {
    let lead = client.map_or_else(
        || frame.text(key::LOGOUT_LEAD),
        |client| frame.with(key::LOGOUT_LEAD_CLIENT, &[("client", client)]),
    );
    let body = html! {
        p class="lead" { (lead) }
        form method="post" action=(action) {
            div class="actions pair" {
                a id="stay" class="plain" href="/" { (frame.text(key::LOGOUT_STAY)) }
                button id="logout" type="submit" class="main" { (frame.text(key::LOGOUT_BUTTON)) }
            }
        }
    };
    frame.page(&frame.text(key::LOGOUT_TITLE), &body)
}

/// The page afterwards. `onward` is where the client wants the person next, where it registered that. `told` are
/// addresses that the browser loads out of sight, so that applications can forget the person too; with them a script
/// goes onward once they are loaded.
#[must_use]
pub fn done(frame: &Frame<'_>, onward: Option<&str>, told: &[String]) -> Markup {
    let body = html! {
        div role="status" {
            p class="lead" { (frame.text(key::LOGGED_OUT_LEAD)) }
            p { (frame.text(key::LOGGED_OUT_SHARED)) }
        }
        p class="actions" {
            @match onward {
                Some(href) => a id="continue" class="main" href=(href) { (frame.text(key::LOGGED_OUT_CONTINUE)) },
                None => a id="again" class="main" href="/" { (frame.text(key::LOGGED_OUT_AGAIN)) },
            }
        }
        @for address in told {
            // What is in there may do no more than forget: no way to the whole window, no other windows.
            iframe hidden src=(address) sandbox="allow-forms allow-same-origin allow-scripts" {}
        }
        @if onward.is_some() && !told.is_empty() {
            script src=(frame.assets.leave_path()) {}
        }
    };
    frame.page(&frame.text(key::LOGGED_OUT_TITLE), &body)
}
