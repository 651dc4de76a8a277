//! What a token that is lost or removed ends, at another server within a second, and what its holder is told.

use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;

use super::desk::{Desk, TOKENS};

conformance_tests::on_both_databases!(
    a_lost_token_ends_what_rests_on_it_everywhere_within_a_second,
    another_tokens_session_goes_on,
    a_sign_in_under_way_ends_with_its_token,
);

async fn a_lost_token_ends_what_rests_on_it_everywhere_within_a_second(backend: Backend) {
    let mut house = House::serve(backend);
    house.start_server();
    let cast = Cast::new(house);
    let mut desk = Desk::open(&cast, "lost@example.test").await;
    let id = desk.id();
    let attempt = cast.mss.begin(&[]);
    let away = desk.browser.visit(&attempt.url).await.away();
    let (tokens, _) = cast.mss.tokens(&away, &attempt).await;
    let there = cast.mss.through(&cast.house.bases[1]);
    assert_eq!(there.userinfo(tokens.text("access_token")).await.status, 200);
    drop(desk.at(1, TOKENS).await.at(TOKENS));

    let stolen = desk.browser.clone();
    let page = desk.page("lost", &id).await;
    assert!(page.body.contains("this session ends too"), "{}", page.body);
    drop(desk.browser.submit(&page, &[]).await.at("/account/tokens/reported"));
    let since = Instant::now();
    desk.browser = stolen;
    loop {
        let gone = desk.at(1, TOKENS).await.page().path() == "/login"
            && there.userinfo(tokens.text("access_token")).await.status == 401
            && there.refresh(tokens.text("refresh_token")).await.error() == "invalid_grant";
        if gone {
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(1), "the second server goes on");
    }
    let mail = desk.mails("reported lost", 1).await.remove(0);
    assert!(mail.text.contains("soc@example.test") && !mail.text.contains(&id), "{}", mail.text);

    // The right password, and then what to do.
    desk.browser = cast.house.person();
    let login = desk.browser.open("/login").await.at("/login");
    let answer = [("email", "lost@example.test"), ("password", &*desk.human.password.clone())];
    let page = desk.browser.submit(&login, &answer).await.at("/login/vip");
    assert_eq!(page.heading, "VIP Token Reported Lost");
    assert!(page.body.contains("soc@example.test") && page.form().is_none(), "{}", page.body);
    // A code of it posted all the same.
    let code = desk.human.token.as_mut().unwrap().code();
    let page = desk.browser.post(&page.url, &[("code".to_owned(), code)]).await;
    assert_eq!(page.heading, "VIP Token Reported Lost");
    // The replacement is registered under the same proof as the first.
    desk.human.token = Some(desk.second());
    let login = desk.browser.open("/login").await.at("/login");
    let seen = cast.house.mails().temporary_passwords(&desk.human.email).await;
    drop(desk.browser.submit(&login, &answer).await.at("/login/check-mail"));
    let temporary = cast.house.mails().temporary_password(&desk.human.email, seen).await;
    let login = desk.browser.open("/login").await.at("/login");
    let next = desk.browser.submit(&login, &[("email", "lost@example.test"), ("password", &temporary)]).await;
    assert_eq!(desk.human.answer(&mut desk.browser, next).await.page().path(), "/");
    let own = desk.id();
    assert_eq!(desk.state(&own).0, "registered");
}

async fn another_tokens_session_goes_on(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "two@example.test").await;
    let (first, mut second) = (desk.id(), desk.second());
    desk.add(&mut second, "Phone").await;
    let by_first = desk.browser.clone();
    let first_token = desk.human.token.replace(second).unwrap();
    desk.browser = cast.house.person();
    desk.sign_in().await;
    // The session that the other token opened is the one that reports.
    let page = desk.page("lost", &first).await;
    assert!(!page.body.contains("this session ends too"), "{}", page.body);
    let list = desk.browser.submit(&page, &[]).await.at(TOKENS);
    assert!(list.body.contains("Reported lost"), "{}", list.body);
    let by_second = std::mem::replace(&mut desk.browser, by_first);
    assert_eq!(desk.browser.open(TOKENS).await.page().path(), "/login");
    // One given back ends the sessions elsewhere that rest on it, and not the one that gives it back.
    desk.browser = by_second;
    let mut third = desk.second();
    assert_eq!(desk.add(&mut third, "").await.problem, None);
    let mut elsewhere = Desk { cast: &cast, human: desk.human.clone(), browser: cast.house.person() };
    elsewhere.sign_in().await;
    let second = desk.id();
    let page = desk.page("remove", &second).await;
    drop(desk.browser.submit(&page, &[]).await.at(TOKENS));
    assert_eq!(elsewhere.browser.open(TOKENS).await.page().path(), "/login");
    drop(desk.browser.open(TOKENS).await.at(TOKENS));
    drop(first_token);
}

async fn a_sign_in_under_way_ends_with_its_token(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let human = cast.enrolled("way@example.test", &["mss:acme", "mss:globex"]).await;
    let mut desk = Desk { cast: &cast, human, browser: cast.house.person() };
    desk.sign_in().await;
    // Another browser has proved password and code, and is asked for the organization.
    let mut other = cast.house.person();
    let mut human = desk.human.clone();
    human.token.as_mut().unwrap().code();
    let login = other.visit(&cast.mss.begin(&[]).url).await.at("/login");
    let answer = [("email", &*human.email), ("password", &*human.password)];
    let vip = other.submit(&login, &answer).await.at("/login/vip");
    let code = human.token.as_mut().unwrap().code();
    let accounts = other.submit(&vip, &[("code", &code)]).await.at("/login/accounts");
    let id = desk.id();
    let page = desk.page("lost", &id).await;
    drop(desk.browser.submit(&page, &[]).await.at("/account/tokens/reported"));
    let choice = conformance_tests::cast::account(&accounts, "Acme").unwrap();
    let page = other.submit(&accounts, &[("account", &choice)]).await.page();
    assert_eq!(page.path(), "/login", "«{}»", page.heading);
    assert_eq!(other.cookie("-session"), None);
}
