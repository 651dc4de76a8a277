//! The keys that ID tokens are signed with: made, opened once, kept with their signers and verifiers.

use std::sync::Arc;

use axum::body::Bytes;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub use super::alg::Alg;
use super::public_key::PublicKey;

const RSA_BITS: u32 = 2048;

/// A key can't be made, read or used. The text never holds any part of a key.
#[derive(Clone, Debug, thiserror::Error)]
#[error("signing key: {0}")]
pub struct Fault(String);

impl From<josekit::JoseError> for Fault {
    fn from(error: josekit::JoseError) -> Self {
        // The source of a JoseError may quote the key.
        let kind = match error {
            josekit::JoseError::InvalidKeyFormat(_) | josekit::JoseError::InvalidJwkFormat(_) => "unreadable",
            _ => "unusable",
        };
        Self(kind.into())
    }
}

/// A key just made, to be sealed and stored.
pub struct NewKey {
    /// The RFC 7638 thumbprint.
    pub kid: String,
    /// The private JWK, as JSON.
    pub private_jwk: Vec<u8>,
}

impl NewKey {
    /// Makes a key. RSA takes some 100 ms.
    ///
    /// # Errors
    /// [`Fault`] when OpenSSL refuses.
    pub fn generate(alg: Alg) -> Result<Self, Fault> {
        let (mut jwk, kid) = loop {
            let jwk = match alg {
                Alg::Rs256 | Alg::Ps256 => Jwk::generate_rsa_key(RSA_BITS)?,
                Alg::Es256 => Jwk::generate_ec_key(EcCurve::P256)?,
                Alg::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519)?,
            };
            let kid = thumbprint(&jwk)?;
            // One key in 64 has a name that a command line would take for an option.
            if !kid.starts_with('-') {
                break (jwk, kid);
            }
        };
        jwk.set_key_id(&kid);
        jwk.set_algorithm(alg.as_str());
        jwk.set_key_use("sig");
        Ok(Self { kid, private_jwk: jwk.to_string().into_bytes() })
    }
}

/// RFC 7638 §3: SHA-256 over the required members in lexicographic order, without white space.
fn thumbprint(jwk: &Jwk) -> Result<String, Fault> {
    let names: &[&str] = match jwk.key_type() {
        "RSA" => &["e", "kty", "n"],
        "EC" => &["crv", "kty", "x", "y"],
        "OKP" => &["crv", "kty", "x"],
        _ => return Err(Fault("of a kind that signs nothing".into())),
    };
    let members = names.iter().map(|name| Some(format!("{:?}:{}", name, jwk.parameter(name)?)));
    let members: Option<Vec<String>> = members.collect();
    let text = members.ok_or_else(|| Fault("without its public part".into()))?.join(",");
    Ok(URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{{{text}}}"))))
}

/// A signing key in use.
pub struct Key {
    kid: String,
    alg: Alg,
    signs_from: i64,
    signer: Box<dyn JwsSigner>,
    public_key: PublicKey,
    /// The encoded header with its dot, the same for every token.
    header: String,
    public: Value,
}

impl Key {
    /// Opens a private JWK that [`NewKey::generate`] made, to sign from `signs_from` on (seconds since 1970).
    ///
    /// # Errors
    /// [`Fault`].
    pub fn open(private_jwk: &[u8], signs_from: i64) -> Result<Self, Fault> {
        let jwk = Jwk::from_bytes(private_jwk)?;
        let alg =
            jwk.algorithm().and_then(Alg::parse).ok_or_else(|| Fault("of an unknown algorithm".into()))?;
        // josekit drops kid, alg and use from the public half.
        let mut public = jwk.to_public_key()?;
        let kid = thumbprint(&jwk)?;
        public.set_key_id(&kid);
        public.set_algorithm(alg.as_str());
        public.set_key_use("sig");
        let signer: Box<dyn JwsSigner> = match alg {
            Alg::Rs256 => Box::new(jws::RS256.signer_from_jwk(&jwk)?),
            Alg::Ps256 => Box::new(jws::PS256.signer_from_jwk(&jwk)?),
            Alg::Es256 => Box::new(jws::ES256.signer_from_jwk(&jwk)?),
            Alg::EdDsa => Box::new(jws::EdDSA.signer_from_jwk(&jwk)?),
        };
        let public_key = PublicKey::read(public.as_ref()).map_err(|unfit| Fault(unfit.to_string()))?;
        let header = header(alg, &kid, "JWT");
        let public = Value::Object(public.as_ref().clone());
        Ok(Self { kid, alg, signs_from, signer, public_key, header, public })
    }

    /// The key's name: its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// What it signs with.
    #[must_use]
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// When it begins to sign, in seconds since 1970.
    #[must_use]
    pub fn signs_from(&self) -> i64 {
        self.signs_from
    }

    /// Signs claims, already JSON, into a compact JWS.
    ///
    /// # Errors
    /// [`Fault`] when OpenSSL refuses.
    pub fn sign(&self, claims: &[u8]) -> Result<String, Fault> {
        self.sign_under(&self.header, claims)
    }

    /// As [`sign`](Self::sign), for a token of another kind than `JWT` (RFC 7515 §4.1.9, RFC 8725 §3.11).
    ///
    /// # Errors
    /// [`Fault`] when OpenSSL refuses.
    pub fn sign_as(&self, typ: &str, claims: &[u8]) -> Result<String, Fault> {
        self.sign_under(&header(self.alg, &self.kid, typ), claims)
    }

    fn sign_under(&self, header: &str, claims: &[u8]) -> Result<String, Fault> {
        let mut token = String::with_capacity(header.len() + claims.len() * 4 / 3 + 350);
        token.push_str(header);
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = self.signer.sign(token.as_bytes())?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }

    /// What its tokens are verified with.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    #[cfg(test)]
    pub(crate) fn sign_raw(&self, message: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.signer.sign(message)?)
    }
}

/// The encoded header with its dot.
fn header(alg: Alg, kid: &str, typ: &str) -> String {
    let header = json!({ "alg": alg.as_str(), "typ": typ, "kid": kid }).to_string();
    format!("{}.", URL_SAFE_NO_PAD.encode(header))
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({}, {})", self.alg.as_str(), self.kid)
    }
}

/// The keys that are published, and their public halves as the bytes of the JWKS.
#[derive(Debug)]
pub struct Keys {
    keys: Vec<Arc<Key>>,
    jwks: Bytes,
}

impl Keys {
    /// A set of keys.
    #[must_use]
    pub fn new(keys: Vec<Key>) -> Self {
        Self::of(keys.into_iter().map(Arc::new).collect())
    }

    /// A set of keys of which some may be in another set too.
    #[must_use]
    pub fn of(mut keys: Vec<Arc<Key>>) -> Self {
        keys.sort_by(|a, b| (a.signs_from, &a.kid).cmp(&(b.signs_from, &b.kid)));
        let public: Vec<&Value> = keys.iter().map(|key| &key.public).collect();
        let jwks = Bytes::from(json!({ "keys": public }).to_string());
        Self { keys, jwks }
    }

    /// All of them, in the order in which they sign.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Key>> {
        self.keys.iter()
    }

    /// The key of that name.
    #[must_use]
    pub fn by_kid(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid).map(Arc::as_ref)
    }

    /// The key to sign with at `now`: the newest of the algorithm whose time has come, else the first whose time
    /// will come: a node whose clock is slow must sign with something.
    #[must_use]
    pub fn signer(&self, alg: Alg, now: i64) -> Option<&Key> {
        let mut of_alg = self.keys.iter().filter(|key| key.alg == alg);
        let begun = of_alg.clone().rfind(|key| key.signs_from <= now);
        begun.or_else(|| of_alg.next()).map(Arc::as_ref)
    }

    /// The JWKS document.
    #[must_use]
    pub fn jwks(&self) -> Bytes {
        self.jwks.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7638_3_1_thumbprint() {
        let jwk = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
        let jwk = Jwk::from_bytes(jwk).unwrap();
        assert_eq!(thumbprint(&jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn the_jwks_holds_public_parts_with_kid_alg_and_use() {
        let keys = Alg::OURS.map(|alg| Key::open(&NewKey::generate(alg).unwrap().private_jwk, 0).unwrap());
        let jwks: Value = serde_json::from_slice(&Keys::new(keys.into()).jwks()).unwrap();
        let listed = jwks["keys"].as_array().unwrap();
        assert_eq!(listed.len(), 3);
        for key in listed {
            assert_eq!(key["use"], "sig");
            assert!(key["kid"].as_str().unwrap().len() == 43 && key["alg"].is_string());
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key.get(private).is_none(), "{private}");
            }
        }
    }

    #[test]
    fn the_newest_key_whose_time_has_come_signs() {
        let made =
            [0, 10_000].map(|at| Key::open(&NewKey::generate(Alg::Es256).unwrap().private_jwk, at).unwrap());
        let kids = made.each_ref().map(|key| key.kid.clone());
        let keys = Keys::new(made.into());
        for (now, signing) in [(-1, &kids[0]), (0, &kids[0]), (9_999, &kids[0]), (10_000, &kids[1])] {
            assert_eq!(&keys.signer(Alg::Es256, now).unwrap().kid, signing, "at {now}");
        }
        assert!(keys.signer(Alg::Rs256, 0).is_none());
    }
}
