//! `/login/vip`: VIP Authentication.

use axum::response::Response;
use countersign_identity::factor::VipOutcome;
use countersign_identity::journey::Step;
use countersign_identity::sign_in::Current;

use super::{Turn, bridge, turn};
use crate::form::Form;
use crate::key;
use crate::view::vip::{Vip, view};
use crate::view::{Problem, stop};
use crate::visit::{Halt, Visit};

const PATH: &str = "/login/vip";

fn mine(step: Step) -> bool {
    matches!(step, Step::Vip { .. } | Step::Locked | Step::Lost)
}

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    turn(visit, PATH, async |turn: &Turn| {
        let current = turn.current(mine).await?;
        let resync = current.step() == Some(Step::Vip { resync: true });
        Ok(draw(turn, &current, resync, resync.then(|| key::PROBLEM_VIP_RESYNC.into()).as_ref()))
    })
    .await
}

/// Judges the form.
pub async fn post(visit: Visit, form: Form) -> Response {
    turn(visit, PATH, async |turn: &Turn| judge(turn, &form).await).await
}

async fn judge(turn: &Turn, form: &Form) -> Result<Response, Halt> {
    let current = turn.current(mine).await?;
    let resync = current.step() == Some(Step::Vip { resync: true });
    if matches!(current.step(), Some(Step::Locked | Step::Lost)) || !turn.is_of(&current) {
        return Ok(draw(turn, &current, resync, None));
    }
    let (code, next) = (form.trimmed("code"), form.trimmed("code2"));
    if code.is_empty() {
        return Ok(draw(turn, &current, resync, Some(&key::PROBLEM_VIP_EMPTY.into())));
    }
    let next = Some(next).filter(|next| !next.is_empty());
    let identity = turn.visit.ui().identity();
    let outcome = identity.vip(&current, (code, next), turn.before.as_ref(), &turn.pending.demand).await;
    match outcome? {
        VipOutcome::Advanced(advance) => Ok(turn.advance(&current, &advance)),
        VipOutcome::Wrong { left } => Ok(draw(turn, &current, resync, Some(&wrong(left)))),
        VipOutcome::Used { next_in } => Ok(draw(turn, &current, resync, Some(&used(next_in)))),
        VipOutcome::OutOfStep => Ok(draw(turn, &current, true, Some(&key::PROBLEM_VIP_RESYNC.into()))),
        VipOutcome::Locked => Ok(locked(turn, &current)),
        VipOutcome::Unavailable => {
            Ok(draw(turn, &current, resync, Some(&key::PROBLEM_CODE_UNAVAILABLE.into())))
        }
        VipOutcome::Misconfigured => {
            Ok(draw(turn, &current, resync, Some(&key::PROBLEM_CODE_MISCONFIGURED.into())))
        }
    }
}

/// Wrong codes left from which on the page says how many.
const FEW: i32 = 3;

fn wrong(left: i32) -> Problem {
    if left > FEW {
        return key::PROBLEM_VIP.into();
    }
    Problem::counted(key::PROBLEM_VIP_LEFT, "left", left.into())
}

fn used(next_in: Option<u32>) -> Problem {
    next_in.map_or(key::PROBLEM_VIP_USED.into(), |seconds| {
        Problem::counted(key::PROBLEM_VIP_USED_NEXT, "seconds", seconds.into())
    })
}

fn draw(turn: &Turn, current: &Current, resynchronize: bool, problem: Option<&Problem>) -> Response {
    let frame = turn.frame(Some(current));
    let bridge = bridge(turn, current);
    match current.step() {
        Some(Step::Locked) => locked(turn, current),
        Some(Step::Lost) => turn.page(stop::lost(&frame, &turn.url("/login"), bridge.as_deref())),
        _ => {
            let action = turn.action(current);
            let vip = Vip { action: &action, resynchronize, problem, bridge: bridge.as_deref() };
            turn.page(view(&frame, &vip))
        }
    }
}

/// Where a bridging code can be entered, if one could help.
fn bridge(turn: &Turn, current: &Current) -> Option<String> {
    let may = turn.visit.ui().identity().may_bridge(current, &turn.pending.demand);
    may.then(|| turn.url(bridge::PATH))
}

fn locked(turn: &Turn, current: &Current) -> Response {
    let bridge = bridge(turn, current);
    turn.page(stop::locked(&turn.frame(Some(current)), &turn.url("/login"), bridge.as_deref()))
}
