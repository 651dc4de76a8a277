//! The pending request: what a browser is signing in for. It travels sealed in the `r` of every address of a
//! sign-in, bound to the browser that began it, so that nothing is stored for a stranger.

use axum::http::HeaderMap;
use axum::response::Response;
use countersign_identity::journey::Demand;
use countersign_store::{Keyring, Secret, secret};
use serde::{Deserialize, Serialize};

use crate::cookie::Cookie;
use crate::respond;
use crate::ui::Ui;
use crate::view::about::About;
use crate::view::trouble::Trouble;
use crate::view::{stop, trouble};
use crate::visit::{Halt, Visit};

const PURPOSE: &str = "pending request";
/// How long a pending request can be gone on with, in seconds. The right password begins it anew.
const LIFETIME: i64 = 60 * 60;

/// What a sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Where the browser goes in the end, on this server.
    pub return_to: String,
    /// Whatever `return_to` needs to go on; nothing here reads it. Where there is any, `return_to` gets the sealed
    /// request as its `r`.
    pub payload: String,
    /// Where the same begins anew, on this server.
    pub restart: String,
    /// What is asked of the sign-in.
    pub demand: Demand,
    /// The origin outside this server at which the chain of redirects from the last form may end.
    pub origin: Option<String>,
    /// What the person is on the way to, by name.
    pub destination: Option<String>,
    /// What a third party's client says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// The address to fill in.
    pub login_hint: Option<String>,
    /// The languages the client asked for: its `ui_locales`.
    pub ui_locales: Option<String>,
    /// The language chosen on the Login page, as a tag.
    pub chosen_language: Option<String>,
    /// Digest of the browser's cookie; filled in when it is sealed.
    pub browser: Vec<u8>,
    /// When it was sealed, in seconds since 1970.
    pub sealed_at: i64,
}

/// Why a pending request can't be gone on with.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Refused {
    /// We did not seal it.
    Unknown,
    /// It is too old; here it begins anew.
    Expired(String),
    /// It belongs to another browser, or this one has lost its cookie.
    OtherBrowser(String),
}

impl Pending {
    /// A request that ends at `return_to`, and begins anew at `restart`.
    #[must_use]
    pub fn new(return_to: &str, restart: &str, demand: Demand) -> Self {
        Self {
            return_to: return_to.to_owned(),
            payload: String::new(),
            restart: restart.to_owned(),
            demand,
            origin: None,
            destination: None,
            about: None,
            login_hint: None,
            ui_locales: None,
            chosen_language: None,
            browser: Vec::new(),
            sealed_at: 0,
        }
    }

    /// Seals it as of `now`.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring, now: i64) -> String {
        let sealed = Self { sealed_at: now, ..self.clone() };
        // A struct of strings and numbers always has a JSON form.
        let plain = serde_json::to_vec(&sealed).unwrap_or_default();
        keyring.seal_text(PURPOSE, &plain)
    }

    fn open(keyring: &Keyring, sealed: &str, browser: Option<&[u8]>, now: i64) -> Result<Self, Refused> {
        let plain = keyring.open_text(PURPOSE, sealed).map_err(|_| Refused::Unknown)?;
        let pending: Self = serde_json::from_slice(&plain).map_err(|_| Refused::Unknown)?;
        if !browser.is_some_and(|browser| secret::equal(browser, &pending.browser)) {
            return Err(Refused::OtherBrowser(pending.restart));
        }
        if now - pending.sealed_at > LIFETIME {
            return Err(Refused::Expired(pending.restart));
        }
        Ok(pending)
    }

    /// The end of the sign-in: `return_to`, with this request in its `r` where it needs a payload.
    #[must_use]
    pub fn onward(&self, sealed: &str) -> String {
        if self.payload.is_empty() { self.return_to.clone() } else { with_request(&self.return_to, sealed) }
    }
}

/// A pending request bound to a browser.
pub(crate) struct Bound {
    pub pending: Pending,
    pub sealed: String,
    /// The cookie to set, where the browser had none.
    pub new_browser: Option<Secret>,
}

/// An address with the pending request put after it.
#[must_use]
pub fn with_request(path: &str, sealed: &str) -> String {
    let mark = if path.contains('?') { '&' } else { '?' };
    format!("{path}{mark}r={sealed}")
}

impl Ui {
    /// Sends a browser to the Login page for `pending`, bound to the browser from here on.
    #[must_use]
    pub fn begin(&self, headers: &HeaderMap, pending: Pending) -> Response {
        self.begin_at("/login", headers, pending)
    }

    /// Sends a browser to the page at `path` for `pending`, bound to the browser from here on.
    #[must_use]
    pub fn begin_at(&self, path: &str, headers: &HeaderMap, pending: Pending) -> Response {
        let visit = Visit::bare(self.clone(), headers.clone(), "");
        let bound = visit.bind(pending);
        let mut response = respond::see_other(&with_request(path, &bound.sealed));
        visit.keep_browser(&mut response, bound.new_browser.as_ref());
        response
    }
}

impl Visit {
    /// The digest of the browser's cookie, if it has one of ours.
    #[must_use]
    pub fn browser(&self) -> Option<Vec<u8>> {
        self.cookie(Cookie::Browser).and_then(Secret::parse).map(|secret| secret.digest())
    }

    /// Binds a pending request to this browser and seals it.
    pub(crate) fn bind(&self, mut pending: Pending) -> Bound {
        let mut new_browser = None;
        pending.browser = self.browser().unwrap_or_else(|| {
            let secret = new_browser.insert(Secret::new());
            secret.digest()
        });
        let identity = self.ui().identity();
        let sealed = pending.seal(identity.keyring(), identity.now());
        Bound { pending, sealed, new_browser }
    }

    pub(crate) fn keep_browser(&self, response: &mut Response, new: Option<&Secret>) {
        if let Some(secret) = new {
            self.set_cookie(response, Cookie::Browser, &secret.text());
        }
    }

    /// The pending request in this address's `r`, with its sealed form.
    ///
    /// # Errors
    /// A page that says why it can't be gone on with, and leads to where it begins anew.
    pub fn pending(&self) -> Result<(Pending, String), Halt> {
        let sealed = self.parameter("r").unwrap_or_default();
        let (identity, browser) = (self.ui().identity(), self.browser());
        match Pending::open(identity.keyring(), &sealed, browser.as_deref(), identity.now()) {
            Ok(pending) => Ok((pending, sealed)),
            Err(refused) => Err(self.refused(&refused, browser.is_some()).into()),
        }
    }

    fn refused(&self, refused: &Refused, has_cookie: bool) -> Response {
        let again = match refused {
            Refused::Unknown => "/login",
            Refused::Expired(restart) | Refused::OtherBrowser(restart) => restart,
        };
        let frame = self.frame(self.language(None, None));
        if has_cookie || *refused == Refused::Unknown {
            respond::page(axum::http::StatusCode::BAD_REQUEST, stop::expired(&frame, again), None)
        } else {
            let label = frame.text(crate::key::EXPIRED_AGAIN);
            let page = trouble::view(&frame, Trouble::NO_COOKIES, Some((again, &label)), self.request_id());
            respond::page(Trouble::NO_COOKIES.status, page, None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending() -> Pending {
        let browser = vec![1; 32];
        Pending {
            browser,
            ..Pending::new("/authorize/resume", "/authorize?client_id=x", Demand::none(1_000))
        }
    }

    #[test]
    fn opens_in_its_own_browser_within_the_hour() {
        let (keyring, _) = Keyring::generate();
        let sealed = pending().seal(&keyring, 1_000);
        let open = |browser: Option<&[u8]>, now| Pending::open(&keyring, &sealed, browser, now);
        let restart = || "/authorize?client_id=x".to_owned();
        assert_eq!(open(Some(&[1; 32]), 4_600).unwrap().return_to, "/authorize/resume");
        assert_eq!(open(Some(&[1; 32]), 4_601), Err(Refused::Expired(restart())));
        assert_eq!(open(Some(&[2; 32]), 1_000), Err(Refused::OtherBrowser(restart())));
        assert_eq!(open(None, 1_000), Err(Refused::OtherBrowser(restart())));
        let changed = format!("{}{}", &sealed[..40], &sealed[41..]);
        assert_eq!(Pending::open(&keyring, &changed, Some(&[1; 32]), 1_000), Err(Refused::Unknown));
    }

    #[test]
    fn the_request_is_put_after_any_address() {
        assert_eq!(with_request("/login", "abc"), "/login?r=abc");
        assert_eq!(with_request("/go/mss?x=1", "abc"), "/go/mss?x=1&r=abc");
        assert_eq!(pending().onward("abc"), "/authorize/resume");
        let laden = Pending { payload: "x".into(), ..pending() };
        assert_eq!(laden.onward("abc"), "/authorize/resume?r=abc");
    }
}
