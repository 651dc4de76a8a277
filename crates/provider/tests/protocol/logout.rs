//! `/logout`

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_identity::Level;

use crate::house::{App, House, form};

struct SignedIn {
    house: House,
    person: String,
    app: App,
    cookies: String,
    id_token: String,
    refresh_token: String,
}

async fn signed_in() -> SignedIn {
    let house = House::open().await;
    let person = house.person("ds@example.com", &["deepsight:acme"]).await;
    let app = house.app(Some("deepsight"), |_| {}).await;
    let cookies = house.session(&person, Level::Password).await;
    let tokens = house.tokens(&app, &cookies).await;
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    SignedIn { id_token: text("id_token"), refresh_token: text("refresh_token"), house, person, app, cookies }
}

fn ask(pairs: &[(&str, &str)]) -> String {
    format!("/logout?{}", form(pairs))
}

impl SignedIn {
    async fn is_out(&self) -> bool {
        let answer = self.house.get(&self.app.request(&[("prompt", "none")]), &self.cookies).await;
        answer.parameter("error").as_deref() == Some("login_required")
    }
}

/// The same claims under `alg: none`.
fn unsigned(token: &str) -> String {
    let claims = token.split('.').nth(1).unwrap();
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    format!("{header}.{claims}.")
}

const OUT: &str = "https://app.example/out";

#[tokio::test]
async fn rp_initiated_logout_2_with_a_hint_the_session_ends_and_the_person_goes_on() {
    let at = signed_in().await;
    at.house.clock.advance(1_000);
    let path = ask(&[
        ("id_token_hint", &at.id_token),
        ("post_logout_redirect_uri", OUT),
        ("state", "a b"),
        ("client_id", &at.app.row.id),
    ]);
    let answer = at.house.get(&path, &at.cookies).await;
    assert_eq!(answer.header("location"), "https://app.example/out?state=a+b");
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    assert!(at.is_out().await);
    let refused = at.house.token(&at.app.refresh(&at.refresh_token)).await;
    assert_eq!(refused.json()["error"], "invalid_grant");
    // Sent twice, it comes to the same.
    assert_eq!(
        at.house.get(&path, &at.cookies).await.header("location"),
        "https://app.example/out?state=a+b"
    );
}

#[tokio::test]
async fn rp_initiated_logout_4_a_bad_request_ends_nothing_and_redirects_nowhere() {
    let at = signed_in().await;
    let other = at.house.app(None, |_| {}).await;
    let hint = at.id_token.as_str();
    let changed = format!("{}AAAA", &hint[..hint.len() - 4]);
    let unsigned = unsigned(hint);
    for pairs in [
        vec![("post_logout_redirect_uri", OUT)],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/out?x=1")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/cb")],
        vec![("id_token_hint", changed.as_str()), ("post_logout_redirect_uri", OUT)],
        vec![("id_token_hint", unsigned.as_str()), ("post_logout_redirect_uri", OUT)],
        vec![("id_token_hint", ""), ("post_logout_redirect_uri", OUT)],
        vec![("id_token_hint", hint), ("client_id", other.row.id.as_str())],
        vec![("client_id", "nobody"), ("post_logout_redirect_uri", OUT)],
        vec![("state", "1"), ("state", "2")],
    ] {
        assert!(at.house.get(&ask(&pairs), &at.cookies).await.is_local_page(), "{pairs:?}");
    }
    assert!(!at.is_out().await);
}

#[tokio::test]
async fn rp_initiated_logout_2_without_a_hint_the_person_is_asked() {
    let at = signed_in().await;
    let path = ask(&[("client_id", &at.app.row.id), ("post_logout_redirect_uri", OUT)]);
    let page = at.house.get(&path, &at.cookies).await;
    assert!(page.text.contains("id=\"logout\"") && !at.is_out().await);
    assert!(page.header("content-security-policy").ends_with("form-action 'self' https://app.example"));
    let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let foreign =
        Request::post(&action).header(header::COOKIE, &at.cookies).header("sec-fetch-site", "cross-site");
    assert_eq!(at.house.send(foreign.body(Body::empty()).unwrap()).await.status, StatusCode::FORBIDDEN);
    assert!(!at.is_out().await);
    assert_eq!(at.house.post(&action, &at.cookies, String::new()).await.header("location"), OUT);
    assert!(at.is_out().await);
}

#[tokio::test]
async fn a_hint_about_somebody_else_does_not_end_this_session() {
    let at = signed_in().await;
    let other = at.house.person("other@example.com", &["deepsight:acme"]).await;
    let cookies = at.house.session(&other, Level::Password).await;
    let page = at.house.get(&ask(&[("id_token_hint", &at.id_token)]), &cookies).await;
    assert!(page.text.contains("id=\"logout\""));
    at.house.get(&at.app.request(&[("prompt", "none")]), &cookies).await.code();
    // The question of one session is no answer in another.
    let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(at.house.post(&action, &at.cookies, String::new()).await.path(), "/logout");
    assert!(!at.is_out().await);
}

#[tokio::test]
async fn rp_initiated_logout_2_a_hint_of_another_session_asks_the_person() {
    let at = signed_in().await;
    let again = at.house.session(&at.person, Level::Password).await;
    let path = ask(&[("id_token_hint", &at.id_token), ("post_logout_redirect_uri", OUT)]);
    let page = at.house.get(&path, &again).await;
    assert!(page.text.contains("id=\"logout\""), "{}", page.text);
    at.house.get(&at.app.request(&[("prompt", "none")]), &again).await.code();
}

#[tokio::test]
async fn rp_initiated_logout_3_without_an_address_to_go_to_there_is_a_page() {
    for query in ["", "state=x", "id_token_hint"] {
        let at = signed_in().await;
        let hint = ask(&[("id_token_hint", &at.id_token)]);
        let path = if query == "id_token_hint" { hint } else { format!("/logout?{query}") };
        let mut page = at.house.get(&path, &at.cookies).await;
        if page.text.contains("id=\"logout\"") {
            let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
            page = at.house.post(&action, &at.cookies, String::new()).await;
        }
        assert!(page.status == StatusCode::OK && page.text.contains("id=\"again\""), "{path} {}", page.text);
        assert!(at.is_out().await, "{path}");
    }
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_ask() {
    let at = signed_in().await;
    let page = at.house.get("/logout", "").await;
    assert!(page.status == StatusCode::OK && page.text.contains("id=\"again\""));
    let posted = at.house.post("/logout", "", form(&[("id_token_hint", &at.id_token)])).await;
    assert_eq!((posted.status, posted.path()), (StatusCode::SEE_OTHER, "/logout"));
}
