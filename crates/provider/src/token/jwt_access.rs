//! Access tokens as JWTs (RFC 9068), for clients whose own services read them. They stand on the grant like the sealed
//! ones: whoever asks here hears of a revocation at once.

use countersign_identity::Level;
use countersign_store::secret;
use serde::Serialize;

use super::issue::Minting;
use super::sealed::{ACCESS_LIFETIME, Access};
use crate::acr;
use crate::clients;
use crate::error::Fault;
use crate::jose::{self, keys::Keys};
use crate::scope::Scopes;

/// RFC 9068 §2.1: what tells it from an ID token, whatever else is the same.
const TYP: &str = "at+jwt";
/// Hex digits of a grant's id, with which `jti` begins.
const ID: usize = 32;

/// RFC 9068 §2.2.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    /// Without a resource named, this server itself, whose userinfo it opens (§3).
    aud: &'a str,
    exp: i64,
    iat: i64,
    jti: String,
    client_id: &'a str,
    scope: String,
    auth_time: i64,
    acr: &'a str,
    amr: &'a [&'a str],
    sid: &'a str,
}

/// Signs one, with the key the client's ID tokens are signed with.
pub(super) fn sign(minting: &Minting<'_>) -> Result<String, Fault> {
    let (provider, grant) = (minting.provider, minting.grant);
    let now = provider.identity().now();
    let level = Level::parse(&grant.level).ok_or(Fault::Broken("a grant without a level"))?;
    let claims = Claims {
        iss: provider.issuer(),
        sub: &provider.subjects().of(minting.client, &grant.person_id),
        aud: provider.issuer(),
        exp: now + ACCESS_LIFETIME,
        iat: now,
        jti: format!("{}{}", grant.id, &secret::id()[..16]),
        client_id: &grant.client_id,
        scope: minting.scope.to_string(),
        auth_time: grant.auth_time,
        acr: &grant.acr,
        amr: acr::amr(level),
        sid: &grant.session_id,
    };
    let keys = provider.keys();
    let key = keys.signer(clients::alg(minting.client), now);
    let key = key.ok_or(Fault::Broken("no key of the client's algorithm"))?;
    Ok(key.sign_as(TYP, &serde_json::to_vec(&claims).unwrap_or_default())?)
}

/// Reads one that this issuer signed. Its expiry is the caller's to check, as a sealed one's.
#[must_use]
pub fn open(keys: &Keys, issuer: &str, token: &str) -> Option<Access> {
    let claims = jose::verify(keys, token).ok()?;
    let ours = claims.is_of_kind(&[TYP]) && claims.text("iss")? == issuer && claims.text("aud")? == issuer;
    let grant_id = claims.text("jti")?.get(..ID)?.to_owned();
    let access =
        Access { grant_id, expires_at: claims.time("exp")?, scope: Scopes::parse(claims.text("scope")?) };
    ours.then_some(access)
}
