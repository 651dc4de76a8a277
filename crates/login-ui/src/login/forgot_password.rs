//! `/forgot-password`: the same mail path as New User, with the same silence.

use axum::response::Response;
use countersign_identity::mail_request::Reason;
use maud::Markup;

use super::new_user::{Around, take};
use crate::form::Form;
use crate::view::forgot_password::view;
use crate::view::{Frame, Problem};
use crate::visit::Visit;

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let around = Around::of(&visit);
    visit.page(draw(&around.frame(&visit), &around, None))
}

/// Takes note of the address.
pub async fn post(visit: Visit, form: Form) -> Response {
    take(&visit, &form, Reason::ForgotPassword, draw)
}

fn draw(frame: &Frame<'_>, around: &Around, problem: Option<&Problem>) -> Markup {
    view(frame, &around.url("/forgot-password"), &around.url("/login"), problem)
}
