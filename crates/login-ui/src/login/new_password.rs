//! `/login/new-password`: Create a New Password.

use axum::response::Response;
use countersign_identity::factor::NewPasswordOutcome;
use countersign_identity::journey::Step;
use countersign_identity::password::policy::{MIN_CHARACTERS, Refusal};
use countersign_identity::sign_in::Current;

use super::{Turn, turn};
use crate::form::Form;
use crate::key;
use crate::view::Problem;
use crate::view::new_password::{NewPassword, view};
use crate::visit::{Halt, Visit};

const PATH: &str = "/login/new-password";

fn mine(step: Step) -> bool {
    step == Step::NewPassword
}

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = turn.current(mine).await?;
        Ok(draw(turn, &current, None))
    })
    .await
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| judge(turn, &form).await).await
}

async fn judge(turn: &Turn, form: &Form) -> Result<Response, Halt> {
    let current = turn.current(mine).await?;
    if !turn.is_of(&current) {
        return Ok(draw(turn, &current, None));
    }
    let pair = (form.secret("password"), form.secret("confirm"));
    let identity = turn.visit.ui().identity();
    let outcome = identity.new_password(&current, pair, turn.before.as_ref(), &turn.pending.demand).await;
    match outcome? {
        NewPasswordOutcome::Advanced(advance) => Ok(turn.advance(&current, &advance)),
        NewPasswordOutcome::Differ => Ok(draw(turn, &current, Some(&key::PROBLEM_PASSWORD_MISMATCH.into()))),
        NewPasswordOutcome::Refused(refusal) => Ok(draw(turn, &current, Some(&reason(refusal)))),
    }
}

fn reason(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::TooShort { need, .. } => Problem::with(key::PROBLEM_PASSWORD_SHORT, "least", need),
        Refusal::TooLong { limit } => Problem::with(key::PROBLEM_PASSWORD_LONG, "most", limit),
        Refusal::Common => key::PROBLEM_PASSWORD_COMMON.into(),
        Refusal::Context { word } => Problem::with(key::PROBLEM_PASSWORD_CONTEXT, "word", word),
        Refusal::Repetitive => key::PROBLEM_PASSWORD_PATTERN.into(),
        Refusal::SameAsTemporary => key::PROBLEM_PASSWORD_TEMPORARY.into(),
    }
}

fn draw(turn: &Turn, current: &Current, problem: Option<&Problem>) -> Response {
    let new = NewPassword {
        action: &turn.action(current),
        email: &current.profile().person.email,
        least: MIN_CHARACTERS,
        problem,
    };
    turn.page(view(&turn.frame(Some(current)), &new))
}
