//! The pages as a browser meets them, from the address and the password to the session.

mod beside;
mod portal;

use axum::http::StatusCode;
use countersign_identity::administration::AccountName;
use portal::{Browser, PASSWORD, Portal};

const WAIT: i64 = 30;

async fn enrolled(portal: &Portal, email: &str, accounts: &[&str]) {
    portal.add(email, accounts, None).await;
    portal.assign_token(email).await;
    enrol(portal, email).await;
}

/// The guide's steps 1 to 13.
async fn enrol(portal: &Portal, email: &str) {
    let mut browser = Browser::new(portal);
    let login = browser.get("/login").await;
    let new_user = browser.get(&login.link("new-user")).await;
    let sent = browser.fill(new_user.is("New User"), &[("email", email)]).await;
    let login = browser.get(&sent.is("Check Your Mail").link("continue")).await;
    let temporary = portal.temporary_password(1).await;
    // Each form is sent twice, as by a double click: it comes to the same.
    let fields = [("email", email), ("password", temporary.as_str())];
    browser.fill(login.is("Login"), &fields).await.is("Create a New Password");
    let page = browser.fill(&login, &fields).await;
    let fields = [("password", PASSWORD), ("confirm", PASSWORD)];
    browser.fill(page.is("Create a New Password"), &fields).await;
    let page = browser.fill(&page, &fields).await;
    let (first, second) = (portal.code(0).await, portal.code(1).await);
    portal.clock.advance(WAIT);
    let fields =
        [("credential_id", "vsmt 0000 0001"), ("code1", &first), ("code2", &second), ("token_name", "Phone")];
    browser.fill(page.is("Register Symantec Credential"), &fields).await.is("Services");
    browser.fill(&page, &fields).await.is("Services");
    assert!(browser.has_session());
    portal.clock.advance(WAIT);
}

#[tokio::test]
async fn the_guides_first_login_and_the_daily_one() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let page = browser.log_in("MSS@example.com", PASSWORD).await;
    assert!(!browser.has_session());
    let wrong = browser.fill(page.is("VIP Authentication"), &[("code", "000000")]).await;
    wrong.is("VIP Authentication").says("did not work").says("role=\"alert\"");
    let page = browser.fill(&wrong, &[("code", &portal.code(0).await)]).await;
    page.is("Services").says("Logged in as mss@example.com");
    assert!(browser.has_session());
}

#[tokio::test]
async fn an_address_without_mss_needs_its_password_alone() {
    let portal = Portal::open().await;
    portal.add("deepsight@example.com", &["deepsight:acme"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    let wrong = browser.log_in("deepsight@example.com", "wrong wrong wrong").await;
    wrong.is("Login").says("is not right").says("value=\"deepsight@example.com\"");
    assert!(!browser.has_session() && !browser.cookies.contains_key("countersign-sign-in"));
    browser.fill(&wrong, &[("email", "deepsight@example.com"), ("password", PASSWORD)]).await.is("Services");
    assert!(browser.has_session());
}

#[tokio::test]
async fn unknown_addresses_get_the_same_bytes() {
    let portal = Portal::open().await;
    portal.add("known@example.com", &["mss:acme"], Some(PASSWORD)).await;
    portal.add("newly@example.com", &["mss:acme"], None).await;
    let mut pages = Vec::new();
    for email in ["known@example.com", "newly@example.com", "other@example.com"] {
        let mut browser = Browser::new(&portal);
        let login = browser.get("/login").await;
        let login = browser.fill(&login, &[("email", email), ("password", "wrong wrong wrong")]).await;
        let new_user = browser.get(&login.link("new-user")).await;
        let sent = browser.fill(&new_user, &[("email", email)]).await;
        let sealed = login.action();
        let plain = |html: &str| html.replace(sealed.split_once("r=").unwrap().1, "R").replace(email, "E");
        pages.push((
            plain(&login.html),
            plain(&sent.html),
            browser.cookies.keys().cloned().collect::<Vec<_>>(),
        ));
    }
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[tokio::test]
async fn every_form_sent_twice_ends_where_the_first_ended() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let login = browser.get("/login").await;
    let fields = [("email", "mss@example.com"), ("password", PASSWORD)];
    browser.fill(&login, &fields).await.is("VIP Authentication");
    let vip = browser.fill(&login, &fields).await;
    let code = portal.code(0).await;
    browser.fill(vip.is("VIP Authentication"), &[("code", &code)]).await.is("Services");
    let session = browser.cookies["countersign-session"].clone();
    browser.fill(&vip, &[("code", &code)]).await.is("Services");
    assert_eq!(browser.cookies["countersign-session"], session);
    // The first answer got lost on its way: the second sets the same cookie.
    browser.cookies.remove("countersign-session");
    browser.fill(&vip, &[("code", &code)]).await.is("Services");
    assert_eq!(browser.cookies["countersign-session"], session);
    // Back to the page, and reload.
    browser.get(&vip.at).await.is("Services");
}

#[tokio::test]
async fn a_page_out_of_turn_leads_to_the_one_that_is_due() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let vip = browser.log_in("mss@example.com", PASSWORD).await;
    let r = vip.action().split_once('?').unwrap().1.to_owned();
    for path in ["/login/new-password", "/login/register-credential", "/login/accounts", "/login/vip"] {
        browser.get(&format!("{path}?{r}")).await.is("VIP Authentication");
        let answer = browser.post(&format!("{path}?{r}"), &[]).await;
        browser.follow(answer).await.is("VIP Authentication");
    }
    assert!(!browser.has_session());
    let mut other = Browser::new(&portal);
    other.get("/login").await;
    let stolen = other.get(&format!("/login/vip?{r}")).await;
    stolen.is("This Page Has Expired");
    assert_eq!(stolen.link("again"), "/login");
    assert!(!other.has_session());
}

#[tokio::test]
async fn a_code_out_of_step_asks_for_the_next_one_too() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let vip = browser.log_in("mss@example.com", PASSWORD).await;
    let vip = browser.fill(&vip, &[("code", &portal.code(5).await)]).await;
    vip.says("name=\"code2\"").says("out of step");
    browser.get(&vip.at).await.says("name=\"code2\"");
    let pair = (portal.code(6).await, portal.code(7).await);
    browser.fill(&vip, &[("code", &pair.0), ("code2", &pair.1)]).await.is("Services");
}

#[tokio::test]
async fn ten_wrong_codes_lock_the_token_and_say_whom_to_ask() {
    let portal = Portal::open().await;
    enrolled(&portal, "mss@example.com", &["mss:acme"]).await;
    let mut browser = Browser::new(&portal);
    let vip = browser.log_in("mss@example.com", PASSWORD).await;
    for _ in 0..9 {
        browser.fill(&vip, &[("code", "000000")]).await.is("VIP Authentication");
    }
    browser.fill(&vip, &[("code", "000000")]).await.is("VIP Token Locked").says("Contact the SOC");
    browser.fill(&vip, &[("code", &portal.code(0).await)]).await.is("VIP Token Locked");
    browser.get(&vip.at).await.is("VIP Token Locked");
    assert!(!browser.has_session());
}

#[tokio::test]
async fn several_accounts_are_a_choice_after_the_factors() {
    let portal = Portal::open().await;
    portal.add("both@example.com", &["deepsight:acme", "deepsight:globex"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    let login = browser.get("/go/deepsight").await;
    login.is("Login").says("Sign in to continue to DeepSight Intelligence");
    let page = browser.fill(&login, &[("email", "both@example.com"), ("password", PASSWORD)]).await;
    page.is("Multiple Accounts Found").says("globex");
    let none = browser.fill(&page, &[]).await;
    none.is("Multiple Accounts Found").says("Select one of the organizations");
    browser.fill(&page, &[("account", "another's")]).await.is("Multiple Accounts Found");
    let id =
        page.html.split("name=\"account\" value=\"").nth(2).unwrap().split('"').next().unwrap().to_owned();
    browser.fill(&page, &[("account", &id)]).await.is("Services");
    assert!(browser.has_session());
}

#[tokio::test]
async fn a_password_without_a_token_is_mailed_what_opens_the_registration() {
    let portal = Portal::open().await;
    portal.add("mss@example.com", &["mss:acme"], Some(PASSWORD)).await;
    portal.assign_token("mss@example.com").await;
    let mut browser = Browser::new(&portal);
    let page = browser.log_in("mss@example.com", PASSWORD).await;
    page.is("Check Your Mail").says("none is registered yet");
    assert!(!browser.has_session() && !browser.cookies.contains_key("countersign-sign-in"));
    let login = browser.get(&page.link("continue")).await;
    let temporary = portal.temporary_password(1).await;
    let fields = [("email", "mss@example.com"), ("password", temporary.as_str())];
    browser.fill(&login, &fields).await.is("Create a New Password");
}

#[tokio::test]
async fn a_new_password_says_why_it_is_refused() {
    let portal = Portal::open().await;
    portal.add("new@example.com", &["deepsight:acme"], None).await;
    let mut browser = Browser::new(&portal);
    let new_user = browser.get("/new-user").await;
    browser.fill(&new_user, &[("email", "new@example.com")]).await.is("Check Your Mail");
    let temporary = portal.temporary_password(1).await;
    let page = browser.log_in("new@example.com", &temporary).await;
    let page = browser.fill(&page, &[("password", "short"), ("confirm", "short")]).await;
    page.is("Create a New Password").says("Use at least 15 characters.");
    let page = browser.fill(&page, &[("password", PASSWORD), ("confirm", "something else")]).await;
    page.says("are not the same");
    let page = browser.fill(&page, &[("password", &temporary), ("confirm", &temporary)]).await;
    page.says("This is the temporary password.");
    browser.fill(&page, &[("password", PASSWORD), ("confirm", PASSWORD)]).await.is("Services");
    assert!(browser.has_session());
}

#[tokio::test]
async fn remember_me_fills_in_the_form_and_the_language_holds() {
    let portal = Portal::open().await;
    portal.add("deepsight@example.com", &["deepsight:acme"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    let page = browser.get("/login").await;
    let fields =
        [("email", "deepsight@example.com"), ("password", PASSWORD), ("language", "ja"), ("remember", "yes")];
    browser.fill(&page, &fields).await.is("サービス");
    let mut next = Browser::new(&portal);
    next.cookies.insert("countersign-remember".into(), browser.cookies["countersign-remember"].clone());
    let page = next.get("/login").await;
    page.is("ログイン").says("value=\"deepsight@example.com\"").says("lang=\"ja\" selected");
    assert!(!next.has_session());
    let fields = [("email", "deepsight@example.com"), ("password", PASSWORD), ("language", "en")];
    next.fill(&page, &fields).await.is("Services");
    assert!(!next.cookies.contains_key("countersign-remember"), "not ticked: forgotten");
}

#[tokio::test]
async fn a_link_to_mss_steps_a_live_session_up_by_the_code_alone() {
    let portal = Portal::open().await;
    enrolled(&portal, "both@example.com", &["mss:acme", "deepsight:acme"]).await;
    let mss = AccountName::parse("mss:acme").unwrap();
    portal.identity.unlink("both@example.com", &mss).await.unwrap();
    let mut browser = Browser::new(&portal);
    browser.log_in("both@example.com", PASSWORD).await.is("Services");
    browser.get("/login").await.is("Services");
    portal.identity.link("both@example.com", &mss).await.unwrap();
    let vip = browser.get("/login").await;
    browser.fill(vip.is("VIP Authentication"), &[("code", &portal.code(0).await)]).await.is("Services");
    browser.get("/login").await.is("Services");
}

#[tokio::test]
async fn an_hour_later_the_page_says_so_and_begins_anew() {
    let portal = Portal::open().await;
    portal.add("deepsight@example.com", &["deepsight:acme"], Some(PASSWORD)).await;
    let mut browser = Browser::new(&portal);
    let login = browser.get("/go/deepsight").await;
    portal.clock.advance(3_601);
    let late = browser.fill(&login, &[("email", "deepsight@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(late.status, StatusCode::BAD_REQUEST);
    let login = browser.get(&late.is("This Page Has Expired").link("again")).await;
    browser.fill(&login, &[("email", "deepsight@example.com"), ("password", PASSWORD)]).await.is("Services");
    browser.cookies.clear();
    let lost = browser.get(&login.at).await;
    lost.is("Cookies Are Needed");
    browser.get(&lost.link("continue")).await.is("Login");
}
