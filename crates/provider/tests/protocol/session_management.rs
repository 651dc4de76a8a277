//! Session management: off until the operator turns it on; then every answer can be compared in our frame.

use countersign_identity::Level;
use countersign_provider::ProviderSettings;
use countersign_store::secret;

use crate::house::{Answer, House, form};

async fn house() -> House {
    House::open_with(ProviderSettings { session_management: true, ..ProviderSettings::default() }).await
}

/// What the answer sets the state to.
fn state(answer: &Answer) -> Option<String> {
    let mut set = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let set = set.find_map(|set| set.strip_prefix("countersign-state="))?;
    Some(set.split(';').next().unwrap().to_owned())
}

/// What the frame computes.
fn computed(client: &str, browser_state: &str, session_state: &str) -> String {
    use base64::Engine as _;
    let salt = session_state.split('.').nth(1).unwrap();
    let digest = secret::digest(format!("{client} https://app.example {browser_state} {salt}").as_bytes());
    format!("{}.{salt}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(digest))
}

#[tokio::test]
async fn session_management_3_the_answer_is_the_digest_of_the_state_the_browser_is_given() {
    let house = house().await;
    let app = house.app(None, |_| {}).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let answer = house.get(&app.request(&[]), &cookies).await;
    let (given, known) = (state(&answer).unwrap(), answer.parameter("session_state").unwrap());
    assert_eq!(computed(&app.row.id, &given, &known), known);
    assert!(!cookies.contains(&given));
    // The next one sets nothing anew, and has a salt of its own.
    let cookies = format!("{cookies}; countersign-state={given}");
    let again = house.get(&app.request(&[("prompt", "none")]), &cookies).await;
    assert_eq!(state(&again), None);
    let other = again.parameter("session_state").unwrap();
    assert!(other != known && computed(&app.row.id, &given, &other) == other);
    // A state of another session is replaced.
    let stranger = format!("{cookies}x");
    assert_eq!(state(&house.get(&app.request(&[]), &stranger).await).as_deref(), Some(given.as_str()));
    // Logged out, the state is gone: what the client knows is not what the frame computes any more.
    let question = house.get("/logout", &cookies).await;
    let action = question.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let out = house.post(&action, &cookies, String::new()).await;
    assert_eq!(state(&out).as_deref(), Some(""));
    assert_ne!(computed(&app.row.id, "", &known), known);
}

#[tokio::test]
async fn a_state_without_its_session_goes_when_the_browser_comes_as_a_whole() {
    let house = house().await;
    let app = house.app(None, |_| {}).await;
    let ask = async |destination: &str| {
        let request = axum::http::Request::get(app.request(&[("prompt", "none")]))
            .header("cookie", "countersign-state=old")
            .header("sec-fetch-dest", destination);
        state(&house.send(request.body(axum::body::Body::empty()).unwrap()).await)
    };
    assert_eq!(ask("document").await.as_deref(), Some(""));
    // In a frame of another site the session's cookie was left behind.
    assert_eq!(ask("iframe").await, None);
}

#[tokio::test]
async fn session_management_3_2_the_frame_may_be_framed_and_does_nothing_else() {
    let house = house().await;
    let frame = house.get("/session/check", "").await;
    assert_eq!(frame.header("x-frame-options"), "");
    let policy = frame.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("frame-ancestors"), "{policy}");
    assert!(frame.text.contains(r#"data-cookie="countersign-state""#), "{}", frame.text);
    let script = frame.text.split("<script src=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(house.get(script, "").await.header("content-type"), "text/javascript; charset=utf-8");
    let metadata = house.get("/.well-known/openid-configuration", "").await.json();
    assert_eq!(metadata["check_session_iframe"], "http://portal.example/session/check");
    // Every other page refuses frames.
    assert_eq!(house.get("/logout", "").await.header("x-frame-options"), "DENY");
}

#[tokio::test]
async fn without_session_management_there_is_no_frame_no_cookie_and_no_state() {
    let house = House::open().await;
    let app = house.app(None, |_| {}).await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let answer = house.get(&app.request(&[]), &cookies).await;
    assert_eq!((state(&answer), answer.parameter("session_state")), (None, None));
    assert_eq!(house.get("/session/check", "").await.status, 404);
    assert_eq!(house.post("/token", "", form(&[("a", "b")])).await.header("set-cookie"), "");
}

#[tokio::test]
async fn session_management_3_an_application_without_a_page_gets_no_state() {
    let house = house().await;
    let app = house
        .app(None, |client| {
            client.public = true;
            client.token_endpoint_auth_method = "none".into();
            client.redirect_uris = serde_json::json!(["com.example.app:/cb"]);
        })
        .await;
    let person = house.person("a@b.example", &[]).await;
    let cookies = house.session(&person, Level::Password).await;
    let answer = house.get(&app.request(&[]), &cookies).await;
    assert_eq!(answer.parameter("session_state"), None);
    assert!(!answer.code().is_empty());
}
