//! What a client is registered as, and what it is not.

use axum::http::{Method, StatusCode};
use countersign_identity::Level;
use countersign_provider::authorize::response::ResponseType;
use countersign_provider::scope::Scopes;
use countersign_store::{Secret, client};
use serde_json::json;

use super::{Registered, allowed_code, open_house, plain, refused, register, with};
use crate::house::claims;

#[tokio::test]
async fn rfc7591_3_2_1_a_client_is_told_all_it_is_registered_as() {
    let house = open_house(|_| {}).await;
    let answer = register(&house, &plain()).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let mut told = answer.json();
    let members = told.as_object_mut().unwrap();
    let mut taken = |name: &str| members.remove(name).unwrap_or_else(|| panic!("no {name}"));
    let id = taken("client_id");
    let id = id.as_str().unwrap();
    assert_eq!(taken("registration_client_uri"), format!("http://portal.example/register/{id}"));
    assert!(Secret::parse(taken("client_secret").as_str().unwrap()).is_some());
    assert!(Secret::parse(taken("registration_access_token").as_str().unwrap()).is_some());
    // What is left are the defaults of OIDC Registration §2.
    let defaults = json!({
        "client_secret_expires_at": 0,
        "client_id_issued_at": 1_800_000_000,
        "client_name": "rp.example",
        "redirect_uris": ["https://rp.example/cb"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "application_type": "web",
        "subject_type": "public",
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": "RS256",
        "scope": "openid email profile",
    });
    assert_eq!(told, defaults);
}

#[tokio::test]
async fn registration_2_every_member_is_told_back_as_it_was_registered() {
    let house =
        open_house(|policy| policy.response_types = vec![ResponseType::parse("code id_token").unwrap()])
            .await;
    let key = json!({
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let asked = json!({
        "redirect_uris": ["https://rp.example/cb?a=b", "https://rp.example/other"],
        "post_logout_redirect_uris": ["https://rp.example/out"],
        "response_types": ["code id_token"],
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "application_type": "web",
        "contacts": ["ann@rp.example"],
        "client_name": "An App",
        "client_name#ja": "アプリ",
        "client_uri": "https://rp.example/",
        "logo_uri": "https://rp.example/logo.png",
        "policy_uri": "https://rp.example/policy",
        "tos_uri": "https://elsewhere.example/terms",
        "tos_uri#ja": "https://elsewhere.example/ja",
        "jwks": {"keys": [key]},
        "subject_type": "pairwise",
        "id_token_signed_response_alg": "ES256",
        "userinfo_signed_response_alg": "RS256",
        "request_object_signing_alg": "PS256",
        "require_signed_request_object": true,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "default_max_age": 3600,
        "require_auth_time": true,
        "default_acr_values": ["http://portal.example/acr/vip"],
        "initiate_login_uri": "https://rp.example/begin",
        "request_uris": ["https://rp.example/request.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"],
        "frontchannel_logout_uri": "https://rp.example/front",
        "frontchannel_logout_session_required": true,
        "backchannel_logout_uri": "https://rp.example/back",
        "backchannel_logout_session_required": true,
        "software_id": "app",
        "software_version": "1.0",
        "scope": "openid email",
    });
    let told = Registered::at(&house, &asked).await;
    for (member, value) in asked.as_object().unwrap() {
        assert_eq!(&told.told[member], value, "{member}");
    }
    // Who proves itself by a key has no secret, nor a date on which one ends.
    assert_eq!(told.told.get("client_secret"), None);
    assert_eq!(told.told.get("client_secret_expires_at"), None);
    let read = told.manage(&house, Method::GET, None).await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.json(), told.told);
}

#[tokio::test]
async fn rfc7591_3_2_2_what_does_not_fit_is_refused_by_name() {
    let house = open_house(|_| {}).await;
    let metadata = "invalid_client_metadata";
    for (more, code, member) in [
        (json!({"redirect_uris": null}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": []}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": ["https://rp.example/cb#f"]}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": ["http://rp.example/cb"]}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": ["https://*.rp.example/"]}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"redirect_uris": "https://rp.example/cb"}), "invalid_redirect_uri", "redirect_uris"),
        (json!({"initiate_login_uri": "http://rp.example/"}), metadata, "initiate_login_uri"),
        (json!({"id_token_signed_response_alg": "none"}), metadata, "id_token_signed_response_alg"),
        (json!({"id_token_signed_response_alg": "HS256"}), metadata, "id_token_signed_response_alg"),
        (json!({"userinfo_signed_response_alg": "none"}), metadata, "userinfo_signed_response_alg"),
        (json!({"request_object_signing_alg": "none"}), metadata, "request_object_signing_alg"),
        (json!({"token_endpoint_auth_method": "client_secret_jwt"}), metadata, "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "client_secret"}), metadata, "token_endpoint_auth_method"),
        (json!({"token_endpoint_auth_method": "private_key_jwt"}), metadata, "token_endpoint_auth_method"),
        (json!({"response_types": ["token"]}), metadata, "response_types"),
        (json!({"response_types": ["code id_token"]}), metadata, "response_types"),
        (json!({"grant_types": ["client_credentials"]}), metadata, "grant_types"),
        (json!({"grant_types": ["implicit"]}), metadata, "grant_types"),
        (json!({"scope": "openid offline_access"}), metadata, "scope"),
        (json!({"scope": "email"}), metadata, "scope"),
        (json!({"logo_uri": "javascript:alert(1)"}), metadata, "logo_uri"),
        (json!({"jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}), metadata, "jwks"),
        (json!({"jwks_uri": "http://rp.example/jwks"}), metadata, "jwks_uri"),
        (json!({"default_max_age": -1}), metadata, "default_max_age"),
        (json!({"default_max_age": "60"}), metadata, "default_max_age"),
        (json!({"contacts": "ann@rp.example"}), metadata, "contacts"),
        (json!({"subject_type": "secret"}), metadata, "subject_type"),
        (json!({"id_token_encrypted_response_alg": "RSA-OAEP"}), metadata, "id_token_encrypted_response_alg"),
    ] {
        refused(&register(&house, &with(&more)).await, code, member);
    }
    let statement = register(&house, &with(&json!({"software_statement": "e30.e30."}))).await;
    assert_eq!(statement.json()["error"], "unapproved_software_statement");
    assert_eq!(client::count_self_registered(house.identity.store().read()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_registered_client_signs_people_in_once_they_allow_it() {
    let house = open_house(|policy| policy.scope = Scopes::parse("openid email offline_access")).await;
    let registered =
        Registered::at(&house, &json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    let app = registered.app(&house).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let code = allowed_code(&house, &app, &cookies).await;
    let tokens = house.token(&app.redemption(&code)).await;
    assert_eq!(tokens.status, StatusCode::OK, "{}", tokens.text);
    let tokens = tokens.json();
    // Consent is remembered, and the ID token holds no more than it must.
    house.get(&app.request(&[("prompt", "none")]), &cookies).await.code();
    assert_eq!(claims(&tokens["id_token"]).get("email"), None);
    // Neither registered the refresh_token grant nor gets one, whatever scope it asks for.
    assert_eq!(tokens.get("refresh_token"), None);
    let unchallenged = app.request(&[("code_challenge", ""), ("code_challenge_method", "")]);
    assert_eq!(house.get(&unchallenged, &cookies).await.error(), "invalid_request");
}

#[tokio::test]
async fn registration_2_refresh_tokens_are_for_who_registered_the_grant() {
    let house = open_house(|policy| {
        policy.scope = Scopes::parse("openid offline_access");
        policy.require_pkce = false;
    })
    .await;
    let more = json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let registered = Registered::at(&house, &more).await;
    let app = registered.app(&house).await;
    assert!(app.row.metadata.pkce_optional);
    // An administrator vouches for it: nobody is asked.
    let vouched = client::Client { third_party: false, ..app.row.clone() };
    let written = house.identity.store().write(move |tx| {
        Box::pin(async move {
            countersign_store::directory::bump(tx).await?;
            client::update(tx, vouched).await
        })
    });
    assert!(written.await.unwrap());
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let tokens = house.tokens(&app, &cookies).await;
    let refreshed = house.token(&app.refresh(tokens["refresh_token"].as_str().unwrap())).await.json();
    let token = refreshed["refresh_token"].as_str().unwrap();
    let without =
        registered.update(&house, &json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    assert_eq!(without.status, StatusCode::OK, "{}", without.text);
    assert_eq!(house.token(&app.refresh(token)).await.json()["error"], "unauthorized_client");
    // What the administrator decided stays.
    assert!(!registered.app(&house).await.row.third_party);
}

#[tokio::test]
async fn registration_2_logo_and_links_are_shown_at_sign_in_and_never_fetched() {
    let house = open_house(|_| {}).await;
    let more = json!({
        "client_name": "An <App>",
        "logo_uri": "https://rp.example/logo.png",
        "policy_uri": "https://rp.example/policy",
        "tos_uri": "https://elsewhere.example/terms",
    });
    let app = Registered::at(&house, &more).await.app(&house).await;
    let shows = async |away: &str, cookies: &str| {
        let page = house.get(away, cookies).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        assert!(page.text.contains(r#"<img src="https://rp.example/logo.png" alt="Logo of An &lt;App&gt;""#));
        assert!(page.text.contains(r#"href="https://rp.example/policy""#), "{}", page.text);
        assert!(page.text.contains(r#"href="https://elsewhere.example/terms""#));
        let policy = page.header("content-security-policy");
        assert!(policy.contains("img-src 'self' https://rp.example;"), "{policy}");
    };
    let begun = house.get(&app.request(&[]), "").await;
    assert_eq!(begun.path(), "/login");
    let browser = begun.header("set-cookie").split(';').next().unwrap().to_owned();
    shows(begun.header("location"), &browser).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let asked = house.get(&app.request(&[]), &cookies).await;
    assert_eq!(asked.path(), "/consent");
    shows(asked.header("location"), &cookies).await;

    // The portal's own clients are the portal: they speak for themselves nowhere.
    let own = house
        .app(None, |client| client.metadata.logo_uri = Some("https://app.example/logo.png".into()))
        .await;
    let begun = house.get(&own.request(&[]), "").await;
    let browser = begun.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = house.get(begun.header("location"), &browser).await;
    assert!(!page.text.contains("logo.png"), "{}", page.text);
}
