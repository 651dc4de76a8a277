//! My Tokens, and the page of each change: another token, another name, one given back, one lost.

use countersign_identity::tokens::TokenState;
use maud::{Markup, html};

use crate::key::{self, Key};
use crate::view::field::{Field, Kind, alert, button};
use crate::view::{Frame, Problem};

/// One token. Times are texts; a link that is not there is a change that is not offered.
pub struct Token {
    /// The Credential ID.
    pub credential_id: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Where it stands.
    pub state: TokenState,
    /// When it was registered.
    pub registered: Option<String>,
    /// When it was used last.
    pub used: Option<String>,
    /// Where it gets another name.
    pub rename: Option<String>,
    /// Where it is given back.
    pub remove: Option<String>,
    /// Where it is reported lost.
    pub lost: Option<String>,
}

/// What the list shows.
pub struct Tokens<'a> {
    /// The tokens.
    pub tokens: &'a [Token],
    /// Where a further one is registered.
    pub add: &'a str,
    /// Where My Account is.
    pub account: &'a str,
    /// What was done just now.
    pub note: Option<Key>,
}

/// My Tokens.
#[must_use]
pub fn view(frame: &Frame<'_>, tokens: &Tokens<'_>) -> Markup {
    let body = html! {
        @if let Some(note) = tokens.note { p class="contact" role="status" { (frame.text(note)) } }
        p class="lead" { (frame.text(key::TOKENS_LEAD)) }
        ul class="tokens" { @for (at, token) in tokens.tokens.iter().enumerate() { (item(frame, at, token)) } }
        p class="actions" { a id="add" class="plain" href=(tokens.add) { (frame.text(key::TOKENS_ADD)) } }
        p class="hint" { (frame.text(key::TOKENS_HINT)) }
        div class="links" { p { a id="account" href=(tokens.account) { (frame.text(key::ACCOUNT_TITLE)) } } }
    };
    frame.page(&frame.text(key::TOKENS_TITLE), &body)
}

fn item(frame: &Frame<'_>, at: usize, token: &Token) -> Markup {
    let heading = format!("token-{at}");
    let link = |name: &str, text: Key, href: Option<&String>| {
        html! {
            @if let Some(href) = href {
                a id=(format!("{name}-{at}")) href=(href) aria-describedby=(heading) { (frame.text(text)) } " "
            }
        }
    };
    html! {
        li {
            h2 id=(heading) { (token.name.clone().unwrap_or_else(|| frame.text(key::TOKENS_UNNAMED))) }
            dl {
                dt { (frame.text(key::REGISTER_ID)) } dd { code { (token.credential_id) } }
                dt { (frame.text(key::TOKENS_STATE)) } dd { (frame.text(state(token.state))) }
                @if let Some(at) = &token.registered { dt { (frame.text(key::TOKENS_SINCE)) } dd { (at) } }
                @if let Some(at) = &token.used { dt { (frame.text(key::TOKENS_USED)) } dd { (at) } }
            }
            p {
                (link("rename", key::TOKENS_RENAME, token.rename.as_ref()))
                (link("remove", key::TOKENS_REMOVE, token.remove.as_ref()))
                (link("lost", key::TOKENS_REPORT, token.lost.as_ref()))
            }
        }
    }
}

fn state(state: TokenState) -> Key {
    match state {
        TokenState::Registered => key::TOKENS_IS_REGISTERED,
        TokenState::Locked => key::TOKENS_IS_LOCKED,
        TokenState::Expired => key::TOKENS_IS_EXPIRED,
        TokenState::Assigned => key::TOKENS_IS_ASSIGNED,
        TokenState::Lost => key::TOKENS_IS_LOST,
    }
}

/// The page of a login that needs no token. `account` is where My Account is.
#[must_use]
pub fn no_tokens(frame: &Frame<'_>, account: &str) -> Markup {
    let body = html! {
        p class="lead" { (frame.text(key::TOKENS_NONE)) }
        div class="links" { p { a id="account" href=(account) { (frame.text(key::ACCOUNT_TITLE)) } } }
    };
    frame.page(&frame.text(key::TOKENS_TITLE), &body)
}

/// The page of a login that rests on a bridging code. `login` is where a token is asked for, `account` where My Account
/// is.
#[must_use]
pub fn no_tokens_bridged(frame: &Frame<'_>, login: &str, account: &str) -> Markup {
    let body = html! {
        p class="lead" { (frame.text(key::TOKENS_BRIDGED)) }
        div class="links" {
            p { a id="with-token" href=(login) { (frame.text(key::BRIDGE_BACK)) } }
            p { a id="account" href=(account) { (frame.text(key::ACCOUNT_TITLE)) } }
        }
    };
    frame.page(&frame.text(key::TOKENS_TITLE), &body)
}

/// What the page of adding a token shows.
pub struct Add<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// The Credential ID typed last time.
    pub credential_id: &'a str,
    /// The name typed last time.
    pub token_name: &'a str,
    /// Where My Tokens is.
    pub back: &'a str,
    /// What was wrong with the last try.
    pub problem: Option<&'a Problem>,
}

/// Add a Token.
#[must_use]
pub fn add(frame: &Frame<'_>, form: &Add<'_>) -> Markup {
    let (wrong, first) = (form.problem.is_some(), form.credential_id.is_empty());
    let fields = [
        Field::new(frame, "credential_id", Kind::CredentialId, key::REGISTER_ID)
            .hint(frame.text(key::REGISTER_ID_HINT))
            .value(form.credential_id)
            .focus(first)
            .wrong(wrong),
        Field::new(frame, "code1", Kind::Code, key::REGISTER_CODE1)
            .hint(frame.text(key::TOKENS_CODE1_HINT))
            .focus(!first)
            .wrong(wrong),
        Field::new(frame, "code2", Kind::Code, key::REGISTER_CODE2)
            .hint(frame.text(key::TOKENS_CODE2_HINT))
            .wrong(wrong),
        name_field(frame, form.token_name),
    ];
    let body = html! {
        p class="lead" { (frame.text(key::TOKENS_ADD_LEAD)) }
        (alert(frame, form.problem))
        form method="post" action=(form.action) novalidate {
            @for field in &fields { (field.view(frame)) }
            (button("register", &frame.text(key::REGISTER_BUTTON)))
        }
        (back(frame, form.back))
    };
    frame.page(&frame.text(key::TOKENS_ADD), &body)
}

fn name_field<'a>(frame: &Frame<'_>, value: &'a str) -> Field<'a> {
    Field::new(frame, "token_name", Kind::Name, key::REGISTER_NAME)
        .hint(frame.text(key::REGISTER_NAME_HINT))
        .value(value)
        .optional()
}

/// A change to one token.
pub struct Act<'a> {
    /// Where the form goes.
    pub action: &'a str,
    /// What the token is called.
    pub token: &'a str,
    /// Where My Tokens is.
    pub back: &'a str,
}

/// Rename the token.
#[must_use]
pub fn rename(frame: &Frame<'_>, act: &Act<'_>, name: &str) -> Markup {
    let body = html! {
        p class="lead" { (frame.with(key::TOKENS_RENAME_LEAD, &[("token", act.token)])) }
        form method="post" action=(act.action) novalidate {
            (name_field(frame, name).focus(true).view(frame))
            (button("rename", &frame.text(key::TOKENS_RENAME)))
        }
        (back(frame, act.back))
    };
    frame.page(&frame.text(key::TOKENS_RENAME_TITLE), &body)
}

/// Remove the token?
#[must_use]
pub fn remove(frame: &Frame<'_>, act: &Act<'_>) -> Markup {
    let body = html! {
        p class="lead" { (frame.with(key::TOKENS_REMOVE_LEAD, &[("token", act.token)])) }
        p { (frame.text(key::TOKENS_REMOVE_NEXT)) }
        form method="post" action=(act.action) { (button("remove", &frame.text(key::TOKENS_REMOVE))) }
        (back(frame, act.back))
    };
    frame.page(&frame.text(key::TOKENS_REMOVE_TITLE), &body)
}

/// The last token is not removed. `report` is where it is reported lost.
#[must_use]
pub fn last(frame: &Frame<'_>, token: &str, report: &str, tokens: &str) -> Markup {
    let body = html! {
        div role="alert" {
            p class="lead" { (frame.with(key::TOKENS_LAST_LEAD, &[("token", token)])) }
            p { (frame.text(key::TOKENS_LAST_NEXT)) }
        }
        p class="contact" { (frame.soc()) }
        div class="links" { p { a id="report" href=(report) { (frame.text(key::TOKENS_REPORT)) } } }
        (back(frame, tokens))
    };
    frame.page(&frame.text(key::TOKENS_LAST_TITLE), &body)
}

/// Report the token lost? `here` says whether this session rests on it.
#[must_use]
pub fn lost(frame: &Frame<'_>, act: &Act<'_>, here: bool) -> Markup {
    let body = html! {
        p class="lead" { (frame.with(key::TOKENS_REPORT_LEAD, &[("token", act.token)])) }
        @if here { p { (frame.text(key::TOKENS_REPORT_HERE)) } }
        p { (frame.text(key::TOKENS_REPORT_NEXT)) }
        form method="post" action=(act.action) { (button("report", &frame.text(key::TOKENS_REPORT))) }
        (back(frame, act.back))
    };
    frame.page(&frame.text(key::TOKENS_REPORT_TITLE), &body)
}

/// The token this session rested on is lost, and the session over.
#[must_use]
pub fn reported(frame: &Frame<'_>) -> Markup {
    let body = html! {
        div role="status" {
            p class="lead" { (frame.text(key::TOKENS_REPORTED_LEAD)) }
            p { (frame.text(key::TOKENS_REPORTED_NEXT)) }
        }
        p class="contact" { (frame.soc()) }
        div class="links" { p { a id="login" href="/login" { (frame.text(key::BACK_TO_LOGIN)) } } }
    };
    frame.page(&frame.text(key::TOKENS_REPORTED_TITLE), &body)
}

fn back(frame: &Frame<'_>, tokens: &str) -> Markup {
    html! { div class="links" { p { a id="back" href=(tokens) { (frame.text(key::TOKENS_BACK)) } } } }
}
