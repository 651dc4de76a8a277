//! A demonstration application: a relying party that shows what it was told.
//!
//! `/` says who is signed in, `/login` starts a sign-in, `/callback` ends it, `/claims.json` gives the verified
//! claims to programs, `/logout` signs out here and at the provider.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::browsers::Browsers;
use super::exchange::{Exchange, ExchangeError};
use super::page::{self, Look};

/// One application.
pub struct Party {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub purpose: &'static str,
    /// Its cookie: ports share cookies, so it has a name of its own.
    pub cookie: &'static str,
    /// Its colour.
    pub colour: &'static str,
    /// Its side of the protocol.
    pub exchange: Exchange,
    /// Its visitors.
    pub browsers: Browsers,
}

/// The application's routes.
pub fn routes(party: Party) -> Router {
    let style = page::style(party.colour);
    Router::new()
        .route("/", get(home))
        .route("/login", get(login))
        .route("/callback", get(callback))
        .route("/claims.json", get(claims))
        .route("/logout", get(logout))
        .route("/style.css", get(move || async { ([(header::CONTENT_TYPE, "text/css")], style) }))
        .with_state(Arc::new(party))
}

impl Party {
    fn cookie_of<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == self.cookie).map(|(_, value)| value)
    }

    fn set_cookie(&self, value: &str) -> String {
        format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", self.cookie)
    }

    fn page(&self, status: StatusCode, title: &str, body: &Markup) -> Response {
        page::page(status, &Look { site: self.name, title, style: "/style.css", refresh: None }, body)
    }

    fn failure(&self, status: StatusCode, sentence: &str, detail: &str) -> Response {
        let body = html! {
            p { (sentence) }
            @if !detail.is_empty() { pre id="detail" { (detail) } }
            p { a class="button" id="again" href="/login" { "Sign in again" } " " a href="/" { "Start page" } }
        };
        self.page(status, "The sign-in did not come to an end", &body)
    }

    fn unreachable(&self, error: &ExchangeError) -> Response {
        self.failure(
            StatusCode::BAD_GATEWAY,
            "The provider and this application did not come together.",
            &error.to_string(),
        )
    }
}

async fn home(State(party): State<Arc<Party>>, headers: HeaderMap) -> Response {
    let signed_in = party.cookie_of(&headers).and_then(|cookie| party.browsers.signed_in(cookie));
    let Some(signed_in) = signed_in else {
        let body = html! {
            p { (party.purpose) }
            p { a class="button" id="sign-in" href="/login" { "Sign in" } }
            p { a href=(format!("{}/demo", party.exchange.issuer())) { "People, mails and tokens to try it with" } }
        };
        return party.page(StatusCode::OK, party.name, &body);
    };
    let claims = &signed_in.claims;
    let body = html! {
        p id="who" { "Signed in as " strong { (signed_in.email.as_deref().unwrap_or("somebody")) }
            @if let Some(name) = claims["org_name"].as_str() { " for " strong id="organization" { (name) } } "." }
        p id="level" { (level(claims["acr"].as_str().unwrap_or_default())) }
        table { caption { "The claims of the verified ID token" }
            @for (name, value) in claims.as_object().into_iter().flatten() {
                tr { th scope="row" { (name) } td { code { (text(value)) } } }
            }
        }
        p { a class="button" id="sign-out" href="/logout" { "Sign out" } " "
            a href="/login" { "Sign in again" } " "
            a href="/login?prompt=login" { "with fresh proof" } " "
            a href="/login?prompt=select_account" { "for another organization" } " "
            a href="/claims.json" { "claims.json" } }
    };
    party.page(StatusCode::OK, "Signed in", &body)
}

/// What the `acr` says, in words.
fn level(acr: &str) -> &'static str {
    match acr.rsplit_once("/acr/").map(|(_, level)| level) {
        Some("vip") => "Level VIP: a password and a security code were proved in this session.",
        Some("password") => {
            "Level password: a password was proved in this session, and no security code was asked for."
        }
        _ => "The provider states no level that this application knows.",
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

async fn login(
    State(party): State<Arc<Party>>,
    Query(extras): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    match party.exchange.begin(&extras).await {
        Ok((url, begun)) => {
            let cookie = party.browsers.begin(party.cookie_of(&headers), begun);
            let set = [(header::SET_COOKIE, party.set_cookie(&cookie)), (header::LOCATION, url)];
            (StatusCode::SEE_OTHER, set).into_response()
        }
        Err(error) => party.unreachable(&error),
    }
}

async fn callback(
    State(party): State<Arc<Party>>,
    Query(answer): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    let field = |name: &str| answer.get(name).map(String::as_str).unwrap_or_default();
    let cookie = party.cookie_of(&headers).unwrap_or_default();
    let Some(begun) = party.browsers.take(cookie, field("state")) else {
        // Back, or a reload: the sign-in it belongs to is over.
        if party.browsers.signed_in(cookie).is_some() {
            return (StatusCode::SEE_OTHER, [(header::LOCATION, "/")]).into_response();
        }
        let sentence = "This sign-in was not begun in this browser, or it is over already.";
        return party.failure(StatusCode::BAD_REQUEST, sentence, "");
    };
    // RFC 9207 §2.4: an answer that is not this issuer's is not looked at.
    if field("iss") != party.exchange.issuer() {
        return party.failure(
            StatusCode::BAD_REQUEST,
            "The answer does not come from the provider that was asked.",
            "",
        );
    }
    if answer.contains_key("error") {
        let detail = format!("{}\n{}", field("error"), field("error_description"));
        return party.failure(
            StatusCode::OK,
            "The provider did not sign you in to this application.",
            &detail,
        );
    }
    match party.exchange.finish(begun, field("code").to_owned()).await {
        Ok(signed_in) => {
            let cookie = party.browsers.sign_in(cookie, signed_in);
            let set = [(header::SET_COOKIE, party.set_cookie(&cookie)), (header::LOCATION, "/".to_owned())];
            (StatusCode::SEE_OTHER, set).into_response()
        }
        Err(error) => party.unreachable(&error),
    }
}

async fn claims(State(party): State<Arc<Party>>, headers: HeaderMap) -> Response {
    let signed_in = party.cookie_of(&headers).and_then(|cookie| party.browsers.signed_in(cookie));
    match signed_in {
        Some(signed_in) => {
            ([(header::CACHE_CONTROL, "no-store")], Json(signed_in.claims.clone())).into_response()
        }
        None => (StatusCode::NOT_FOUND, Json(json!({ "error": "nobody is signed in here" }))).into_response(),
    }
}

async fn logout(State(party): State<Arc<Party>>, headers: HeaderMap) -> Response {
    let signed_in = party.cookie_of(&headers).and_then(|cookie| party.browsers.sign_out(cookie));
    let clear = format!("{}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0", party.cookie);
    let onward = match signed_in {
        Some(signed_in) => party.exchange.logout_url(&signed_in).await,
        None => Ok(None),
    };
    match onward {
        Ok(url) => {
            let url = url.unwrap_or_else(|| "/".to_owned());
            (StatusCode::SEE_OTHER, [(header::SET_COOKIE, clear), (header::LOCATION, url)]).into_response()
        }
        Err(error) => party.unreachable(&error),
    }
}
