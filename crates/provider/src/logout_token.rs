//! The logout token (Back-Channel Logout 1.0 §2.4): says to one client that a session of a person has ended.

use serde::Serialize;
use serde_json::{Value, json};

use crate::jose::keys::{Fault, Key};

/// How long it is good, in seconds (§2.4 recommends at most two minutes): an attempt makes a new one.
pub const LIFETIME: i64 = 2 * 60;
/// The kind of token (§2.4), which keeps it from being taken for an ID token.
const TYP: &str = "logout+jwt";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What it states. There is no nonce: a logout token that had one would pass for an ID token.
#[derive(Clone, Debug, Serialize)]
pub struct LogoutToken<'a> {
    /// The issuer, exactly as discovery spells it.
    pub iss: &'a str,
    /// The person, by the name this client knows.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// When it was made.
    pub iat: i64,
    /// From when on it is not to be accepted.
    pub exp: i64,
    /// Never the same twice.
    pub jti: &'a str,
    /// The session that has ended.
    pub sid: &'a str,
    /// That it is about a logout.
    pub events: Value,
}

impl LogoutToken<'_> {
    /// The one member of `events`.
    #[must_use]
    pub fn events() -> Value {
        json!({ EVENT: {} })
    }

    /// Signs it.
    ///
    /// # Errors
    /// [`Fault`] when the key can't sign.
    pub fn sign(&self, key: &Key) -> Result<String, Fault> {
        let claims = serde_json::to_vec(self).unwrap_or_default();
        key.sign_as(TYP, &claims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id_token::Hint;
    use crate::jose::keys::{Alg, Keys, NewKey};

    fn token() -> LogoutToken<'static> {
        LogoutToken {
            iss: "https://portal.example",
            sub: "person",
            aud: "client",
            iat: 1_000,
            exp: 1_000 + LIFETIME,
            jti: "once",
            sid: "session",
            events: LogoutToken::events(),
        }
    }

    #[test]
    fn back_channel_logout_2_4_the_members_of_a_logout_token() {
        let expected = json!({
            "iss": "https://portal.example", "sub": "person", "aud": "client", "iat": 1_000, "exp": 1_120,
            "jti": "once", "sid": "session",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        assert_eq!(serde_json::to_value(token()).unwrap(), expected);
    }

    #[test]
    fn back_channel_logout_2_4_it_does_not_pass_for_an_id_token() {
        let keys = Keys::new(vec![Key::open(&NewKey::generate(Alg::Es256).unwrap().private_jwk, 0).unwrap()]);
        let signed = token().sign(keys.signer(Alg::Es256, 0).unwrap()).unwrap();
        assert!(Hint::read(&keys, "https://portal.example", &signed).is_err());
    }
}
