//! Multiple Accounts Found.

use maud::{Markup, html};

use crate::key;
use crate::view::field::{PROBLEM_ID, alert, button};
use crate::view::{Frame, Problem};

/// One account to choose.
pub struct Choice<'a> {
    /// The account's id: what the form sends.
    pub id: &'a str,
    /// The organization's name.
    pub organization: &'a str,
    /// Whether it is the one in use so far.
    pub chosen: bool,
}

/// What the page shows.
pub struct Accounts<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The service they are accounts at, by name.
    pub service: &'a str,
    /// The accounts.
    pub choices: &'a [Choice<'a>],
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, accounts: &Accounts<'_>) -> Markup {
    let described = accounts.problem.map(|_| PROBLEM_ID);
    let body = html! {
        p class="lead" { (frame.with(key::ACCOUNTS_LEAD, &[("service", accounts.service)])) }
        (alert(frame, accounts.problem))
        form method="post" action=(accounts.action) novalidate {
            fieldset aria-describedby=[described] {
                legend { (frame.text(key::ACCOUNTS_LEGEND)) }
                @for (at, choice) in accounts.choices.iter().enumerate() {
                    label class="choice" for=(format!("account-{at}")) {
                        input id=(format!("account-{at}")) type="radio" name="account" value=(choice.id)
                            autocomplete="off" required checked[choice.chosen] autofocus[at == 0];
                        span { (choice.organization) }
                    }
                }
            }
            (button("login", &frame.text(key::ACCOUNTS_BUTTON)))
        }
    };
    frame.page(&frame.text(key::ACCOUNTS_TITLE), &body)
}
