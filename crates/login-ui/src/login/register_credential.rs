//! `/login/register-credential`: Register Credential.

use axum::response::Response;
use countersign_identity::factor::{RegistrationOutcome, RegistrationTry};
use countersign_identity::journey::Step;
use countersign_identity::sign_in::Current;

use super::{Turn, turn};
use crate::form::Form;
use crate::key;
use crate::view::register_credential::{RegisterCredential, view};
use crate::view::{Problem, stop};
use crate::visit::{Halt, Visit};

const PATH: &str = "/login/register-credential";

fn mine(step: Step) -> bool {
    step == Step::RegisterCredential
}

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = turn.current(mine).await?;
        Ok(draw(turn, &current, &nothing(), None))
    })
    .await
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| judge(turn, &form).await).await
}

fn nothing() -> RegistrationTry<'static> {
    RegistrationTry { credential_id: "", code1: "", code2: "", token_name: "" }
}

async fn judge(turn: &Turn, form: &Form) -> Result<Response, Halt> {
    let current = turn.current(mine).await?;
    if !turn.is_of(&current) {
        return Ok(draw(turn, &current, &nothing(), None));
    }
    let offered = RegistrationTry {
        credential_id: form.trimmed("credential_id"),
        code1: form.trimmed("code1"),
        code2: form.trimmed("code2"),
        token_name: form.trimmed("token_name"),
    };
    if [offered.credential_id, offered.code1, offered.code2].contains(&"") {
        return Ok(draw(turn, &current, &offered, Some(&key::PROBLEM_REGISTER_EMPTY.into())));
    }
    let identity = turn.visit.ui().identity();
    let outcome = identity.register(&current, offered, turn.before.as_ref(), &turn.pending.demand).await;
    match outcome? {
        RegistrationOutcome::Advanced(advance) => Ok(turn.advance(&current, &advance)),
        RegistrationOutcome::SameCode => {
            Ok(draw(turn, &current, &offered, Some(&key::PROBLEM_REGISTER_EQUAL.into())))
        }
        RegistrationOutcome::Refused => {
            Ok(draw(turn, &current, &offered, Some(&key::PROBLEM_REGISTER.into())))
        }
        RegistrationOutcome::Unavailable => {
            Ok(draw(turn, &current, &offered, Some(&key::PROBLEM_CODE_UNAVAILABLE.into())))
        }
        RegistrationOutcome::Misconfigured => {
            Ok(draw(turn, &current, &offered, Some(&key::PROBLEM_CODE_MISCONFIGURED.into())))
        }
        RegistrationOutcome::Exhausted => {
            Ok(turn.page(stop::exhausted(&turn.frame(Some(&current)), &turn.url("/forgot-password"))))
        }
    }
}

fn draw(
    turn: &Turn,
    current: &Current,
    offered: &RegistrationTry<'_>,
    problem: Option<&Problem>,
) -> Response {
    let register = RegisterCredential {
        action: &turn.action(current),
        credential_id: offered.credential_id,
        token_name: offered.token_name,
        problem,
    };
    turn.page(view(&turn.frame(Some(current)), &register))
}
