//! How a client is shown, with what its library has to be told.

use countersign_provider::discovery::path;
use countersign_store::client::Client;
use serde_json::{Value, json};

use crate::command::Opened;

/// A client, member by member.
pub fn described(client: &Client) -> Vec<(&'static str, Value)> {
    let mut members = vec![
        ("client_id", json!(client.id)),
        ("name", json!(client.name)),
        ("service", json!(client.service_id)),
        ("public", json!(client.public)),
        ("redirect_uris", client.redirect_uris.clone()),
        ("post_logout_redirect_uris", client.post_logout_redirect_uris.clone()),
        ("minimum_level", json!(client.minimum_level)),
        ("id_token_alg", json!(client.id_token_alg)),
        ("token_endpoint_auth_method", json!(client.token_endpoint_auth_method)),
        ("third_party", json!(client.third_party)),
        ("scope", json!(client.scope)),
    ];
    let metadata = json!(client.metadata);
    if metadata.as_object().is_some_and(|members| !members.is_empty()) {
        members.push(("metadata", metadata));
    }
    members
}

/// A client with the configuration of its library, ready to be copied.
pub fn with_configuration(client: &Client, opened: &Opened) -> Vec<(&'static str, Value)> {
    let mut members = described(client);
    let Some(issuer) = opened.settings.issuer.as_deref() else { return members };
    let method = match client.token_endpoint_auth_method.as_str() {
        "client_secret" => "client_secret_basic",
        named => named,
    };
    let configuration = json!({
        "issuer": issuer,
        "discovery": format!("{issuer}{}", path::DISCOVERY),
        "client_id": client.id,
        "token_endpoint_auth_method": method,
        "redirect_uri": client.redirect_uris().next(),
        "response_type": client.metadata.response_types.first().map_or("code", String::as_str),
        "scope": client.scope,
        "code_challenge_method": "S256",
        "id_token_signed_response_alg": client.id_token_alg,
        "post_logout_redirect_uri": client.post_logout_redirect_uris().next(),
    });
    members.push(("configuration", configuration));
    members
}
