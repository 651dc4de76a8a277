//! Nine events that end something, and seven uses of what was granted before: each use that the event concerns is
//! refused within a second, at the server where it happened and at another; each that it does not concern goes on.

use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::person::{Landing, Person};
use conformance_tests::relying_party::{Answer, RelyingParty};
use serde_json::Value;

conformance_tests::on_both_databases!(what_ends_is_refused_everywhere_within_a_second);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    TokenGivenBack,
    SignedOut,
    SessionEnded,
    PasswordChanged,
    CredentialLost,
    AccountUnlinked,
    PersonDisabled,
    ClientRemoved,
    KeyRetired,
}
use Event::*;

const EVENTS: [Event; 9] = [
    TokenGivenBack,
    SignedOut,
    SessionEnded,
    PasswordChanged,
    CredentialLost,
    AccountUnlinked,
    PersonDisabled,
    ClientRemoved,
    KeyRetired,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Use {
    Userinfo,
    UserinfoByJwt,
    Introspection,
    Refresh,
    Code,
    SilentSignIn,
    Hint,
}

const USES: [Use; 7] = [
    Use::Userinfo,
    Use::UserinfoByJwt,
    Use::Introspection,
    Use::Refresh,
    Use::Code,
    Use::SilentSignIn,
    Use::Hint,
];

/// Whether the event concerns the use. A client that gives its token back ends that grant, not the session nor another
/// client's grant; a key that is retired ends what it signed.
fn concerns(event: Event, used: Use) -> bool {
    match event {
        TokenGivenBack => matches!(used, Use::Userinfo | Use::Introspection | Use::Refresh),
        KeyRetired => matches!(used, Use::UserinfoByJwt | Use::Hint),
        _ => true,
    }
}

/// Somebody signed in at two clients, with all there is to use.
struct Granted {
    human: Human,
    browser: Person,
    opaque: RelyingParty,
    jwt: RelyingParty,
    tokens: Answer,
    jwt_tokens: Answer,
    /// A code nobody has redeemed, and its verifier.
    code: (String, String),
    sid: String,
}

impl Granted {
    async fn new(cast: &Cast, event: Event) -> Self {
        let register = |more: &[&str]| RelyingParty::register(&cast.house, "mss", more);
        let (opaque, jwt) = (register(&[]), register(&["--access-token-format", "jwt"]));
        let email = format!("{event:?}@matrix.test").to_lowercase();
        let mut human = cast.enrolled(&email, &["mss:acme"]).await;
        let mut browser = cast.house.person();
        let (away, attempt) = human.sign_in(&mut browser, &opaque, &[]).await;
        let (tokens, claims) = opaque.tokens(&away, &attempt).await;
        let (away, attempt) = human.sign_in(&mut browser, &jwt, &[]).await;
        let (jwt_tokens, _) = jwt.tokens(&away, &attempt).await;
        assert_eq!(jwt_tokens.text("access_token").split('.').count(), 3, "it is a JWT");
        let (away, attempt) = human.sign_in(&mut browser, &opaque, &[]).await;
        let code = opaque.code(&away, &attempt).unwrap();
        let code = (code, attempt.verifier);
        let sid = claims.text("sid").to_owned();
        Self { human, browser, opaque, jwt, tokens, jwt_tokens, code, sid }
    }

    /// Makes it happen, at the first server or by the command line.
    async fn suffer(&mut self, event: Event, cast: &Cast) {
        let house = &cast.house;
        let email = self.human.email.clone();
        match event {
            TokenGivenBack => {
                assert_eq!(self.opaque.revoke(self.tokens.text("refresh_token")).await.status, 200);
            }
            SignedOut => {
                let hint = self.tokens.text("id_token").to_owned();
                // The browser's own cookies stay with a copy that has not heard of it.
                let mut leaving = self.browser.clone();
                let Landing::Page(page) = leaving.open(&format!("/logout?id_token_hint={hint}")).await else {
                    panic!("the page says that it is done");
                };
                assert_eq!((page.status, page.form().is_none()), (200, true), "{}", page.body);
            }
            SessionEnded => drop(house.admin(&["session", "end", &self.sid])),
            PasswordChanged => self.reset_password(cast).await,
            CredentialLost => {
                let token = self.human.token.as_ref().unwrap();
                house.admin(&["credential", "lost", &token.credential_id]);
            }
            AccountUnlinked => drop(house.admin(&["user", "unlink", &email, "--account", "mss:acme"])),
            PersonDisabled => drop(house.admin(&["user", "disable", &email])),
            ClientRemoved => {
                for client in [&self.opaque, &self.jwt] {
                    house.admin(&["client", "remove", &client.id]);
                }
            }
            KeyRetired => retire_signing_key(house).await,
        }
    }

    async fn reset_password(&mut self, cast: &Cast) {
        let mut browser = cast.house.person();
        let mails = cast.house.mails();
        let seen = mails.temporary_passwords(&self.human.email).await;
        let page = browser.open("/forgot-password").await.at("/forgot-password");
        let sent = browser.submit(&page, &[("email", &self.human.email)]).await.page();
        assert_eq!(sent.problem, None);
        let temporary = mails.temporary_password(&self.human.email, seen).await;
        let login = browser.open("/login").await.at("/login");
        let next = browser.submit(&login, &[("email", &self.human.email), ("password", &temporary)]).await;
        self.human.password = "nine loud geese over the harbour".to_owned();
        let end = self.human.answer(&mut browser, next).await.page();
        assert_eq!(end.path(), "/", "the reset ends at «{}» {:?}", end.heading, end.problem);
    }

    /// Whether the use is refused at the server of that number.
    async fn is_refused(&self, used: Use, server: usize, cast: &Cast) -> bool {
        let base = &cast.house.bases[server];
        let (opaque, jwt) = (self.opaque.through(base), self.jwt.through(base));
        match used {
            Use::Userinfo => opaque.userinfo(self.tokens.text("access_token")).await.status == 401,
            Use::UserinfoByJwt => jwt.userinfo(self.jwt_tokens.text("access_token")).await.status == 401,
            Use::Introspection => {
                let answer = opaque.introspect(self.tokens.text("access_token")).await;
                answer.status == 401 || answer.body["active"] == Value::Bool(false)
            }
            Use::Refresh => {
                let error = opaque.refresh(self.tokens.text("refresh_token")).await;
                ["invalid_grant", "invalid_client"].contains(&error.error())
            }
            Use::Code => {
                let answer = opaque.redeem(&self.code.0, &self.code.1).await;
                ["invalid_grant", "invalid_client"].contains(&answer.error())
            }
            Use::SilentSignIn => self.is_silence_refused(&opaque, server, cast, &[]).await,
            Use::Hint => {
                let hint = [("id_token_hint", self.tokens.text("id_token"))];
                self.is_silence_refused(&opaque, server, cast, &hint).await
            }
        }
    }

    async fn is_silence_refused(
        &self,
        party: &RelyingParty,
        server: usize,
        cast: &Cast,
        more: &[(&str, &str)],
    ) -> bool {
        let mut browser = cast.house.person_at(server);
        browser.jar.clone_from(&self.browser.jar);
        let attempt = party.begin(&[&[("prompt", "none")], more].concat());
        match browser.visit(&attempt.url).await {
            Landing::Page(page) => page.status == 400,
            Landing::Away(away) => party.code(&away, &attempt).is_err(),
        }
    }
}

/// Ends the key that has signed everything until now, once another signs in its place.
async fn retire_signing_key(house: &House) {
    let keys = || house.admin(&["key", "list"]).as_array().cloned().unwrap_or_default();
    let of_state = |state: &str| {
        let found = keys().into_iter().find(|key| key["alg"] == "RS256" && key["state"] == state);
        found.and_then(|key| key["kid"].as_str().map(str::to_owned))
    };
    house.admin(&["key", "rotate", "--alg", "RS256", "--now"]);
    let superseded = loop {
        match of_state("superseded") {
            Some(kid) => break kid,
            None => tokio::time::sleep(Duration::from_millis(200)).await,
        }
    };
    house.admin(&["key", "retire", &superseded]);
}

async fn what_ends_is_refused_everywhere_within_a_second(backend: Backend) {
    let mut house = House::serve(backend);
    house.start_server();
    let cast = Cast::new(house);
    for event in EVENTS {
        let mut granted = Granted::new(&cast, event).await;
        // Both servers have answered for these tokens a moment before, and remember it.
        for server in [0, 1] {
            for used in [Use::Userinfo, Use::UserinfoByJwt, Use::Introspection, Use::SilentSignIn, Use::Hint]
            {
                assert!(!granted.is_refused(used, server, &cast).await, "{used:?} before {event:?}");
            }
        }
        granted.suffer(event, &cast).await;
        let until = Instant::now() + Duration::from_secs(1);
        for server in [1, 0] {
            for used in USES.into_iter().filter(|used| concerns(event, *used)) {
                while !granted.is_refused(used, server, &cast).await {
                    assert!(Instant::now() < until, "{used:?} at server {server} after {event:?}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
        for used in USES.into_iter().filter(|used| !concerns(event, *used)) {
            assert!(!granted.is_refused(used, 1, &cast).await, "{used:?} after {event:?} goes on");
        }
    }
}
