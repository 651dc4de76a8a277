//! Tokens that nobody must accept, made of one that is good.
//!
//! | file | changes |
//! | --- | --- |
//! | [`form`] | how the token is written |
//! | [`algorithm`] | what its header says of the algorithm, down to none and to a public key used as a shared secret |
//! | [`signature`] | its signature |
//! | [`stranger`] | who signs it, with a key that the token brings along or links to |
//! | [`header`] | its header, signed by the right key |
//! | [`claims`] | what it says, signed by the right key |
//! | [`readers`] | who has to refuse them: the product's own functions |
//!
//! The first four need no more than the good token and its public key, as an attacker has them.

pub mod algorithm;
pub mod claims;
pub mod form;
pub mod header;
pub mod readers;
pub mod signature;
pub mod stranger;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use josekit::jwk::Jwk;
use josekit::jwk::alg::{ec::EcCurve, ed::EdCurve};
use josekit::jws::{self, JwsSigner};
use serde_json::{Map, Value};

/// A token that must be refused, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Forgery {
    /// What is wrong.
    pub what: String,
    /// The token.
    pub token: String,
}

/// A token that is good, and the public JWK it verifies with.
#[derive(Clone, Debug)]
pub struct Genuine {
    /// The token.
    pub token: String,
    /// The key.
    pub public: Map<String, Value>,
}

impl Genuine {
    /// Its three parts, encoded.
    ///
    /// # Panics
    /// When it has not three.
    #[must_use]
    pub fn parts(&self) -> [&str; 3] {
        let parts: Vec<&str> = self.token.split('.').collect();
        parts.try_into().expect("three parts")
    }

    /// Its header.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn header(&self) -> Map<String, Value> {
        serde_json::from_slice(&decoded(self.parts()[0])).expect("a header")
    }

    /// Its claims.
    ///
    /// # Panics
    /// When it has none.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        serde_json::from_slice(&decoded(self.parts()[1])).expect("claims")
    }

    /// All that can be forged without its private key. `canary` is a URL that nobody must fetch.
    #[must_use]
    pub fn forged_without_the_key(&self, strangers: &[SigningKey], canary: &str) -> Vec<Forgery> {
        let mut all = form::forgeries(self);
        all.extend(algorithm::forgeries(self));
        all.extend(signature::forgeries(self));
        all.extend(stranger::forgeries(self, strangers, canary));
        // What happens to be the token itself is no forgery.
        all.retain(|forgery| forgery.token != self.token);
        all
    }
}

/// A private key with the algorithm it signs by.
#[derive(Clone, Debug)]
pub struct SigningKey {
    /// The algorithm's name.
    pub alg: &'static str,
    private: Jwk,
}

impl SigningKey {
    /// A new key.
    ///
    /// # Panics
    /// When OpenSSL makes none.
    #[must_use]
    pub fn generate(alg: &'static str) -> Self {
        let private = match alg {
            "ES256" => Jwk::generate_ec_key(EcCurve::P256),
            "EdDSA" => Jwk::generate_ed_key(EdCurve::Ed25519),
            _ => Jwk::generate_rsa_key(2_048),
        };
        Self { alg, private: private.expect("a key") }
    }

    /// A key that is stored as a JWK.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn of_jwk(alg: &'static str, jwk: &[u8]) -> Self {
        Self { alg, private: Jwk::from_bytes(jwk).expect("a JWK") }
    }

    /// The same key for another algorithm of its kind.
    #[must_use]
    pub fn by(&self, alg: &'static str) -> Self {
        Self { alg, private: self.private.clone() }
    }

    /// Its public JWK under that name.
    ///
    /// # Panics
    /// When it has no public half.
    #[must_use]
    pub fn public(&self, kid: &str) -> Map<String, Value> {
        let mut public = self.private.to_public_key().expect("a public half").as_ref().clone();
        public.insert("kid".into(), kid.into());
        public
    }

    /// Signs bytes.
    ///
    /// # Panics
    /// When OpenSSL does not.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let jwk = &self.private;
        let signer: Box<dyn JwsSigner> = match self.alg {
            "RS256" => Box::new(jws::RS256.signer_from_jwk(jwk).expect("a signer")),
            "PS256" => Box::new(jws::PS256.signer_from_jwk(jwk).expect("a signer")),
            "ES256" => Box::new(jws::ES256.signer_from_jwk(jwk).expect("a signer")),
            "EdDSA" => Box::new(jws::EdDSA.signer_from_jwk(jwk).expect("a signer")),
            other => panic!("nothing here signs by {other}"),
        };
        signer.sign(message).expect("a signature")
    }

    /// A compact JWS of a header and a payload, whatever they are.
    #[must_use]
    pub fn token(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        let message = format!("{}.{}", encoded(header), encoded(payload));
        let signature = encoded(self.sign(message.as_bytes()));
        format!("{message}.{signature}")
    }
}

fn forgery(what: impl Into<String>, token: impl Into<String>) -> Forgery {
    Forgery { what: what.into(), token: token.into() }
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).expect("base64url")
}

/// JSON of members as they are written, so that any number and any repetition can be.
fn object<N: AsRef<str>, V: AsRef<str>>(members: &[(N, V)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("{}:{}", name.as_ref(), value.as_ref())).collect();
    format!("{{{}}}", members.join(","))
}

/// The members of an object as they are written: quoted names, and values.
fn members(map: &Map<String, Value>) -> Vec<(String, String)> {
    map.iter().map(|(name, value)| (format!("{name:?}"), value.to_string())).collect()
}

/// Those members with one replaced or added.
fn with(map: &Map<String, Value>, name: &str, value: impl Into<String>) -> Vec<(String, String)> {
    let mut members = without(map, name);
    members.push((format!("{name:?}"), value.into()));
    members
}

/// Those members without one.
fn without(map: &Map<String, Value>, name: &str) -> Vec<(String, String)> {
    let mut members = members(map);
    members.retain(|(own, _)| *own != format!("{name:?}"));
    members
}
