//! The user guide, walked in Chromium with scripts on and off: setting up a login (steps 1 to 13), the daily
//! login, Multiple Accounts Found, Remember Me, the preferred language.

use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::stage::{SAMPLE_PASSWORD, Stage};

conformance_tests::on_both_databases!(
    setting_up_a_login_steps_1_to_13,
    setting_up_a_login_for_deepsight_ends_at_step_8,
    the_daily_login,
    multiple_accounts_found,
    remember_me_fills_in_and_skips_nothing,
    the_preferred_language_holds,
    logging_out,
);

const NEW: &str = "nine slow lanterns over water";

async fn setting_up_a_login_steps_1_to_13(backend: Backend) {
    for scripts in [Scripts::On, Scripts::Off] {
        let (stage, browser) = (Stage::open(backend).await, Browser::open(scripts).await);
        let email = "new-mss@example.com";
        set_up(&stage, &browser, &stage.mss.clone(), email).await;

        // 9 to 13
        browser.is_at("/login/register-credential").await;
        assert_eq!(browser.heading().await, "Register Symantec Credential");
        let labels = browser.labels().await.join("\n");
        for label in ["Symantec Credential ID", "Security Code 1", "Security Code 2"] {
            assert!(labels.contains(label), "{label} is not among\n{labels}");
        }
        browser.fill("credential_id", &stage.credential(email).await).await;
        browser.fill("code1", &stage.code(email).await).await;
        browser.fill("code2", &stage.code(email).await).await;
        browser.fill("token_name", "My phone").await;
        browser.press("register").await;

        let claims = stage.claims(&browser, &stage.mss).await;
        assert_eq!(claims["acr"], format!("{}/acr/vip", stage.issuer), "{claims}");
        assert_eq!(claims["amr"], serde_json::json!(["pwd", "otp", "mfa"]), "{claims}");
        browser.close().await;

        // The successive login, in another browser.
        let browser = Browser::open(scripts).await;
        browser.go(&format!("{}/login", stage.mss)).await;
        browser.fill("email", email).await;
        browser.fill("password", NEW).await;
        browser.press("login").await;
        browser.is_at("/login/vip").await;
        browser.fill("code", &stage.code(email).await).await;
        browser.press("login").await;
        assert_eq!(stage.claims(&browser, &stage.mss).await["email"], email);
        browser.close().await;
    }
}

/// Steps 1 to 8.
async fn set_up(stage: &Stage, browser: &Browser, app: &str, email: &str) {
    // 1
    browser.go(&format!("{app}/login")).await;
    browser.is_at("/login").await;
    assert_eq!(browser.heading().await, "Login");
    let labels = browser.labels().await.join("\n");
    for label in ["Email Address", "Password", "Remember Me"] {
        assert!(labels.contains(label), "{label} is not among\n{labels}");
    }
    assert_eq!(browser.text("#new-user").await.as_deref(), Some("New User"));
    browser.follow("#new-user").await;
    // 2
    browser.is_at("/new-user").await;
    assert_eq!(browser.heading().await, "New User");
    browser.fill("email", email).await;
    browser.press("enter").await;
    // 3
    let temporary = stage.mails().temporary_password(email, 0).await;
    browser.follow("#continue").await;
    browser.is_at("/login").await;
    browser.fill("email", email).await;
    browser.fill("password", &temporary).await;
    // 4 to 6
    browser.choose("language", "en").await;
    browser.tick("input[name=remember]").await;
    browser.press("login").await;
    // 7, 8
    browser.is_at("/login/new-password").await;
    assert_eq!(browser.heading().await, "Create a New Password");
    let labels = browser.labels().await.join("\n");
    assert!(labels.contains("Password") && labels.contains("Confirm Password"), "{labels}");
    browser.fill("password", NEW).await;
    browser.fill("confirm", NEW).await;
    browser.press("confirm").await;
}

async fn setting_up_a_login_for_deepsight_ends_at_step_8(backend: Backend) {
    for scripts in [Scripts::On, Scripts::Off] {
        let (stage, browser) = (Stage::open(backend).await, Browser::open(scripts).await);
        set_up(&stage, &browser, &stage.deepsight.clone(), "new-deepsight@example.com").await;
        let claims = stage.claims(&browser, &stage.deepsight).await;
        assert_eq!(claims["acr"], format!("{}/acr/password", stage.issuer), "{claims}");
        assert_eq!(claims["amr"], serde_json::json!(["pwd"]), "{claims}");
        browser.close().await;
    }
}

async fn the_daily_login(backend: Backend) {
    let stage = Stage::open(backend).await;
    for scripts in [Scripts::On, Scripts::Off] {
        for (email, app, level) in [
            ("deepsight@example.com", &stage.deepsight, "password"),
            ("mss@example.com", &stage.mss, "vip"),
            // The address decides: DeepSight's application too, for an address with MSS.
            ("both@example.com", &stage.deepsight, "vip"),
        ] {
            let browser = Browser::open(scripts).await;
            browser.go(&format!("{app}/login")).await;
            browser.fill("email", email).await;
            browser.fill("password", SAMPLE_PASSWORD).await;
            browser.press("login").await;
            if level == "vip" {
                browser.is_at("/login/vip").await;
                assert_eq!(browser.heading().await, "VIP Authentication");
                assert_eq!(browser.labels().await, ["Security Code"]);
                browser.fill("code", &stage.code(email).await).await;
                browser.press("login").await;
            }
            let claims = stage.claims(&browser, app).await;
            assert_eq!(claims["email"], email);
            assert_eq!(claims["acr"], format!("{}/acr/{level}", stage.issuer), "{claims}");
            browser.close().await;
        }
    }
}

async fn multiple_accounts_found(backend: Backend) {
    let stage = Stage::open(backend).await;
    let email = "multi@example.com";
    for (scripts, choice) in [(Scripts::On, 0), (Scripts::Off, 1)] {
        let browser = Browser::open(scripts).await;
        browser.go(&format!("{}/login", stage.mss)).await;
        browser.fill("email", email).await;
        browser.fill("password", SAMPLE_PASSWORD).await;
        browser.press("login").await;
        browser.is_at("/login/vip").await;
        browser.fill("code", &stage.code(email).await).await;
        browser.press("login").await;
        browser.is_at("/login/accounts").await;
        assert_eq!(browser.heading().await, "Multiple Accounts Found");
        let organization = browser.labels().await[choice].clone();
        browser.tick(&format!("#account-{choice}")).await;
        browser.press("login").await;
        let claims = stage.claims(&browser, &stage.mss).await;
        assert_eq!(claims["org_name"], organization, "{claims}");
        // For this session: not asked again.
        browser.go(&format!("{}/login", stage.mss)).await;
        assert_eq!(stage.claims(&browser, &stage.mss).await["org_name"], organization);
        browser.close().await;
    }
}

async fn remember_me_fills_in_and_skips_nothing(backend: Backend) {
    let stage = Stage::open(backend).await;
    let email = "mss@example.com";
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = Browser::open(scripts).await;
        let login = format!("{}/login", stage.mss);
        browser.go(&login).await;
        assert_eq!(browser.value("email").await, "", "a fresh browser knows nobody");
        browser.choose("language", "en").await;
        browser.tick("input[name=remember]").await;
        stage_login(&stage, &browser, email).await;
        // The window is closed: its session is over, what was to be remembered is not.
        browser.go(&stage.issuer).await;
        browser.forget_session_cookies().await;
        browser.go(&login).await;
        browser.is_at("/login").await;
        assert_eq!(browser.value("email").await, email);
        assert_eq!(browser.value("language").await, "en");
        assert!(browser.ticked("remember").await);
        // Every factor is asked for, and unticking forgets.
        browser.tick("input[name=remember]").await;
        stage_login(&stage, &browser, email).await;
        browser.go(&stage.issuer).await;
        browser.forget_session_cookies().await;
        browser.go(&login).await;
        assert_eq!(browser.value("email").await, "");
        browser.close().await;
    }
}

async fn stage_login(stage: &Stage, browser: &Browser, email: &str) {
    browser.fill("email", email).await;
    browser.fill("password", SAMPLE_PASSWORD).await;
    browser.press("login").await;
    browser.is_at("/login/vip").await;
    browser.fill("code", &stage.code(email).await).await;
    browser.press("login").await;
    assert_eq!(stage.claims(browser, &stage.mss).await["email"], email);
}

async fn the_preferred_language_holds(backend: Backend) {
    let stage = Stage::open(backend).await;
    let login = format!("{}/login", stage.mss);
    // Before a choice, the browser's own.
    let japanese = Browser::open_in(Scripts::Off, "ja").await;
    japanese.go(&login).await;
    assert_eq!(japanese.attribute("html", "lang").await.as_deref(), Some("ja"));
    japanese.close().await;
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = Browser::open(scripts).await;
        browser.go(&login).await;
        assert_eq!(browser.attribute("html", "lang").await.as_deref(), Some("en"));
        browser.fill("email", "mss@example.com").await;
        browser.fill("password", SAMPLE_PASSWORD).await;
        browser.choose("language", "ja").await;
        browser.press("login").await;
        browser.is_at("/login/vip").await;
        assert_eq!(browser.attribute("html", "lang").await.as_deref(), Some("ja"));
        assert!(browser.all_text().await.contains("セキュリティ"), "{}", browser.all_text().await);
        browser.fill("code", &stage.code("mss@example.com").await).await;
        browser.press("login").await;
        // It holds for the portal's other pages.
        browser.go(&stage.issuer).await;
        assert_eq!(browser.attribute("html", "lang").await.as_deref(), Some("ja"));
        browser.close().await;
    }
}

async fn logging_out(backend: Backend) {
    let stage = Stage::open(backend).await;
    for scripts in [Scripts::On, Scripts::Off] {
        let browser = Browser::open(scripts).await;
        stage.sign_in(&browser, &stage.deepsight, "deepsight@example.com").await;
        browser.go(&format!("{}/logout", stage.deepsight)).await;
        if browser.has("button#logout").await {
            browser.press("logout").await;
        }
        assert!(browser.url().await.as_str().starts_with(&stage.deepsight), "{}", browser.url().await);
        // Neither the application nor the provider knows this browser any more.
        browser.go(&format!("{}/login", stage.deepsight)).await;
        browser.is_at("/login").await;
        browser.close().await;
    }
}
