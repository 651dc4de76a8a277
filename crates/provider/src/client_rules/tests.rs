//! Clients that fit, and clients that do not.

use super::*;
use crate::clients::tests::client;

fn unfit(change: impl FnOnce(&mut Client)) -> Option<&'static str> {
    let mut client = client("app", &["https://app.example/cb"]);
    change(&mut client);
    let all = ResponseType::ALL.iter().filter_map(|text| ResponseType::parse(text)).collect();
    let settings = ProviderSettings { response_types: all, ..ProviderSettings::default() };
    check(&client, &settings).err().map(|unfit| unfit.member)
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn a_plain_client_fits() {
    assert_eq!(unfit(|_| {}), None);
}

#[test]
fn what_does_not_fit_is_named() {
    assert_eq!(unfit(|client| client.name = "  ".into()), Some("client_name"));
    assert_eq!(unfit(|client| client.name = "a\nb".into()), Some("client_name"));
    assert_eq!(unfit(|client| client.scope = "email".into()), Some("scope"));
    assert_eq!(unfit(|client| client.scope = "openid admin".into()), Some("scope"));
    assert_eq!(unfit(|client| client.redirect_uris = serde_json::json!([])), Some("redirect_uris"));
    assert_eq!(unfit(|client| client.id_token_alg = "none".into()), Some("id_token_signed_response_alg"));
    assert_eq!(unfit(|client| client.public = true), Some("token_endpoint_auth_method"));
    let method =
        |text: &'static str| move |client: &mut Client| client.token_endpoint_auth_method = text.into();
    assert_eq!(unfit(method("client_secret_jwt")), Some("token_endpoint_auth_method"));
    assert_eq!(unfit(method("private_key_jwt")), Some("token_endpoint_auth_method"));
}

#[test]
fn registration_2_response_types_and_grant_types_agree() {
    let types = |types: &[&str], grants: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
        unfit(|client| {
            client.metadata.response_types = owned(types);
            client.metadata.grant_types = owned(grants);
        })
    };
    assert_eq!(types(&["code id_token"], &[]), None);
    assert_eq!(types(&["code id_token"], &["authorization_code", "implicit"]), None);
    assert_eq!(types(&["code id_token"], &["authorization_code"]), Some("grant_types"));
    assert_eq!(types(&["id_token"], &["authorization_code"]), Some("grant_types"));
    assert_eq!(types(&["token"], &[]), Some("response_types"));
    assert_eq!(types(&["code"], &["password"]), Some("grant_types"));
    let plain = unfit(|client| {
        client.redirect_uris = serde_json::json!(["http://127.0.0.1/cb"]);
        client.metadata.response_types = vec!["id_token token".into()];
    });
    assert_eq!(plain, Some("redirect_uris"));
}

#[test]
fn core_8_1_a_sector_is_needed_for_several_hosts() {
    let several = serde_json::json!(["https://a.example/cb", "https://b.example/cb"]);
    let pairwise = |sector: Option<&str>| {
        let several = several.clone();
        let sector = sector.map(str::to_owned);
        unfit(move |client| {
            client.redirect_uris = several;
            client.metadata.subject_type = some("pairwise");
            client.metadata.sector_identifier_uri = sector;
        })
    };
    assert_eq!(pairwise(None), Some("sector_identifier_uri"));
    assert_eq!(pairwise(Some("https://s.example/uris.json")), None);
    assert_eq!(pairwise(Some("http://s.example/uris.json")), Some("sector_identifier_uri"));
}

#[test]
fn addresses_are_https_where_something_is_fetched_or_sent() {
    let backchannel = |uri: &'static str| unfit(move |c| c.metadata.backchannel_logout_uri = some(uri));
    assert_eq!(backchannel("https://rp.example/bc"), None);
    for uri in ["http://rp.example/bc", "https://u@rp.example/", "https://rp.example/#x", "rp.example", ""] {
        assert_eq!(backchannel(uri), Some("backchannel_logout_uri"), "{uri}");
    }
    assert_eq!(
        unfit(|client| client.metadata.initiate_login_uri = some("http://rp.example/")),
        Some("initiate_login_uri")
    );
    assert_eq!(unfit(|client| client.metadata.request_uris = vec!["https://rp.example/r#hash".into()]), None);
    assert_eq!(unfit(|client| client.metadata.logo_uri = some("javascript:alert(1)")), Some("logo_uri"));
}

#[test]
fn front_channel_logout_2_the_frame_has_the_clients_own_origin() {
    let frame = |uri: &'static str| unfit(move |client| client.metadata.frontchannel_logout_uri = some(uri));
    assert_eq!(frame("https://app.example/out"), None);
    assert_eq!(frame("https://app.example:444/out"), Some("frontchannel_logout_uri"));
    assert_eq!(frame("https://evil.example/out"), Some("frontchannel_logout_uri"));
}
