//! What is refused, as someone in front of Chromium meets it, with scripts on and off: each says what to do next
//! and lets them go on.

use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::cast::Human;
use conformance_tests::stage::Stage;

conformance_tests::on_both_databases!(
    a_wrong_password,
    wrong_used_and_out_of_step_codes,
    equal_codes_and_another_ones_credential_at_registration,
    an_expired_temporary_password,
);

const BOTH: [Scripts; 2] = [Scripts::On, Scripts::Off];

async fn a_wrong_password(backend: Backend) {
    let stage = Stage::serve(backend).await;
    let mut human = stage.cast().enrolled("wrong@refused.test", &["deepsight:acme"]).await;
    for scripts in BOTH {
        let browser = Browser::open(scripts).await;
        browser.go(&format!("{}/login", stage.deepsight)).await;
        browser.fill("email", &human.email).await;
        browser.fill("password", "seven quiet herons at high tide").await;
        browser.press("login").await;
        browser.is_at("/login").await;
        assert!(browser.problem().await.is_some_and(|problem| problem.contains("not right")));
        assert_eq!(browser.value("email").await, human.email, "what was typed stays");
        assert_eq!(browser.value("password").await, "", "but for the password");
        browser.answer_as(&mut human, &stage.deepsight).await;
        browser.close().await;
    }
}

/// Walks a fresh browser to the page that asks for the code.
async fn at_the_code(stage: &Stage, scripts: Scripts, human: &Human) -> Browser {
    let browser = Browser::open(scripts).await;
    browser.go(&format!("{}/login", stage.mss)).await;
    browser.fill("email", &human.email).await;
    browser.fill("password", &human.password).await;
    browser.press("login").await;
    browser.is_at("/login/vip").await;
    browser
}

async fn try_code(browser: &Browser, code: &str) -> String {
    browser.fill("code", code).await;
    browser.press("login").await;
    browser.is_at("/login/vip").await;
    browser.problem().await.expect("the page says what to do")
}

async fn wrong_used_and_out_of_step_codes(backend: Backend) {
    let stage = Stage::serve(backend).await;
    let mut human = stage.cast().enrolled("codes@refused.test", &["mss:acme"]).await;
    for scripts in BOTH {
        // Wrong, then right.
        let browser = at_the_code(&stage, scripts, &human).await;
        let wrong = human.token.as_ref().unwrap().wrong();
        let problem = try_code(&browser, &wrong).await;
        assert!(problem.contains("Wait for the code on your VIP token to change and try again"), "{problem}");
        assert!(problem.contains("Contact the SOC"), "{problem}");
        let used = human.token.as_mut().unwrap().code();
        browser.fill("code", &used).await;
        browser.press("login").await;
        assert_eq!(stage.claims(&browser, &stage.mss).await["email"], human.email);
        browser.close().await;

        // Used: not in another session either.
        let browser = at_the_code(&stage, scripts, &human).await;
        let problem = try_code(&browser, &used).await;
        assert!(problem.contains("Wait for the code on your VIP token to change and try again"), "{problem}");

        // Out of step: pressed twenty times in a pocket. The page asks for the next code too.
        let token = human.token.as_mut().unwrap();
        for _ in 0..20 {
            token.code();
        }
        let (first, second) = token.two_codes();
        try_code(&browser, &first).await;
        assert!(browser.has("input[name=code2]").await, "the next code is asked for too");
        browser.fill("code", &first).await;
        browser.fill("code2", &second).await;
        browser.press("login").await;
        assert_eq!(stage.claims(&browser, &stage.mss).await["email"], human.email);
        browser.close().await;
    }
}

/// Walks a fresh browser to the registration of a credential.
async fn at_the_registration(stage: &Stage, scripts: Scripts, human: &Human) -> Browser {
    let temporary = stage.cast().temporary_password(&mut stage.cast().house.person(), &human.email).await;
    let browser = Browser::open(scripts).await;
    browser.go(&format!("{}/login", stage.mss)).await;
    browser.fill("email", &human.email).await;
    browser.fill("password", &temporary).await;
    browser.press("login").await;
    browser.is_at("/login/new-password").await;
    // The reasons are shown for passwords that will not do.
    browser.fill("password", "password1234567").await;
    browser.fill("confirm", "password1234567").await;
    browser.press("confirm").await;
    assert!(browser.problem().await.is_some());
    browser.fill("password", &human.password).await;
    browser.fill("confirm", &human.password).await;
    browser.press("confirm").await;
    browser.is_at("/login/register-credential").await;
    browser
}

async fn register(browser: &Browser, id: &str, code1: &str, code2: &str) {
    browser.fill("credential_id", id).await;
    browser.fill("code1", code1).await;
    browser.fill("code2", code2).await;
    browser.press("register").await;
}

async fn equal_codes_and_another_ones_credential_at_registration(backend: Backend) {
    let stage = Stage::serve(backend).await;
    for (scripts, name) in BOTH.into_iter().zip(["on", "off"]) {
        let mut human = stage.cast().provision(&format!("{name}@refused.test"), &["mss:acme"]);
        let mut other = stage.cast().provision(&format!("other-{name}@refused.test"), &["mss:acme"]);
        let browser = at_the_registration(&stage, scripts, &human).await;
        let token = human.token.as_mut().unwrap();
        let code = token.peek(1);
        register(&browser, &token.credential_id, &code, &code).await;
        browser.is_at("/login/register-credential").await;
        let equal = browser.problem().await.unwrap();
        assert!(equal.contains("same") && equal.contains("Security Code 2"), "{equal}");

        // Someone else's credential, with its right codes, reads like wrong codes of one's own.
        let theirs = other.token.as_mut().unwrap();
        let (code1, code2) = theirs.two_codes();
        register(&browser, &theirs.credential_id, &code1, &code2).await;
        browser.is_at("/login/register-credential").await;
        let foreign = browser.problem().await.unwrap();
        let wrong = human.token.as_ref().unwrap().wrong();
        let own = human.token.as_ref().unwrap().credential_id.clone();
        register(&browser, &own, &wrong, "999999").await;
        assert_eq!(browser.problem().await.unwrap(), foreign);
        register(&browser, "VSMT99999999", &code1, &code2).await;
        assert_eq!(browser.problem().await.unwrap(), foreign, "an ID that does not exist reads the same");

        browser.answer_as(&mut human, &stage.mss).await;
        let claims = stage.claims(&browser, &stage.mss).await;
        assert_eq!(claims["acr"], format!("{}/acr/vip", stage.issuer));
        browser.close().await;
    }
}

async fn an_expired_temporary_password(backend: Backend) {
    let stage = Stage::serve(backend).await;
    let house = &stage.cast().house;
    for (scripts, name) in BOTH.into_iter().zip(["on", "off"]) {
        let mut human = stage.cast().provision(&format!("expired-{name}@refused.test"), &["deepsight:acme"]);
        let expired = stage.cast().temporary_password(&mut house.person(), &human.email).await;
        // An hour passes: the rows are what it passes for.
        house.sql("UPDATE temporary_password SET expires_at = expires_at - 3601");
        let browser = Browser::open(scripts).await;
        browser.go(&format!("{}/login", stage.deepsight)).await;
        browser.fill("email", &human.email).await;
        browser.fill("password", &expired).await;
        browser.press("login").await;
        browser.is_at("/login").await;
        let problem = browser.problem().await.unwrap();
        assert!(problem.contains("New User"), "the way on is named: {problem}");
        // Which works.
        let fresh = stage.cast().temporary_password(&mut house.person(), &human.email).await;
        browser.fill("email", &human.email).await;
        browser.fill("password", &fresh).await;
        browser.press("login").await;
        browser.is_at("/login/new-password").await;
        browser.answer_as(&mut human, &stage.deepsight).await;
        browser.close().await;
    }
}
