//! Known, unknown, locked and unfinished addresses get the same bytes until the right password has been given.
//! That they get them in the same time is measured by hand: `cargo run --release -p conformance-tests --example timing`.

use std::collections::BTreeSet;

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::page::Page;

conformance_tests::on_both_databases!(addresses_cannot_be_told_apart);

/// A page without what is different by its nature: the address typed, sealed and random values, the time.
fn shape(page: &Page, email: &str) -> String {
    let mut lines = vec![format!("{} {}", page.status, page.path())];
    let mut headers: Vec<String> = page
        .headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "date" | "x-request-id" | "location"))
        .map(|(name, value)| match name.as_str() {
            "set-cookie" => {
                format!("{name}: {} of {} bytes", value.split('=').next().unwrap_or_default(), value.len())
            }
            _ => format!("{name}: {value}"),
        })
        .collect();
    headers.sort();
    lines.append(&mut headers);
    // A sealed value is of one length for every address of one length.
    let body = page.body.replace(email, "EMAIL");
    let body = body.split("?r=").enumerate().map(|(at, part)| {
        let end = part.find(['"', '&']).unwrap_or(0);
        if at == 0 { part.to_owned() } else { format!("?r=({} bytes){}", end, &part[end..]) }
    });
    lines.push(body.collect());
    lines.join("\n")
}

async fn addresses_cannot_be_told_apart(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    // All of one length.
    let mut known = cast.enrolled("known-1@same.test", &["mss:acme"]).await;
    let plain = cast.enrolled("known-2@same.test", &["deepsight:acme"]).await;
    let unfinished = cast.provision("known-3@same.test", &["mss:acme"]);
    let locked = cast.enrolled("known-4@same.test", &["mss:acme"]).await;
    lock(&cast, &locked).await;
    let addresses = [
        &known.email,
        &plain.email,
        &unfinished.email,
        &locked.email,
        "nobod-1@same.test",
        "nobod-2@same.test",
    ];
    for path in ["/login", "/new-user", "/forgot-password"] {
        let mut shapes = BTreeSet::new();
        // One page in one browser, sent for each: nothing but the address differs.
        let mut opened = cast.house.person();
        let page = opened.open(path).await.at(path);
        for email in addresses {
            let mut browser = opened.clone();
            let mut fields = vec![("email", email)];
            if path == "/login" {
                fields.push(("password", "certainly not the right one"));
            }
            let first = browser.post_form(&page, &fields).await;
            let mut seen = shape(&first, email);
            if first.status == 303 {
                seen += &shape(&browser.follow(first).await.page(), email);
            }
            shapes.insert(seen);
        }
        assert_eq!(
            shapes.len(),
            1,
            "{path} tells addresses apart:\n{}",
            shapes.into_iter().collect::<Vec<_>>().join("\n---\n")
        );
    }
    // The known one still signs in.
    let (away, attempt) = known.sign_in(&mut cast.house.person(), &cast.mss, &[]).await;
    assert_eq!(cast.mss.claims(&away, &attempt).await.level(), "vip");
}

/// Ten wrong codes in a row lock a credential.
async fn lock(cast: &Cast, human: &conformance_tests::cast::Human) {
    let mut browser = cast.house.person();
    let login = browser.open("/login").await.at("/login");
    let mut page = browser
        .submit(&login, &[("email", &human.email), ("password", &human.password)])
        .await
        .at("/login/vip");
    let wrong = human.token.as_ref().unwrap().wrong();
    for guess in 0..10 {
        let landing = browser.submit(&page, &[("code", &wrong)]).await.page();
        if landing.form().is_none() {
            assert_eq!(guess, 9, "locked after {} guesses", guess + 1);
            return;
        }
        page = landing;
    }
    let code = human.token.clone().unwrap().code();
    let after = browser.submit(&page, &[("code", &code)]).await.page();
    assert!(
        after.heading.contains("Locked"),
        "ten wrong codes lock: «{}» {:?}",
        after.heading,
        after.problem
    );
}
