//! Each change as its page makes it, once however often it is sent, and announced by mail.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;

use super::desk::{Desk, TOKENS};

conformance_tests::on_both_databases!(
    a_second_token_is_added_named_used_and_removed,
    what_is_sent_twice_is_done_once,
    a_login_without_tokens_is_told_so,
    the_account_page_leads_there_and_home_leads_to_it,
);

async fn a_second_token_is_added_named_used_and_removed(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "ann@example.test").await;
    let (first, mut second) = (desk.id(), desk.second());
    let id = second.credential_id.clone();
    let list = desk.browser.open(TOKENS).await.at(TOKENS);
    for part in [&*first, &*id, "Registered", "Not registered yet", "Registered on", "Last used"] {
        assert!(list.body.contains(part), "{part} is not in {}", list.body);
    }

    let list = desk.add(&mut second, "Phone").await;
    assert_eq!((list.path(), list.problem.as_deref()), (TOKENS, None));
    assert!(list.body.contains("Phone") && list.body.contains("The token is registered"), "{}", list.body);
    assert_eq!(desk.state(&id), ("registered".into(), Some("Phone".into())));
    let mail = desk.mails("registered", 2).await.pop().expect("a mail");
    assert!(mail.text.contains("“Phone”") && !mail.text.contains(&id), "{}", mail.text);

    let page = desk.page("rename", &id).await;
    assert_eq!(page.form().unwrap().fields, [("token_name".to_owned(), "Phone".to_owned())]);
    let list = desk.browser.submit(&page, &[("token_name", "Work <b>phone</b>")]).await.at(TOKENS);
    assert!(list.body.contains("Work &lt;b&gt;phone"), "{}", list.body);
    assert_eq!(desk.state(&id).1.as_deref(), Some("Work <b>phone</b>"));
    desk.mails("renamed", 1).await;

    // The first goes. What was signed in with it here stays, and its codes are worth nothing.
    let page = desk.page("remove", &first).await;
    let list = desk.browser.submit(&page, &[]).await.at(TOKENS);
    assert!(list.body.contains("The token was removed"), "{}", list.body);
    assert_eq!(desk.state(&first), ("assigned".into(), None));
    desk.mails("removed", 1).await;
    let old = desk.human.token.replace(second).expect("a token");
    refused(&cast, &desk, old.clone()).await;
    desk.browser = cast.house.person();
    desk.sign_in().await;

    // It stays assigned: its holder can register it again, by codes that were never used.
    let mut old = old;
    old.code();
    assert_eq!(desk.add(&mut old, "").await.problem, None);
    assert_eq!(desk.state(&first).0, "registered");
}

/// A code of a token that is not registered signs nobody in.
async fn refused(cast: &Cast, desk: &Desk<'_>, mut token: conformance_tests::token::Token) {
    let mut browser = cast.house.person();
    let login = browser.open("/login").await.at("/login");
    let answer = [("email", &*desk.human.email), ("password", &*desk.human.password)];
    let vip = browser.submit(&login, &answer).await.at("/login/vip");
    let page = browser.submit(&vip, &[("code", &token.code())]).await.at("/login/vip");
    assert!(page.problem.is_some(), "{}", page.body);
}

async fn what_is_sent_twice_is_done_once(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "twice@example.test").await;
    let (first, mut second) = (desk.id(), desk.second());
    let id = second.credential_id.clone();

    let add = desk.browser.open(&format!("{TOKENS}/add")).await.page();
    let (code1, code2) = second.two_codes();
    let fields = [("credential_id", &*id), ("code1", &*code1), ("code2", &*code2)];
    for _ in 0..2 {
        drop(desk.browser.submit(&add, &fields).await.at(TOKENS));
    }
    desk.mails("registered", 2).await;

    let rename = desk.page("rename", &id).await;
    for _ in 0..2 {
        drop(desk.browser.submit(&rename, &[("token_name", "Phone")]).await.at(TOKENS));
    }
    desk.mails("renamed", 1).await;

    let remove = desk.page("remove", &id).await;
    for _ in 0..2 {
        drop(desk.browser.submit(&remove, &[]).await.at(TOKENS));
    }
    desk.mails("removed", 1).await;
    assert_eq!(desk.state(&id).0, "assigned");

    // The second sending comes with the cookie of a session that the first has ended.
    let lost = desk.page("lost", &first).await;
    let mut again = desk.browser.clone();
    for browser in [&mut desk.browser, &mut again] {
        let page = browser.submit(&lost, &[]).await.at("/account/tokens/reported");
        assert_eq!(page.heading, "Token Reported Lost");
        assert!(page.body.contains("soc@example.test"), "{}", page.body);
    }
    assert_eq!(desk.browser.cookie("-session"), None, "the browser has forgotten the session");
    desk.mails("reported lost", 1).await;
    assert_eq!(desk.state(&first).0, "lost");
}

async fn a_login_without_tokens_is_told_so(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let human = cast.enrolled("deep@example.test", &["deepsight:acme"]).await;
    let mut desk = Desk { cast: &cast, human, browser: cast.house.person() };
    desk.sign_in().await;
    let spare = desk.second().credential_id;
    let before = desk.inventory();
    let page = desk.browser.open(TOKENS).await.at(TOKENS);
    assert!(
        page.body.contains("This login uses no VIP token") && !page.body.contains(&spare),
        "{}",
        page.body
    );
    for path in
        ["add", &format!("rename?id={spare}"), &format!("remove?id={spare}"), &format!("lost?id={spare}")]
    {
        let answer = desk.post(path, &[("token_name", "x"), ("credential_id", &spare)]).await;
        assert_eq!((answer.status, answer.header("location")), (303, Some(TOKENS)), "{path}");
    }
    assert_eq!(desk.inventory(), before);
}

async fn the_account_page_leads_there_and_home_leads_to_it(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "home@example.test").await;
    let home = desk.browser.open("/").await.at("/");
    let account = desk.browser.visit(&home.link("account").clone()).await.at("/account");
    assert!(account.body.contains("home@example.test") && account.body.contains("Acme"), "{}", account.body);
    assert_eq!(account.link("logout").path(), "/logout");
    drop(desk.browser.visit(&account.link("tokens").clone()).await.at(TOKENS));
    // Nobody signed in: Login first, and back.
    for path in ["/account", TOKENS, "/account/tokens/add"] {
        desk.browser = cast.house.person();
        let login = desk.browser.open(path).await;
        assert_eq!(desk.human.answer(&mut desk.browser, login).await.page().path(), path);
    }
}
