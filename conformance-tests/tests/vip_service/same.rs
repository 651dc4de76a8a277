//! The same table for both judges.

use conformance_tests::backend::Backend;
use conformance_tests::person::Landing;
use conformance_tests::token::Token;

use crate::desk::{Desk, Judge, Said, said};

conformance_tests::on_both_databases!(the_inventory_judges, the_vip_service_judges);

async fn the_inventory_judges(backend: Backend) {
    table(backend, Judge::Inventory).await;
}

async fn the_vip_service_judges(backend: Backend) {
    table(backend, Judge::VipService).await;
}

async fn table(backend: Backend, judge: Judge) {
    let desk = Desk::open(backend, judge);
    registrations(&desk).await;
    sign_ins(&desk).await;
    resynchronizations(&desk).await;
    a_second_token(&desk).await;
    locking(&desk).await;
}

async fn registrations(desk: &Desk) {
    let mut human = desk.provision("register@vip.test");
    let others = desk.provision("other@vip.test").token.unwrap();
    let (mut browser, mut page) = desk.at_registration(&human, 0).await;
    let own = human.token.clone().unwrap();
    let (id, wrong) = (own.credential_id.as_str(), own.wrong());
    let first = own.peek(1);
    let (theirs1, theirs2) = (others.peek(1), others.peek(2));
    for (what, id, code1, code2) in [
        ("a wrong second code", id, first.as_str(), wrong.as_str()),
        ("reversed codes", id, &own.peek(2), &first),
        ("a code twice", id, &first, &first),
        ("codes of letters", id, "abcdef", "ghijkl"),
        ("another's token", &others.credential_id, &theirs1, &theirs2),
        ("an ID of nobody's", "VSMT00000000", &first, &own.peek(2)),
        ("no ID", "x", &first, &own.peek(2)),
    ] {
        let typed = [("credential_id", id), ("code1", code1), ("code2", code2)];
        let landing = browser.submit(&page, &typed).await;
        assert_eq!(said(&landing), Said::Wrong, "{what}");
        page = landing.at("/login/register-credential");
    }
    let fields = human.fields(&page);
    let mut typed: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    typed.push(("token_name", "Mine & <yours>"));
    let end = browser.submit(&page, &typed).await.page();
    assert_eq!(end.path(), "/", "{:?}", end.problem);
    let stored = desk.cast.house.admin(&["credential", "list"]);
    let row = stored.as_array().unwrap().iter().find(|row| row.to_string().contains(id)).unwrap().to_string();
    assert!(row.contains("registered"), "{row}");
    desk.signs_in(&mut human, "after the registration").await;
}

async fn sign_ins(desk: &Desk) {
    let mut human = desk.enrolled("daily@vip.test").await;
    let (mut browser, page, attempt) = desk.at_vip(&human, 0).await;
    let wrong = human.token.as_ref().unwrap().wrong();
    let page = browser.submit(&page, &[("code", &wrong)]).await;
    assert_eq!(said(&page), Said::Wrong);
    let code = human.token.as_mut().unwrap().code();
    let spaced = format!(" {} {} ", &code[..3], &code[3..]);
    let away = browser.submit(&page.at("/login/vip"), &[("code", &spaced)]).await.away();
    assert_eq!(desk.cast.mss.claims(&away, &attempt).await.level(), "vip");
    let (mut browser, page, _) = desk.at_vip(&human, 0).await;
    let page = browser.submit(&page, &[("code", &code)]).await;
    assert_eq!(said(&page), Said::Wrong, "a used code");
    let page = page.at("/login/vip");
    assert!(page.problem.as_deref().unwrap_or_default().contains("used already"), "{:?}", page.problem);
    let skipped = human.token.as_mut().unwrap().code();
    let code = human.token.as_mut().unwrap().code();
    assert_eq!(said(&browser.submit(&page, &[("code", &code)]).await), Said::In);
    let (mut browser, page, _) = desk.at_vip(&human, 0).await;
    assert_eq!(said(&browser.submit(&page, &[("code", &skipped)]).await), Said::Wrong, "forward only");
    let mut other = desk.enrolled("else@vip.test").await;
    let theirs = other.token.as_mut().unwrap().code();
    let (mut browser, page, _) = desk.at_vip(&human, 0).await;
    assert_eq!(said(&browser.submit(&page, &[("code", &theirs)]).await), Said::Wrong, "another's code");
    desk.signs_in(&mut human, "after wrong codes").await;
}

async fn resynchronizations(desk: &Desk) {
    let mut human = desk.enrolled("drift@vip.test").await;
    for _ in 0..40 {
        human.token.as_mut().unwrap().code();
    }
    let (mut browser, page, attempt) = desk.at_vip(&human, 0).await;
    let token = human.token.as_mut().unwrap();
    let (first, second) = (token.code(), token.code());
    let page = browser.submit(&page, &[("code", &first)]).await;
    assert_eq!(said(&page), Said::OutOfStep);
    let wrong = token.wrong();
    let page = browser.submit(&page.at("/login/vip"), &[("code", &first), ("code2", &wrong)]).await;
    assert!(matches!(page, Landing::Page(_)), "a wrong pair");
    let page = browser.submit(&page.at("/login/vip"), &[("code", &second), ("code2", &first)]).await;
    assert!(matches!(page, Landing::Page(_)), "a reversed pair");
    let away = browser.submit(&page.at("/login/vip"), &[("code", &first), ("code2", &second)]).await.away();
    assert_eq!(desk.cast.mss.claims(&away, &attempt).await.level(), "vip");
    let (mut browser, page, _) = desk.at_vip(&human, 0).await;
    assert_eq!(said(&browser.submit(&page, &[("code", &second)]).await), Said::Wrong, "both were used");
    desk.signs_in(&mut human, "in step again").await;
}

/// Two tokens of one person: the code of either signs in, and costs the other nothing.
async fn a_second_token(desk: &Desk) {
    let mut human = desk.enrolled("two@vip.test").await;
    let second = desk.assign(Token::event(), &human.email);
    // Registered as the first was: by two codes on an enrolment, which the password of somebody without one opens.
    let set = |state: &str, id: &str| {
        desk.cast.house.sql(&format!("UPDATE credential SET state = '{state}' WHERE id = '{id}'"));
    };
    let first = human.token.replace(second);
    set("assigned", &first.as_ref().unwrap().credential_id);
    let mails = desk.cast.house.mails();
    let seen = mails.temporary_passwords(&human.email).await;
    let mut browser = desk.cast.house.person();
    let login = browser.open("/login").await.at("/login");
    let _ = browser.submit(&login, &[("email", &human.email), ("password", &human.password)]).await;
    let temporary = mails.temporary_password(&human.email, seen).await;
    let login = browser.open("/login").await.at("/login");
    let next = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
    let end = human.answer(&mut browser, next).await.page();
    assert_eq!(end.path(), "/", "{:?}", end.problem);
    let first = first.unwrap();
    desk.cast
        .house
        .sql(&format!("UPDATE credential SET state = 'registered' WHERE id = '{}'", first.credential_id));
    for _ in 0..12 {
        desk.signs_in(&mut human, "by the second").await;
    }
    human.token = Some(first);
    desk.signs_in(&mut human, "by the first").await;
}

async fn locking(desk: &Desk) {
    let mut human = desk.enrolled("lock@vip.test").await;
    let wrong = human.token.as_ref().unwrap().wrong();
    let (mut browser, mut page, _) = desk.at_vip(&human, 0).await;
    for guess in 1..10 {
        let landing = browser.submit(&page, &[("code", &wrong)]).await;
        assert_eq!(said(&landing), Said::Wrong, "guess {guess}");
        page = landing.at("/login/vip");
    }
    let right = human.token.as_mut().unwrap().code();
    let landing = browser.submit(&page, &[("code", &wrong)]).await;
    assert_eq!(said(&landing), Said::Locked);
    let id = human.token.as_ref().unwrap().credential_id.clone();
    let again = browser.visit(&page.url).await;
    assert_eq!(said(&again), Said::Locked, "{right} is of no use");
    desk.cast.house.admin(&["credential", "unlock", &id]);
    if desk.judge == Judge::VipService {
        // The service counted too.
        let (mut browser, page, _) = desk.at_vip(&human, 0).await;
        assert_eq!(said(&browser.submit(&page, &[("code", &right)]).await), Said::Locked);
        desk.cast.house.admin(&["vip-service", "unlock", &human.email]);
    }
    desk.signs_in(&mut human, "unlocked").await;
}
