//! The sign-in, a page at a time. Every page first asks the journey which page is due, and sends the browser
//! there when it is another: Back, reload, a second tab and a form sent twice all come out right.

pub mod accounts;
pub mod bridge;
pub mod forgot_password;
pub mod new_password;
pub mod new_user;
pub mod password;
pub mod register_credential;
pub mod vip;

use axum::http::StatusCode;
use axum::response::Response;
use countersign_identity::journey::Step;
use countersign_identity::session::{Authenticated, Started};
use countersign_identity::sign_in::{Advance, Current, Found};
use maud::Markup;

use crate::cookie::Cookie;
use crate::pending::{Pending, with_request};
use crate::respond;
use crate::view::Frame;
use crate::visit::{Halt, Visit};

/// The page of a step.
fn path(step: Step) -> &'static str {
    match step {
        // Only the right password mails what opens a registration: it is asked for again.
        Step::Password | Step::RegisterFirst => "/login",
        Step::NewPassword => "/login/new-password",
        Step::RegisterCredential => "/login/register-credential",
        Step::Vip { .. } | Step::Locked | Step::Lost => "/login/vip",
        Step::Accounts => "/login/accounts",
    }
}

/// A page of a sign-in being shown or answered: the request, and what the sign-in is for.
struct Turn {
    visit: Visit,
    path: &'static str,
    pending: Pending,
    sealed: String,
    browser: Vec<u8>,
    before: Option<Authenticated>,
}

impl Turn {
    async fn open(visit: Visit, path: &'static str) -> Result<Self, (Visit, Halt)> {
        let (pending, sealed) = match visit.pending() {
            Ok(opened) => opened,
            Err(halt) => return Err((visit, halt)),
        };
        let before = match visit.session().await {
            Ok(before) => before,
            Err(halt) => return Err((visit, halt)),
        };
        Ok(Self { path, ..Self::new(visit, pending, sealed, before) })
    }

    fn new(visit: Visit, pending: Pending, sealed: String, before: Option<Authenticated>) -> Self {
        let browser = pending.browser.clone();
        Self { visit, path: "/login", pending, sealed, browser, before }
    }

    /// The address of one of our pages, for this request.
    fn url(&self, path: &str) -> String {
        with_request(path, &self.sealed)
    }

    fn frame(&self, current: Option<&Current>) -> Frame<'_> {
        let person = current.and_then(|current| current.profile().person.language.as_deref());
        self.visit.frame(self.visit.language(Some(&self.pending), person))
    }

    /// A page whose form may end at the client.
    fn page(&self, markup: Markup) -> Response {
        respond::page(StatusCode::OK, markup, self.pending.origin.as_deref())
    }

    fn go(&self, step: Step) -> Response {
        respond::see_other(&self.url(path(step)))
    }

    /// This browser's sign-in, if its due page is one that `mine` says is this one.
    async fn current(&self, mine: impl Fn(Step) -> bool) -> Result<Current, Halt> {
        let identity = self.visit.ui().identity();
        let cookie = self.visit.cookie(Cookie::SignIn);
        let current = match identity.sign_in(cookie, &self.browser, &self.pending.demand).await? {
            Found::None => return Err(respond::see_other(&format!("{}&over=1", self.url("/login"))).into()),
            Found::Finished(started) => return Err(self.onward_again(&started).into()),
            Found::Current(current) => *current,
        };
        match current.step() {
            Some(step) if mine(step) => Ok(current),
            Some(step) => Err(self.go(step).into()),
            None => {
                let advance = identity.finish(&current, self.before.as_ref()).await?;
                Err(self.advance(&current, &advance).into())
            }
        }
    }

    /// Whether the form was drawn for the person of this sign-in: another tab may have begun one for another
    /// address since. A form that does not say is taken to be.
    fn is_of(&self, current: &Current) -> bool {
        self.visit.parameter("s").is_none_or(|owner| owner == self.owner(current))
    }

    /// Where a step's form goes: the address tells people's forms apart, and nothing of the person.
    fn action(&self, current: &Current) -> String {
        format!("{}&s={}", self.url(self.path), self.owner(current))
    }

    fn owner(&self, current: &Current) -> String {
        let keyring = self.visit.ui().identity().keyring();
        let tag = keyring.mac("owner of a form", current.profile().person.id.as_bytes());
        tag[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn advance(&self, current: &Current, advance: &Advance) -> Response {
        match advance {
            Advance::Step(step) => self.go(*step),
            Advance::Finished(started) => self.onward(started, &current.profile().person.email_key),
            Advance::Again => respond::see_other(&self.url(self.path)),
        }
    }

    /// The sign-in is done: the session's cookie is set, and the browser goes on to what it came for.
    fn onward(&self, started: &Started, email_key: &str) -> Response {
        let mut response = respond::see_other(&self.pending.onward(&self.sealed));
        self.visit.begin_session(&mut response, started);
        let known = self.visit.ui().identity().known_browser(email_key);
        self.visit.set_cookie(&mut response, Cookie::Known, &known);
        response
    }

    /// The sign-in was done before: its form was sent twice, or its page opened again. A session the browser has
    /// by now is not taken from it.
    fn onward_again(&self, started: &Started) -> Response {
        let mut response = respond::see_other(&self.pending.onward(&self.sealed));
        if self.before.is_none() {
            self.visit.begin_session(&mut response, started);
        }
        response
    }

    /// The handler's answer.
    fn answer(&self, result: Result<Response, Halt>) -> Response {
        self.visit.answer(result)
    }
}

/// Opens a page of a sign-in and lets `handle` answer, faults turned into pages.
async fn turn<F>(visit: Visit, path: &'static str, handle: F) -> Response
where
    F: AsyncFnOnce(&Turn) -> Result<Response, Halt>,
{
    match Turn::open(visit, path).await {
        Ok(turn) => {
            let result = handle(&turn).await;
            turn.answer(result)
        }
        Err((visit, halt)) => visit.answer(Err(halt)),
    }
}
