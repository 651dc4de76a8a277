//! The seam with oxide-auth. Its sans-IO machines decide the order of the checks and whether a request is
//! accepted; this file asks them, answers their questions from what was read, and gives out the two witnesses
//! without which nothing is issued: [`Negotiated`] before a code, [`Issuable`] before tokens.
//!
//! Ours, because the machines do not do it: strict parameters, exact redirect URIs, PKCE syntax, the errors.
//!
//! | file | machine |
//! | --- | --- |
//! | [`authorization`] | an authorization request, up to what may be granted |
//! | [`token`] | a code or refresh token, up to the point where tokens are issued |
//! | [`resource`] | an access token at userinfo |
//!
//! The machines compare times with the machine's clock; what has expired is decided by ours, and told to them
//! as the end of time or its beginning.

pub mod authorization;
pub mod resource;
pub mod token;

use chrono::{DateTime, Utc};
use countersign_store::grant::Grant;
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::{Extensions, Grant as EngineGrant, Value};
use oxide_auth::primitives::scope::Scope;

pub use authorization::{Negotiated, negotiate};
pub use resource::{Access, no_token};
pub use token::{Issuable, redeem, rotate};

use crate::error::{Code, Refusal};

/// The machine's question does not fit the request it was given: a fault of the seam, answered as a bad request.
fn unbound() -> Refusal {
    Refusal::because(
        Code::InvalidRequest,
        "the request is malformed",
        "the machine asked about another request",
    )
}

/// What our own scopes print always parses.
fn engine_scope(text: &str) -> Option<Scope> {
    text.parse().ok()
}

/// A stored grant as the machine knows it. `stands` says, by our clock, whether it has not expired.
fn engine_grant(grant: &Grant, stands: bool) -> Option<Box<EngineGrant>> {
    let mut extensions = Extensions::new();
    // Empty where the client may leave PKCE out, and did.
    if !grant.code_challenge.is_empty() {
        extensions.set(&Pkce::required(), Value::private(Some(grant.code_challenge.clone())));
    }
    Some(Box::new(EngineGrant {
        owner_id: grant.person_id.clone(),
        client_id: grant.client_id.clone(),
        scope: engine_scope(&grant.scope)?,
        redirect_uri: grant.redirect_uri.parse().ok()?,
        until: if stands { DateTime::<Utc>::MAX_UTC } else { DateTime::<Utc>::MIN_UTC },
        extensions,
    }))
}
