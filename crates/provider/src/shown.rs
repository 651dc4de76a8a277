//! A token that a client shows to have it ended or told about: at `/revoke` and `/introspect`.

use std::sync::Arc;

use axum::http::HeaderMap;
use countersign_store::client::Client;
use countersign_store::grant::{self, Grant};

use crate::error::{Failure, Refusal};
use crate::scope::Scopes;
use crate::state::Provider;
use crate::token::sealed::{Access, Refresh};
use crate::token::{client_auth, read_form, refresh};

/// Which kind of token it is, and what it holds.
#[derive(Debug)]
pub(crate) enum Kind {
    Access(Access),
    Refresh(Refresh),
}

/// A token of the client that shows it, with its grant and the directory's revision.
#[derive(Debug)]
pub(crate) struct Shown {
    pub kind: Kind,
    pub grant: Grant,
    pub revision: i64,
}

impl Shown {
    /// When the token ends, if it is good at `now`.
    pub(crate) fn good_until(&self, now: i64) -> Option<i64> {
        let grant = &self.grant;
        match &self.kind {
            Kind::Access(access) => {
                let stands = grant.revoked_at.is_none() && grant.code_spent_at.is_some();
                (stands && now < access.expires_at).then_some(access.expires_at)
            }
            Kind::Refresh(token) => {
                let newest = token.generation == grant.generation;
                (newest && refresh::stands(grant, now)).then_some(grant.expires_at)
            }
        }
    }

    /// Its scopes.
    pub(crate) fn scope(&self) -> Scopes {
        match &self.kind {
            Kind::Access(access) => access.scope,
            Kind::Refresh(_) => Scopes::parse(&self.grant.scope),
        }
    }
}

/// The client that proves to have sent this request, and the token it shows, if that is one and its own.
///
/// # Errors
/// `invalid_client`, `invalid_request`.
pub(crate) async fn read(
    provider: &Provider,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(Arc<Client>, Option<Shown>), Failure> {
    let params = read_form(headers, body)?;
    let identity = provider.identity();
    let keyring = identity.keyring();
    // RFC 7009 §2.1, RFC 7662 §2.1: token_type_hint only speeds a search up; each kind here opens as itself alone.
    let text = params.get("token").unwrap_or_default();
    let kind = Access::read(provider, text).map(Kind::Access);
    let kind = kind.or_else(|| Refresh::open(keyring, text).map(Kind::Refresh));
    let found = match &kind {
        Some(Kind::Access(Access { grant_id, .. }) | Kind::Refresh(Refresh { grant_id, .. })) => {
            grant::find(identity.store().read(), grant_id).await?
        }
        None => None,
    };
    let revision = match &found {
        Some(found) => found.revision,
        None => identity.revision().await?,
    };
    let client = client_auth::authenticate(provider, headers, &params, revision).await?;
    if text.is_empty() {
        return Err(Refusal::invalid("token is required").into());
    }
    let shown = kind.zip(found).map(|(kind, found)| Shown { kind, grant: found.grant, revision });
    Ok((client.clone(), shown.filter(|shown| shown.grant.client_id == client.id)))
}
