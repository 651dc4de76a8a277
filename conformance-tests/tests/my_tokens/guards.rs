//! No change without a fresh proof, none to what is somebody else's, none that leaves nothing.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::token::Token;
use reqwest::Method;
use url::Url;

use super::desk::{Desk, TOKENS};

conformance_tests::on_both_databases!(
    cve_2026_3429_no_change_without_a_fresh_proof_of_password_and_code,
    a_session_at_level_password_sees_nothing,
    what_is_others_is_out_of_reach,
    the_last_one_stays,
    tries_at_adding_are_bounded,
    a_post_from_another_site_changes_nothing,
);

/// Every change, as a form would send it: path and fields.
fn changes(id: &str, second: &mut Token) -> Vec<(String, Vec<(&'static str, String)>)> {
    let (code1, code2) = second.two_codes();
    let add = vec![("credential_id", second.credential_id.clone()), ("code1", code1), ("code2", code2)];
    vec![
        ("add".to_owned(), add),
        (format!("rename?id={id}"), vec![("token_name", "Mine now".to_owned())]),
        (format!("remove?id={id}"), Vec::new()),
        (format!("lost?id={id}"), Vec::new()),
    ]
}

fn plain<'a>(fields: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    fields.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

async fn cve_2026_3429_no_change_without_a_fresh_proof_of_password_and_code(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "stale@example.test").await;
    let (first, mut second, mut third) = (desk.id(), desk.second(), desk.second());
    assert_eq!(desk.add(&mut second, "").await.problem, None);
    let before = desk.inventory();
    // Old as a whole, an old code alone, an old password alone, and no code at all.
    for (columns, seconds) in [
        (&["password_at", "vip_at", "auth_time"][..], 301),
        (&["vip_at"], 301),
        (&["password_at", "auth_time"], 301),
        (&[], 0),
    ] {
        desk.sign_in_anew().await;
        match columns {
            [] => desk.of_sessions("vip_at = NULL, vip_credential_id = NULL"),
            columns => desk.age(columns, seconds),
        }
        for (path, fields) in changes(&first, &mut third) {
            let answer = desk.post(&path, &plain(&fields)).await;
            let to = answer.header("location").unwrap_or_default();
            assert!(answer.status == 303 && to.starts_with("/login?r="), "{columns:?} {path}: {to}");
            assert_eq!(desk.inventory(), before, "{columns:?} {path}");
            // Both are asked for again, in this order, and the browser comes back to the page.
            let login = desk.browser.follow(answer).await.at("/login");
            assert!(login.body.contains("My Tokens"), "{}", login.body);
        }
    }
    // Seeing takes no fresh proof. A change does, and goes on where it was.
    desk.sign_in_anew().await;
    desk.age(&["password_at", "vip_at", "auth_time"], 301);
    drop(desk.browser.open(TOKENS).await.at(TOKENS));
    let login = desk.browser.open(&format!("{TOKENS}/rename?id={first}")).await;
    let page = desk.human.answer(&mut desk.browser, login).await.at("/account/tokens/rename");
    drop(desk.browser.submit(&page, &[("token_name", "Key ring")]).await.at(TOKENS));
    assert_eq!(desk.state(&first).1.as_deref(), Some("Key ring"));
    // To the second: five minutes are the limit.
    desk.sign_in_anew().await;
    desk.age(&["password_at", "vip_at", "auth_time"], 240);
    assert_eq!(desk.page("rename", &first).await.path(), "/account/tokens/rename");
}

async fn a_session_at_level_password_sees_nothing(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "low@example.test").await;
    let id = desk.id();
    desk.of_sessions("vip_at = NULL, vip_credential_id = NULL");
    // Only the code is missing to see the list.
    let page = desk.browser.open(TOKENS).await.at("/login/vip");
    assert!(!page.body.contains(&id), "{}", page.body);
    let code = desk.human.token.as_mut().unwrap().code();
    let list = desk.browser.submit(&page, &[("code", &code)]).await.at(TOKENS);
    assert!(list.body.contains(&id), "{}", list.body);
    // A link to MSS that is added while the session lives counts at once.
    let human = cast.enrolled("late@example.test", &["deepsight:acme"]).await;
    let mut late = Desk { cast: &cast, human, browser: cast.house.person() };
    late.sign_in().await;
    let spare = late.second().credential_id;
    cast.house.admin(&["user", "link", "late@example.test", "--account", "mss:acme"]);
    let page = late.browser.open(TOKENS).await.page();
    assert!(page.path() == "/login" && !page.body.contains(&spare), "{} {}", page.url, page.body);
    late.post(&format!("lost?id={spare}"), &[]).await;
    assert_eq!(late.state(&spare).0, "assigned");
}

async fn what_is_others_is_out_of_reach(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let ann = Desk::open(&cast, "ann@example.test").await;
    let mut anns_second = ann.second();
    let mut mallory = Desk::open(&cast, "mallory@example.test").await;
    let before = mallory.inventory();
    for (path, fields) in changes(&ann.id(), &mut anns_second) {
        let answer = mallory.post(&path, &plain(&fields)).await;
        if path == "add" {
            assert!(answer.problem.is_some(), "{}", answer.body);
        } else {
            assert_eq!((answer.status, answer.header("location")), (303, Some(TOKENS)), "{path}");
        }
        assert_eq!(mallory.inventory(), before, "{path}");
        for change in ["rename", "remove", "lost"] {
            let page = mallory.page(change, &ann.id()).await;
            assert!(page.path() == TOKENS && !page.body.contains(&ann.id()), "{change}: {}", page.body);
        }
    }
    // A wrong ID, wrong codes of one's own and right ones of somebody else's read the same.
    let own = mallory.second();
    let mut said = Vec::new();
    for (id, code1, code2) in [
        ("VSMT99999999".to_owned(), "123456".to_owned(), "654321".to_owned()),
        (own.credential_id.clone(), own.wrong(), "999999".to_owned()),
        (anns_second.credential_id.clone(), anns_second.code(), anns_second.code()),
    ] {
        let fields = [("credential_id", &*id), ("code1", &*code1), ("code2", &*code2)];
        said.push(mallory.post("add", &fields).await.problem.expect("a problem"));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

async fn the_last_one_stays(backend: Backend) {
    let mut house = House::serve(backend);
    house.start_server();
    let cast = Cast::new(house);
    let mut desk = Desk::open(&cast, "last@example.test").await;
    let first = desk.id();
    let page = desk.page("remove", &first).await;
    assert!(page.form().is_none() && page.problem.is_some(), "{}", page.body);
    let answer = desk.post(&format!("remove?id={first}"), &[]).await;
    assert_eq!((answer.status, answer.heading.as_str()), (200, "This Is Your Last Token"));
    assert_eq!(desk.state(&first).0, "registered");
    // Two, given back at once on two servers: one stays.
    let mut second = desk.second();
    for round in 0..5 {
        assert_eq!(desk.add(&mut second, "").await.problem, None, "round {round}");
        let mut other = cast.house.person_at(1);
        other.jar.clone_from(&desk.browser.jar);
        let [one, two] = [&first, &second.credential_id].map(|id| {
            let path = format!("{TOKENS}/remove?id={id}");
            Url::parse(&cast.house.issuer).unwrap().join(&path).unwrap()
        });
        let (one, two) = tokio::join!(desk.browser.post(&one, &[]), other.post(&two, &[]));
        let kept = [&first, &second.credential_id].map(|id| desk.state(id).0 == "registered");
        assert_eq!(kept.iter().filter(|kept| **kept).count(), 1, "{} {} {kept:?}", one.status, two.status);
        if !kept[0] {
            // The second stayed: the first is registered again, and the second given back.
            let mut own = desk.human.token.take().unwrap();
            assert_eq!(desk.add(&mut own, "").await.problem, None);
            desk.human.token = Some(own);
            desk.browser.jar.clone_from(&other.jar);
            desk.post(&format!("remove?id={}", second.credential_id), &[]).await;
        }
    }
}

async fn tries_at_adding_are_bounded(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "guess@example.test").await;
    let mut second = desk.second();
    let wrong = [("credential_id", &*second.credential_id.clone()), ("code1", "000001"), ("code2", "000002")];
    let mut said = Vec::new();
    for _ in 0..10 {
        said.push(desk.post("add", &wrong).await.problem.expect("a problem"));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
    // The eleventh is not looked at, in another session neither.
    for _ in 0..2 {
        let page = desk.add(&mut second, "").await;
        assert!(page.problem.is_some_and(|problem| problem.contains("too many tries")), "{}", page.body);
        desk.browser = cast.house.person();
        desk.sign_in().await;
    }
    assert_eq!(desk.state(&second.credential_id).0, "assigned");
}

async fn a_post_from_another_site_changes_nothing(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut desk = Desk::open(&cast, "csrf@example.test").await;
    let (id, mut second) = (desk.id(), desk.second());
    let before = desk.inventory();
    for (path, fields) in changes(&id, &mut second) {
        let url = Url::parse(&cast.house.issuer).unwrap().join(&format!("{TOKENS}/{path}")).unwrap();
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [("origin", "https://elsewhere.test"), ("sec-fetch-site", "cross-site")];
        let answer = desk.browser.send(Method::POST, &url, Some(body), &headers).await;
        assert_eq!(answer.status, 403, "{path}");
        assert_eq!(desk.inventory(), before, "{path}");
    }
}
