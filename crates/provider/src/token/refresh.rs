//! `grant_type=refresh_token`: rotation, reuse detection, and rule 2 again.

use countersign_store::client::Client;
use countersign_store::grant::{self, Grant};

use super::issue::{Minting, Tokens, issue};
use super::{Found, standing};
use crate::engine;
use crate::error::{Failure, Refusal};
use crate::params::Params;
use crate::scope::Scopes;
use crate::state::Provider;

/// A grant can be refreshed for this long after its code was redeemed, in seconds.
pub const ABSOLUTE: i64 = 30 * 24 * 60 * 60;
/// A grant that is not refreshed for this long can't be any more, in seconds.
pub const IDLE: i64 = 7 * 24 * 60 * 60;

/// Whether a grant can be refreshed at `now`.
pub(crate) fn stands(grant: &Grant, now: i64) -> bool {
    let used = grant.refreshed_at.or(grant.code_spent_at);
    let lively = used.is_some_and(|used| now - used < IDLE);
    grant.revoked_at.is_none()
        && lively
        && now < grant.expires_at
        && Scopes::parse(&grant.scope).has("offline_access")
}

/// Refreshes: the token shown is spent and the next one comes back. A token spent before ends the grant
/// (RFC 9700 §4.14.2): one of the two who showed it stole it.
pub(crate) async fn refresh(
    provider: &Provider,
    params: &Params,
    client: &Client,
    found: &Found,
) -> Result<Tokens, Failure> {
    let (found, generation) = match found {
        Found::Refresh(found, generation) => (Some(found), *generation),
        _ => (None, 0),
    };
    let identity = provider.identity();
    let now = identity.now();
    let known = found.map(|found| &found.grant);
    let (proof, scope) =
        engine::rotate(params, &client.id, known, known.is_some_and(|grant| stands(grant, now)))?;
    let Some(found) = found else { return Err(Refusal::grant("no such refresh token").into()) };
    // What the client may not ask for any more it does not get any more.
    let scope = scope.and(Scopes::parse(&client.scope));
    let profile = standing::check(provider, client, found).await?;
    let id = found.grant.id.clone();
    let rotated = identity
        .store()
        .statement(move |db| Box::pin(async move { grant::rotate(&db, &id, generation, now).await }));
    if !rotated.await? {
        standing::revoke(provider, &found.grant).await?;
        tracing::warn!(target: "audit", event = "refresh_token_reused", grant = found.grant.id, client = client.id);
        return Err(Refusal::grant("the refresh token was used before").into());
    }
    let generation = generation + 1;
    let minting = Minting {
        provider,
        client,
        profile: &profile,
        grant: &found.grant,
        scope,
        generation,
        first: false,
        gives_access: true,
    };
    Ok(issue(proof, &minting)?)
}
