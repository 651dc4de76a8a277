//! The demonstration as people meet it: two relying parties, the sample people, mails and tokens.

#![cfg(feature = "demo")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::time::Duration;

use countersign::demo::Demo;
use countersign::demo::people::{PASSWORD, PEOPLE};
use serde_json::Value;
use tempfile::TempDir;

async fn start(place: &TempDir) -> Demo {
    let listen: SocketAddr = "127.0.0.1:0".parse().unwrap();
    Demo::start(listen, place.path()).await.map_err(|failure| failure.to_string()).unwrap()
}

/// A browser: it keeps cookies, follows redirects, and fills in the form before it.
struct Browser {
    http: reqwest::Client,
    demo: String,
    url: reqwest::Url,
    page: String,
}

impl Browser {
    fn new(demo: &Demo) -> Self {
        let demo = demo.provider().issuer.clone();
        let http = reqwest::Client::builder().cookie_store(true).build().unwrap();
        Self { http, url: demo.parse().unwrap(), demo, page: String::new() }
    }

    async fn open(&mut self, url: &str) {
        let answer = self.http.get(url).send().await.unwrap();
        self.url = answer.url().clone();
        self.page = answer.text().await.unwrap();
    }

    async fn submit(&mut self, fields: &[(&str, &str)]) {
        let (_, rest) = self.page.split_once("<form").unwrap_or_else(|| panic!("no form at {}", self.url));
        let (_, rest) = rest.split_once("action=\"").expect("the form has an action");
        let action = rest.split('"').next().unwrap_or_default().replace("&amp;", "&");
        let target = self.url.join(&action).unwrap();
        let answer = self.http.post(target).form(fields).send().await.unwrap();
        self.url = answer.url().clone();
        self.page = answer.text().await.unwrap();
    }

    async fn json(&self, url: &str) -> Value {
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    async fn token(&self, credential: &str) -> Value {
        self.json(&format!("{}/demo/token/{credential}.json", self.demo)).await
    }

    async fn mailed_password(&self, to: &str) -> String {
        for _ in 0..50 {
            let mails = self.json(&format!("{}/demo/outbox.json", self.demo)).await;
            let found = mails.as_array().unwrap().iter().rev().find(|mail| mail["to"] == to);
            if let Some(password) = found.and_then(|mail| mail["temporary_password"].as_str()) {
                return password.to_owned();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("no mail to {to} within 5 s");
    }

    /// What the page's radio button for that organization stands for.
    async fn identity_account(&self, demo: &Demo, email: &str, organization: &str) -> String {
        let who = demo.provider().identity().find_person(email).await.unwrap();
        let account = who.accounts.iter().find(|account| account.organization_id == organization).unwrap();
        assert!(self.page.contains(&account.id), "{}", self.page);
        account.id.clone()
    }

    fn assert_at(&self, path: &str) {
        assert_eq!(self.url.path(), path, "{}\n{}", self.url, self.page);
    }
}

fn applications(demo: &Demo) -> [String; 2] {
    let addresses: Vec<String> = demo.applications().map(|address| format!("http://{address}")).collect();
    addresses.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mss_person_signs_in_with_a_code_and_out_again() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [mss, deepsight] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{mss}/login")).await;
    browser.assert_at("/login");
    browser.submit(&[("email", "mss@example.com"), ("password", PASSWORD), ("language", "")]).await;
    browser.assert_at("/login/vip");
    let token = browser.token("VSMT10000001").await;
    browser.submit(&[("code", token["code"].as_str().unwrap())]).await;
    assert_eq!(browser.url.as_str(), format!("{mss}/"));
    let claims = browser.json(&format!("{mss}/claims.json")).await;
    assert!(claims["acr"].as_str().unwrap().ends_with("/acr/vip"), "{claims}");
    assert_eq!(claims["org_id"], "acme", "{claims}");
    assert!(browser.page.contains("mss@example.com") && browser.page.contains("Acme"), "{}", browser.page);
    browser.open(&format!("{deepsight}/login")).await;
    assert!(browser.page.contains("error=access_denied"), "{}", browser.page);
    browser.open(&format!("{mss}/logout")).await;
    let gone = browser.http.get(format!("{mss}/claims.json")).send().await.unwrap();
    assert_eq!(gone.status(), 404);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deepsight_person_is_never_asked_for_a_code() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [_, deepsight] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{deepsight}/login")).await;
    browser.submit(&[("email", "deepsight@example.com"), ("password", PASSWORD), ("language", "")]).await;
    assert_eq!(browser.url.as_str(), format!("{deepsight}/"));
    let claims = browser.json(&format!("{deepsight}/claims.json")).await;
    assert!(claims["acr"].as_str().unwrap().ends_with("/acr/password"), "{claims}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_mss_person_walks_the_guides_thirteen_steps() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [mss, _] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{}/new-user", demo.provider().issuer)).await;
    browser.submit(&[("email", "new-mss@example.com")]).await;
    let password = browser.mailed_password("new-mss@example.com").await;
    browser.open(&format!("{mss}/login")).await;
    browser.submit(&[("email", "new-mss@example.com"), ("password", &password), ("language", "")]).await;
    browser.assert_at("/login/new-password");
    let chosen = "a copper kettle whistles 7 times";
    browser.submit(&[("password", chosen), ("confirm", chosen)]).await;
    browser.assert_at("/login/register-credential");
    let token = browser.token("VSMT10000004").await;
    let (one, two) = (token["code"].as_str().unwrap(), token["next_code"].as_str().unwrap());
    let fields = [("credential_id", "VSMT10000004"), ("code1", one), ("code2", two), ("token_name", "")];
    browser.submit(&fields).await;
    assert_eq!(browser.url.as_str(), format!("{mss}/"), "{}", browser.page);
    let claims = browser.json(&format!("{mss}/claims.json")).await;
    assert!(claims["acr"].as_str().unwrap().ends_with("/acr/vip"), "{claims}");
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_of_both_proves_a_code_at_deepsight_and_is_known_at_mss() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [mss, deepsight] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{deepsight}/login")).await;
    browser.submit(&[("email", "both@example.com"), ("password", PASSWORD), ("language", "")]).await;
    browser.assert_at("/login/vip");
    let token = browser.token("VSMT10000002").await;
    browser.submit(&[("code", token["code"].as_str().unwrap())]).await;
    assert_eq!(browser.url.as_str(), format!("{deepsight}/"));
    browser.open(&format!("{mss}/login")).await;
    assert_eq!(browser.url.as_str(), format!("{mss}/"), "no page on the way");
    for application in [mss, deepsight] {
        let claims = browser.json(&format!("{application}/claims.json")).await;
        assert!(claims["acr"].as_str().unwrap().ends_with("/acr/vip"), "{claims}");
    }
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vip_service_judges_the_codes_of_its_customers_at_every_start() {
    let place = tempfile::tempdir().unwrap();
    for start_again in [false, true] {
        let demo = start(&place).await;
        let [mss, _] = applications(&demo);
        let mut browser = Browser::new(&demo);
        browser.open(&format!("{mss}/login")).await;
        browser
            .submit(&[("email", "vip-service@example.com"), ("password", PASSWORD), ("language", "")])
            .await;
        browser.assert_at("/login/vip");
        let token = browser.token("SYMC10000001").await;
        // What was used before it started again stays used.
        let code = if start_again { "next_code" } else { "code" };
        browser.submit(&[("code", token[code].as_str().unwrap())]).await;
        assert_eq!(browser.url.as_str(), format!("{mss}/"), "{}", browser.page);
        let claims = browser.json(&format!("{mss}/claims.json")).await;
        assert!(claims["acr"].as_str().unwrap().ends_with("/acr/vip"), "{claims}");
        let row = demo.provider().identity().credential("SYMC10000001").await.unwrap();
        assert!(row.seed.is_empty(), "the provider has no seed of it");
        demo.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_person_of_two_organizations_chooses_one() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [mss, _] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{mss}/login")).await;
    browser.submit(&[("email", "multi@example.com"), ("password", PASSWORD), ("language", "")]).await;
    let token = browser.token("VSMT10000003").await;
    browser.submit(&[("code", token["code"].as_str().unwrap())]).await;
    browser.assert_at("/login/accounts");
    let globex = browser.identity_account(&demo, "multi@example.com", "globex").await;
    browser.submit(&[("account", &globex)]).await;
    let claims = browser.json(&format!("{mss}/claims.json")).await;
    assert_eq!((claims["org_id"].as_str(), claims["org_name"].as_str()), (Some("globex"), Some("Globex")));
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_no_account_sees_why_and_the_application_hears_access_denied() {
    let place = tempfile::tempdir().unwrap();
    let demo = start(&place).await;
    let [mss, _] = applications(&demo);
    let mut browser = Browser::new(&demo);
    browser.open(&format!("{mss}/login")).await;
    browser.submit(&[("email", "deepsight@example.com"), ("password", PASSWORD), ("language", "")]).await;
    assert!(
        browser.url.as_str().starts_with(&demo.provider().issuer),
        "the person sees why: {}",
        browser.url
    );
    let link = browser.page.split('"').find(|text| text.contains("access_denied")).map(str::to_owned);
    let link = link.unwrap_or_else(|| panic!("no link back: {}", browser.page)).replace("&amp;", "&");
    browser.open(&link).await;
    browser.assert_at("/callback");
    assert!(browser.page.contains("access_denied"), "{}", browser.page);
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_finds_everything_as_it_was_left() {
    let place = tempfile::tempdir().unwrap();
    let first = start(&place).await;
    let before = Browser::new(&first).token("VSMT10000002").await;
    first.stop().await;
    let second = start(&place).await;
    let browser = Browser::new(&second);
    let after = browser.token("VSMT10000002").await;
    // The same seed: now, or if the step has changed meanwhile, one step on.
    assert!(after["code"] == before["code"] || after["code"] == before["next_code"], "{before} {after}");
    let people = browser.json(&format!("{}/demo/people.json", second.provider().issuer)).await;
    assert_eq!(people.as_array().unwrap().len(), PEOPLE.len());
    assert_eq!(second.provider().identity().people().await.unwrap().len(), PEOPLE.len());
    assert_eq!(second.provider().identity().credentials("", 100).await.unwrap().len(), 5);
    second.stop().await;
}

#[tokio::test]
async fn it_listens_on_loopback_alone() {
    let place = tempfile::tempdir().unwrap();
    let data = place.path().join("data");
    let failure = Demo::start("0.0.0.0:0".parse().unwrap(), &data).await.err().expect("refused");
    assert!(failure.to_string().contains("loopback"), "{failure}");
    assert!(!data.exists());
}
