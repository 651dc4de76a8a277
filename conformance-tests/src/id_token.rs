//! ID tokens, verified by a library that the product does not use.

use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

/// What a verified ID token says.
#[derive(Clone, Debug)]
pub struct Claims(pub Value);

impl Claims {
    /// A claim that is a text.
    ///
    /// # Panics
    /// When it is missing or none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("no text {name:?} in {}", self.0))
    }

    /// A claim that is a number.
    ///
    /// # Panics
    /// When it is missing or none.
    #[must_use]
    pub fn number(&self, name: &str) -> i64 {
        self.0[name].as_i64().unwrap_or_else(|| panic!("no number {name:?} in {}", self.0))
    }

    /// `password` or `vip`: the end of `acr`, with `amr` checked to tell the same story or a stronger one.
    ///
    /// # Panics
    /// When they contradict each other.
    #[must_use]
    pub fn level(&self) -> &str {
        let level = self.text("acr").rsplit('/').next().unwrap_or_default();
        let amr: Vec<&str> =
            self.0["amr"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        match (level, amr.as_slice()) {
            ("password", ["pwd"] | ["pwd", "otp", "mfa"]) | ("vip", ["pwd", "otp", "mfa"]) => level,
            _ => panic!("acr and amr contradict each other: {}", self.0),
        }
    }
}

/// Verifies signature, issuer, audience, expiry and times of an ID token.
///
/// # Errors
/// What is wrong with it.
pub fn verify(token: &str, keys: &Value, issuer: &str, client: &str, now: i64) -> Result<Claims, String> {
    let header = decode_header(token).map_err(|error| error.to_string())?;
    let keys: JwkSet = serde_json::from_value(keys.clone()).map_err(|error| error.to_string())?;
    let id = header.kid.ok_or("the token names no key")?;
    let key: &Jwk = keys.find(&id).ok_or("the token's key is not published")?;
    if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256 | Algorithm::EdDSA) {
        return Err(format!("signed with {:?}", header.alg));
    }
    let mut rules = Validation::new(header.alg);
    rules.set_audience(&[client]);
    rules.set_issuer(&[issuer]);
    rules.set_required_spec_claims(&["exp", "iat", "aud", "iss", "sub"]);
    // By the test's clock, below.
    rules.validate_exp = false;
    let key = DecodingKey::from_jwk(key).map_err(|error| error.to_string())?;
    let claims = Claims(decode::<Value>(token, &key, &rules).map_err(|error| error.to_string())?.claims);
    if claims.number("exp") <= now {
        return Err("it has expired".to_owned());
    }
    if (claims.number("iat") - now).abs() > 60 {
        return Err("it was not issued just now".to_owned());
    }
    // OpenID Connect Core §2: at most 255 ASCII characters.
    let subject = claims.text("sub");
    if subject.is_empty() || subject.len() > 255 || !subject.is_ascii() {
        return Err("its subject is malformed".to_owned());
    }
    Ok(claims)
}
