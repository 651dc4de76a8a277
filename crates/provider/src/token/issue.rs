//! Tokens are made here, and only for a grant that the engine's machine agreed to.

use countersign_identity::Level;
use countersign_identity::directory::Profile;
use countersign_store::client::Client;
use countersign_store::grant::Grant;
use serde::Serialize;

use super::jwt_access;
use super::sealed::{ACCESS_LIFETIME, Access, Refresh};
use crate::acr;
use crate::claims::{self, Asked, Subject};
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
    /// Whether an access token comes of the response type (OIDC Core §5.4).
    pub gives_access: bool,
}

/// What an ID token is bound to by hashes (OIDC Core §3.1.3.6, §3.3.2.11).
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bound<'a> {
    pub access_token: Option<&'a str>,
    pub code: Option<&'a str>,
}

/// Makes the tokens, and lets the machine end.
///
/// # Errors
/// [`Fault`].
pub(crate) fn issue(proof: Issuable, minting: &Minting<'_>) -> Result<Tokens, Fault> {
    let keyring = minting.provider.identity().keyring();
    let grant = minting.grant;
    let access_token = minting.access_token()?;
    // A narrower access token does not narrow the grant (RFC 6749 §6).
    let offline = Scopes::parse(&grant.scope).has("offline_access");
    let refresh_token =
        offline.then(|| Refresh { grant_id: grant.id.clone(), generation: minting.generation }.seal(keyring));
    let id_token = match minting.scope.has("openid") {
        true => Some(minting.id_token(&Bound { access_token: Some(&access_token), code: None })?),
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
    /// An access token.
    pub(crate) fn access_token(&self) -> Result<String, Fault> {
        if self.client.metadata.jwt_access_tokens {
            return jwt_access::sign(self);
        }
        let expires_at = self.provider.identity().now() + ACCESS_LIFETIME;
        let access = Access { grant_id: self.grant.id.clone(), expires_at, scope: self.scope };
        Ok(access.seal(self.provider.identity().keyring()))
    }

    /// An ID token.
    pub(crate) fn id_token(&self, bound: &Bound<'_>) -> Result<String, Fault> {
        let grant = self.grant;
        let now = self.provider.identity().now();
        let alg = clients::alg(self.client);
        let keys = self.provider.keys();
        let key = keys.signer(alg, now).ok_or(Fault::Broken("no key of the client's algorithm"))?;
        let level = Level::parse(&grant.level).ok_or(Fault::Broken("a grant without a level"))?;
        let asked = Asked::from_column(grant.claims.as_deref());
        let person = subject(self.profile, grant.account_id.as_deref());
        let token = IdToken {
            iss: self.provider.issuer(),
            sub: &self.provider.subjects().of(self.client, &grant.person_id),
            aud: &grant.client_id,
            exp: now + id_token::LIFETIME,
            iat: now,
            auth_time: grant.auth_time,
            nonce: grant.nonce.as_deref().filter(|_| self.first),
            acr: &grant.acr,
            amr: acr::amr(level),
            sid: &grant.session_id,
            at_hash: bound.access_token.map(|token| alg.left_half_hash(token)),
            c_hash: bound.code.map(|code| alg.left_half_hash(code)),
            more: person.in_id_token(self.scope_of_id_token(), &asked.id_token),
        };
        Ok(token.sign(key)?)
    }
}

impl Minting<'_> {
    /// The scopes whose claims the ID token holds.
    fn scope_of_id_token(&self) -> Scopes {
        if self.client.metadata.lean_id_token && self.gives_access {
            self.scope.and(Scopes::parse(claims::ALWAYS_IN_ID_TOKEN))
        } else {
            self.scope
        }
    }
}

/// What tokens may say of a person with the account chosen.
pub(crate) fn subject<'a>(profile: &'a Profile, account_id: Option<&str>) -> Subject<'a> {
    let account = account_id.and_then(|id| profile.account(id));
    let person = &profile.person;
    Subject {
        email: &person.email,
        name: person.name.as_deref(),
        locale: person.language.as_deref(),
        updated_at: person.updated_at,
        entered: person.claims.as_ref().and_then(serde_json::Value::as_object),
        organization: account
            .map(|account| (account.organization_id.as_str(), account.organization_name.as_str())),
    }
}
