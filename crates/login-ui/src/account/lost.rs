//! `/account/tokens/lost`: reports a token lost. Where this session rests on it, it ends too, and
//! `/account/tokens/reported` says what happens next.

use axum::response::Response;
use countersign_identity::tokens::{Changed, Fresh, TokenState};

use super::tokens::Note;
use super::{at_token, called, frame, fresh, named, token, tokens};
use crate::form::Form;
use crate::respond;
use crate::view::tokens::{Act, lost, reported};
use crate::visit::{Halt, Visit};

pub(super) const PATH: &str = "/account/tokens/lost";
const REPORTED: &str = "/account/tokens/reported";
const PURPOSE: &str = "report a token lost";

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let (who, id, here) = at_token(visit, PATH).await?;
    let fresh = fresh(visit, &who, &here)?;
    let token = token(visit, &fresh, &id).await?;
    if matches!(token.state, TokenState::Lost | TokenState::Expired) {
        return Ok(respond::see_other(tokens::PATH));
    }
    let question = format!("{} {id}", who.profile().person.id);
    let sealed = visit.ui().identity().keyring().seal_text(PURPOSE, question.as_bytes());
    let act = Act { action: &format!("{here}&q={sealed}"), token: called(&token), back: tokens::PATH };
    Ok(visit.page(lost(&frame(visit, &who), &act, fresh.rests_on(&id))))
}

/// Takes the report.
pub async fn post(visit: Visit, _form: Form) -> Response {
    let result = judge(&visit).await;
    visit.answer(result)
}

async fn judge(visit: &Visit) -> Result<Response, Halt> {
    if visit.session().await?.is_none() && was_reported(visit, &named(visit)?).await? {
        return Ok(respond::see_other(REPORTED));
    }
    let (who, id, here) = at_token(visit, PATH).await?;
    let fresh = fresh(visit, &who, &here)?;
    Ok(match visit.ui().identity().report_lost(&fresh, &id).await? {
        Changed::Done => done(visit, &fresh, &id),
        Changed::Nothing | Changed::Last => respond::see_other(tokens::PATH),
    })
}

fn done(visit: &Visit, who: &Fresh<'_>, id: &str) -> Response {
    if !who.rests_on(id) {
        return tokens::after(Note::Lost);
    }
    let mut response = respond::see_other(REPORTED);
    visit.forget_session(&mut response);
    response
}

/// Whether the form was sent twice, and its first sending ended the session: only its own page holds the question.
async fn was_reported(visit: &Visit, id: &str) -> Result<bool, Halt> {
    let identity = visit.ui().identity();
    let sealed = visit.parameter("q").unwrap_or_default();
    let Ok(question) = identity.keyring().open_text(PURPOSE, &sealed) else { return Ok(false) };
    let question = String::from_utf8_lossy(&question).into_owned();
    match question.split_once(' ') {
        Some((person, of)) if of == id => Ok(identity.is_reported(person, id).await?),
        _ => Ok(false),
    }
}

/// `/account/tokens/reported`: what happens next. Nobody need be signed in.
pub async fn after(visit: Visit) -> Response {
    visit.page(reported(&visit.frame(visit.language(None, None))))
}
