//! The ID token (OIDC Core §2), and the one a client shows back as `id_token_hint`.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::jose::keys::{Fault, Key, Keys};
use crate::jose::{self, Refused};

/// How long an ID token is good, in seconds.
pub const LIFETIME: i64 = 10 * 60;

/// What an ID token states. The members' order is the token's.
#[derive(Clone, Debug, Serialize)]
pub struct IdToken<'a> {
    /// The issuer, exactly as discovery spells it.
    pub iss: &'a str,
    /// The person.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// From when on it is not to be accepted.
    pub exp: i64,
    /// When it was made.
    pub iat: i64,
    /// When the person authenticated.
    pub auth_time: i64,
    /// The authorization request's nonce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// The level proved.
    pub acr: &'a str,
    /// The factors proved.
    pub amr: &'a [&'a str],
    /// The session.
    pub sid: &'a str,
    /// Binds the access token that comes with it (§3.1.3.6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code that comes with it (§3.3.2.11).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// What scopes and the `claims` parameter add.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl IdToken<'_> {
    /// Signs it.
    ///
    /// # Errors
    /// [`Fault`] when the key can't sign.
    pub fn sign(&self, key: &Key) -> Result<String, Fault> {
        let claims = serde_json::to_vec(self).unwrap_or_default();
        key.sign(&claims)
    }
}

/// An ID token of ours that a client showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Whom it names.
    pub sub: String,
    /// To which client it was issued.
    pub aud: String,
    /// In which session.
    pub sid: Option<String>,
}

impl Hint {
    /// Reads an `id_token_hint`. One that has expired is as good as a fresh one (OIDC Core §3.1.2.1,
    /// RP-Initiated Logout §2): it says who, and proves nothing.
    ///
    /// # Errors
    /// [`Refused`] when it is not a token this issuer signed as an ID token.
    pub fn read(keys: &Keys, issuer: &str, token: &str) -> Result<Self, Refused> {
        let claims = jose::verify(keys, token)?;
        let text = |name: &str| claims.text(name).ok_or(Refused::Claims);
        if !claims.is_of_kind(&["JWT"]) || text("iss")? != issuer || claims.time("exp").is_none() {
            return Err(Refused::Claims);
        }
        let sid = claims.text("sid").map(str::to_owned);
        Ok(Self { sub: text("sub")?.to_owned(), aud: text("aud")?.to_owned(), sid })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::keys::{Alg, NewKey};

    const ISSUER: &str = "https://portal.example";

    fn keys() -> Keys {
        Keys::new(vec![Key::open(&NewKey::generate(Alg::Es256).unwrap().private_jwk, 0).unwrap()])
    }

    fn token() -> IdToken<'static> {
        IdToken {
            iss: ISSUER,
            sub: "person",
            aud: "client",
            exp: 1_600,
            iat: 1_000,
            auth_time: 900,
            nonce: Some("n"),
            acr: "https://portal.example/acr/vip",
            amr: &["pwd", "otp", "mfa"],
            sid: "session",
            at_hash: None,
            c_hash: None,
            more: Map::new(),
        }
    }

    #[test]
    fn core_2_the_members_of_an_id_token() {
        let mut token = token();
        token.more.insert("org_id".into(), "acme".into());
        let value = serde_json::to_value(&token).unwrap();
        let names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "sid", "org_id"]
        );
        assert!(value["aud"].is_string());
    }

    #[test]
    fn core_3_1_2_1_an_expired_hint_still_says_who() {
        let keys = keys();
        let signed = token().sign(keys.signer(Alg::Es256, 0).unwrap()).unwrap();
        let hint = Hint::read(&keys, ISSUER, &signed).unwrap();
        assert_eq!(hint, Hint { sub: "person".into(), aud: "client".into(), sid: Some("session".into()) });
    }

    #[test]
    fn rp_initiated_logout_2_foreign_hints_are_refused() {
        let keys = keys();
        let key = keys.signer(Alg::Es256, 0).unwrap();
        let foreign = IdToken { iss: "https://portal.example/", ..token() }.sign(key).unwrap();
        assert!(Hint::read(&keys, ISSUER, &foreign).is_err());
        let signed = token().sign(key).unwrap();
        assert!(Hint::read(&self::keys(), ISSUER, &signed).is_err());
        for claims in [
            r#"{"iss":"https://portal.example","sub":"p","aud":["c"],"exp":1}"#,
            r#"{"iss":"https://portal.example","sub":"p","exp":1}"#,
            r#"{"iss":"https://portal.example","aud":"c","exp":1}"#,
            r#"{"iss":"https://portal.example","sub":"p","aud":"c"}"#,
        ] {
            let signed = key.sign(claims.as_bytes()).unwrap();
            assert_eq!(Hint::read(&keys, ISSUER, &signed), Err(Refused::Claims), "{claims}");
        }
    }
}
