//! `/authorize`

use axum::http::StatusCode;
use countersign_identity::Level;
use serde_json::json;

use crate::house::{App, House, claims};

/// A person with a session, and a client they have an account at.
async fn signed_in(house: &House) -> (App, String) {
    let id = house.person("ds@example.com", &["deepsight:acme"]).await;
    (house.app(Some("deepsight"), |_| {}).await, house.session(&id, Level::Password).await)
}

#[tokio::test]
async fn rfc6749_4_1_2_1_nobody_is_sent_to_an_address_that_is_not_registered() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    for uri in [
        "",
        "https://app.example/cb/",
        "https://app.example/CB",
        "https://APP.example/cb",
        "https://app.example:443/cb",
        "https://app.example/cb?x=1",
        "https://app.example/cb#x",
        "https://app.example/./cb",
        "https://app.example/x/../cb",
        "https://app.example/cb/..;/",
        "https://app.example/%63b",
        "https://app.example//cb",
        "https://app.example\\cb",
        "https://app.example@evil.example/cb",
        "https://a@b@app.example/cb",
        "https://app.example.evil.example/cb",
        "https:app.example/cb",
        "//app.example/cb",
        "/cb",
        "http://app.example/cb",
        " https://app.example/cb",
        "https://app.example/cb\r\nx: y",
        "javascript:alert(1)",
        "https://evil.example/",
    ] {
        for prompt in ["", "none", "login", "consent"] {
            let path = app.request(&[("redirect_uri", uri), ("prompt", prompt), ("response_type", "token")]);
            assert!(house.get(&path, &cookies).await.is_local_page(), "{uri} {prompt}");
        }
    }
    for id in ["", "nobody", "%00"] {
        assert!(house.get(&app.request(&[("client_id", id)]), &cookies).await.is_local_page(), "{id}");
    }
    for name in ["client_id", "redirect_uri"] {
        let path = format!("{}&{name}=https://evil.example/", app.request(&[]));
        assert!(house.get(&path, &cookies).await.is_local_page(), "{name}");
    }
    assert!(house.get("/authorize?%zz", "").await.is_local_page());
}

#[tokio::test]
async fn a_pages_security_headers_stand_on_error_pages_too() {
    let house = House::open().await;
    let answer = house.get("/authorize", "").await;
    assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn core_3_1_2_6_errors_of_a_bound_request_go_to_the_client_with_state_and_iss() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    for (name, value, error) in [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "", "invalid_request"),
        ("scope", "email", "invalid_scope"),
        ("code_challenge", "", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("request", "x", "invalid_request_object"),
        ("request_uri", "https://evil.example", "invalid_request_uri"),
        ("response_mode", "fragment", "invalid_request"),
        ("id_token_hint", "x", "invalid_request"),
    ] {
        let answer = house.get(&app.request(&[(name, value)]), &cookies).await;
        assert_eq!(answer.error(), error, "{name}={value}");
        assert_eq!(answer.parameter("state").as_deref(), Some("a&b c"));
        assert!(answer.parameter("code").is_none());
    }
    let doubled = house.get(&format!("{}&state=x", app.request(&[])), &cookies).await;
    assert_eq!((doubled.error().as_str(), doubled.parameter("state")), ("invalid_request", None));
}

#[tokio::test]
async fn core_3_1_2_1_prompt_none_without_session_is_login_required() {
    let house = House::open().await;
    let (app, _) = signed_in(&house).await;
    assert_eq!(house.get(&app.request(&[("prompt", "none")]), "").await.error(), "login_required");
    let shown = house.get(&app.request(&[]), "").await;
    assert_eq!((shown.status, shown.path()), (StatusCode::SEE_OTHER, "/login"));
    assert!(shown.header("set-cookie").starts_with("countersign-browser="));
}

#[tokio::test]
async fn core_3_1_2_1_prompt_login_and_max_age_ask_again() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    house.get(&app.request(&[]), &cookies).await.code();
    for more in [("prompt", "login"), ("max_age", "0")] {
        assert_eq!(house.get(&app.request(&[more]), &cookies).await.path(), "/login", "{more:?}");
    }
    house.get(&app.request(&[("max_age", "60")]), &cookies).await.code();
    house.clock.advance(61);
    assert_eq!(house.get(&app.request(&[("max_age", "60")]), &cookies).await.path(), "/login");
    let silent = app.request(&[("max_age", "60"), ("prompt", "none")]);
    assert_eq!(house.get(&silent, &cookies).await.error(), "login_required");
}

#[tokio::test]
async fn a_session_that_was_there_before_does_not_answer_prompt_login() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let sent = house.get(&app.request(&[("prompt", "login")]), &cookies).await;
    let resume = format!("/authorize/resume?r={}", sent.parameter("r").unwrap());
    // The same session, though it began within the same second.
    assert_eq!(house.get(&resume, &cookies).await.path(), "/login");
    // The login page does not let it through either.
    let login = house.get(sent.header("location"), &cookies).await;
    assert!(login.status == StatusCode::OK && login.text.contains("id=\"login\""));
    // A new one does.
    let id = house.identity.find_person("ds@example.com").await.unwrap().person.id.clone();
    let renewed = house.session(&id, Level::Password).await;
    let browser = cookies.split("; ").nth(1).unwrap();
    let cookies = format!("{}; {browser}", renewed.split("; ").next().unwrap());
    house.get(&resume, &cookies).await.code();
}

#[tokio::test]
async fn a_pending_request_is_good_in_its_own_browser_alone() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let sent = house.get(&app.request(&[("prompt", "login")]), &cookies).await;
    let resume = format!("/authorize/resume?r={}", sent.parameter("r").unwrap());
    let id = house.identity.find_person("ds@example.com").await.unwrap().person.id.clone();
    let other = house.session(&id, Level::Password).await;
    assert_eq!(house.get(&resume, &other).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.get("/authorize/resume?r=AAAA", &cookies).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn core_3_1_2_1_a_post_is_the_same_as_a_get() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let query = app.request(&[]).split_once('?').unwrap().1.to_owned();
    let answer = house.post("/authorize", "", query).await;
    assert_eq!((answer.status, answer.path()), (StatusCode::SEE_OTHER, "/authorize"));
    house.get(answer.header("location"), &cookies).await.code();
}

#[tokio::test]
async fn core_3_1_2_1_the_hint_names_who_is_expected() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let token = house.tokens(&app, &cookies).await["id_token"].as_str().unwrap().to_owned();
    house.clock.advance(3_000);
    let hinted = app.request(&[("id_token_hint", &token), ("prompt", "none")]);
    house.get(&hinted, &cookies).await.code();
    let other = house.person("other@example.com", &["deepsight:acme"]).await;
    let others = house.session(&other, Level::Password).await;
    assert_eq!(house.get(&hinted, &others).await.error(), "login_required");
}

#[tokio::test]
async fn rule_2_the_level_is_decided_anew_at_every_request() {
    let house = House::open().await;
    let (app, cookies) = signed_in(&house).await;
    let demanding = house.app(None, |client| client.minimum_level = Some("vip".into())).await;
    let unmet = "unmet_authentication_requirements";
    assert_eq!(house.get(&demanding.request(&[]), &cookies).await.error(), unmet);
    let vip = r#"{"id_token":{"acr":{"essential":true,"value":"http://portal.example/acr/vip"}}}"#;
    assert_eq!(house.get(&app.request(&[("claims", vip)]), &cookies).await.error(), unmet);
    let unknown = r#"{"id_token":{"acr":{"essential":true,"value":"urn:x"}}}"#;
    assert_eq!(house.get(&app.request(&[("claims", unknown)]), "").await.error(), unmet);
    house.get(&app.request(&[("acr_values", "http://portal.example/acr/vip")]), &cookies).await.code();
    let name = countersign_identity::administration::AccountName::parse("mss:acme").unwrap();
    house.identity.link("ds@example.com", &name).await.unwrap();
    assert_eq!(
        house.get(&app.request(&[("prompt", "none")]), &cookies).await.error(),
        "interaction_required"
    );
    assert_eq!(house.get(&app.request(&[]), &cookies).await.path(), "/login");
    house.identity.unlink("ds@example.com", &name).await.unwrap();
    house.get(&app.request(&[("prompt", "none")]), &cookies).await.code();
}

#[tokio::test]
async fn rule_3_an_essential_password_is_answered_so_at_level_vip() {
    let house = House::open().await;
    let id = house.person("mss@example.com", &["mss:acme"]).await;
    let cookies = house.session(&id, Level::Vip).await;
    let app = house.app(Some("mss"), |_| {}).await;
    let wish = r#"{"id_token":{"acr":{"essential":true,"value":"http://portal.example/acr/password"}}}"#;
    let code = house.get(&app.request(&[("claims", wish)]), &cookies).await.code();
    let token = claims(&house.token(&app.redemption(&code)).await.json()["id_token"]);
    assert_eq!(token["acr"], "http://portal.example/acr/password");
    assert_eq!(token["amr"], json!(["pwd", "otp", "mfa"]));
}

#[tokio::test]
async fn rule_7_no_account_is_explained_and_several_are_offered() {
    let house = House::open().await;
    let (_, cookies) = signed_in(&house).await;
    let mss = house.app(Some("mss"), |_| {}).await;
    let page = house.get(&mss.request(&[]), &cookies).await;
    assert!(page.status == StatusCode::OK && page.text.contains("error=access_denied"), "{}", page.text);
    assert_eq!(house.get(&mss.request(&[("prompt", "none")]), &cookies).await.error(), "access_denied");
    let id = house.person("multi@example.com", &["deepsight:acme", "deepsight:globex"]).await;
    let cookies = house.session(&id, Level::Password).await;
    let app = house.app(Some("deepsight"), |_| {}).await;
    let silent = app.request(&[("prompt", "none")]);
    assert_eq!(house.get(&silent, &cookies).await.error(), "account_selection_required");
    assert_eq!(house.get(&app.request(&[]), &cookies).await.path(), "/login");
}

#[tokio::test]
async fn third_party_clients_ask_first() {
    let house = House::open().await;
    let (_, cookies) = signed_in(&house).await;
    let app = house.app(None, |client| client.third_party = true).await;
    let silent = app.request(&[("prompt", "none")]);
    assert_eq!(house.get(&silent, &cookies).await.error(), "consent_required");
    let sent = house.get(&app.request(&[]), &cookies).await;
    assert_eq!(sent.path(), "/consent");
    let page = house.get(sent.header("location"), &cookies).await;
    assert!(page.text.contains("An App") && page.text.contains("app.example"));
    assert!(page.header("content-security-policy").ends_with("form-action 'self' https://app.example"));
    let action =
        page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    let denied = house.post(&action, &cookies, "decision=deny".into()).await;
    assert_eq!(denied.error(), "access_denied");
    let allowed = house.post(&action, &cookies, "decision=allow".into()).await;
    house.get(allowed.header("location"), &cookies).await.code();
    house.get(&silent, &cookies).await.code();
    let wider = house.app(None, |client| client.third_party = true).await;
    assert_eq!(house.get(&wider.request(&[("prompt", "none")]), &cookies).await.error(), "consent_required");
}
