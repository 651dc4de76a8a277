//! A client told what it is registered as (RFC 7591 §3.2.1, RFC 7592 §3).

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use countersign_store::Secret;
use countersign_store::client::Client;
use serde_json::{Map, Value, json};

use crate::discovery::path;

/// What of a client's metadata is ours, not registered by it.
const OURS: [&str; 5] =
    ["translations", "jwt_access_tokens", "pkce_optional", "lean_id_token", "self_registered"];

/// What goes to the client.
pub(super) struct Registered<'a> {
    pub issuer: &'a str,
    pub client: &'a Client,
    /// A secret made just now: it is told once, and then known by its digest alone.
    pub secret: Option<&'a Secret>,
    /// The token that manages the registration from here on.
    pub token: &'a Secret,
}

impl Registered<'_> {
    /// The answer.
    pub fn respond(&self, status: StatusCode) -> Response {
        (status, axum::Json(self.members())).into_response()
    }

    fn members(&self) -> Map<String, Value> {
        let client = self.client;
        let mut members = match json!(client.metadata) {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        members.retain(|name, _| !OURS.contains(&name.as_str()));
        members.extend(client.metadata.translations.clone());
        let mut tell = |name: &str, value: Value| members.insert(name.to_owned(), value);
        tell("client_id", json!(client.id));
        tell("client_id_issued_at", json!(client.created_at));
        tell("client_name", json!(client.name));
        tell("redirect_uris", client.redirect_uris.clone());
        if client.post_logout_redirect_uris().next().is_some() {
            tell("post_logout_redirect_uris", client.post_logout_redirect_uris.clone());
        }
        tell("token_endpoint_auth_method", json!(client.token_endpoint_auth_method));
        tell("id_token_signed_response_alg", json!(client.id_token_alg));
        tell("scope", json!(client.scope));
        let at = format!("{}{}/{}", self.issuer.trim_end_matches('/'), path::REGISTER, client.id);
        tell("registration_client_uri", json!(at));
        tell("registration_access_token", json!(self.token.text()));
        if let Some(secret) = self.secret {
            tell("client_secret", json!(secret.text()));
            // RFC 7591 §3.2.1: REQUIRED with a secret; 0 says that it does not expire.
            tell("client_secret_expires_at", json!(0));
        }
        members
    }
}
