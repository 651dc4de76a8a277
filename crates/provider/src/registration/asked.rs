//! The metadata a client sends, read strictly: the members that are understood, each of its own JSON type.

use axum::http::{HeaderMap, header};
use serde_json::{Map, Value};

use super::refused::Refused;
use crate::client_rules::{TRANSLATED, Unfit};
use crate::error::Code;
use crate::jose::json;

/// The JSON type a member has.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    Flag,
    Number,
    Object,
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Flag => value.is_boolean(),
            Self::Number => value.is_i64(),
            Self::Object => value.is_object(),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Texts => "an array of strings",
            Self::Flag => "true or false",
            Self::Number => "a whole number",
            Self::Object => "an object",
        }
    }
}

/// What a client may say of itself (OIDC Registration §2, RFC 7591 §2, RFC 9101 §10.5, the logout specifications).
const MEMBERS: [(&str, Kind); 33] = [
    ("client_name", Kind::Text),
    ("redirect_uris", Kind::Texts),
    ("post_logout_redirect_uris", Kind::Texts),
    ("response_types", Kind::Texts),
    ("grant_types", Kind::Texts),
    ("application_type", Kind::Text),
    ("contacts", Kind::Texts),
    ("client_uri", Kind::Text),
    ("logo_uri", Kind::Text),
    ("policy_uri", Kind::Text),
    ("tos_uri", Kind::Text),
    ("scope", Kind::Text),
    ("jwks", Kind::Object),
    ("jwks_uri", Kind::Text),
    ("sector_identifier_uri", Kind::Text),
    ("subject_type", Kind::Text),
    ("id_token_signed_response_alg", Kind::Text),
    ("userinfo_signed_response_alg", Kind::Text),
    ("request_object_signing_alg", Kind::Text),
    ("require_signed_request_object", Kind::Flag),
    ("token_endpoint_auth_method", Kind::Text),
    ("token_endpoint_auth_signing_alg", Kind::Text),
    ("default_max_age", Kind::Number),
    ("require_auth_time", Kind::Flag),
    ("default_acr_values", Kind::Texts),
    ("initiate_login_uri", Kind::Text),
    ("request_uris", Kind::Texts),
    ("frontchannel_logout_uri", Kind::Text),
    ("frontchannel_logout_session_required", Kind::Flag),
    ("backchannel_logout_uri", Kind::Text),
    ("backchannel_logout_session_required", Kind::Flag),
    ("software_id", Kind::Text),
    ("software_version", Kind::Text),
];

/// What only an update says (RFC 7592 §2.2).
const OF_AN_UPDATE: [(&str, Kind); 2] = [("client_id", Kind::Text), ("client_secret", Kind::Text)];

/// What would protect the client's tokens, and is not done here: to skip it would leave them unprotected unnoticed.
const UNSUPPORTED: [(&str, &str); 6] = [
    ("id_token_encrypted_response_alg", "ID tokens are not encrypted"),
    ("userinfo_encrypted_response_alg", "userinfo answers are not encrypted"),
    ("request_object_encryption_alg", "encrypted request objects are not read"),
    ("dpop_bound_access_tokens", "access tokens are not bound to keys"),
    ("tls_client_certificate_bound_access_tokens", "access tokens are not bound to certificates"),
    ("require_pushed_authorization_requests", "there are no pushed authorization requests"),
];

/// Metadata as it was sent: what is not understood is left out, and every member has its type.
#[derive(Debug)]
pub(super) struct Asked {
    members: Map<String, Value>,
    /// `client_name#ja` and its like (OIDC Registration §2.1).
    pub translations: Map<String, Value>,
    /// Which members only the server may set were there.
    pub ours: Option<&'static str>,
}

impl Asked {
    /// Reads a body.
    ///
    /// # Errors
    /// [`Refused`], naming the member.
    pub fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, Refused> {
        let mut sent = object(headers, body)?;
        // OIDC Registration §2, RFC 7591 §2: a member without a value is as good as none.
        sent.retain(|_, value| !value.is_null());
        if sent.contains_key("software_statement") {
            let reason = "software statements are not taken: send the metadata itself";
            return Err(Refused::new(Code::UnapprovedSoftwareStatement, reason));
        }
        for (member, reason) in UNSUPPORTED {
            if sent.get(member).is_some_and(|value| *value != Value::Bool(false)) {
                return Err(Unfit::new(member, format!("{reason} here: leave it out")).into());
            }
        }
        let mut members = Map::new();
        for (member, kind) in MEMBERS.into_iter().chain(OF_AN_UPDATE) {
            if let Some(value) = sent.remove(member) {
                if !kind.fits(&value) {
                    return Err(Unfit::new(member, format!("it must be {}", kind.name())).into());
                }
                members.insert(member.to_owned(), value);
            }
        }
        let ours = [
            "registration_access_token",
            "registration_client_uri",
            "client_secret_expires_at",
            "client_id_issued_at",
        ];
        let ours = ours.into_iter().find(|member| sent.contains_key(*member));
        // RFC 7591 §2: what is not understood MUST be ignored.
        sent.retain(|member, _| TRANSLATED.iter().any(|base| is_translation(member, base)));
        Ok(Self { members, translations: sent, ours })
    }

    /// A member that is a text.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.members.get(member).and_then(Value::as_str)
    }

    /// A member that is a list of texts; none when it is empty.
    pub fn texts(&self, member: &str) -> Option<Vec<String>> {
        let items = self.members.get(member).and_then(Value::as_array).filter(|items| !items.is_empty())?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// All members, by name.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }
}

fn is_translation(member: &str, base: &str) -> bool {
    member.strip_prefix(base).is_some_and(|rest| rest.starts_with('#'))
}

fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(Refused::metadata("the body must be application/json"));
    }
    match json::parse(body) {
        // PostgreSQL takes no NUL in text, and no metadata has one.
        Ok(Value::Object(map)) if !has_nul(&Value::Object(map.clone())) => Ok(map),
        Ok(Value::Object(_)) => Err(Refused::metadata("there is a NUL in it")),
        Ok(_) => Err(Refused::metadata("the body must be a JSON object")),
        Err(error) => Err(Refused::metadata(&format!("the body cannot be read as JSON: {error}"))),
    }
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use countersign_store::client::Metadata;
    use serde_json::json;

    use super::*;

    fn read(body: &str) -> Result<Asked, Refused> {
        let kind = HeaderValue::from_static("application/json; charset=utf-8");
        Asked::read(&HeaderMap::from_iter([(header::CONTENT_TYPE, kind)]), body.as_bytes())
    }

    fn refusal(body: &Value) -> String {
        read(&body.to_string()).unwrap_err().description
    }

    #[test]
    fn every_member_is_kept_where_it_belongs() {
        let columns = [
            "client_name",
            "redirect_uris",
            "post_logout_redirect_uris",
            "scope",
            "token_endpoint_auth_method",
            "id_token_signed_response_alg",
        ];
        for (member, kind) in MEMBERS.into_iter().filter(|(member, _)| !columns.contains(member)) {
            let value = match kind {
                Kind::Text => json!("x"),
                Kind::Texts => json!(["x"]),
                Kind::Flag => json!(true),
                Kind::Number => json!(60),
                Kind::Object => json!({"keys": []}),
            };
            let kept: Metadata = serde_json::from_value(json!({ member: value })).unwrap();
            assert_eq!(json!(kept), json!({ member: value }), "{member}");
        }
    }

    #[test]
    fn rfc7591_2_what_is_null_or_not_understood_is_ignored() {
        let asked =
            read(r#"{"client_name":null,"scope":"openid","x":{"y":1},"pkce_optional":true}"#).unwrap();
        assert_eq!(asked.members.keys().collect::<Vec<_>>(), ["scope"]);
        assert_eq!(asked.text("client_name"), None);
    }

    #[test]
    fn registration_2_1_translations_are_kept_of_what_people_read() {
        let asked =
            read(r#"{"client_name#ja":"アプリ","tos_uri#de":"https://a.example","scope#x":"y"}"#).unwrap();
        assert_eq!(asked.translations.keys().collect::<Vec<_>>(), ["client_name#ja", "tos_uri#de"]);
    }

    #[test]
    fn a_member_of_another_type_is_named() {
        for (member, kind) in MEMBERS {
            let wrong = if matches!(kind, Kind::Number) { json!(1.5) } else { json!(1) };
            let text = refusal(&json!({ member: wrong }));
            assert!(text.starts_with(&format!("{member}: it must be ")), "{text}");
        }
        assert!(refusal(&json!({"redirect_uris": ["https://a.example", 1]})).starts_with("redirect_uris:"));
    }

    #[test]
    fn protection_that_is_not_there_is_not_promised() {
        for (member, _) in UNSUPPORTED {
            assert!(refusal(&json!({ member: "RSA-OAEP" })).starts_with(member));
            assert!(read(&json!({ member: false }).to_string()).is_ok());
        }
        let refused = read(r#"{"software_statement":"e30.e30."}"#).unwrap_err();
        assert_eq!(refused.code, Code::UnapprovedSoftwareStatement);
    }

    #[test]
    fn what_is_not_one_json_object_is_refused() {
        for body in [
            "",
            "[]",
            "1",
            "{",
            r#"{"a":1,"a":2}"#,
            r#"{"a":"\u0000"}"#,
            r#"{"jwks":{"\u0000":1}}"#,
            "\u{feff}{}",
        ] {
            assert_eq!(read(body).unwrap_err().code, Code::InvalidClientMetadata, "{body}");
        }
        assert!(Asked::read(&HeaderMap::new(), b"{}").is_err());
    }
}
