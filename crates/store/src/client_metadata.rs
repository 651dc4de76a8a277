//! What a client registered beyond its redirect URIs and its secret, under the names of OpenID Connect Dynamic
//! Client Registration 1.0 §2, RFC 7591 §2 and the logout specifications; kept as one JSON column.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The metadata. What a client left out is not stored, and stands for the default its line names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(default)]
pub struct Metadata {
    /// The response types it may use; empty means `code` alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub response_types: Vec<String>,
    /// The grant types it may use; empty means those its response types need, and `refresh_token`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub grant_types: Vec<String>,
    /// `web` or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application_type: Option<String>,
    /// Whom to write to about it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<String>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    /// Its logo: shown by address, never fetched here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    /// What it does with what it learns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    /// Its terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
    /// Its public keys, by value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<Value>,
    /// Its public keys, by address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// The JSON list of redirect URIs that share pairwise subjects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// `public` or `pairwise`; none means `public`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject_type: Option<String>,
    /// How its userinfo answers are signed; none means they are JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<String>,
    /// How its request objects must be signed; none means any supported way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_object_signing_alg: Option<String>,
    /// Whether every request must come as a request object (RFC 9101 §10.5).
    #[serde(skip_serializing_if = "is_false")]
    pub require_signed_request_object: bool,
    /// How its assertions at the token endpoint must be signed; none means any supported way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_signing_alg: Option<String>,
    /// `max_age` of a request that names none, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_max_age: Option<i64>,
    /// Whether it asked for `auth_time`, which is always there.
    #[serde(skip_serializing_if = "is_false")]
    pub require_auth_time: bool,
    /// `acr_values` of a request that names none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub default_acr_values: Vec<String>,
    /// Where a third party may start a sign-in at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initiate_login_uri: Option<String>,
    /// Where its request objects may be fetched from.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub request_uris: Vec<String>,
    /// What a browser loads in a frame when the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Whether that address gets `iss` and `sid`.
    #[serde(skip_serializing_if = "is_false")]
    pub frontchannel_logout_session_required: bool,
    /// Where a logout token is posted when the session ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Whether the logout token must carry `sid`; it always does.
    #[serde(skip_serializing_if = "is_false")]
    pub backchannel_logout_session_required: bool,
    /// A name or version it gave its software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_id: Option<String>,
    /// See `software_id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub software_version: Option<String>,
    /// Names and links in other languages (`client_name#ja`), as registered.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub translations: Map<String, Value>,
    /// Its access tokens are JWTs (RFC 9068) instead of opaque.
    #[serde(skip_serializing_if = "is_false")]
    pub jwt_access_tokens: bool,
    /// Whether it may leave PKCE out.
    #[serde(skip_serializing_if = "is_false")]
    pub pkce_optional: bool,
    /// Its ID tokens hold what OIDC Core §5.4 puts there and no more: the claims of `profile`, `email`, `address`
    /// and `phone` come from userinfo wherever there is an access token.
    #[serde(skip_serializing_if = "is_false")]
    pub lean_id_token: bool,
    /// Whether it registered itself, at the registration endpoint.
    #[serde(skip_serializing_if = "is_false")]
    pub self_registered: bool,
}

fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_out_is_not_written() {
        assert_eq!(serde_json::to_string(&Metadata::default()).unwrap(), "{}");
        assert_eq!(serde_json::from_str::<Metadata>("{}").unwrap(), Metadata::default());
        let some = Metadata { default_max_age: Some(60), pkce_optional: true, ..Metadata::default() };
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, r#"{"default_max_age":60,"pkce_optional":true}"#);
        assert_eq!(serde_json::from_str::<Metadata>(&text).unwrap(), some);
    }
}
