//! The authorization code: issued to somebody signed in, for a request the machine agreed to.

use countersign_identity::session::Authenticated;
use countersign_store::grant::{self, Grant};
use countersign_store::{Secret, secret};

use crate::authorize::reply::ReplyTo;
use crate::authorize::request::Request;
use crate::error::Fault;
use crate::state::Provider;

/// How long a code can be redeemed, in seconds (RFC 6749 §4.1.2 recommends at most ten minutes; RFC 9700 less).
pub const LIFETIME: i64 = 60;

/// Records a grant and gives out its code.
///
/// # Errors
/// [`Fault::Store`].
pub async fn issue(
    provider: &Provider,
    who: &Authenticated,
    request: &Request,
    reply: &ReplyTo,
    account_id: Option<String>,
) -> Result<String, Fault> {
    let now = provider.identity().now();
    let acr = provider.acr();
    let code = Secret::new();
    let (person, client) = (&who.profile().person, reply.client());
    let grant = Grant {
        id: secret::id(),
        code_digest: code.digest(),
        code_expires_at: now + LIFETIME,
        code_spent_at: None,
        client_id: client.id.clone(),
        person_id: person.id.clone(),
        session_id: who.session_id().to_owned(),
        redirect_uri: reply.redirect_uri().to_owned(),
        scope: request.negotiated.scope().to_string(),
        nonce: request.nonce.clone(),
        code_challenge: request.negotiated.challenge().to_owned(),
        level: who.level().as_str().to_owned(),
        acr: acr.answer(who.level(), &request.requested).to_owned(),
        essential_acr: acr.essential(&request.requested).map(|level| level.as_str().to_owned()),
        auth_time: who.auth_time(),
        account_id,
        claims: request.asked.to_column(),
        generation: 0,
        refreshed_at: None,
        created_at: now,
        expires_at: now + LIFETIME,
        revoked_at: None,
    };
    let id = grant.id.clone();
    provider
        .identity()
        .store()
        .statement(move |db| Box::pin(async move { grant::insert(&db, grant).await }))
        .await?;
    tracing::info!(target: "audit", event = "code_issued", grant = id, client = client.id, person = person.id, session = who.session_id(), level = %who.level());
    Ok(code.text())
}
