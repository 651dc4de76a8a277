//! Consent: what a third party's client asks for, and who will get it.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;
use crate::view::about::{self, About};

/// What the page shows.
pub struct Consent<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The client's name, as it gave it.
    pub client: &'a str,
    /// The host the answer goes to: the one thing here the client can't make up.
    pub host: &'a str,
    /// The scopes asked for.
    pub scopes: &'a [&'a str],
    /// What the client says of itself.
    pub about: Option<&'a About>,
}

/// The page. The form sends `decision`, `allow` or `deny`.
#[must_use]
pub fn view(frame: &Frame<'_>, consent: &Consent<'_>) -> Markup {
    let body = html! {
        p class="lead" { (frame.with(key::CONSENT_LEAD, &[("client", consent.client)])) }
        p { (frame.text(key::CONSENT_LEGEND)) }
        ul { @for scope in consent.scopes { li { (meaning(frame, scope)) } } }
        p class="hint" { (frame.with(key::CONSENT_GOES_TO, &[("host", consent.host)])) }
        form method="post" action=(consent.action) {
            div class="actions pair" {
                button id="deny" type="submit" name="decision" value="deny" { (frame.text(key::CONSENT_DENY)) }
                button id="allow" type="submit" name="decision" value="allow" class="main" {
                    (frame.text(key::CONSENT_ALLOW))
                }
            }
        }
        (about::view(frame, consent.about))
    };
    frame.page(&frame.text(key::CONSENT_TITLE), &body)
}

fn meaning(frame: &Frame<'_>, scope: &str) -> String {
    match scope {
        "openid" => frame.text(key::CONSENT_SCOPE_OPENID),
        "email" => frame.text(key::CONSENT_SCOPE_EMAIL),
        "profile" => frame.text(key::CONSENT_SCOPE_PROFILE),
        "organization" => frame.text(key::CONSENT_SCOPE_ORGANIZATION),
        "offline_access" => frame.text(key::CONSENT_SCOPE_OFFLINE),
        other => frame.with(key::CONSENT_SCOPE_OTHER, &[("scope", other)]),
    }
}
