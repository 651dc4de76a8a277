//! `/introspect` (RFC 7662): what a token of one's own is worth. For confidential clients, of their own tokens.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;
use countersign_store::client::Client;
use serde_json::{Value, json};

use crate::error::{Code, Failure, Refusal};
use crate::shown::{self, Kind, Shown};
use crate::state::Provider;
use crate::token::{self, standing};

/// `POST /introspect`
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    let mut response = match tell(&provider, visit.headers(), &body).await {
        Ok(told) => axum::Json(told).into_response(),
        Err(failure) => token::failure(&failure, &visit),
    };
    token::never_stored(&mut response);
    response
}

async fn tell(provider: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<Value, Failure> {
    let (client, shown) = shown::read(provider, headers, body).await?;
    // RFC 7662 §2.1: the endpoint takes authorization, or anybody could try tokens on it.
    if client.public {
        let sentence = "introspection is for clients with a secret";
        return Err(Refusal::new(Code::InvalidClient, sentence).into());
    }
    // §2.2: of a token that is not good nothing else is said.
    let inactive = json!({ "active": false });
    let Some(shown) = shown else { return Ok(inactive) };
    let Some(until) = shown.good_until(provider.identity().now()) else { return Ok(inactive) };
    // A token whose person may not sign in any more opens nothing.
    match provider.identity().profile(&shown.grant.person_id, shown.revision).await? {
        Some(profile) if standing::has_account(&client, &profile, shown.grant.account_id.as_deref()) => {
            Ok(active(provider, &client, &shown, until))
        }
        _ => Ok(inactive),
    }
}

fn active(provider: &Provider, client: &Client, shown: &Shown, until: i64) -> Value {
    let grant = &shown.grant;
    let mut told = json!({
        "active": true,
        "iss": provider.issuer(),
        "client_id": grant.client_id,
        "sub": provider.subjects().of(client, &grant.person_id),
        "scope": shown.scope().to_string(),
        "exp": until,
        "sid": grant.session_id,
        // RFC 9470 §6.2.
        "acr": grant.acr,
        "auth_time": grant.auth_time,
    });
    if matches!(shown.kind, Kind::Access(_)) {
        told["token_type"] = "Bearer".into();
    }
    told
}
