//! `/revoke` (RFC 7009): a client gives back what it was granted. Either token ends the whole grant.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;

use crate::error::Failure;
use crate::state::Provider;
use crate::token::standing;
use crate::{cors, shown, token};

/// `POST /revoke`
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    let mut response = match revoke(&provider, visit.headers(), &body).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(failure) => token::failure(&failure, &visit),
    };
    token::never_stored(&mut response);
    cors::allow(&provider, visit.headers(), &mut response, None).await;
    response
}

/// RFC 7009 §2.2: a token that is none, or not the client's, is answered as one that was revoked: either way it is
/// not the client's to use.
async fn revoke(provider: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<(), Failure> {
    let (client, shown) = shown::read(provider, headers, body).await?;
    let Some(shown) = shown.filter(|shown| shown.grant.revoked_at.is_none()) else { return Ok(()) };
    standing::revoke(provider, &shown.grant).await?;
    tracing::info!(target: "audit", event = "grant_revoked", grant = shown.grant.id, client = client.id, person = shown.grant.person_id);
    Ok(())
}
