//! Rule 2 again, when a code or refresh token is redeemed: what administrators changed since counts at once.

use std::sync::Arc;

use countersign_identity::Level;
use countersign_identity::directory::Profile;
use countersign_store::client::Client;
use countersign_store::grant::{self, Grant};

use crate::clients;
use crate::error::{Failure, Fault, Refusal};
use crate::state::Provider;

/// The person of a grant, if what was proved is still enough for this client and they still have the account.
///
/// # Errors
/// `invalid_grant`: the client has to send the person through `/authorize` again, where they are asked for what
/// is missing or told why not.
pub(crate) async fn check(
    provider: &Provider,
    client: &Client,
    found: &grant::Found,
) -> Result<Arc<Profile>, Failure> {
    let identity = provider.identity();
    let grant = &found.grant;
    let profile = identity.profile(&grant.person_id, found.revision).await?;
    let profile = profile.ok_or_else(|| Refusal::grant("the person is disabled or gone"))?;
    let bridged = grant.bridged_until.is_some_and(|until| until > identity.now());
    let address = clients::address_rule(client, &profile, identity.settings(), bridged);
    let essential = grant.essential_acr.as_deref().and_then(Level::parse);
    let needed = [Some(address), clients::minimum(client), essential].into_iter().flatten().max();
    let proved = Level::parse(&grant.level).ok_or(Fault::Broken("a grant without a level"))?;
    if needed.is_some_and(|needed| proved < needed) {
        return Err(Refusal::grant("a higher level is needed than was proved").into());
    }
    if !has_account(client, &profile, grant.account_id.as_deref()) {
        return Err(Refusal::grant("the account is not linked any more").into());
    }
    Ok(profile)
}

/// Whether the account chosen for a grant is still linked, where the client's service asks for one.
pub(crate) fn has_account(client: &Client, profile: &Profile, account_id: Option<&str>) -> bool {
    client.service_id.as_ref().is_none_or(|service| {
        let account = account_id.and_then(|id| profile.account(id));
        account.is_some_and(|account| &account.service_id == service)
    })
}

/// Ends a grant, with all that it bought.
pub(crate) async fn revoke(provider: &Provider, grant: &Grant) -> Result<(), Failure> {
    let identity = provider.identity();
    let (id, now) = (grant.id.clone(), identity.now());
    identity.store().write(move |tx| Box::pin(async move { grant::revoke(tx, &id, now).await })).await?;
    identity.store().revoked();
    Ok(())
}
