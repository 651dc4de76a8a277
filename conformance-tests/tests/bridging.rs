//! A bridging code of the SOC: in place of a lost token, at level `password`, never where VIP is required, a few times,
//! for a short while, for one address.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::page::Page;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::RelyingParty;

conformance_tests::on_both_databases!(
    a_bridging_code_lets_in_at_level_password_alone,
    it_never_reaches_what_requires_vip,
    it_works_as_often_as_was_said_and_no_longer,
    guesses_are_few_and_another_persons_code_is_one,
    withdrawing_it_ends_what_stands_on_it,
    without_the_operators_leave_there_is_none,
);

const ALLOWED: &str = "vip.bridging_minutes = 60";

async fn house(backend: Backend, more: &str) -> Cast {
    let mut house = House::serve_with(backend, more);
    house.start_server();
    Cast::new(house)
}

/// Somebody with accounts at both services whose token is lost.
async fn stranded(cast: &Cast, email: &str) -> Human {
    let human = cast.enrolled(email, &["mss:acme", "deepsight:acme"]).await;
    cast.house.admin(&["credential", "lost", &human.token.as_ref().unwrap().credential_id]);
    human
}

fn issue(cast: &Cast, human: &Human, uses: &str) -> String {
    let issued = cast.house.admin(&[
        "credential",
        "bridge",
        &human.email,
        "--minutes",
        "30",
        "--uses",
        uses,
        "--reason",
        "ticket 4711",
    ]);
    issued["bridging_code"].as_str().unwrap().to_owned()
}

/// The page after the right password, on the way to an application.
async fn after_password(
    browser: &mut Person,
    human: &Human,
    to: &RelyingParty,
) -> (Page, conformance_tests::relying_party::Attempt) {
    let attempt = to.begin(&[]);
    let login = browser.visit(&attempt.url).await.at("/login");
    let fields = [("email", human.email.as_str()), ("password", &human.password)];
    (browser.submit(&login, &fields).await.page(), attempt)
}

/// Follows the link to the page for a bridging code, and enters one.
async fn enter(browser: &mut Person, page: &Page, code: &str) -> Landing {
    let (_, _, link) = page.links.iter().find(|(id, _, _)| id == "bridge-link").expect("a link").clone();
    let bridge = browser.visit(&link).await.at("/login/bridge");
    browser.submit(&bridge, &[("bridging_code", code)]).await
}

fn offers_a_bridge(page: &Page) -> bool {
    page.links.iter().any(|(id, _, _)| id == "bridge-link")
}

async fn a_bridging_code_lets_in_at_level_password_alone(backend: Backend) {
    let cast = house(backend, ALLOWED).await;
    let human = stranded(&cast, "in@bridge.test").await;
    let code = issue(&cast, &human, "1");
    let mut browser = cast.house.person();
    let (page, attempt) = after_password(&mut browser, &human, &cast.deepsight).await;
    assert_eq!(page.heading, "VIP Token Reported Lost");
    let away = enter(&mut browser, &page, &code).await.away();
    let (tokens, claims) = cast.deepsight.tokens(&away, &attempt).await;
    assert_eq!(claims.level(), "password");
    assert_eq!(claims.0["amr"], serde_json::json!(["pwd"]), "no second factor was proved");
    let refreshed = cast.deepsight.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    // My Tokens is not opened by it, and says why before it asks for a token.
    let add = browser.open("/account/tokens/add").await.at("/account/tokens/add");
    assert!(add.body.contains("a bridging code of the SOC"), "{}", add.body);
    let tokens = browser.open("/account/tokens").await.at("/account/tokens");
    assert!(tokens.body.contains("a bridging code of the SOC"), "{}", tokens.body);
    let (_, _, link) = tokens.links.iter().find(|(id, _, _)| id == "with-token").expect("a link").clone();
    let _ = browser.visit(&link).await.at("/login");
    // The mail says that there is one, and not what it is.
    let told = loop {
        let mails = cast.house.mails().to(&human.email).await;
        match mails.into_iter().find(|mail| mail.subject.contains("bridging code")) {
            Some(mail) => break mail,
            // Until the test's own limit: a mail queued by a command is found by the server's next look.
            None => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
        }
    };
    assert!(!told.text.contains(&code), "{}", told.text);
    for server in &cast.house.servers {
        assert!(!server.log().contains(&code), "the code is in the log");
    }
}

async fn it_never_reaches_what_requires_vip(backend: Backend) {
    let cast = house(backend, ALLOWED).await;
    let strict = RelyingParty::register(&cast.house, "", &["--minimum-level", "vip"]);
    let human = stranded(&cast, "strict@bridge.test").await;
    let code = issue(&cast, &human, "5");
    let essential = r#"{"id_token":{"acr":{"essential":true,"value":"ACR"}}}"#;
    let essential = essential.replace("ACR", &format!("{}/acr/vip", cast.house.issuer));
    // Straight to MSS, to a client that wants VIP, and by an essential acr: the page does not offer it, and the form
    // posted all the same is refused.
    for (party, more) in
        [(&cast.mss, &[][..]), (&strict, &[]), (&cast.deepsight, &[("claims", essential.as_str())])]
    {
        let mut browser = cast.house.person();
        let login = browser.visit(&party.begin(more).url).await.at("/login");
        let fields = [("email", human.email.as_str()), ("password", &human.password)];
        let page = browser.submit(&login, &fields).await.page();
        assert_eq!(page.heading, "VIP Token Reported Lost");
        assert!(!offers_a_bridge(&page));
        let mut bridge = page.url.clone();
        bridge.set_path("/login/bridge");
        assert_eq!(browser.visit(&bridge).await.page().path(), "/login/vip");
    }
    // In by way of DeepSight, then on to each.
    let mut browser = cast.house.person();
    let (page, attempt) = after_password(&mut browser, &human, &cast.deepsight).await;
    let away = enter(&mut browser, &page, &code).await.away();
    assert_eq!(cast.deepsight.claims(&away, &attempt).await.level(), "password");
    for (party, more) in
        [(&cast.mss, &[][..]), (&strict, &[]), (&cast.deepsight, &[("claims", essential.as_str())])]
    {
        let silent = [more, &[("prompt", "none")]].concat();
        let attempt = party.begin(&silent);
        let away = browser.visit(&attempt.url).await.away();
        assert_eq!(party.code(&away, &attempt), Err("interaction_required".to_owned()));
        let page = browser.visit(&party.begin(more).url).await.page();
        assert_eq!((page.path(), offers_a_bridge(&page)), ("/login/vip", false), "«{}»", page.heading);
    }
}

async fn it_works_as_often_as_was_said_and_no_longer(backend: Backend) {
    let cast = house(backend, ALLOWED).await;
    let human = stranded(&cast, "twice@bridge.test").await;
    let code = issue(&cast, &human, "2");
    for use_number in 0..3 {
        let mut browser = cast.house.person_at(use_number % 2);
        let (page, _) = after_password(&mut browser, &human, &cast.deepsight).await;
        let landing = enter(&mut browser, &page, &code).await;
        assert_eq!(matches!(landing, Landing::Away(_)), use_number < 2, "use {use_number}");
    }
    let code = issue(&cast, &human, "5");
    let mut browser = cast.house.person();
    let (page, attempt) = after_password(&mut browser, &human, &cast.deepsight).await;
    let away = enter(&mut browser, &page, &code).await.away();
    let (tokens, _) = cast.deepsight.tokens(&away, &attempt).await;
    // Its time is over: no new use, and what stood on it ends with it.
    for table in [
        "bridging_code SET expires_at",
        "session SET bridged_until",
        "session SET expires_at",
        "authorization_grant SET bridged_until",
    ] {
        cast.house.sql(&format!("UPDATE {table} = 5"));
    }
    let refused = cast.deepsight.refresh(tokens.text("refresh_token")).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant"), "{}", refused.body);
    let silent = cast.deepsight.begin(&[("prompt", "none")]);
    let away = browser.visit(&silent.url).await.away();
    assert_eq!(cast.deepsight.code(&away, &silent), Err("login_required".to_owned()));
    let mut browser = cast.house.person();
    let (page, _) = after_password(&mut browser, &human, &cast.deepsight).await;
    let page = enter(&mut browser, &page, &code).await.page();
    assert!(page.problem.is_some(), "«{}»", page.heading);
}

async fn guesses_are_few_and_another_persons_code_is_one(backend: Backend) {
    let cast = house(backend, ALLOWED).await;
    let (human, other) = (stranded(&cast, "a@bridge.test").await, stranded(&cast, "b@bridge.test").await);
    let (mine, theirs) = (issue(&cast, &human, "5"), issue(&cast, &other, "5"));
    let mut browser = cast.house.person();
    let (page, _) = after_password(&mut browser, &human, &cast.deepsight).await;
    for guess in [&theirs, "0000000000", "", "123456", "999999999999"] {
        let page = enter(&mut browser, &page, guess).await.page();
        assert!(page.problem.is_some(), "{guess:?}: «{}»", page.heading);
    }
    let page = enter(&mut browser, &page, &mine).await.page();
    assert!(page.problem.is_some(), "five wrong ones end it");
    let mut browser = cast.house.person();
    let (page, _) = after_password(&mut browser, &other, &cast.deepsight).await;
    assert!(matches!(enter(&mut browser, &page, &theirs).await, Landing::Away(_)), "its owner's still works");
}

async fn withdrawing_it_ends_what_stands_on_it(backend: Backend) {
    let cast = house(backend, ALLOWED).await;
    let human = stranded(&cast, "gone@bridge.test").await;
    let code = issue(&cast, &human, "5");
    let mut browser = cast.house.person();
    let (page, attempt) = after_password(&mut browser, &human, &cast.deepsight).await;
    let away = enter(&mut browser, &page, &code).await.away();
    let (tokens, _) = cast.deepsight.tokens(&away, &attempt).await;
    cast.house.admin(&["credential", "bridge", &human.email, "--withdraw"]);
    let refused = cast.deepsight.through(&cast.house.bases[1]).refresh(tokens.text("refresh_token")).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant"), "{}", refused.body);
    let mut browser = cast.house.person();
    let (page, _) = after_password(&mut browser, &human, &cast.deepsight).await;
    let page = enter(&mut browser, &page, &code).await.page();
    assert!(page.problem.is_some(), "«{}»", page.heading);
    let again = cast.house.run(&["credential", "bridge", &human.email, "--withdraw"], "");
    assert_eq!(again.status.code(), Some(1));
}

async fn without_the_operators_leave_there_is_none(backend: Backend) {
    let cast = house(backend, "").await;
    let human = stranded(&cast, "off@bridge.test").await;
    let refused = cast.house.run(&["credential", "bridge", &human.email], "");
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("vip.bridging_minutes"));
    let (page, _) = after_password(&mut cast.house.person(), &human, &cast.deepsight).await;
    assert!(!offers_a_bridge(&page));
    let allowed = house(backend, ALLOWED).await;
    let plain = allowed.enrolled("plain@bridge.test", &["deepsight:acme"]).await;
    let refused = allowed.house.run(&["credential", "bridge", &plain.email], "");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("needs no token"));
}
