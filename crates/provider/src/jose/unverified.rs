//! A signed token that has been read, and not yet verified.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::alg::Alg;
use super::public_key::PublicKey;
use super::{Refused, Verified, is_time, json};

/// The longest token that is read, in bytes.
pub const LONGEST: usize = 16 * 1024;
/// Headers that a token with any of them is refused for.
///
/// RFC 7515 §4.1.11: an extension listed in `crit` that we don't understand (we understand none) invalidates the
/// token. RFC 8725 §3.10: a key that a token brings along or links to says nothing about who made it.
const REFUSED: [&str; 6] = ["crit", "b64", "jwk", "jku", "x5u", "x5c"];

/// A token of the right form. What it says is not to be believed, only to be used for finding the key.
#[derive(Debug)]
pub struct Unverified<'a> {
    signed: &'a str,
    signature: Vec<u8>,
    alg: Alg,
    kid: Option<String>,
    typ: Option<String>,
    claims: Map<String, Value>,
}

impl<'a> Unverified<'a> {
    /// Reads a compact JWS (RFC 7515 §7.1) whose payload is a JSON object: three parts of canonical base64url, no
    /// member twice, times that are whole numbers.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn read(token: &'a str) -> Result<Self, Refused> {
        if token.len() > LONGEST {
            return Err(Refused::Long);
        }
        let mut parts = token.splitn(4, '.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Refused::Form);
        };
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Form);
        let (header_bytes, payload_bytes, signature) =
            (decode(header)?, decode(payload)?, decode(signature)?);
        let fields = object(&header_bytes).ok_or(Refused::Header)?;
        if REFUSED.iter().any(|name| fields.contains_key(*name)) {
            return Err(Refused::Header);
        }
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refused::Header),
        };
        let alg = text("alg")?.ok_or(Refused::Header)?;
        let alg = Alg::parse(&alg).ok_or(Refused::Algorithm)?;
        let claims = object(&payload_bytes).ok_or(Refused::Claims)?;
        let mut times = ["exp", "iat", "nbf", "auth_time"].iter().filter_map(|name| claims.get(*name));
        if !times.all(is_time) {
            return Err(Refused::Claims);
        }
        let signed = &token[..header.len() + 1 + payload.len()];
        Ok(Self { signed, signature, alg, kid: text("kid")?, typ: text("typ")?, claims })
    }

    /// The algorithm it says it is signed by.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The key it says it is signed with.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// A text it claims: whose keys to look for.
    #[must_use]
    pub fn claimed(&self, name: &str) -> Option<&str> {
        self.claims.get(name)?.as_str()
    }

    /// Verifies it with that key.
    pub(super) fn verify(self, key: &PublicKey) -> Result<Verified, Refused> {
        // RFC 8725 §3.1: the algorithm is the key's; the header only has to agree.
        if !key.fits(self.alg) {
            return Err(Refused::Algorithm);
        }
        if !key.verify(self.alg, self.signed.as_bytes(), &self.signature) {
            return Err(Refused::Signature);
        }
        Ok(Verified { typ: self.typ, claims: self.claims })
    }
}

fn object(bytes: &[u8]) -> Option<Map<String, Value>> {
    match json::parse(bytes) {
        Ok(Value::Object(map)) => Some(map),
        _ => None,
    }
}
