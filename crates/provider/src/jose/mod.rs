//! Signed tokens (RFC 7515, RFC 7519), read by our own strict rules and signed through josekit.
//!
//! josekit does the signatures and the keys. Its own JWT reader is not used: it takes the last of two equal
//! claims, accepts a token without `aud` or `exp`, and panics on huge times.
//!
//! There is one way from bytes to a [`Verified`] token, whoever signed it: [`Unverified::read`], then the key:
//! one of ours ([`verify`]) or one of a client's ([`PublicKeys::verify`]).

pub mod alg;
pub mod json;
pub mod keys;
pub mod public_key;
pub mod public_keys;
pub mod unverified;

use serde_json::{Map, Value};

pub use alg::Alg;
pub use public_keys::{NotAKeySet, PublicKeys};
pub use unverified::Unverified;

use keys::Keys;

/// 9999-12-31T23:59:59Z: later times are not times.
const LAST_SECOND: i64 = 253_402_300_799;

/// Why a token is refused. For the log: the one who sent it learns only that it is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Over 16 KiB.
    #[error("the token is too long")]
    Long,
    /// Not three parts of base64url.
    #[error("the token is not a compact JWS")]
    Form,
    /// A header that is not JSON, lists an extension, or brings a key along.
    #[error("the token's header is not acceptable")]
    Header,
    /// None that we verify, one that is not allowed here, or another than its key's.
    #[error("the token's algorithm is not its key's, or not allowed here")]
    Algorithm,
    /// No key of that name, or none named where several could be meant.
    #[error("the token names no key that is known")]
    Key,
    /// The signature is not of that key.
    #[error("the token's signature does not verify")]
    Signature,
    /// Claims that are not a JSON object, or of the wrong kind.
    #[error("the token's claims are malformed")]
    Claims,
}

/// The claims of a token whose signature has been verified. Nothing else can make one.
#[derive(Clone, Debug)]
pub struct Verified {
    typ: Option<String>,
    claims: Map<String, Value>,
}

impl Verified {
    /// Whether the header says it is of one of those kinds, or says nothing: RFC 8725 §3.11, so that no token
    /// serves in another's place. Kinds are media types, written without `application/` (RFC 7515 §4.1.9).
    #[must_use]
    pub fn is_of_kind(&self, kinds: &[&str]) -> bool {
        let Some(typ) = &self.typ else { return true };
        let bare = match typ.split_once('/') {
            Some((family, bare)) if family.eq_ignore_ascii_case("application") => bare,
            _ => typ,
        };
        kinds.iter().any(|kind| kind.eq_ignore_ascii_case(bare))
    }

    /// All claims.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// A claim that is a time: a whole number of seconds between 1970 and the year 10000.
    #[must_use]
    pub fn time(&self, name: &str) -> Option<i64> {
        self.claims.get(name).filter(|claim| is_time(claim))?.as_i64()
    }
}

fn is_time(claim: &Value) -> bool {
    claim.as_i64().is_some_and(|time| (0..=LAST_SECOND).contains(&time))
}

/// Verifies a token that one of our own keys signed. It names the key: all of ours do.
///
/// # Errors
/// [`Refused`].
pub fn verify(keys: &Keys, token: &str) -> Result<Verified, Refused> {
    let token = Unverified::read(token)?;
    let key = token.kid().and_then(|kid| keys.by_kid(kid)).ok_or(Refused::Key)?;
    token.verify(key.public_key())
}

#[cfg(test)]
pub(crate) mod tests;
