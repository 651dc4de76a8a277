//! The first page: the services.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// One service.
pub struct Service<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Whether it requires VIP.
    pub vip: bool,
    /// Where choosing it leads.
    pub href: &'a str,
}

/// The page. `email` is who is logged in, if anybody.
#[must_use]
pub fn view(frame: &Frame<'_>, services: &[Service<'_>], email: Option<&str>) -> Markup {
    let body = html! {
        @if services.is_empty() {
            p class="lead" { (frame.text(key::HOME_NONE)) }
        } @else {
            p class="lead" { (frame.text(key::HOME_LEAD)) }
            ul class="services" {
                @for service in services {
                    li {
                        a id=(format!("service-{}", service.id)) href=(service.href) {
                            strong { (service.name) }
                            span { (frame.text(requirement(service.vip))) }
                        }
                    }
                }
            }
        }
        div class="links" {
            @match email {
                Some(email) => {
                    p class="aside" { (frame.with(key::HOME_SIGNED_IN, &[("email", email)])) }
                    p { a id="account" href="/account" { (frame.text(key::ACCOUNT_TITLE)) } }
                    p { a id="logout" href="/logout" { (frame.text(key::LOGOUT_BUTTON)) } }
                },
                None => p { a id="login" href="/login" { (frame.text(key::LOGIN_BUTTON)) } },
            }
        }
    };
    frame.page(&frame.text(key::HOME_TITLE), &body)
}

fn requirement(vip: bool) -> key::Key {
    if vip { key::HOME_NEEDS_VIP } else { key::HOME_NEEDS_PASSWORD }
}
