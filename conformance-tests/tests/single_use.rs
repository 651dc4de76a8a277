//! Whatever is a secret for one purpose is worth nothing for another: each one there is, offered everywhere else,
//! is accepted nowhere, and afterwards still does what it is for.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::{Answer, RelyingParty};
use serde_json::Value;

conformance_tests::on_both_databases!(
    a_secret_is_worth_nothing_where_it_is_not_for,
    another_clients_code_and_refresh_token_are_invalid_grants_and_stay_good,
);

/// A secret, and what of the following it is for.
struct Held {
    name: &'static str,
    value: String,
    purposes: &'static [Place],
}

/// Where something can be offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Code,
    RefreshToken,
    ClientSecret,
    Bearer,
    Introspection,
    Revocation,
    Hint,
    LogoutHint,
    RequestObject,
    SessionCookie,
    Password,
    PendingRequest,
    LogoutQuestion,
    Assertion,
}
use Place::*;

const PLACES: [Place; 14] = [
    Code,
    RefreshToken,
    ClientSecret,
    Bearer,
    Introspection,
    Revocation,
    Hint,
    LogoutHint,
    RequestObject,
    SessionCookie,
    Password,
    PendingRequest,
    LogoutQuestion,
    Assertion,
];

/// Offers the value there. Whether it was accepted.
async fn is_accepted(place: Place, value: &str, cast: &Cast, party: &RelyingParty, human: &Human) -> bool {
    let refused = |answer: &Answer| (400..=401).contains(&answer.status);
    let mut browser = cast.house.person();
    let assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    match place {
        Code => !refused(&party.redeem(value, "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").await),
        RefreshToken => !refused(&party.refresh(value).await),
        ClientSecret => {
            let mut as_secret = party.clone();
            as_secret.secret = Some(value.to_owned());
            as_secret.redeem("x", "x").await.error() != "invalid_client"
        }
        Bearer => !refused(&party.userinfo(value).await),
        Introspection => party.introspect(value).await.body["active"] != Value::Bool(false),
        // RFC 7009 §2.2: whatever it is, the answer is 200. That it ended nothing is seen afterwards.
        Revocation => party.revoke(value).await.status != 200,
        Hint | RequestObject => {
            let name = if place == Hint { "id_token_hint" } else { "request" };
            let attempt = party.begin(&[("prompt", "none"), (name, value)]);
            match browser.visit(&attempt.url).await {
                Landing::Page(page) => page.status != 400,
                Landing::Away(away) => {
                    let error = party.code(&away, &attempt).expect_err("no code for a stranger");
                    !["invalid_request", "invalid_request_object"].contains(&error.as_str())
                }
            }
        }
        LogoutHint => status(&mut browser, "/logout", "id_token_hint", value).await != 400,
        SessionCookie => {
            let attempt = party.begin(&[("prompt", "none")]);
            // A cookie of its own name is made by signing in and then replaced.
            let _ = browser.open("/login").await;
            browser.plant("__Host-countersign-session", value);
            let away = browser.visit(&attempt.url).await.away();
            party.code(&away, &attempt) != Err("login_required".to_owned())
        }
        Password => {
            let login = browser.open("/login").await.at("/login");
            let next = browser.submit(&login, &[("email", &human.email), ("password", value)]).await;
            next.page().problem.is_none()
        }
        PendingRequest => status(&mut browser, "/login/vip", "r", value).await == 200,
        LogoutQuestion => {
            let logout = format!("{}/logout", cast.house.issuer);
            let url = url::Url::parse_with_params(&logout, [("q", value)]).unwrap();
            let answer = browser.post(&url, &[]).await;
            answer.status == 200
        }
        Assertion => {
            let form = [
                ("grant_type", "refresh_token"),
                ("refresh_token", "x"),
                ("client_assertion_type", assertion_type),
                ("client_assertion", value),
            ];
            let mut bare = party.clone();
            bare.secret = None;
            // A token that names somebody else contradicts the client_id beside it.
            !["invalid_client", "invalid_request"].contains(&bare.token(&form).await.error())
        }
    }
}

async fn status(browser: &mut Person, path: &str, name: &str, value: &str) -> u16 {
    let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    match browser.open(&format!("{path}?{name}={value}")).await {
        Landing::Page(page) => page.status,
        Landing::Away(url) => panic!("sent away to {url}"),
    }
}

async fn a_secret_is_worth_nothing_where_it_is_not_for(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let party = &cast.deepsight;
    let mut human = cast.enrolled("holder@single.test", &["deepsight:acme"]).await;
    let waiting = cast.provision("waiting@single.test", &["deepsight:acme"]);
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, party, &[]).await;
    let (tokens, _) = party.tokens(&away, &attempt).await;
    let (away, attempt) = human.sign_in(&mut browser, party, &[]).await;
    let code = party.code(&away, &attempt).unwrap();
    let temporary = cast.temporary_password(&mut cast.house.person(), &waiting.email).await;
    let held = [
        Held { name: "code", value: code.clone(), purposes: &[Code] },
        Held {
            name: "refresh token",
            value: tokens.text("refresh_token").to_owned(),
            purposes: &[RefreshToken, Introspection, Revocation],
        },
        Held {
            name: "access token",
            value: tokens.text("access_token").to_owned(),
            purposes: &[Bearer, Introspection, Revocation],
        },
        Held { name: "ID token", value: tokens.text("id_token").to_owned(), purposes: &[Hint, LogoutHint] },
        Held {
            name: "session",
            value: browser.cookie("-session").unwrap().to_owned(),
            purposes: &[SessionCookie],
        },
        Held { name: "client secret", value: party.secret.clone().unwrap(), purposes: &[ClientSecret] },
        Held { name: "temporary password", value: temporary.clone(), purposes: &[] },
        Held { name: "password", value: human.password.clone(), purposes: &[Password] },
    ];
    for Held { name, value, purposes } in &held {
        for place in PLACES.into_iter().filter(|place| !purposes.contains(place)) {
            let accepted = is_accepted(place, value, &cast, party, &human).await;
            assert!(!accepted, "a {name} was accepted as {place:?}");
        }
    }
    // Nothing was consumed and nothing ended.
    assert_eq!(party.userinfo(tokens.text("access_token")).await.status, 200);
    assert_eq!(party.refresh(tokens.text("refresh_token")).await.status, 200);
    assert_eq!(party.redeem(&code, &attempt.verifier).await.status, 200);
    let (away, attempt) = human.sign_in(&mut browser, party, &[("prompt", "none")]).await;
    assert!(party.code(&away, &attempt).is_ok(), "the session stands");
    let mut enrolling = cast.house.person();
    let login = enrolling.open("/login").await.at("/login");
    let next = enrolling.submit(&login, &[("email", &waiting.email), ("password", &temporary)]).await;
    let _ = next.at("/login/new-password");
}

async fn another_clients_code_and_refresh_token_are_invalid_grants_and_stay_good(backend: Backend) {
    let cast = Cast::new(House::serve(backend));
    let (owner, other) = (&cast.deepsight, &cast.portal);
    let mut human = cast.enrolled("owner@single.test", &["deepsight:acme"]).await;
    let mut browser = cast.house.person();
    let (away, attempt) = human.sign_in(&mut browser, owner, &[]).await;
    let code = owner.code(&away, &attempt).unwrap();
    let mut thief = other.clone();
    thief.redirect_uri.clone_from(&owner.redirect_uri);
    assert_eq!(thief.redeem(&code, &attempt.verifier).await.error(), "invalid_grant");
    let tokens = owner.redeem(&code, &attempt.verifier).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let refresh = tokens.text("refresh_token");
    assert_eq!(other.refresh(refresh).await.error(), "invalid_grant");
    assert_eq!(other.revoke(refresh).await.status, 200);
    assert_eq!(other.introspect(refresh).await.body["active"], Value::Bool(false));
    assert_eq!(owner.refresh(refresh).await.status, 200);
}
