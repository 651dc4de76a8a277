//! The browser's state: a cookie that says nothing but whether the session is still the same one. Pages of other
//! sites compare it, through a frame of ours, with what it was when the person came to them.

use axum::http::HeaderName;
use axum::response::Response;
use countersign_identity::session::{Authenticated, Started};

use crate::cookie::Cookie;
use crate::visit::Visit;

/// `document` when the browser goes to a page as a whole, so that every cookie came along.
const DESTINATION: HeaderName = HeaderName::from_static("sec-fetch-dest");

impl Visit {
    /// What the cookie holds while this session lives. It can't be told from the session's id, nor the id or the
    /// session's secret from it.
    #[must_use]
    pub fn browser_state(&self, session_id: &str) -> String {
        let tag = self.ui().identity().keyring().mac("state of a browser", session_id.as_bytes());
        tag[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Gives the browser the session that has just begun.
    pub(crate) fn begin_session(&self, response: &mut Response, started: &Started) {
        self.set_cookie(response, Cookie::Session, &started.secret.text());
        self.set_cookie(response, Cookie::State, &self.browser_state(&started.session_id));
    }

    /// Takes the session from the browser.
    pub fn forget_session(&self, response: &mut Response) {
        for cookie in [Cookie::Session, Cookie::SignIn, Cookie::State] {
            self.clear_cookie(response, cookie);
        }
    }

    /// Brings the state up to what the session is now, where it is another.
    pub fn keep_browser_state(&self, response: &mut Response, who: Option<&Authenticated>) {
        if !self.ui().cookies().state {
            return;
        }
        match who.map(|who| self.browser_state(who.session_id())) {
            Some(state) if self.cookie(Cookie::State) != Some(&state) => {
                self.set_cookie(response, Cookie::State, &state);
            }
            // In a frame of another site the session's cookie does not come along: there, that there is none says
            // nothing.
            None if self.headers().get(DESTINATION).is_some_and(|to| to == "document") => {
                self.clear_cookie(response, Cookie::State);
            }
            _ => {}
        }
    }
}
