//! Nobody is sent to an address that is only like a registered one: each registered redirect URI and post-logout URI
//! is bent in more than sixty ways, and none of them is gone to.

use conformance_tests::backend::Backend;
use conformance_tests::cast::Cast;
use conformance_tests::house::House;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::RelyingParty;
use url::Url;

const REDIRECT: [&str; 3] =
    ["https://app.example.test/callback", "https://app.example.test:8443/cb?a=b", "http://127.0.0.1:3000/cb"];
const AFTER: [&str; 2] = ["https://app.example.test/after", "https://app.example.test/bye?x=y"];
/// How many ways there must be at least.
const LEAST: usize = 60;

/// The URI bent in every way we know.
fn mutations(uri: &str) -> Vec<String> {
    let (scheme, rest) = uri.split_once("://").unwrap();
    let (authority, path) = rest.split_at(rest.find('/').unwrap());
    let with = |authority: &str, path: &str| format!("{scheme}://{authority}{path}");
    let mut all = vec![
        uri.to_uppercase(),
        format!("{}://{rest}", scheme.to_uppercase()),
        with(&authority.to_uppercase(), path),
        with(authority, &path.to_uppercase()),
        format!("//{rest}"),
        format!("{scheme}:/{rest}"),
        format!("{scheme}:{rest}"),
        format!("{scheme}:///{rest}"),
        format!("{scheme}://\\{rest}"),
        path.to_owned(),
        path[1..].to_owned(),
        format!("javascript:{uri}"),
        format!("data:text/html,{uri}"),
        format!("{uri}\u{0}"),
    ];
    for after in [
        "/",
        "?",
        "#",
        "&",
        "/.",
        "/..",
        "/../",
        "//",
        "\\",
        "%00",
        "%0a",
        "%0d%0a",
        "%20",
        " ",
        "\t",
        "*",
        ";",
        ":",
        "%23",
        "%2f",
        "%3f",
        "/..;/",
        "?x=1",
        "&x=1",
        "#x",
        "@evil.test",
        ".evil.test",
        "%2e%2e",
    ] {
        all.push(format!("{uri}{after}"));
    }
    for before in [" ", "\t", "%20", "x", "evil.test/", "https://evil.test/?u="] {
        all.push(format!("{before}{uri}"));
    }
    all.extend(authorities(authority).into_iter().map(|other| with(&other, path)));
    let last = path.rsplit('/').next().unwrap();
    for other in [
        format!("/./{last}"),
        format!("/x/../{last}"),
        format!("/%2e/{last}"),
        format!("/{last}/../{last}"),
        format!("//{last}"),
        format!("/\\{last}"),
        path.replacen('c', "%63", 1).replacen('a', "%61", 1).replacen('b', "%62", 1),
        path.replacen('c', "%2563", 1).replacen('a', "%2561", 1).replacen('b', "%2562", 1),
        path[..path.len() - 1].to_owned(),
    ] {
        all.push(with(authority, &other));
    }
    all.retain(|bent| bent != uri);
    all.sort();
    all.dedup();
    all
}

/// Hosts that are only like that one.
fn authorities(authority: &str) -> Vec<String> {
    let host = authority.split(':').next().unwrap();
    vec![
        format!("{authority}."),
        format!("{authority}.evil.test"),
        format!("{authority}@evil.test"),
        format!("evil.test@{authority}"),
        format!("x:y@{authority}"),
        format!("@{authority}"),
        format!("evil.test\\@{authority}"),
        format!("evil.test%23@{authority}"),
        format!("evil.test#{authority}"),
        format!("evil.test?{authority}"),
        format!("x.{authority}"),
        format!("x{authority}"),
        format!("{host}:443"),
        format!("{host}:0"),
        format!("{host}:"),
        format!("{host}:08443"),
        host.replace('.', "%2e"),
        host.replace('.', "\u{3002}"),
        host.replace('a', "\u{430}").replace('1', "\u{ff11}"),
        "evil.test".to_owned(),
        "localhost".to_owned(),
        "[::1]".to_owned(),
    ]
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Where a browser that is signed in lands: never away.
async fn stays(browser: &mut Person, path: &str, bent: &str) {
    match browser.open(path).await {
        Landing::Page(page) => {
            assert!((400..500).contains(&page.status), "{bent:?}: {} «{}»", page.status, page.heading);
            assert!(page.header("location").is_none(), "{bent:?}");
        }
        Landing::Away(url) => panic!("{bent:?} was gone to: {url}"),
    }
}

conformance_tests::on_both_databases!(no_bent_redirect_uri_is_gone_to, no_bent_post_logout_uri_is_gone_to);

async fn no_bent_redirect_uri_is_gone_to(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut human = cast.enrolled("redirected@bent.test", &["deepsight:acme"]).await;
    for uri in REDIRECT {
        let client = RelyingParty::register_at(&cast.house, "deepsight", uri, &[]);
        let mut browser = cast.house.person();
        let (away, attempt) = human.sign_in(&mut browser, &client, &[]).await;
        assert!(client.code(&away, &attempt).is_ok(), "the registered one is gone to");
        let bent = mutations(uri);
        assert!(bent.len() >= LEAST, "{} ways to bend {uri}", bent.len());
        for bent in bent {
            let mut url: Url = client.begin(&[]).url;
            let kept: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let kept = kept.into_iter().filter(|(name, _)| name != "redirect_uri");
            let query: Vec<String> =
                kept.map(|(name, value)| format!("{name}={}", encoded(&value))).collect();
            url.set_query(None);
            let path = format!("{}?{}&redirect_uri={}", url.path(), query.join("&"), encoded(&bent));
            stays(&mut browser, &path, &bent).await;
        }
    }
}

async fn no_bent_post_logout_uri_is_gone_to(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let mut human = cast.enrolled("leaving@bent.test", &["deepsight:acme"]).await;
    for uri in AFTER {
        let client = RelyingParty::register(&cast.house, "deepsight", &["--post-logout-redirect-uri", uri]);
        let mut browser = cast.house.person();
        let (away, attempt) = human.sign_in(&mut browser, &client, &[]).await;
        let (tokens, _) = client.tokens(&away, &attempt).await;
        let hint = tokens.text("id_token");
        let bent = mutations(uri);
        assert!(bent.len() >= LEAST, "{} ways to bend {uri}", bent.len());
        for bent in bent {
            let path = format!("/logout?id_token_hint={hint}&post_logout_redirect_uri={}", encoded(&bent));
            stays(&mut browser, &path, &bent).await;
        }
        let path = format!("/logout?id_token_hint={hint}&post_logout_redirect_uri={}", encoded(uri));
        assert_eq!(browser.open(&path).await.away().as_str(), uri, "the registered one is gone to");
    }
}
