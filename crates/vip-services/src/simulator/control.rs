//! The controls: JSON over HTTP on a loopback address, for whoever tests.
//!
//! `GET /control` shows the users, credentials, rules and requests; `POST /control/rules` adds a rule and
//! `DELETE /control/rules` forgets them all; `POST /control/credentials/{id}` and `POST /control/users/{id}` change a
//! state, `{"state": "LOCKED"}`. No seed is ever shown.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::rule::Rule;
use super::tenant::Tenant;

/// A state to be set.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    state: String,
}

pub(super) fn router(tenant: Arc<Tenant>) -> Router {
    Router::new()
        .route("/control", get(show))
        .route("/control/rules", post(order).delete(forget))
        .route("/control/credentials/{id}", post(credential))
        .route("/control/users/{id}", post(user))
        .layer(axum::middleware::from_fn(own))
        .with_state(tenant)
}

/// A web page elsewhere gets nothing done here: a browser that is sent says so.
async fn own(headers: HeaderMap, request: axum::extract::Request, next: axum::middleware::Next) -> Response {
    if headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site") {
        return (StatusCode::FORBIDDEN, "the controls are not for browsers\n").into_response();
    }
    next.run(request).await
}

async fn show(State(tenant): State<Arc<Tenant>>) -> Json<Value> {
    let inside = tenant.lock();
    let users = inside.users.values().map(|user| {
        let credentials = user.bindings.iter().map(|(id, name)| json!({"id": id, "friendly_name": name}));
        json!({"id": user.id, "status": user.status.as_str(), "credentials": credentials.collect::<Vec<_>>()})
    });
    let credentials = inside
        .credentials
        .iter()
        .map(|(id, token)| json!({"id": id, "state": token.state.as_str(), "failures": token.failures()}));
    Json(json!({
        "users": users.collect::<Vec<_>>(),
        "credentials": credentials.collect::<Vec<_>>(),
        "rules": inside.rules,
        "requests": inside.seen,
    }))
}

async fn order(State(tenant): State<Arc<Tenant>>, Json(rule): Json<Rule>) -> StatusCode {
    let readable =
        |text: &Option<String>| text.as_deref().is_none_or(|text| crate::status::Code::parse(text).is_some());
    if !readable(&rule.status) || !readable(&rule.detail) {
        return StatusCode::UNPROCESSABLE_ENTITY;
    }
    tenant.order(rule);
    StatusCode::NO_CONTENT
}

async fn forget(State(tenant): State<Arc<Tenant>>) -> StatusCode {
    tenant.forget_rules();
    StatusCode::NO_CONTENT
}

async fn credential(
    State(tenant): State<Arc<Tenant>>,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> StatusCode {
    done(tenant.set_credential(&id, &wanted.state))
}

async fn user(
    State(tenant): State<Arc<Tenant>>,
    Path(id): Path<String>,
    Json(wanted): Json<Wanted>,
) -> StatusCode {
    done(tenant.set_user(&id, &wanted.state))
}

fn done(done: bool) -> StatusCode {
    if done { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }
}
