//! What tokens say of a person: the claims of each scope, and those asked for one by one.

use serde_json::{Map, Value};

use crate::claims_parameter::{ClaimsParameter, Wish};
use crate::scope::Scopes;

/// The claims a scope stands for. `openid` stands for `sub`, which is always there.
const OF_SCOPE: [(&str, &[&str]); 5] = [
    ("email", &["email", "email_verified"]),
    (
        "profile",
        &[
            "name",
            "family_name",
            "given_name",
            "middle_name",
            "nickname",
            "preferred_username",
            "profile",
            "picture",
            "website",
            "gender",
            "birthdate",
            "zoneinfo",
            "locale",
            "updated_at",
        ],
    ),
    ("organization", &["org_id", "org_name"]),
    ("address", &["address"]),
    ("phone", &["phone_number", "phone_number_verified"]),
];

/// The scope whose claims every ID token has that was asked for them, whatever else comes from userinfo: which
/// account was chosen is part of the sign-in.
pub(crate) const ALWAYS_IN_ID_TOKEN: &str = "organization";

/// Every claim this provider can state, for discovery.
pub const SUPPORTED: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "sid",
    "at_hash",
    "c_hash",
    "email",
    "email_verified",
    "name",
    "family_name",
    "given_name",
    "middle_name",
    "nickname",
    "preferred_username",
    "profile",
    "picture",
    "website",
    "gender",
    "birthdate",
    "zoneinfo",
    "locale",
    "updated_at",
    "org_id",
    "org_name",
    "address",
    "phone_number",
    "phone_number_verified",
];

/// What is known of a person and the account chosen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'a> {
    /// The address, as an administrator wrote it.
    pub email: &'a str,
    /// Their name.
    pub name: Option<&'a str>,
    /// Their language.
    pub locale: Option<&'a str>,
    /// When any of it last changed, in seconds since 1970.
    pub updated_at: i64,
    /// What an administrator entered besides.
    pub entered: Option<&'a Map<String, Value>>,
    /// The organization of the account chosen: its short name and its name.
    pub organization: Option<(&'a str, &'a str)>,
}

impl Subject<'_> {
    fn claim(&self, name: &str) -> Option<Value> {
        match name {
            // Whoever signed in proved it: an enrolment begins with a secret mailed to this very address.
            "email_verified" => Some(true.into()),
            "email" => Some(self.email.into()),
            "preferred_username" => Some(self.entered(name).unwrap_or_else(|| self.email.into())),
            "name" => self.name.map(Into::into),
            "locale" => self.entered(name).or_else(|| self.locale.map(Into::into)),
            "updated_at" => Some(self.updated_at.into()),
            "org_id" => self.organization.map(|(id, _)| id.into()),
            "org_name" => self.organization.map(|(_, name)| name.into()),
            _ => self.entered(name),
        }
    }

    fn entered(&self, name: &str) -> Option<Value> {
        self.entered?.get(name).cloned()
    }

    /// The claims for userinfo: those of the granted scopes and those asked for one by one.
    #[must_use]
    pub fn userinfo(&self, sub: &str, scope: Scopes, asked: &[String]) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("sub".into(), sub.into());
        self.fill(&mut claims, scope, asked);
        claims
    }

    /// The claims that a scope or the `claims` parameter adds to the ID token: the same ones. OIDC Core §5.4
    /// puts those of `email` and `profile` at userinfo and leaves it open to state them here too, which saves
    /// an application that wants no more than the address a second request.
    #[must_use]
    pub fn in_id_token(&self, scope: Scopes, asked: &[String]) -> Map<String, Value> {
        let mut claims = Map::new();
        self.fill(&mut claims, scope, asked);
        claims
    }

    fn fill(&self, claims: &mut Map<String, Value>, scope: Scopes, asked: &[String]) {
        let of_scopes = OF_SCOPE.iter().filter(|(name, _)| scope.has(name)).flat_map(|(_, claims)| *claims);
        for name in of_scopes.copied().chain(asked.iter().map(String::as_str)) {
            // OIDC Core §5.3.2: a claim without a value is left out, not null or empty.
            if let Some(value) = self.claim(name) {
                claims.insert(name.to_owned(), value);
            }
        }
    }
}

/// The claims asked for one by one that the client may have: those of a scope in `allowed`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Asked {
    /// In the ID token.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub id_token: Vec<String>,
    /// From userinfo.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub userinfo: Vec<String>,
}

impl Asked {
    /// Picks them from the `claims` parameter.
    #[must_use]
    pub fn read(parameter: &ClaimsParameter, allowed: Scopes) -> Self {
        let pick = |wishes: &[(String, Wish)]| {
            let names = wishes.iter().map(|(name, _)| name);
            names.filter(|name| scope_of(name).is_some_and(|scope| allowed.has(scope))).cloned().collect()
        };
        Self { id_token: pick(&parameter.id_token), userinfo: pick(&parameter.userinfo) }
    }

    /// As the grant's row keeps them; none when nothing was asked for.
    #[must_use]
    pub fn to_column(&self) -> Option<String> {
        (*self != Self::default()).then(|| serde_json::to_string(self).unwrap_or_default())
    }

    /// Back from the grant's row.
    #[must_use]
    pub fn from_column(text: Option<&str>) -> Self {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }
}

fn scope_of(claim: &str) -> Option<&'static str> {
    OF_SCOPE.iter().find(|(_, claims)| claims.contains(&claim)).map(|(scope, _)| *scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject() -> Subject<'static> {
        Subject {
            email: "a@b.example",
            name: None,
            locale: Some("ja"),
            updated_at: 7,
            entered: None,
            organization: Some(("acme", "Acme Ltd")),
        }
    }

    fn names(claims: &Map<String, Value>) -> Vec<&str> {
        claims.keys().map(String::as_str).collect()
    }

    #[test]
    fn core_5_4_scopes_gate_the_claims() {
        let claims = |scope: &str| subject().userinfo("s", Scopes::parse(scope), &[]);
        assert_eq!(names(&claims("openid")), ["sub"]);
        assert_eq!(names(&claims("openid email")), ["sub", "email", "email_verified"]);
        assert_eq!(names(&claims("openid organization")), ["sub", "org_id", "org_name"]);
        assert_eq!(names(&claims("openid profile")), ["sub", "preferred_username", "locale", "updated_at"]);
    }

    #[test]
    fn the_id_token_says_more_than_the_protocol_only_when_a_scope_asks_for_it() {
        let claims = |scope: &str| subject().in_id_token(Scopes::parse(scope), &[]);
        assert!(claims("openid").is_empty());
        assert_eq!(names(&claims("openid email")), ["email", "email_verified"]);
        assert_eq!(names(&claims("openid organization")), ["org_id", "org_name"]);
        let nowhere = Subject { organization: None, ..subject() };
        assert!(nowhere.in_id_token(Scopes::parse("organization"), &[]).is_empty());
    }

    #[test]
    fn core_5_5_single_claims_only_within_the_clients_scopes() {
        let parameter = ClaimsParameter::parse(Some(
            r#"{"userinfo":{"email":{"essential":true},"org_id":null,"sub":null,"x":null},"id_token":{"email":null,"acr":null}}"#,
        ))
        .unwrap();
        let asked = Asked::read(&parameter, Scopes::parse("openid email"));
        assert_eq!(asked.userinfo, ["email"]);
        assert_eq!(asked.id_token, ["email"]);
        assert_eq!(Asked::from_column(asked.to_column().as_deref()), asked);
        assert_eq!(Asked::read(&parameter, Scopes::default()).to_column(), None);
    }

    #[test]
    fn every_claim_of_a_scope_is_announced() {
        for (_, claims) in OF_SCOPE {
            assert!(claims.iter().all(|claim| SUPPORTED.contains(claim)));
        }
    }
}
