//! Login: the first page of every sign-in.

use countersign_identity::language::Language;
use maud::{Markup, html};

use crate::key;
use crate::view::about::{self, About};
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// What the page shows.
pub struct Login<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The service the person is on the way to, by name.
    pub service: Option<&'a str>,
    /// The address to begin with.
    pub email: &'a str,
    /// The language chosen, where one is.
    pub language: Option<Language>,
    /// Whether Remember Me is ticked.
    pub remember: bool,
    /// Where New User leads.
    pub new_user: &'a str,
    /// Where Forgot password leads.
    pub forgot: &'a str,
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
    /// What the client the person is on the way to says of itself.
    pub about: Option<&'a About>,
}

/// The page.
#[must_use]
pub fn view(frame: &Frame<'_>, login: &Login<'_>) -> Markup {
    let wrong = login.problem.is_some();
    let known = !login.email.is_empty();
    let lead = login.service.map_or_else(
        || frame.text(key::LOGIN_LEAD),
        |service| frame.with(key::LOGIN_LEAD_SERVICE, &[("service", service)]),
    );
    let email = Field::new(frame, "email", Kind::Email, key::EMAIL_LABEL)
        .value(login.email)
        .focus(!known)
        .wrong(wrong);
    let password =
        Field::new(frame, "password", Kind::Password, key::PASSWORD_LABEL).focus(known).wrong(wrong);
    let body = html! {
        p class="lead" { (lead) }
        (alert(frame, login.problem))
        form method="post" action=(login.action) novalidate {
            (email.view(frame))
            (password.view(frame))
            (language_choice(frame, login.language))
            (remember_choice(frame, login.remember))
            (button("login", &frame.text(key::LOGIN_BUTTON)))
        }
        div class="links" {
            p {
                span class="aside" { (frame.text(key::LOGIN_NEW_USER_LEAD)) } " "
                a id="new-user" href=(login.new_user) { (frame.text(key::LOGIN_NEW_USER)) }
            }
            p { a id="forgot-password" href=(login.forgot) { (frame.text(key::LOGIN_FORGOT)) } }
        }
        (about::view(frame, login.about))
    };
    frame.page(&frame.text(key::LOGIN_TITLE), &body)
}

/// Each language by its own name, and first the choice to make none.
fn language_choice(frame: &Frame<'_>, chosen: Option<Language>) -> Markup {
    html! {
        div class="field" {
            label for="language-field" { (frame.text(key::LANGUAGE_LABEL)) }
            select id="language-field" name="language" autocomplete="language" {
                option value="" { (frame.text(key::LANGUAGE_NONE)) }
                @for language in Language::ALL {
                    option value=(language.tag()) lang=(language.tag()) selected[chosen == Some(language)] {
                        (language.endonym())
                    }
                }
            }
        }
    }
}

fn remember_choice(frame: &Frame<'_>, ticked: bool) -> Markup {
    html! {
        div class="tick" {
            input id="remember-field" name="remember" type="checkbox" value="yes" autocomplete="off"
                aria-describedby="remember-hint" checked[ticked];
            label for="remember-field" { (frame.text(key::LOGIN_REMEMBER)) }
            p id="remember-hint" class="hint" { (frame.text(key::LOGIN_REMEMBER_HINT)) }
        }
    }
}
