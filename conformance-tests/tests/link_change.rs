//! An account given or taken while a session lives counts at the very next `/authorize` and the next refresh,
//! through the other server too.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::token::Token;

conformance_tests::on_both_databases!(
    a_link_to_mss_asks_for_the_missing_factor_at_once,
    a_link_removed_counts_at_once,
    someone_without_a_credential_registers_one_by_mail,
);

fn cast(backend: Backend) -> Cast {
    let mut house = House::serve(backend);
    if backend == Backend::Postgres {
        house.start_server();
    }
    Cast::new(house)
}

async fn a_link_to_mss_asks_for_the_missing_factor_at_once(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("added@link.test", &["mss:acme", "deepsight:acme"]).await;
    // A token is registered; without the account it is not asked for.
    cast.house.admin(&["user", "unlink", &human.email, "--account", "mss:acme"]);
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, &cast.deepsight, &[]).await;
    let (tokens, claims) = cast.deepsight.tokens(&away, &attempt).await;
    assert_eq!(claims.level(), "password");
    let refreshed = cast.deepsight.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);

    cast.house.admin(&["user", "link", &human.email, "--account", "mss:acme"]);
    let last = cast.house.bases.last().unwrap();
    // Rule 2: the level is computed again at each refresh.
    let short = cast.deepsight.through(last).refresh(refreshed.text("refresh_token")).await;
    assert_eq!((short.status, short.error()), (400, "invalid_grant"), "{}", short.body);
    // Step-up asks for the missing factor alone, at DeepSight's client too.
    let attempt = cast.deepsight.begin(&[]);
    let page = browser.visit(&attempt.url).await.at("/login/vip");
    let code = human.token.as_mut().unwrap().code();
    let away = browser.submit(&page, &[("code", &code)]).await.away();
    let stepped = cast.deepsight.claims(&away, &attempt).await;
    assert_eq!(stepped.level(), "vip");
    assert_eq!(stepped.text("sid"), claims.text("sid"), "a step-up stays in its session");
    let silent = cast.deepsight.begin(&[("prompt", "none")]);
    let away = browser.visit(&silent.url).await.away();
    assert_eq!(cast.deepsight.claims(&away, &silent).await.level(), "vip");
}

async fn a_link_removed_counts_at_once(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("removed@link.test", &["mss:acme", "deepsight:acme"]).await;
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, &cast.mss, &[]).await;
    let (tokens, _) = cast.mss.tokens(&away, &attempt).await;
    cast.house.admin(&["user", "unlink", &human.email, "--account", "mss:acme"]);
    let gone = cast.mss.through(cast.house.bases.last().unwrap()).refresh(tokens.text("refresh_token")).await;
    assert_eq!((gone.status, gone.error()), (400, "invalid_grant"), "{}", gone.body);
    let attempt = cast.mss.begin(&[("prompt", "none")]);
    let away = browser.visit(&attempt.url).await.away();
    assert_eq!(cast.mss.code(&away, &attempt), Err("access_denied".to_owned()));
    // The address is DeepSight's alone now: a fresh browser is not asked for a code.
    let mut fresh = cast.house.person();
    let login = fresh.visit(&cast.deepsight.begin(&[]).url).await.at("/login");
    let end = fresh.submit(&login, &[("email", &human.email), ("password", &human.password)]).await.away();
    assert!(end.as_str().starts_with(&cast.deepsight.redirect_uri), "{end}");
}

/// Rule 5: the right password mails a temporary one, which opens the registration.
async fn someone_without_a_credential_registers_one_by_mail(backend: Backend) {
    let cast = cast(backend);
    let mut human = cast.enrolled("late@link.test", &["deepsight:acme"]).await;
    cast.house.admin(&["user", "link", &human.email, "--account", "mss:acme"]);
    human.token = Some(cast.assign(Token::event(), &human.email));
    let mails = cast.house.mails();
    let seen = mails.temporary_passwords(&human.email).await;
    let mut browser = cast.house.person();
    let attempt = cast.mss.begin(&[]);
    let login = browser.visit(&attempt.url).await.at("/login");
    let told = browser.submit(&login, &[("email", &human.email), ("password", &human.password)]).await.page();
    assert_ne!(told.path(), "/login/register-credential", "a password alone never binds a token");
    let temporary = mails.temporary_password(&human.email, seen).await;

    let attempt = cast.mss.begin(&[]);
    let login = browser.visit(&attempt.url).await.at("/login");
    let landing = browser.submit(&login, &[("email", &human.email), ("password", &temporary)]).await;
    let away = human.answer(&mut browser, landing).await.away();
    assert_eq!(cast.mss.claims(&away, &attempt).await.level(), "vip");
}
