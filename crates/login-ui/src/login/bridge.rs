//! `/login/bridge`: a bridging code of the SOC in place of a lost token.

use axum::response::Response;
use countersign_identity::factor::BridgingOutcome;
use countersign_identity::journey::Step;
use countersign_identity::sign_in::Current;

use super::{Turn, turn};
use crate::form::Form;
use crate::key;
use crate::respond;
use crate::view::Problem;
use crate::view::bridge::view;
use crate::visit::{Halt, Visit};

pub(super) const PATH: &str = "/login/bridge";

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = waiting(turn).await?;
        Ok(draw(turn, &current, None))
    })
    .await
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = waiting(turn).await?;
        if !turn.is_of(&current) {
            return Ok(draw(turn, &current, None));
        }
        let typed = form.trimmed("bridging_code");
        let identity = turn.visit.ui().identity();
        match identity.bridge(&current, typed, turn.before.as_ref(), &turn.pending.demand).await? {
            BridgingOutcome::Advanced(advance) => Ok(turn.advance(&current, &advance)),
            BridgingOutcome::Refused => Ok(draw(turn, &current, Some(&key::PROBLEM_BRIDGE.into()))),
        }
    })
    .await
}

/// This browser's sign-in, if a bridging code could help it on; else the browser goes to the page that can.
async fn waiting(turn: &Turn) -> Result<Current, Halt> {
    let mine = |step| matches!(step, Step::Vip { .. } | Step::Locked | Step::Lost);
    let current = turn.current(mine).await?;
    if turn.visit.ui().identity().may_bridge(&current, &turn.pending.demand) {
        return Ok(current);
    }
    Err(respond::see_other(&turn.url("/login/vip")).into())
}

fn draw(turn: &Turn, current: &Current, problem: Option<&Problem>) -> Response {
    let frame = turn.frame(Some(current));
    turn.page(view(&frame, &turn.action(current), &turn.url("/login/vip"), problem))
}
