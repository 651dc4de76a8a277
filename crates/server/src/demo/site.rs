//! The demonstration's pages at the provider: who there is, what was mailed, what the tokens show.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use countersign_identity::Identity;
use countersign_identity::mail::Outbox;
use countersign_identity::oath::Token;
use countersign_identity::seed_file::credential_id;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::outbox;
use super::page::{self, Look};
use super::people::PEOPLE;

/// What the pages need.
pub struct Site {
    /// The identity core, for the tokens.
    pub identity: Identity,
    /// The mails.
    pub outbox: Outbox,
    /// The applications: name and address.
    pub applications: Vec<(&'static str, String)>,
    /// The tokens that the VIP service has the seeds of, by Credential ID.
    pub service_tokens: HashMap<String, Token>,
}

impl Site {
    /// What is in somebody's hand, whoever judges it.
    async fn token(&self, typed: &str) -> Option<Token> {
        let id = credential_id(typed)?;
        match self.service_tokens.get(&id) {
            Some(token) => Some(token.clone()),
            None => self.identity.token(&id).await.ok(),
        }
    }
}

const COLOUR: &str = "#4a4458";

/// The pages under `/demo`.
pub fn routes(site: Site) -> Router {
    let style = page::style(COLOUR);
    Router::new()
        .route("/demo", get(index))
        .route("/demo/people.json", get(async || Json(PEOPLE)))
        .route("/demo/outbox", get(outbox_page))
        .route("/demo/outbox.json", get(outbox_json))
        .route("/demo/token/{credential}", get(token))
        .route("/demo/style.css", get(async move || ([(header::CONTENT_TYPE, "text/css")], style)))
        .with_state(Arc::new(site))
}

fn show(status: StatusCode, title: &str, refresh: Option<u32>, body: &Markup) -> Response {
    page::page(status, &Look { site: "Countersign", title, style: "/demo/style.css", refresh }, body)
}

fn program(value: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-store")], Json(value)).into_response()
}

async fn index(State(site): State<Arc<Site>>) -> Response {
    let body = html! {
        p { "Choose an application, sign in as one of the people below, and look at what the application was told." }
        p {
            @for (name, address) in &site.applications {
                a class="button" href=(address) { (name) } " "
            }
            a href="/demo/outbox" { "Outbox: the mails" }
        }
        table { caption { "The sample people" }
            tr { th { "Address" } th { "Password" } th { "Token" } th { "What will happen" } }
            @for person in PEOPLE {
                tr {
                    td class="whole" { (person.email) }
                    td { @match person.password { Some(password) => code { (password) }, None => "none yet" } }
                    td class="whole" { @match person.credential_id {
                        Some(id) => a href=(format!("/demo/token/{id}")) { (id) },
                        None => "none",
                    } }
                    td { (person.expect) }
                }
            }
        }
        p { "For programs: " a href="/demo/people.json" { "people.json" } ", "
            a href="/demo/outbox.json" { "outbox.json" } ", "
            code { "/demo/token/{credential_id}.json" } "." }
    };
    show(StatusCode::OK, "The demonstration", None, &body)
}

async fn outbox_page(State(site): State<Arc<Site>>) -> Response {
    show(StatusCode::OK, "Outbox", Some(5), &outbox::view(&site.outbox.mails()))
}

async fn outbox_json(State(site): State<Arc<Site>>) -> Response {
    program(&outbox::json(&site.outbox.mails()))
}

/// `/demo/token/{credential_id}` for people, the same with `.json` for programs.
async fn token(State(site): State<Arc<Site>>, Path(name): Path<String>) -> Response {
    let (id, json) = name.strip_suffix(".json").map_or((name.as_str(), false), |id| (id, true));
    let Some(token) = site.token(id).await else {
        return match json {
            true => (StatusCode::NOT_FOUND, Json(json!({ "error": "no such credential" }))).into_response(),
            false => {
                let body = html! { p { "There is no credential " code { (id) } "." } p { a href="/demo" { "All of the demonstration" } } };
                show(StatusCode::NOT_FOUND, "No such token", None, &body)
            }
        };
    };
    let now = site.identity.now();
    let position = token.position(now);
    let (code, next) = (token.code(position), token.code(position + 1));
    let left = token.seconds_left(now);
    if json {
        return program(&json!({ "code": *code, "next_code": *next, "seconds_left": left }));
    }
    let body = html! {
        p { "The virtual token " strong id="credential-id" { (id) } " shows" }
        p class="code" id="code" { (*code) }
        @match left {
            Some(seconds) => p { "for another " strong id="seconds-left" { (seconds) } " s; after it comes "
                code id="next-code" { (*next) } ". The page reads itself anew." },
            None => p { "until it is used; after it comes " code id="next-code" { (*next) } "." },
        }
        p { a href="/demo" { "All of the demonstration" } }
    };
    // Anew when the code changes, and now and then for the seconds.
    let refresh = left.map_or(5, |seconds| seconds.clamp(1, 5));
    show(StatusCode::OK, "Security code", Some(refresh), &body)
}
