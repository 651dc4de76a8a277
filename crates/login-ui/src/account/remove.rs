//! `/account/tokens/remove`: gives a token back.

use axum::response::Response;
use countersign_identity::session::Authenticated;
use countersign_identity::tokens::{Changed, HeldToken, TokenState};

use super::tokens::Note;
use super::{at_token, called, frame, fresh, lost, of_token, token, tokens};
use crate::form::Form;
use crate::respond;
use crate::view::tokens::{Act, last, remove};
use crate::visit::{Halt, Visit};

pub(super) const PATH: &str = "/account/tokens/remove";

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
        TokenState::Registered => draw(visit, &who, &token, &here),
        _ => respond::see_other(tokens::PATH),
    })
}

fn draw(visit: &Visit, who: &Authenticated, token: &HeldToken, here: &str) -> Response {
    let frame = frame(visit, who);
    if !token.removable {
        let report = of_token(lost::PATH, &token.credential_id);
        return visit.page(last(&frame, called(token), &report, tokens::PATH));
    }
    let act = Act { action: here, token: called(token), back: tokens::PATH };
    visit.page(remove(&frame, &act))
}

/// Removes it.
pub async fn post(visit: Visit, _form: Form) -> Response {
    let result = judge(&visit).await;
    visit.answer(result)
}

async fn judge(visit: &Visit) -> Result<Response, Halt> {
    let (who, id, here) = at_token(visit, PATH).await?;
    let fresh = fresh(visit, &who, &here)?;
    match visit.ui().identity().remove_token(&fresh, &id).await? {
        Changed::Done => Ok(tokens::after(Note::Removed)),
        Changed::Nothing => Ok(respond::see_other(tokens::PATH)),
        Changed::Last => {
            let token = token(visit, &fresh, &id).await?;
            Ok(draw(visit, &who, &HeldToken { removable: false, ..token }, &here))
        }
    }
}
