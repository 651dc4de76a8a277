//! Every page, with the same text wherever it takes one of others.

use super::super::*;
use crate::asset::Assets;
use crate::brand::Brand;
use crate::key;
use about::About;
use accounts::{Accounts, Choice};
use consent::Consent;
use countersign_identity::language::Language;
use countersign_identity::tokens::TokenState;
use form_post::FormPost;
use home::Service;
use login::Login;
use maud::Markup;
use new_password::NewPassword;
use no_account::{NoAccount, Onward};
use register_credential::RegisterCredential;
use tokens::{Act, Add, Token, Tokens};
use trouble::Trouble;
use vip::Vip;

fn brand(name: &str) -> Brand {
    Brand { portal_name: name.into(), vendor: name.into(), soc_contact: name.into(), ..Brand::default() }
}

/// Draws each page with `text` wherever a page takes text of others.
fn all_pages(frame: &Frame<'_>, text: &str) -> Vec<(&'static str, Markup)> {
    let problem = Problem::with(key::PROBLEM_PASSWORD_SHORT, "least", text);
    let problem = Some(&problem);
    let choice = Choice { id: text, organization: text, chosen: true };
    let service = Service { id: text, name: text, vip: true, href: text };
    let about = About {
        client: text.to_owned(),
        logo: Some(format!("https://app.example/{text}")),
        policy: Some(format!("https://app.example/{text}")),
        terms: Some(text.to_owned()),
    };
    let login = Login {
        action: text,
        service: Some(text),
        email: text,
        language: Some(Language::Japanese),
        remember: true,
        new_user: text,
        forgot: text,
        problem,
        about: Some(&about),
    };
    let register = RegisterCredential { action: text, credential_id: text, token_name: text, problem };
    let accounts = Accounts { action: text, service: text, choices: &[choice], problem };
    let onward = Onward::Link(text.to_owned());
    let none = NoAccount { email: text, service: text, client: text, onward: &onward };
    let consent =
        Consent { action: text, client: text, host: text, scopes: &["openid", text], about: Some(&about) };
    let password = NewPassword { action: text, email: text, least: 15, problem };
    let mut pages = account_pages(frame, text, problem);
    pages.extend([
        ("login", login::view(frame, &login)),
        (
            "form_post",
            form_post::view(
                frame,
                &FormPost { action: text, client: text, fields: &[("state", text.to_owned())] },
            ),
        ),
        ("new_user", new_user::view(frame, text, text, problem)),
        ("sent", new_user::sent(frame, text)),
        ("forgot_password", forgot_password::view(frame, text, text, problem)),
        ("new_password", new_password::view(frame, &password)),
        ("register_credential", register_credential::view(frame, &register)),
        ("vip", vip::view(frame, &Vip { action: text, resynchronize: true, problem, bridge: None })),
        ("accounts", accounts::view(frame, &accounts)),
        ("no_account", no_account::view(frame, &none)),
        ("consent", consent::view(frame, &consent)),
        ("logout", logout::view(frame, text, Some(text))),
        ("logged_out", logout::done(frame, Some(text), &[text.to_owned()])),
        ("home", home::view(frame, &[service], Some(text))),
        ("browsers", browsers::view(frame)),
        ("level", level::view(frame, text, true)),
        ("check_mail", stop::check_mail(frame, text)),
        ("locked", stop::locked(frame, text, Some(text))),
        ("bridge", bridge::view(frame, text, text, problem)),
        ("lost", stop::lost(frame, text, Some(text))),
        ("exhausted", stop::exhausted(frame, text)),
        ("throttled", stop::throttled(frame, 90, text)),
        ("expired", stop::expired(frame, text)),
        ("trouble", trouble::view(frame, Trouble::SERVER, Some((text, text)), text)),
    ]);
    pages
}

fn account_pages(frame: &Frame<'_>, text: &str, problem: Option<&Problem>) -> Vec<(&'static str, Markup)> {
    let account = account::Account { email: text, name: Some(text), accounts: &[(text, text)], tokens: text };
    let all = [
        TokenState::Registered,
        TokenState::Locked,
        TokenState::Expired,
        TokenState::Assigned,
        TokenState::Lost,
    ];
    let held = all.map(|state| held(state, text));
    let list = Tokens { tokens: &held, add: text, account: text, note: Some(key::TOKENS_ADDED) };
    let more = Add { action: text, credential_id: text, token_name: text, back: text, problem };
    let act = Act { action: text, token: text, back: text };
    vec![
        ("account", account::view(frame, &account)),
        ("tokens", tokens::view(frame, &list)),
        ("no_tokens", tokens::no_tokens(frame, text)),
        ("no_tokens_bridged", tokens::no_tokens_bridged(frame, text, text)),
        ("add", tokens::add(frame, &more)),
        ("rename", tokens::rename(frame, &act, text)),
        ("remove", tokens::remove(frame, &act)),
        ("last", tokens::last(frame, text, text, text)),
        ("report", tokens::lost(frame, &act, true)),
        ("reported", tokens::reported(frame)),
    ]
}

fn held(state: TokenState, text: &str) -> Token {
    let some = || Some(text.to_owned());
    Token {
        credential_id: text.to_owned(),
        name: some(),
        state,
        registered: some(),
        used: some(),
        rename: some(),
        remove: some(),
        lost: some(),
    }
}

/// Has a look at each page in each language.
pub(super) fn with_pages(name: &str, text: &str, check: impl Fn(&str, &str)) {
    let brand = brand(name);
    let assets = Assets::new(&brand);
    for language in Language::ALL {
        for (page, markup) in all_pages(&Frame::new(language, &brand, &assets), text) {
            check(page, &markup.into_string());
        }
    }
}
