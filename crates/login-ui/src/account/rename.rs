//! `/account/tokens/rename`: another name for a token.

use axum::response::Response;
use countersign_identity::session::Authenticated;
use countersign_identity::tokens::{Changed, HeldToken, TokenState};

use super::tokens::Note;
use super::{at_token, called, frame, fresh, token, tokens};
use crate::form::Form;
use crate::respond;
use crate::view::tokens::{Act, rename};
use crate::visit::{Halt, Visit};

pub(super) const PATH: &str = "/account/tokens/rename";

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let (who, id, here) = at_token(visit, PATH).await?;
    let fresh = fresh(visit, &who, &here)?;
    let token = token(visit, &fresh, &id).await?;
    Ok(match token.state {
        TokenState::Registered | TokenState::Locked => draw(visit, &who, &token, &here),
        _ => respond::see_other(tokens::PATH),
    })
}

fn draw(visit: &Visit, who: &Authenticated, token: &HeldToken, here: &str) -> Response {
    let act = Act { action: here, token: called(token), back: tokens::PATH };
    visit.page(rename(&frame(visit, who), &act, token.name.as_deref().unwrap_or_default()))
}

/// Takes the name.
pub async fn post(visit: Visit, form: Form) -> Response {
    let result = judge(&visit, &form).await;
    visit.answer(result)
}

async fn judge(visit: &Visit, form: &Form) -> Result<Response, Halt> {
    let (who, id, here) = at_token(visit, PATH).await?;
    let fresh = fresh(visit, &who, &here)?;
    let name = form.trimmed("token_name");
    Ok(match visit.ui().identity().rename_token(&fresh, &id, name).await? {
        Changed::Done => tokens::after(Note::Renamed),
        Changed::Nothing | Changed::Last => respond::see_other(tokens::PATH),
    })
}
