//! One public key as a JWK has it (RFC 7517), read strictly, with its verifiers built once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jws::{self, JwsVerifier};
use serde_json::{Map, Value};

use super::alg::Alg;

/// Bits of an RSA key. Verifying takes the square of them.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;
const LONGEST_KID: usize = 512;

/// Why a key is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// `use` or `key_ops` say so.
    #[error("it is not for verifying signatures")]
    Purpose,
    /// Another kind, curve or algorithm.
    #[error("it is for none of RS256, PS256, ES256 (P-256) and EdDSA (Ed25519)")]
    Kind,
    /// An RSA key outside the limits.
    #[error("an RSA key must have 2048 to 8192 bits and an exponent from 65537 on")]
    Rsa,
    /// Members that are missing, or no key.
    #[error("its members are missing or malformed")]
    Malformed,
}

/// A key that verifies.
pub struct PublicKey {
    kid: Option<String>,
    verifiers: Vec<(Alg, Box<dyn JwsVerifier>)>,
    /// There is one length of signatures; others don't reach OpenSSL.
    signature_length: usize,
}

impl PublicKey {
    /// Reads a JWK. An RSA key that names no algorithm is for RS256 and PS256.
    ///
    /// # Errors
    /// [`Unfit`].
    pub fn read(jwk: &Map<String, Value>) -> Result<Self, Unfit> {
        let text = |name: &str| jwk.get(name).map(|value| value.as_str().ok_or(Unfit::Malformed)).transpose();
        // RFC 7517 §4.2, §4.3.
        let operations = jwk.get("key_ops").map(|ops| ops.as_array().ok_or(Unfit::Malformed)).transpose()?;
        if text("use")?.is_some_and(|purpose| purpose != "sig")
            || operations.is_some_and(|ops| !ops.iter().any(|op| op == "verify"))
        {
            return Err(Unfit::Purpose);
        }
        let kid = text("kid")?.map(str::to_owned);
        if kid.as_ref().is_some_and(|kid| kid.len() > LONGEST_KID) {
            return Err(Unfit::Malformed);
        }
        let (fitting, members): (&[Alg], &[&str]) = match (text("kty")?, text("crv")?) {
            (Some("RSA"), _) => (&[Alg::Rs256, Alg::Ps256], &["n", "e"]),
            (Some("EC"), Some("P-256")) => (&[Alg::Es256], &["crv", "x", "y"]),
            (Some("OKP"), Some("Ed25519")) => (&[Alg::EdDsa], &["crv", "x"]),
            (Some(_), _) => return Err(Unfit::Kind),
            (None, _) => return Err(Unfit::Malformed),
        };
        // RFC 8725 §3.1: what the key says it is for decides, where it says it.
        let algs: Vec<Alg> = match text("alg")? {
            Some(name) => fitting.iter().copied().filter(|alg| alg.as_str() == name).collect(),
            None => fitting.to_vec(),
        };
        if algs.is_empty() {
            return Err(Unfit::Kind);
        }
        let signature_length = check_size(jwk, fitting[0])?;
        let josekits = josekit_jwk(jwk, members).ok_or(Unfit::Malformed)?;
        let verifiers: Option<Vec<_>> =
            algs.into_iter().map(|alg| Some((alg, verifier(alg, &josekits)?))).collect();
        Ok(Self { kid, verifiers: verifiers.ok_or(Unfit::Malformed)?, signature_length })
    }

    /// Its name in the set, if it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether it is for that algorithm.
    #[must_use]
    pub fn fits(&self, alg: Alg) -> bool {
        self.verifiers.iter().any(|(own, _)| *own == alg)
    }

    /// Whether `signature` is this key's over `message` by that algorithm.
    pub(super) fn verify(&self, alg: Alg, message: &[u8], signature: &[u8]) -> bool {
        let verifier = self.verifiers.iter().find(|(own, _)| *own == alg);
        signature.len() == self.signature_length
            && verifier.is_some_and(|(_, verifier)| verifier.verify(message, signature).is_ok())
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let algs: Vec<&str> = self.verifiers.iter().map(|(alg, _)| alg.as_str()).collect();
        write!(f, "PublicKey({:?}, {})", self.kid, algs.join(" "))
    }
}

/// Checks the sizes of a key's members; gives the length of its signatures in bytes.
fn check_size(jwk: &Map<String, Value>, alg: Alg) -> Result<usize, Unfit> {
    let bytes = |name: &str| {
        let decoded =
            jwk.get(name).and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        decoded.ok_or(Unfit::Malformed)
    };
    match alg {
        Alg::Rs256 | Alg::Ps256 => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            // RFC 7518 §2: Base64urlUInt holds no more octets than the number needs.
            let (Some(&first), Some(&last)) = (n.first().filter(|first| **first != 0), n.last()) else {
                return Err(Unfit::Malformed);
            };
            let bits = n.len() * 8 - first.leading_zeros() as usize;
            // An exponent of 1 makes every message its own signature; a huge one makes verifying slow.
            let exponent =
                e.iter().try_fold(0_u32, |sum, byte| Some(sum.checked_mul(256)? + u32::from(*byte)));
            let exponent_fits = exponent.is_some_and(|e| e >= 65_537 && e % 2 == 1);
            if e.first() == Some(&0) || last % 2 == 0 {
                Err(Unfit::Malformed)
            } else if RSA_BITS.contains(&bits) && exponent_fits {
                Ok(n.len())
            } else {
                Err(Unfit::Rsa)
            }
        }
        // RFC 7518 §6.2.1.2: the full size of a coordinate, 32 octets.
        Alg::Es256 if bytes("x")?.len() == 32 && bytes("y")?.len() == 32 => Ok(64),
        Alg::EdDsa if bytes("x")?.len() == 32 => Ok(64),
        Alg::Es256 | Alg::EdDsa => Err(Unfit::Malformed),
    }
}

/// The bare key: what else a JWK says has been judged here.
fn josekit_jwk(jwk: &Map<String, Value>, members: &[&str]) -> Option<Jwk> {
    let names = ["kty"].iter().chain(members);
    let bare: Option<Map<String, Value>> =
        names.map(|name| Some(((*name).to_owned(), jwk.get(*name)?.clone()))).collect();
    Jwk::from_map(bare?).ok()
}

fn verifier(alg: Alg, jwk: &Jwk) -> Option<Box<dyn JwsVerifier>> {
    Some(match alg {
        Alg::Rs256 => Box::new(jws::RS256.verifier_from_jwk(jwk).ok()?),
        Alg::Ps256 => Box::new(jws::PS256.verifier_from_jwk(jwk).ok()?),
        Alg::Es256 => Box::new(jws::ES256.verifier_from_jwk(jwk).ok()?),
        Alg::EdDsa => Box::new(jws::EdDSA.verifier_from_jwk(jwk).ok()?),
    })
}
