//! My Account.

use maud::{Markup, html};

use crate::key;
use crate::view::Frame;

/// What the page shows.
pub struct Account<'a> {
    /// The person's address.
    pub email: &'a str,
    /// Their name, where one is known.
    pub name: Option<&'a str>,
    /// Their accounts: service and organization, by name.
    pub accounts: &'a [(&'a str, &'a str)],
    /// Where My Tokens is.
    pub tokens: &'a str,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, account: &Account<'_>) -> Markup {
    let body = html! {
        dl {
            dt { (frame.text(key::EMAIL_LABEL)) } dd { (account.email) }
            @if let Some(name) = account.name { dt { (frame.text(key::ACCOUNT_NAME)) } dd { (name) } }
            @if !account.accounts.is_empty() {
                dt { (frame.text(key::ACCOUNT_ACCOUNTS)) }
                @for (service, organization) in account.accounts { dd { (service) " – " (organization) } }
            }
        }
        p class="actions" {
            a id="tokens" class="plain" href=(account.tokens) { (frame.text(key::TOKENS_TITLE)) }
        }
        div class="links" {
            p { a id="services" href="/" { (frame.text(key::HOME_TITLE)) } }
            p { a id="logout" href="/logout" { (frame.text(key::LOGOUT_BUTTON)) } }
        }
    };
    frame.page(&frame.text(key::ACCOUNT_TITLE), &body)
}
