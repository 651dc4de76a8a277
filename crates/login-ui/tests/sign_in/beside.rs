//! What lies beside the way: requests from elsewhere, other tabs, what is over, what an application asks for.

use axum::http::{Request, StatusCode};
use countersign_identity::administration::AccountName;
use countersign_identity::journey::Demand;
use countersign_login_ui::pending::Pending;

use crate::enrolled;
use crate::portal::{Browser, PASSWORD, Portal};

#[tokio::test]
async fn posts_from_elsewhere_and_odd_bodies_reach_no_handler() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal);
    let login = browser.get("/login").await;
    let form = || Request::post(login.action()).header("content-type", "application/x-www-form-urlencoded");
    let foreign = browser.send(form().header("sec-fetch-site", "cross-site"), "email=a".into()).await;
    assert_eq!(foreign.is("Request Refused").status, StatusCode::FORBIDDEN);
    let foreign = browser.send(form().header("origin", "https://evil.example"), "email=a".into()).await;
    assert_eq!(foreign.status, StatusCode::FORBIDDEN);
    let own = form().header("origin", "http://portal.example").header("host", "proxy.internal");
    assert_eq!(browser.send(own, "email=a&password=b".into()).await.status, StatusCode::OK);
    let doubled = browser.send(form(), "email=a&password=b&email=c".into()).await;
    assert_eq!(doubled.status, StatusCode::BAD_REQUEST);
    let long = browser.send(form(), format!("email={}", "a".repeat(70_000))).await;
    assert_eq!(long.is("Too Much Data").status, StatusCode::PAYLOAD_TOO_LARGE);
    let json = Request::post(login.action()).header("content-type", "application/json");
    assert_eq!(browser.send(json, "{}".into()).await.status, StatusCode::BAD_REQUEST);
    let put = browser.send(Request::put("/login"), String::new()).await;
    assert_eq!(put.is("Not Possible This Way").status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_pages_beside_the_sign_in() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal);
    let home = browser.get("/").await;
    home.is("Services").says("Managed Security Services").says("href=\"/go/mss\"");
    browser.get("/browsers").await.is("Supported Browsers").says("Google Chrome");
    browser.get("/acr/vip").await.is("Level: VIP").says("http://portal.example/acr/vip");
    browser.get("/acr/password").await.says("[&quot;pwd&quot;]");
    browser.get("/acr/other").await.is("Page Not Found");
    let style =
        home.html.split("rel=\"stylesheet\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(browser.get(&style).await.status, StatusCode::OK);
    assert!(home.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    let login = browser.get("/go/mss").await;
    assert_eq!(login.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn a_second_tab_of_the_same_person_goes_on_and_another_persons_form_does_not_count() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    portal.add("other@example.com", &["mss:globex"], None).await;
    let mut browser = Browser::new(&portal);
    let first = browser.log_in("mss@example.com", PASSWORD).await;
    let second = browser.log_in("mss@example.com", PASSWORD).await;
    let (now, next) = (portal.code(0).await, portal.code(1).await);
    browser.fill(&first, &[("code", &now)]).await.is("Services");
    browser.fill(&second, &[("code", &next)]).await.is("Services");
    let foreign = second.action().replace("&s=", "&s=0");
    browser.cookies.remove("countersign-session");
    browser.log_in("mss@example.com", PASSWORD).await.is("VIP Authentication");
    let answer = browser.post(&foreign, &[("code", &next)]).await;
    answer.is("VIP Authentication");
    assert!(!browser.has_session() && !answer.html.contains("role=\"alert\""));
}

#[tokio::test]
async fn a_sign_in_left_lying_says_that_it_is_over() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let vip = browser.log_in("mss@example.com", PASSWORD).await;
    portal.clock.advance(16 * 60);
    let over = browser.fill(&vip, &[("code", &portal.code(0).await)]).await;
    over.is("Login").says("not finished in time").says("role=\"alert\"");
    let vip = browser.fill(&over, &[("email", "mss@example.com"), ("password", PASSWORD)]).await;
    browser.fill(&vip, &[("code", &portal.code(0).await)]).await.is("Services");
}

#[tokio::test]
async fn a_session_whose_address_becomes_mss_linked_without_a_token_is_told_so() {
    let portal = Portal::open().await;
    portal.add("deepsight@example.com", &["deepsight:acme"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    browser.log_in("deepsight@example.com", PASSWORD).await.is("Services");
    let mss = AccountName::parse("mss:acme").unwrap();
    portal.identity.link("deepsight@example.com", &mss).await.unwrap();
    let login = browser.get("/login").await;
    login.is("Login").says("now require a VIP token").says("value=\"deepsight@example.com\"");
    let fields = [("email", "deepsight@example.com"), ("password", PASSWORD)];
    browser.fill(&login, &fields).await.is("Check Your Mail");
}

#[tokio::test]
async fn a_demand_to_sign_in_again_is_met_by_no_session_from_before() {
    let portal = Portal::open().await;
    portal.add("deepsight@example.com", &["deepsight:acme", "deepsight:globex"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    browser.log_in("deepsight@example.com", PASSWORD).await.is("Services");
    portal.clock.advance(5);
    let demand = Demand { reauthenticate: true, ..Demand::none(portal.clock.now()) };
    let login = browser.begin(Pending::new("/browsers", "/login", demand)).await;
    login.is("Login").says("value=\"deepsight@example.com\"");
    let fields = [("email", "deepsight@example.com"), ("password", PASSWORD)];
    browser.fill(&login, &fields).await.is("Supported Browsers");
    browser.get(&login.at).await.is("Supported Browsers");
    let demand = Demand {
        service: Some("deepsight".into()),
        select_account: true,
        ..Demand::none(portal.clock.now())
    };
    let page = browser.begin(Pending::new("/browsers", "/login", demand)).await;
    let id =
        page.html.split("name=\"account\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    browser.fill(page.is("Multiple Accounts Found"), &[("account", &id)]).await.is("Supported Browsers");
    browser.get(&page.at).await.is("Supported Browsers");
}

#[tokio::test]
async fn what_the_request_brings_is_shown_and_allowed_for() {
    let portal = Portal::open().await;
    let mut browser = Browser::new(&portal);
    let pending = Pending {
        origin: Some("https://mss.example".into()),
        destination: Some("<b>MSS</b>".into()),
        login_hint: Some("a\"><i>@b.example".into()),
        ui_locales: Some("ja en".into()),
        ..Pending::new("/browsers", "/login", Demand::none(portal.clock.now()))
    };
    let page = browser.begin(pending).await;
    page.is("ログイン").says("&lt;b&gt;MSS&lt;/b&gt;").says("value=\"a&quot;&gt;&lt;i&gt;@b.example\"");
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("form-action 'self' https://mss.example"), "{policy}");
}
