//! A client's JWK Set (RFC 7517 §5), read strictly.

use serde_json::{Map, Value};

use super::alg::Alg;
use super::public_key::{PublicKey, Unfit};
use super::unverified::Unverified;
use super::{Refused, Verified, json};

/// More keys than this are not a set that anybody needs.
const MOST: usize = 20;
/// Members that only private and shared keys have (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2).
const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Why a key set is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKeySet {
    /// Not JSON, doubled members, or no `keys`.
    #[error("it is not a JWK Set: a JSON object whose member keys is a list of objects")]
    Form,
    /// Its private half is known to more than its owner now.
    #[error("it holds a private or a symmetric key: register the public keys alone, and make new ones")]
    Private,
    /// Over 20.
    #[error("it holds more than 20 keys")]
    Long,
    /// Which of them a token means could not be said.
    #[error("two of its keys have the same kid")]
    Doubled,
}

/// The keys a client signs with.
#[derive(Debug, Default)]
pub struct PublicKeys {
    keys: Vec<PublicKey>,
    unfit: Vec<Unfit>,
}

impl PublicKeys {
    /// Reads a key set's bytes.
    ///
    /// # Errors
    /// [`NotAKeySet`].
    pub fn parse(bytes: &[u8]) -> Result<Self, NotAKeySet> {
        Self::read(&json::parse(bytes).map_err(|_| NotAKeySet::Form)?)
    }

    /// Reads a key set.
    ///
    /// RFC 7517 §5: a key of a kind we don't know, without what it needs, or outside the limits is passed over.
    ///
    /// # Errors
    /// [`NotAKeySet`].
    pub fn read(set: &Value) -> Result<Self, NotAKeySet> {
        let listed = set.get("keys").and_then(Value::as_array).ok_or(NotAKeySet::Form)?;
        if listed.len() > MOST {
            return Err(NotAKeySet::Long);
        }
        let jwks: Option<Vec<&Map<String, Value>>> = listed.iter().map(Value::as_object).collect();
        let jwks = jwks.ok_or(NotAKeySet::Form)?;
        if jwks.iter().any(|jwk| PRIVATE.iter().any(|member| jwk.contains_key(*member))) {
            return Err(NotAKeySet::Private);
        }
        let mut set = Self::default();
        for jwk in jwks {
            match PublicKey::read(jwk) {
                Ok(key) if key.kid().is_some_and(|kid| set.has(kid)) => return Err(NotAKeySet::Doubled),
                Ok(key) => set.keys.push(key),
                Err(unfit) => set.unfit.push(unfit),
            }
        }
        Ok(set)
    }

    /// Whether no key verifies anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys verify something.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Why the others were passed over.
    #[must_use]
    pub fn unfit(&self) -> &[Unfit] {
        &self.unfit
    }

    /// Whether a key has that name.
    #[must_use]
    pub fn has(&self, kid: &str) -> bool {
        self.keys.iter().any(|key| key.kid() == Some(kid))
    }

    /// Whether a key is for that algorithm.
    #[must_use]
    pub fn fits(&self, alg: Alg) -> bool {
        self.keys.iter().any(|key| key.fits(alg))
    }

    /// Verifies a token by one of the algorithms allowed.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn verify(&self, token: Unverified<'_>, allowed: &[Alg]) -> Result<Verified, Refused> {
        if !allowed.contains(&token.alg()) {
            return Err(Refused::Algorithm);
        }
        let key = self.pick(&token)?;
        token.verify(key)
    }

    /// OIDC Core §10.1: a token says which key it is signed with, unless only one can be meant.
    fn pick(&self, token: &Unverified<'_>) -> Result<&PublicKey, Refused> {
        if let Some(kid) = token.kid() {
            return self.keys.iter().find(|key| key.kid() == Some(kid)).ok_or(Refused::Key);
        }
        let mut fitting = self.keys.iter().filter(|key| key.fits(token.alg()));
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(only),
            _ => Err(Refused::Key),
        }
    }
}

#[cfg(test)]
mod tests;
