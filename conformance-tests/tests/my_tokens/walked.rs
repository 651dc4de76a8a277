//! My Tokens walked in Chromium, in both languages, with scripts on and off; and the mails seen.

use conformance_tests::backend::Backend;
use conformance_tests::browser::{Browser, Scripts};
use conformance_tests::cast::Cast;
use conformance_tests::house::House;

use super::desk::{Desk, TOKENS};

conformance_tests::on_both_databases!(my_tokens_in_chromium_in_both_languages);

/// What a language says: My Tokens, the reported page, and the subjects of the mails.
const WORDS: [(&str, Scripts, [&str; 6]); 4] = [
    ("en", Scripts::On, ENGLISH),
    ("en", Scripts::Off, ENGLISH),
    ("ja", Scripts::On, JAPANESE),
    ("ja", Scripts::Off, JAPANESE),
];
const ENGLISH: [&str; 6] =
    ["My Tokens", "Token Reported Lost", "was registered", "was renamed", "was removed", "was reported lost"];
const JAPANESE: [&str; 6] = [
    "マイトークン",
    "トークンの紛失を受け付けました",
    "登録されました",
    "名前が変更されました",
    "削除されました",
    "紛失が届け出られました",
];

async fn my_tokens_in_chromium_in_both_languages(backend: Backend) {
    let cast = Cast::new(House::serve_tls(backend));
    for (language, scripts, words) in WORDS {
        let email = format!("{language}-{scripts:?}@example.test").to_lowercase();
        let mut desk = Desk::open(&cast, &email).await;
        let mut second = desk.second();
        let browser = Browser::open_in(scripts, language).await;
        let at = |path: &str| format!("{}{path}", cast.house.issuer);
        browser.go(&at(TOKENS)).await;
        browser.is_at("/login").await;
        browser.choose("language", language).await;
        while let Some(button) = browser.type_as(&mut desk.human).await {
            browser.press(&button).await;
        }
        browser.is_at(TOKENS).await;
        assert_eq!(browser.heading().await, words[0]);

        browser.follow("#add").await;
        let (code1, code2) = second.two_codes();
        browser.fill("credential_id", &second.credential_id).await;
        browser.fill("code1", &code1).await;
        browser.fill("code2", &code2).await;
        browser.press("register").await;
        browser.is_at(TOKENS).await;
        browser.back().await;
        browser.go(&at(TOKENS)).await;
        browser.follow("#rename-0").await;
        browser.fill("token_name", "Key ring").await;
        browser.press("rename").await;
        assert!(browser.all_text().await.contains("Key ring"));
        browser.go(&at(&format!("{TOKENS}/remove?id={}", second.credential_id))).await;
        browser.press("remove").await;
        browser.is_at(TOKENS).await;
        assert_eq!(desk.state(&second.credential_id).0, "assigned");
        // The last one has no Remove. Reported lost, it takes this session with it.
        assert!(!browser.has("a[id^=remove-]").await);
        browser.follow("#lost-0").await;
        browser.press_twice("report").await;
        browser.is_at("/account/tokens/reported").await;
        assert_eq!(browser.heading().await, words[1]);
        browser.back().await;
        browser.go(&at(TOKENS)).await;
        browser.is_at("/login").await;
        browser.close().await;
        let first = desk.id();
        assert_eq!(desk.state(&first).0, "lost");
        // The first registration was announced before a language was chosen.
        let registered = if language == "en" { 2 } else { 1 };
        for (subject, count) in words[2..].iter().zip([registered, 1, 1, 1]) {
            desk.mails(subject, count).await;
        }
    }
}
