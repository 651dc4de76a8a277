//! `/new-user`: asks for a temporary password. Everybody gets the same answer, at once.

use axum::response::Response;
use countersign_identity::mail_request::Reason;
use maud::Markup;

use crate::form::Form;
use crate::key;
use crate::pending::{Pending, with_request};
use crate::view::new_user::{sent, view};
use crate::view::{Frame, Problem};
use crate::visit::Visit;

/// Shows the page.
pub async fn get(visit: Visit) -> Response {
    let around = Around::of(&visit);
    visit.page(draw(&around.frame(&visit), &around, None))
}

/// Takes note of the address.
pub async fn post(visit: Visit, form: Form) -> Response {
    take(&visit, &form, Reason::NewUser, draw)
}

fn draw(frame: &Frame<'_>, around: &Around, problem: Option<&Problem>) -> Markup {
    view(frame, &around.url("/new-user"), &around.url("/login"), problem)
}

/// The sign-in this page was come to from, if there is one: the page is good without.
pub(super) struct Around(Option<(Pending, String)>);

impl Around {
    pub(super) fn of(visit: &Visit) -> Self {
        Self(visit.pending().ok())
    }

    pub(super) fn url(&self, path: &str) -> String {
        self.0.as_ref().map_or_else(|| path.to_owned(), |(_, sealed)| with_request(path, sealed))
    }

    pub(super) fn frame<'a>(&self, visit: &'a Visit) -> Frame<'a> {
        visit.frame(visit.language(self.0.as_ref().map(|(pending, _)| pending), None))
    }
}

/// Answers the form of this page or of Forgot Password.
pub(super) fn take(
    visit: &Visit,
    form: &Form,
    reason: Reason,
    draw: impl Fn(&Frame<'_>, &Around, Option<&Problem>) -> Markup,
) -> Response {
    let around = Around::of(visit);
    let frame = around.frame(visit);
    let email = form.trimmed("email");
    if email.is_empty() {
        return visit.page(draw(&frame, &around, Some(&key::PROBLEM_EMAIL_EMPTY.into())));
    }
    let language = frame.words.language();
    match visit.ui().identity().request_mail(email, reason, language, visit.network()) {
        Ok(()) => visit.page(sent(&frame, &around.url("/login"))),
        Err(seconds) => visit.throttled(seconds, &around.url("/login")),
    }
}
