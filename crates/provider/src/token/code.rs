//! `grant_type=authorization_code`.

use countersign_store::client::Client;
use countersign_store::grant;

use super::issue::{Minting, Tokens, issue};
use super::sealed::ACCESS_LIFETIME;
use super::{Found, refresh, standing};
use crate::engine;
use crate::error::{Failure, Refusal};
use crate::params::Params;
use crate::scope::Scopes;
use crate::state::Provider;

/// Redeems a code: once, by its client, with its redirect URI and its verifier. An attempt that fails one of
/// these spends nothing; a second one that passes them all ends the grant.
pub(crate) async fn redeem(
    provider: &Provider,
    params: &Params,
    client: &Client,
    found: &Found,
) -> Result<Tokens, Failure> {
    let found = match found {
        Found::Code(found) => Some(found),
        _ => None,
    };
    let identity = provider.identity();
    let now = identity.now();
    // A spent code is followed to the end, so that its reuse is noticed after its minute too.
    let stands = |grant: &grant::Grant| {
        grant.revoked_at.is_none() && (grant.code_spent_at.is_some() || now < grant.code_expires_at)
    };
    let known = found.map(|found| &found.grant);
    let proof = engine::redeem(params, &client.id, known, known.is_some_and(stands))?;
    let Some(found) = found else { return Err(Refusal::grant("no such code").into()) };
    let profile = standing::check(provider, client, found).await?;
    let scope = Scopes::parse(&found.grant.scope).and(Scopes::parse(&client.scope));
    let lifetime = if scope.has("offline_access") { refresh::ABSOLUTE } else { ACCESS_LIFETIME };
    let id = found.grant.id.clone();
    let spent = identity
        .store()
        .statement(move |db| Box::pin(async move { grant::spend_code(&db, &id, now, now + lifetime).await }));
    if !spent.await? {
        // RFC 6749 §4.1.2: a code used more than once SHOULD revoke all tokens it bought.
        standing::revoke(provider, &found.grant).await?;
        tracing::warn!(target: "audit", event = "code_reused", grant = found.grant.id, client = client.id);
        return Err(Refusal::grant("the code was used before").into());
    }
    let minting = Minting {
        provider,
        client,
        profile: &profile,
        grant: &found.grant,
        scope,
        generation: 0,
        first: true,
        gives_access: true,
    };
    Ok(issue(proof, &minting)?)
}
