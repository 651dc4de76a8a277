//! One request of a browser: its cookies, its languages, its address, and the answers it can get.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use countersign_identity::Error;
use countersign_identity::language::Language;
use countersign_identity::session::Authenticated;
use maud::Markup;
use tower_http::request_id::RequestId;

use crate::cookie::Cookie;
use crate::pending::Pending;
use crate::remember::Remembered;
use crate::respond;
use crate::ui::Ui;
use crate::view::trouble::{self, Trouble};
use crate::view::{Frame, stop};

/// One request.
pub struct Visit {
    ui: Ui,
    headers: HeaderMap,
    query: String,
    network: IpAddr,
    request_id: String,
}

/// Why a handler has no page of its own to show.
#[derive(Debug)]
pub enum Halt {
    /// Something else is to be answered: a redirect, or a page that says what to do.
    Answer(Box<Response>),
    /// A fault.
    Fault(Error),
}

impl From<Response> for Halt {
    fn from(response: Response) -> Self {
        Self::Answer(Box::new(response))
    }
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

impl From<countersign_store::Error> for Halt {
    fn from(error: countersign_store::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl<S> FromRequestParts<S> for Visit
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(Ui::from_ref(state), parts))
    }
}

impl Visit {
    pub(crate) fn of(ui: Ui, parts: &Parts) -> Self {
        let network = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
        let request_id = parts.extensions.get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
        Self {
            ui,
            headers: parts.headers.clone(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            network: network.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
            request_id: request_id.unwrap_or_default().to_owned(),
        }
    }

    /// A visit of which only the headers and the id are known.
    pub(crate) fn bare(ui: Ui, headers: HeaderMap, request_id: &str) -> Self {
        let network = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        Self { ui, headers, query: String::new(), network, request_id: request_id.to_owned() }
    }

    /// The pages' state.
    #[must_use]
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// The request's headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Where the request came from.
    #[must_use]
    pub fn network(&self) -> IpAddr {
        self.network
    }

    /// The id a person can quote.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// A parameter of the query. `None` when it is missing, empty, or there more than once.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        let mut found = url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let value = found.next()?;
        (found.next().is_none() && !value.is_empty()).then(|| value.into_owned())
    }

    /// One of our cookies, as sent.
    #[must_use]
    pub fn cookie(&self, cookie: Cookie) -> Option<&str> {
        self.ui.cookies().read(&self.headers, cookie)
    }

    /// Who is signed in in this browser.
    ///
    /// # Errors
    /// [`Halt::Fault`].
    pub async fn session(&self) -> Result<Option<Authenticated>, Halt> {
        Ok(self.ui.identity().session(self.cookie(Cookie::Session)).await?)
    }

    /// What Remember Me holds.
    #[must_use]
    pub fn remembered(&self) -> Remembered {
        let sealed = self.cookie(Cookie::Remember);
        sealed.map(|sealed| Remembered::open(self.ui.identity().keyring(), sealed)).unwrap_or_default()
    }

    /// The language of a page: the one chosen at this sign-in; before that what the client asked for, what the
    /// person or this browser chose once, what the browser accepts. (Product rule 9.)
    #[must_use]
    pub fn language(&self, pending: Option<&Pending>, person: Option<&str>) -> Language {
        let chosen = pending.and_then(|pending| pending.chosen_language.as_deref()).and_then(Language::parse);
        chosen.unwrap_or_else(|| {
            let asked = pending.and_then(|pending| pending.ui_locales.as_deref());
            let stored = person.and_then(Language::parse).or_else(|| self.remembered().language);
            let accepted = self.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Language::negotiate(asked, stored, accepted)
        })
    }

    /// The frame of a page in that language.
    #[must_use]
    pub fn frame(&self, language: Language) -> Frame<'_> {
        Frame::new(language, self.ui.brand(), self.ui.assets())
    }

    /// A page with no form that ends elsewhere.
    #[must_use]
    pub fn page(&self, markup: Markup) -> Response {
        respond::page(StatusCode::OK, markup, None)
    }

    /// An error page.
    #[must_use]
    pub fn trouble(&self, trouble: Trouble) -> Response {
        self.trouble_with(trouble, None)
    }

    /// An error page with a link onward, by address and text.
    #[must_use]
    pub fn trouble_with(&self, trouble: Trouble, onward: Option<(&str, &str)>) -> Response {
        let frame = self.frame(self.language(None, None));
        let markup = trouble::view(&frame, trouble, onward, &self.request_id);
        respond::page(trouble.status, markup, None)
    }

    /// "Please wait": so many seconds. The link leads to `again`.
    #[must_use]
    pub fn throttled(&self, seconds: u32, again: &str) -> Response {
        let frame = self.frame(self.language(None, None));
        let markup = stop::throttled(&frame, i64::from(seconds), again);
        // RFC 6585 §4: 429 Too Many Requests, with how long to wait.
        with_wait(respond::page(StatusCode::TOO_MANY_REQUESTS, markup, None), seconds)
    }

    /// A handler's answer, faults turned into pages.
    #[must_use]
    pub fn answer(&self, result: Result<Response, Halt>) -> Response {
        match result {
            Ok(response) => response,
            Err(Halt::Answer(response)) => *response,
            Err(Halt::Fault(Error::Busy { retry_after })) => {
                with_wait(self.trouble(Trouble::BUSY), retry_after)
            }
            Err(Halt::Fault(error)) => {
                tracing::error!(%error, id = self.request_id, "a page failed");
                self.trouble(Trouble::SERVER)
            }
        }
    }

    /// Gives the browser a cookie.
    pub fn set_cookie(&self, response: &mut Response, cookie: Cookie, value: &str) {
        if let Some(header) = self.ui.cookies().set(cookie, value) {
            response.headers_mut().append(header::SET_COOKIE, header);
        }
    }

    /// Takes a cookie away, where the browser has it.
    pub fn clear_cookie(&self, response: &mut Response, cookie: Cookie) {
        if self.cookie(cookie).is_none() {
            return;
        }
        if let Some(header) = self.ui.cookies().clear(cookie) {
            response.headers_mut().append(header::SET_COOKIE, header);
        }
    }
}

fn with_wait(mut response: Response, seconds: u32) -> Response {
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}
