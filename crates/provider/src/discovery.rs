//! The discovery document (OIDC Discovery §3, RFC 8414), made once: it says what is true and nothing else.

use axum::body::Bytes;
use serde_json::json;

use crate::acr::Acr;
use crate::claims;
use crate::jose::keys::Alg;
use crate::scope;
use crate::settings::ProviderSettings;
use countersign_identity::Level;

/// The paths of the protocol, under the issuer.
pub mod path {
    /// Discovery itself.
    pub const DISCOVERY: &str = "/.well-known/openid-configuration";
    /// The authorization endpoint.
    pub const AUTHORIZE: &str = "/authorize";
    /// Where a sign-in comes back to.
    pub const RESUME: &str = "/authorize/resume";
    /// The token endpoint.
    pub const TOKEN: &str = "/token";
    /// The userinfo endpoint.
    pub const USERINFO: &str = "/userinfo";
    /// The key set.
    pub const JWKS: &str = "/jwks";
    /// RP-initiated logout.
    pub const LOGOUT: &str = "/logout";
    /// The frame of session management, where it is turned on.
    pub const CHECK_SESSION: &str = "/session/check";
    /// Revocation.
    pub const REVOKE: &str = "/revoke";
    /// Introspection.
    pub const INTROSPECT: &str = "/introspect";
    /// The same document where OAuth looks for it (RFC 8414 §3).
    pub const OAUTH_METADATA: &str = "/.well-known/oauth-authorization-server";
    /// Consent.
    pub const CONSENT: &str = "/consent";
}

/// The document, ready to send. `languages` are the tags of the pages' languages.
#[must_use]
pub fn document(issuer: &str, languages: &[&str], settings: &ProviderSettings) -> Bytes {
    let base = issuer.trim_end_matches('/');
    let at = |path: &str| format!("{base}{path}");
    let acr = Acr::new(issuer);
    let algs: Vec<&str> = Alg::OURS.iter().map(|alg| alg.as_str()).collect();
    let response_types: Vec<&str> = settings.response_types.iter().map(|one| one.as_str()).collect();
    let (mut response_modes, mut grant_types) =
        (vec!["query", "form_post"], vec!["authorization_code", "refresh_token"]);
    if settings.has_front_channel() {
        response_modes.push("fragment");
        // OIDC Registration §2: every type with id_token or token in it needs the implicit grant.
        grant_types.push("implicit");
    }
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": at(path::AUTHORIZE),
        "token_endpoint": at(path::TOKEN),
        "userinfo_endpoint": at(path::USERINFO),
        "revocation_endpoint": at(path::REVOKE),
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint": at(path::INTROSPECT),
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "jwks_uri": at(path::JWKS),
        "end_session_endpoint": at(path::LOGOUT),
        "scopes_supported": scope::ALL,
        "response_types_supported": response_types,
        "response_modes_supported": response_modes,
        "grant_types_supported": grant_types,
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": algs,
        "userinfo_signing_alg_values_supported": algs,
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [acr.value(Level::Password), acr.value(Level::Vip)],
        "claim_types_supported": ["normal"],
        "claims_supported": claims::SUPPORTED,
        "claims_parameter_supported": true,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "require_request_uri_registration": false,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": languages,
        // RFC 9207 §3.
        "authorization_response_iss_parameter_supported": true,
        "frontchannel_logout_supported": true,
        "frontchannel_logout_session_supported": true,
    });
    if settings.session_management {
        document["check_session_iframe"] = json!(at(path::CHECK_SESSION));
    }
    Bytes::from(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> serde_json::Value {
        let settings = ProviderSettings::default();
        serde_json::from_slice(&super::document("https://portal.example", &["en", "ja"], &settings)).unwrap()
    }

    #[test]
    fn rfc8414_2_every_endpoint_is_under_the_issuer() {
        let document = document();
        assert_eq!(document["issuer"], "https://portal.example");
        let endpoints = document.as_object().unwrap().iter();
        let endpoints: Vec<_> =
            endpoints.filter(|(name, _)| name.ends_with("_endpoint") || name.ends_with("_uri")).collect();
        assert_eq!(endpoints.len(), 7);
        for (_, value) in endpoints {
            assert!(value.as_str().unwrap().starts_with("https://portal.example/"), "{value}");
        }
    }

    #[test]
    fn only_what_is_true_is_listed() {
        let document = document();
        assert_eq!(document["response_types_supported"], json!(["code"]));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
        assert_eq!(document["request_uri_parameter_supported"], false);
        assert_eq!(document["id_token_signing_alg_values_supported"], json!(["RS256", "ES256", "EdDSA"]));
        assert!(document.get("registration_endpoint").is_none());
        assert!(document.get("check_session_iframe").is_none());
        assert_eq!(document["frontchannel_logout_session_supported"], true);
        let scopes = document["scopes_supported"].as_array().unwrap();
        assert!(scopes.contains(&json!("openid")));
    }
}
