//! `/account/tokens`: My Tokens.

use axum::response::Response;
use countersign_identity::mail::moment;
use countersign_identity::session::Authenticated;
use countersign_identity::tokens::{HeldToken, TokenState};

use super::{add, frame, holder, lost, of_token, remove, rename, signed_in};
use crate::key::{self, Key};
use crate::respond;
use crate::view::tokens::{Token, Tokens, no_tokens, no_tokens_bridged, view};
use crate::visit::{Halt, Visit};

/// Where the page is.
pub(super) const PATH: &str = "/account/tokens";

/// The parameter that says that a token is at hand after all.
const WITH_TOKEN: &str = "token";

/// A change that was made, as the page's address tells it.
#[derive(Clone, Copy)]
pub(super) enum Note {
    Added,
    Renamed,
    Removed,
    Lost,
}

impl Note {
    const ALL: [(&'static str, Self, Key); 4] = [
        ("added", Self::Added, key::TOKENS_ADDED),
        ("renamed", Self::Renamed, key::TOKENS_RENAMED),
        ("removed", Self::Removed, key::TOKENS_REMOVED),
        ("lost", Self::Lost, key::TOKENS_LOST),
    ];
}

/// To the list, which says what was done.
pub(super) fn after(note: Note) -> Response {
    let named = Note::ALL.iter().find(|(_, known, _)| *known as u8 == note as u8);
    let word = named.map_or("", |(word, ..)| word);
    respond::see_other(&format!("{PATH}?done={word}"))
}

/// The page of a login that needs no token.
pub(super) fn none(visit: &Visit, who: &Authenticated) -> Response {
    visit.page(no_tokens(&frame(visit, who), super::PATH))
}

/// The page of a login that rests on a bridging code: it offers to log in with a token.
pub(super) fn bridged(visit: &Visit, who: &Authenticated) -> Response {
    visit.page(no_tokens_bridged(&frame(visit, who), &format!("{PATH}?{WITH_TOKEN}=yes"), super::PATH))
}

/// Whether the offer was taken.
pub(super) fn wants_login(visit: &Visit) -> bool {
    visit.parameter(WITH_TOKEN).is_some()
}

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let who = signed_in(visit, PATH, key::TOKENS_TITLE).await?;
    let holder = holder(visit, &who)?;
    let held = visit.ui().identity().tokens(&holder).await?;
    let done = visit.parameter("done");
    let note = Note::ALL.iter().find(|(word, ..)| Some(*word) == done.as_deref()).map(|(.., key)| *key);
    let shown: Vec<Token> = held.iter().map(shown).collect();
    let tokens = Tokens { tokens: &shown, add: add::PATH, account: super::PATH, note };
    Ok(visit.page(view(&frame(visit, &who), &tokens)))
}

fn shown(token: &HeldToken) -> Token {
    let link = |path: &str, offered: bool| offered.then(|| of_token(path, &token.credential_id));
    let in_use = matches!(token.state, TokenState::Registered | TokenState::Locked);
    Token {
        credential_id: token.credential_id.clone(),
        name: token.name.clone(),
        state: token.state,
        registered: token.registered_at.map(moment),
        used: token.used_at.map(moment),
        rename: link(rename::PATH, in_use),
        remove: link(remove::PATH, token.removable),
        lost: link(lost::PATH, in_use || token.state == TokenState::Assigned),
    }
}
