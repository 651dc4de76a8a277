//! My Account: who is signed in, and their tokens. Each file is a page's `get` and `post`.
//!
//! Whoever is not signed in, has not proved what the address requires, or proved it too long ago for a change, is sent
//! to Login and comes back to the page.

pub mod add;
pub mod lost;
pub mod remove;
pub mod rename;
pub mod tokens;

use axum::response::Response;
use countersign_identity::journey::Demand;
use countersign_identity::seed_file::credential_id;
use countersign_identity::session::Authenticated;
use countersign_identity::tokens::{Fresh, HeldToken, Holder, Standing};

use crate::key::{self, Key};
use crate::pending::Pending;
use crate::respond;
use crate::view::Frame;
use crate::view::account::{Account, view};
use crate::visit::{Halt, Visit};

const PATH: &str = "/account";

/// `/account`
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let who = signed_in(visit, PATH, key::ACCOUNT_TITLE).await?;
    let profile = who.profile();
    let services = &visit.ui().identity().settings().services;
    let accounts: Vec<(&str, &str)> = services
        .iter()
        .flat_map(|service| {
            let of_service = profile.accounts_at(&service.id);
            of_service.map(|account| (service.name.as_str(), account.organization_name.as_str()))
        })
        .collect();
    let account = Account {
        email: &profile.person.email,
        name: profile.person.name.as_deref(),
        accounts: &accounts,
        tokens: tokens::PATH,
    };
    Ok(visit.page(view(&frame(visit, &who), &account)))
}

/// A frame in the person's language.
fn frame<'a>(visit: &'a Visit, who: &Authenticated) -> Frame<'a> {
    visit.frame(visit.language(None, who.profile().person.language.as_deref()))
}

/// Who is signed in; else off to Login, and back to `here`.
async fn signed_in(visit: &Visit, here: &str, title: Key) -> Result<Authenticated, Halt> {
    match visit.session().await? {
        Some(who) => Ok(who),
        None => {
            let destination = visit.frame(visit.language(None, None)).text(title);
            let demand = Demand::none(visit.ui().identity().now());
            Err(begin(visit, Pending::new(here, here, demand), destination))
        }
    }
}

/// To Login for what is missing, or for everything `again`.
fn prove(visit: &Visit, who: &Authenticated, here: &str, again: bool) -> Halt {
    let now = visit.ui().identity().now();
    // Past what this session has proved, even where it proved it in this very second: Login must not send it back.
    let begun_at = if again { now.max(who.auth_time() + 1) } else { now };
    let demand = Demand { reauthenticate: again, begun_at, ..Demand::none(now) };
    let mut pending = Pending::new(here, here, demand);
    pending.ui_locales.clone_from(&who.profile().person.language);
    begin(visit, pending, frame(visit, who).text(key::TOKENS_TITLE))
}

fn begin(visit: &Visit, mut pending: Pending, destination: String) -> Halt {
    pending.destination = Some(destination);
    visit.ui().begin(visit.headers(), pending).into()
}

/// The holder who may see their tokens; else what has to come first, or the page that says that there are none.
fn holder<'a>(visit: &Visit, who: &'a Authenticated) -> Result<Holder<'a>, Halt> {
    match visit.ui().identity().holder(who) {
        Standing::Holder(holder) => Ok(holder),
        Standing::Below => Err(below(visit, who, tokens::PATH, false)),
        Standing::NoToken => Err(tokens::none(visit, who).into()),
    }
}

/// To Login for the code that is missing. Who logged in with a bridging code has no token just now, and would not know
/// what Login is for: the page says so first.
fn below(visit: &Visit, who: &Authenticated, here: &str, again: bool) -> Halt {
    if who.bridged_until().is_some() && !tokens::wants_login(visit) {
        return tokens::bridged(visit, who).into();
    }
    prove(visit, who, here, again)
}

/// The holder who may change their tokens: password and code were proved just now. Else both are asked for, and the
/// browser comes back to `here`.
fn fresh<'a>(visit: &Visit, who: &'a Authenticated, here: &str) -> Result<Fresh<'a>, Halt> {
    let identity = visit.ui().identity();
    match identity.holder(who) {
        Standing::Holder(holder) => identity.fresh(&holder).ok_or_else(|| prove(visit, who, here, true)),
        Standing::Below => Err(below(visit, who, here, true)),
        Standing::NoToken => Err(respond::see_other(tokens::PATH).into()),
    }
}

/// The Credential ID that a page of one token is about; without one there is no such page.
fn named(visit: &Visit) -> Result<String, Halt> {
    let id = visit.parameter("id").and_then(|typed| credential_id(&typed));
    id.ok_or_else(|| respond::see_other(tokens::PATH).into())
}

/// The address of a page of one token.
fn of_token(path: &str, id: &str) -> String {
    format!("{path}?id={id}")
}

/// Who is signed in at a page of one token, the token's Credential ID, and the page's address with it.
async fn at_token(visit: &Visit, path: &str) -> Result<(Authenticated, String, String), Halt> {
    let id = named(visit)?;
    let here = of_token(path, &id);
    let who = signed_in(visit, &here, key::TOKENS_TITLE).await?;
    Ok((who, id, here))
}

/// The token of a page, if it is the person's; else their tokens are shown.
async fn token(visit: &Visit, who: &Fresh<'_>, id: &str) -> Result<HeldToken, Halt> {
    let held = visit.ui().identity().held_token(&who.holder(), id).await?;
    held.ok_or_else(|| respond::see_other(tokens::PATH).into())
}

/// What a token is called on its pages: its name, else its ID.
fn called(token: &HeldToken) -> &str {
    token.name.as_deref().unwrap_or(&token.credential_id)
}
