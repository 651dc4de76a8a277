//! `/login/accounts`: Multiple Accounts Found.

use axum::response::Response;
use countersign_identity::journey::Step;
use countersign_identity::sign_in::Current;

use super::{Turn, turn};
use crate::form::Form;
use crate::key;
use crate::view::Problem;
use crate::view::accounts::{Accounts, Choice, view};
use crate::visit::{Halt, Visit};

const PATH: &str = "/login/accounts";

fn mine(step: Step) -> bool {
    step == Step::Accounts
}

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = turn.current(mine).await?;
        Ok(draw(turn, &current, None))
    })
    .await
}

/// Takes the choice.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| judge(turn, &form).await).await
}

async fn judge(turn: &Turn, form: &Form) -> Result<Response, Halt> {
    let current = turn.current(mine).await?;
    if !turn.is_of(&current) {
        return Ok(draw(turn, &current, None));
    }
    let (identity, before) = (turn.visit.ui().identity(), turn.before.as_ref());
    let chosen = identity.choose_account(&current, before, &turn.pending.demand, form.field("account")).await;
    match chosen? {
        Some(advance) => Ok(turn.advance(&current, &advance)),
        None => Ok(draw(turn, &current, Some(&key::PROBLEM_ACCOUNTS.into()))),
    }
}

fn draw(turn: &Turn, current: &Current, problem: Option<&Problem>) -> Response {
    let id = turn.pending.demand.service.as_deref().unwrap_or_default();
    let service = turn.visit.ui().identity().settings().service(id);
    let choices: Vec<Choice<'_>> = current
        .profile()
        .accounts_at(id)
        .map(|account| Choice { id: &account.id, organization: &account.organization_name, chosen: false })
        .collect();
    let accounts = Accounts {
        action: &turn.action(current),
        service: service.map_or(id, |service| &service.name),
        choices: &choices,
        problem,
    };
    turn.page(view(&turn.frame(Some(current)), &accounts))
}
