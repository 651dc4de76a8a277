//! `/account/tokens/add`: registers a further token.

use axum::response::Response;
use countersign_identity::factor::RegistrationTry;
use countersign_identity::session::Authenticated;
use countersign_identity::tokens::Added;

use super::tokens::Note;
use super::{frame, fresh, signed_in, tokens};
use crate::form::Form;
use crate::key;
use crate::view::Problem;
use crate::view::tokens::{Add, add};
use crate::visit::{Halt, Visit};

pub(super) const PATH: &str = "/account/tokens/add";

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let who = signed_in(visit, PATH, key::TOKENS_TITLE).await?;
    fresh(visit, &who, PATH)?;
    Ok(draw(visit, &who, ("", ""), None))
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    let result = judge(&visit, &form).await;
    visit.answer(result)
}

async fn judge(visit: &Visit, form: &Form) -> Result<Response, Halt> {
    let who = signed_in(visit, PATH, key::TOKENS_TITLE).await?;
    let fresh = fresh(visit, &who, PATH)?;
    let offered = RegistrationTry {
        credential_id: form.trimmed("credential_id"),
        code1: form.trimmed("code1"),
        code2: form.trimmed("code2"),
        token_name: form.trimmed("token_name"),
    };
    let identity = visit.ui().identity();
    let problem = if [offered.credential_id, offered.code1, offered.code2].contains(&"") {
        key::PROBLEM_REGISTER_EMPTY
    } else {
        match identity.add_token(&fresh, offered).await? {
            Added::Done => return Ok(tokens::after(Note::Added)),
            Added::Again => return Ok(crate::respond::see_other(tokens::PATH)),
            Added::SameCode => key::PROBLEM_REGISTER_EQUAL,
            Added::Refused => key::PROBLEM_REGISTER,
            Added::Exhausted => key::PROBLEM_TOKENS_TRIES,
            Added::Unavailable => key::PROBLEM_CODE_UNAVAILABLE,
        }
    };
    Ok(draw(visit, &who, (offered.credential_id, offered.token_name), Some(&problem.into())))
}

fn draw(
    visit: &Visit,
    who: &Authenticated,
    (credential_id, token_name): (&str, &str),
    problem: Option<&Problem>,
) -> Response {
    let form = Add { action: PATH, credential_id, token_name, back: tokens::PATH, problem };
    visit.page(add(&frame(visit, who), &form))
}
