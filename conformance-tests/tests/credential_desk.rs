//! The credential desk: the life of a credential by one command a change, its history, reports, and the codes that
//! somebody reads out to the SOC.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::relying_party::Answer;
use conformance_tests::token::Token;
use serde_json::Value;

conformance_tests::on_both_databases!(
    each_change_is_allowed_from_some_states_alone,
    a_lost_token_ends_its_sessions_and_is_replaced,
    every_change_is_in_the_history_with_its_reason,
    two_codes_read_out_find_the_token_and_bring_it_in_step,
    ids_are_found_however_they_are_typed,
    reports_say_what_there_is,
    the_page_teaches_what_to_do_about_a_code,
);

fn cast(backend: Backend) -> Cast {
    let mut house = House::serve(backend);
    house.start_server();
    Cast::new(house)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

fn state(house: &House, id: &str) -> String {
    text(&house.admin(&["credential", "show", id]), "state").to_owned()
}

/// Runs a command that may be refused: then its status is 1, and standard error has one line.
fn allowed(house: &House, arguments: &[&str], input: &str) -> Result<Value, String> {
    let done = house.run(&[arguments, &["--json"]].concat(), input);
    if done.status.success() {
        return Ok(serde_json::from_slice(&done.stdout).unwrap());
    }
    let said = String::from_utf8(done.stderr).unwrap();
    assert_eq!((done.status.code(), said.lines().count()), (Some(1), 1), "{arguments:?}: {said}");
    Err(said)
}

/// Every change tried on a credential in every state.
async fn each_change_is_allowed_from_some_states_alone(backend: Backend) {
    let cast = Cast::new(House::build(backend, "https://login.example.test", ""));
    let human = cast.provision("states@desk.test", &["mss:acme"]);
    let states = ["stocked", "assigned", "registered", "locked", "lost", "replaced", "retired"];
    // From the state on the left: which changes are allowed, and what they lead to.
    let table = [
        ("assign", ["assigned", "assigned", "", "", "", "", ""]),
        ("deliver", ["stocked", "", "", "", "", "", ""]),
        ("unassign", ["", "stocked", "stocked", "stocked", "", "", ""]),
        ("lock", ["", "", "locked", "", "", "", ""]),
        ("unlock", ["", "", "", "registered", "", "", ""]),
        ("lost", ["", "lost", "lost", "lost", "", "", ""]),
        ("replace", ["", "replaced", "replaced", "replaced", "replaced", "", ""]),
        ("retire", ["retired", "retired", "retired", "retired", "retired", "retired", ""]),
    ];
    for (change, ends) in table {
        for (from, end) in states.iter().zip(ends) {
            let (token, other) = (Token::event(), Token::event());
            cast.import(&token);
            cast.import(&other);
            let id = token.credential_id.as_str();
            cast.house.sql(&format!(
                "UPDATE credential SET state = '{from}', person_id = (SELECT id FROM person WHERE email = '{}') \
                 WHERE id = '{id}' AND '{from}' <> 'stocked'",
                human.email
            ));
            let arguments: Vec<&str> = match change {
                "assign" => vec!["credential", "assign", id, "--user", &human.email],
                "deliver" => vec!["credential", "assign", id, "--organization", "acme"],
                "replace" => vec!["credential", "replace", id, "--by", &other.credential_id],
                _ => vec!["credential", change, id],
            };
            let done = allowed(&cast.house, &arguments, "");
            assert_eq!(done.is_ok(), !end.is_empty(), "{change} of a {from} one: {done:?}");
            let now = if end.is_empty() { *from } else { end };
            assert_eq!(state(&cast.house, id), now, "{change} of a {from} one");
            let taken = change == "replace" && !end.is_empty();
            assert_eq!(state(&cast.house, &other.credential_id), if taken { "assigned" } else { "stocked" });
        }
    }
}

async fn refresh(cast: &Cast, server: usize, token: &str) -> Answer {
    cast.mss.through(&cast.house.bases[server]).refresh(token).await
}

async fn a_lost_token_ends_its_sessions_and_is_replaced(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("lost@desk.test", &["mss:acme"]).await;
    let id = human.token.as_ref().unwrap().credential_id.clone();
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, &cast.mss, &[]).await;
    let (tokens, claims) = cast.mss.tokens(&away, &attempt).await;
    assert_eq!(claims.level(), "vip");

    cast.house.admin(&["credential", "lost", &id, "--reason", "left in a taxi"]);
    let refused = refresh(&cast, 1, tokens.text("refresh_token")).await;
    assert_eq!((refused.status, refused.error()), (400, "invalid_grant"), "{}", refused.body);
    let page = log_in(&cast, &human).await;
    assert_eq!((page.path(), page.heading.as_str()), ("/login/vip", "VIP Token Reported Lost"));
    assert!(page.form().is_none(), "there is nothing to type on that page");
    assert!(page.body.contains("soc@example.test"), "the page names the SOC: {}", page.body);

    let replacement = Token::event();
    cast.import(&replacement);
    let by = replacement.credential_id.clone();
    // Not one that waits for somebody else, who would stand there without.
    cast.house.admin(&["user", "add", "other@desk.test", "--account", "mss:acme"]);
    cast.house.admin(&["credential", "assign", &by, "--user", "other@desk.test"]);
    let refused = cast.house.run(&["credential", "replace", &id, "--by", &by], "");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(
        (state(&cast.house, &id), state(&cast.house, &by)),
        ("lost".to_owned(), "assigned".to_owned())
    );
    cast.house.admin(&["credential", "unassign", &by]);
    let done = cast.house.admin(&["credential", "replace", &id, "--by", &by, "--reason", "ticket 4711"]);
    assert_eq!((text(&done, "state"), text(&done, "replaced_by")), ("replaced", by.as_str()));
    // Registered under the same proof as the first: a temporary password by mail, and two codes.
    human.token = Some(replacement);
    let mails = cast.house.mails();
    let seen = mails.temporary_passwords(&human.email).await;
    assert_eq!(log_in(&cast, &human).await.path(), "/login/check-mail");
    let temporary = mails.temporary_password(&human.email, seen).await;
    let mut browser = cast.house.person();
    let login = browser.open("/login").await.at("/login");
    let landing = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
    let end = human.answer(&mut browser, landing).await.page();
    assert_eq!(end.path(), "/", "«{}» {:?}", end.heading, end.problem);
    assert_eq!(state(&cast.house, &by), "registered");
    let (away, attempt) = human.sign_in(&mut browser, &cast.mss, &[]).await;
    assert_eq!(cast.mss.claims(&away, &attempt).await.level(), "vip");
}

/// Where the right password leads in a new browser.
async fn log_in(cast: &Cast, human: &Human) -> conformance_tests::page::Page {
    let mut browser = cast.house.person();
    let login = browser.open("/login").await.at("/login");
    browser.submit(&login, &[("email", &human.email), ("password", &human.password)]).await.page()
}

async fn every_change_is_in_the_history_with_its_reason(backend: Backend) {
    let cast = Cast::new(House::build(backend, "https://login.example.test", ""));
    let token = Token::event();
    cast.import(&token);
    let id = token.credential_id.as_str();
    cast.house.admin(&["user", "add", "history@desk.test", "--account", "mss:acme"]);
    for (change, reason) in [
        (&["assign", id, "--organization", "acme"][..], "delivered"),
        (&["assign", id, "--user", "history@desk.test"], "first token"),
        (&["lost", id], "left in a taxi"),
        (&["retire", id], "found, and broken"),
    ] {
        cast.house.admin(&[&["credential"], change, &["--reason", reason]].concat());
    }
    let shown = cast.house.admin(&["credential", "show", id]);
    let told: Vec<_> = shown["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (text(event, "event"), text(event, "reason")))
        .collect();
    for wanted in [
        ("delivered", "delivered"),
        ("assigned", "first token"),
        ("lost", "left in a taxi"),
        ("retired", "found, and broken"),
    ] {
        assert!(told.contains(&wanted), "{wanted:?} is not in {told:?}");
    }
    assert_eq!(told.len(), 4);
    assert!(!shown.to_string().contains(&hex(&token.seed)), "the seed is shown");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn two_codes_read_out_find_the_token_and_bring_it_in_step(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("step@desk.test", &["mss:acme"]).await;
    for _ in 0..20 {
        cast.import(&Token::event());
    }
    let token = human.token.as_mut().unwrap();
    let id = token.credential_id.clone();
    // Pressed in a pocket, further than a code by itself is accepted.
    for _ in 0..40 {
        token.code();
    }
    let (first, second) = token.two_codes();
    let spoken = format!("{first} {second}\n");
    for place in [&[][..], &["--user", &human.email]] {
        let found = allowed(&cast.house, &[&["credential", "find"], place].concat(), &spoken).unwrap();
        let ids: Vec<_> = found.as_array().unwrap().iter().map(|row| text(row, "credential_id")).collect();
        assert_eq!(ids, [id.as_str()]);
    }
    let nobody = ["credential", "find", "--organization", "globex"];
    assert!(allowed(&cast.house, &nobody, &spoken).unwrap_err().contains("no credential shows"));
    let swapped = format!("{second} {first}");
    assert!(allowed(&cast.house, &["credential", "find"], &swapped).is_err(), "codes in the wrong order");
    assert!(allowed(&cast.house, &["credential", "resync", &id], &first).unwrap_err().contains("not 1"));
    assert!(allowed(&cast.house, &["credential", "resync", &id], &swapped).is_err());
    allowed(&cast.house, &["credential", "resync", &id, "--reason", "by phone"], &spoken).unwrap();
    let again = allowed(&cast.house, &["credential", "resync", &id], &spoken);
    assert!(again.is_err(), "the codes were used up");
    // Neither opens anything any more; the next one does.
    let mut browser = cast.house.person_at(1);
    let page = browser.visit(&cast.mss.begin(&[]).url).await.at("/login");
    let vip = browser
        .submit(&page, &[("email", &human.email), ("password", &human.password)])
        .await
        .at("/login/vip");
    let used = browser.submit(&vip, &[("code", &second)]).await.at("/login/vip");
    assert!(used.problem.as_ref().unwrap().contains("has been used already"), "{:?}", used.problem);
    let code = human.token.as_mut().unwrap().code();
    let away = browser.submit(&used, &[("code", &code)]).await.away();
    assert!(away.as_str().starts_with(&cast.mss.redirect_uri), "{away}");
}

async fn ids_are_found_however_they_are_typed(backend: Backend) {
    let cast = Cast::new(House::build(backend, "https://login.example.test", ""));
    let mut token = Token::event();
    token.credential_id = "VSMT00112233".to_owned();
    cast.import(&token);
    for typed in
        ["VSMT00112233", "vsmt00112233", "VSMT 0011 2233", "vsmt-0011-2233", " VSMT00112233 ", "SYMC00112233"]
    {
        let shown = cast.house.admin(&["credential", "show", typed]);
        assert_eq!(text(&shown, "credential_id"), "VSMT00112233", "{typed:?}");
    }
    for typed in ["VSST00112233", "VSMT00112234", "00112233", "VSMT0011223", ""] {
        assert!(allowed(&cast.house, &["credential", "show", typed], "").is_err(), "{typed:?}");
    }
    // Where both are there, each is itself.
    token.credential_id = "SYMC00112233".to_owned();
    cast.import(&token);
    let shown = cast.house.admin(&["credential", "show", "symc00112233"]);
    assert_eq!(text(&shown, "credential_id"), "SYMC00112233");
}

async fn reports_say_what_there_is(backend: Backend) {
    let cast = cast(backend);
    let human = cast.enrolled("report@desk.test", &["mss:acme"]).await;
    let id = human.token.as_ref().unwrap().credential_id.clone();
    let (stocked, delivered) = (Token::event(), Token::event());
    cast.import(&stocked);
    cast.import(&delivered);
    cast.house.admin(&["credential", "assign", &delivered.credential_id, "--organization", "globex"]);
    let report = |about: &[&str]| cast.house.admin(&[&["credential", "report"], about].concat());
    let stock = report(&["stock"]);
    let of = |organization: Option<&str>| {
        let rows = stock.as_array().unwrap();
        rows.iter().find(|row| row["organization"].as_str() == organization).unwrap().clone()
    };
    assert_eq!((&of(None)["stocked"], &of(None)["registered"]), (&1.into(), &1.into()), "{stock}");
    assert_eq!(of(Some("globex"))["stocked"], 1, "{stock}");
    let ids = |about: &[&str]| -> Vec<String> {
        let rows = report(about);
        rows.as_array().unwrap().iter().map(|row| text(row, "credential_id").to_owned()).collect()
    };
    assert_eq!(ids(&["never-used"]), std::slice::from_ref(&id), "registered, and not used since");
    assert!(ids(&["failures"]).is_empty() && ids(&["drift"]).is_empty() && ids(&["expiring"]).is_empty());
    cast.house
        .sql(&format!("UPDATE credential SET failures = 3, drift = -4, expires_at = 5 WHERE id = '{id}'"));
    for about in [&["failures"][..], &["drift"], &["drift", "--steps", "4"], &["expiring", "--days", "0"]] {
        assert_eq!(ids(about), std::slice::from_ref(&id), "{about:?}");
    }
    assert!(ids(&["drift", "--steps", "5"]).is_empty());
}

async fn the_page_teaches_what_to_do_about_a_code(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.provision("taught@desk.test", &["mss:acme"]);
    human.token = Some(cast.assign(Token::time(&cast.house.clock), &human.email));
    cast.enrol(&mut human).await;
    let mut browser = cast.house.person();
    let login = browser.open("/login").await.at("/login");
    let mut page = browser
        .submit(&login, &[("email", &human.email), ("password", &human.password)])
        .await
        .at("/login/vip");
    // The one it registered with last is used up.
    let used = human.token.as_ref().unwrap().peek(0);
    page = browser.submit(&page, &[("code", &used)]).await.at("/login/vip");
    let problem = page.problem.clone().unwrap();
    let seconds: String = problem.chars().filter(char::is_ascii_digit).collect();
    assert!(problem.contains("has been used already"), "{problem}");
    assert!(seconds.is_empty() || (1..=30).contains(&seconds.parse::<u32>().unwrap()), "{problem}");
    let wrong = human.token.as_ref().unwrap().wrong();
    let mut told = Vec::new();
    for _ in 0..9 {
        page = browser.submit(&page, &[("code", &wrong)]).await.page();
        told.push(page.problem.clone().unwrap_or_else(|| page.heading.clone()));
    }
    assert!(told[0].contains("Wait for the code") && !told[0].contains("wrong code"), "{told:?}");
    assert!(told[5].contains("After 3 more wrong codes"), "{told:?}");
    assert!(told[6].contains("After 2 more wrong codes"), "{told:?}");
    assert!(told[7].contains("One more wrong code locks"), "{told:?}");
    assert_eq!(page.heading, "VIP Token Locked", "{told:?}");
}
