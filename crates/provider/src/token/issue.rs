//! Tokens are made here, and only for a grant that the engine's machine agreed to.

use countersign_identity::Level;
use countersign_identity::directory::Profile;
use countersign_store::client::Client;
use countersign_store::grant::Grant;
use serde::Serialize;

use super::sealed::{ACCESS_LIFETIME, Access, Refresh};
use crate::acr;
use crate::claims::{Asked, Subject};
use crate::clients;
use crate::engine::Issuable;
use crate::error::Fault;
use crate::id_token::{self, IdToken};
use crate::scope::Scopes;
use crate::state::Provider;

/// A token response (RFC 6749 §5.1, OIDC Core §3.1.3.3).
#[derive(Clone, Debug, Serialize)]
pub struct Tokens {
    /// For userinfo.
    pub access_token: String,
    /// Always `Bearer`.
    pub token_type: &'static str,
    /// Seconds until the access token is not good any more.
    pub expires_in: i64,
    /// For the next refresh, with `offline_access`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// Who signed in, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The access token's scopes.
    pub scope: String,
}

/// What tokens are made of.
pub(crate) struct Minting<'a> {
    pub provider: &'a Provider,
    pub client: &'a Client,
    pub profile: &'a Profile,
    pub grant: &'a Grant,
    /// The access token's scopes.
    pub scope: Scopes,
    /// The generation of the refresh token to make.
    pub generation: i64,
    /// Whether this is the code's own exchange: a refreshed ID token carries no nonce (OIDC Core §12.2).
    pub first: bool,
}

/// Makes the tokens, and lets the machine end.
///
/// # Errors
/// [`Fault`].
pub(crate) fn issue(proof: Issuable, minting: &Minting<'_>) -> Result<Tokens, Fault> {
    let keyring = minting.provider.identity().keyring();
    let now = minting.provider.identity().now();
    let grant = minting.grant;
    let access =
        Access { grant_id: grant.id.clone(), expires_at: now + ACCESS_LIFETIME, scope: minting.scope };
    let access_token = access.seal(keyring);
    // A narrower access token does not narrow the grant (RFC 6749 §6).
    let offline = Scopes::parse(&grant.scope).has("offline_access");
    let refresh_token =
        offline.then(|| Refresh { grant_id: grant.id.clone(), generation: minting.generation }.seal(keyring));
    let id_token = match minting.scope.has("openid") {
        true => Some(minting.id_token(&access_token, now)?),
        false => None,
    };
    let tokens = Tokens {
        access_token,
        token_type: "Bearer",
        expires_in: ACCESS_LIFETIME,
        refresh_token,
        id_token,
        scope: minting.scope.to_string(),
    };
    proof.issued(&tokens)?;
    Ok(tokens)
}

impl Minting<'_> {
    fn id_token(&self, access_token: &str, now: i64) -> Result<String, Fault> {
        let grant = self.grant;
        let alg = clients::alg(self.client);
        let keys = self.provider.keys();
        let key = keys.signer(alg, now).ok_or(Fault::Broken("no key of the client's algorithm"))?;
        let level = Level::parse(&grant.level).ok_or(Fault::Broken("a grant without a level"))?;
        let asked = Asked::from_column(grant.claims.as_deref());
        let token = IdToken {
            iss: self.provider.issuer(),
            sub: &grant.person_id,
            aud: &grant.client_id,
            exp: now + id_token::LIFETIME,
            iat: now,
            auth_time: grant.auth_time,
            nonce: grant.nonce.as_deref().filter(|_| self.first),
            acr: &grant.acr,
            amr: acr::amr(level),
            sid: &grant.session_id,
            at_hash: Some(alg.left_half_hash(access_token)),
            more: subject(self.profile, grant.account_id.as_deref()).in_id_token(self.scope, &asked.id_token),
        };
        Ok(token.sign(key)?)
    }
}

/// What tokens may say of a person with the account chosen.
pub(crate) fn subject<'a>(profile: &'a Profile, account_id: Option<&str>) -> Subject<'a> {
    let account = account_id.and_then(|id| profile.account(id));
    Subject {
        email: &profile.person.email,
        name: profile.person.name.as_deref(),
        locale: profile.person.language.as_deref(),
        updated_at: profile.person.updated_at,
        organization: account
            .map(|account| (account.organization_id.as_str(), account.organization_name.as_str())),
    }
}
