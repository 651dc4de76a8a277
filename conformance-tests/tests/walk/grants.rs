//! What clients get: codes in the browser, tokens behind it.

use conformance_tests::id_token::Claims;
use conformance_tests::relying_party::Answer;
use url::Url;

use crate::model::Grant;
use crate::watch::Sent;
use crate::world::World;

/// Errors that a sign-in may end with.
const ERRORS: [&str; 10] = [
    "access_denied",
    "login_required",
    "interaction_required",
    "account_selection_required",
    "consent_required",
    "unmet_authentication_requirements",
    "invalid_request",
    "invalid_scope",
    "temporarily_unavailable",
    "unsupported_response_type",
];
/// Seconds within which a code that is right must be taken, and after which it must not be.
const FRESH: i64 = 20;
const STALE: i64 = 10 * 60;

impl World {
    /// A client got an answer in the browser: a code only for what the request, the client and the address
    /// demand, all of it proved.
    pub fn answered(&mut self, sent: &Sent, url: &Url) {
        let one =
            |name: &str| url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
        let Some(state) = one("state") else {
            if one("code").is_some() {
                self.violated("a code without a state");
            }
            return;
        };
        let Some(begun) = self.begun.get(&state).cloned() else { self.violated("a state that nobody sent") };
        let client = &self.clients[begun.client];
        // Asserts the redirect URI, the issuer, and a code or an error.
        let code = match client.party.code(url, &begun.attempt) {
            Ok(code) => code,
            Err(error) => {
                if !ERRORS.contains(&error.as_str()) {
                    self.violated(&format!("a sign-in ended with {error}"));
                }
                return self.count(ERRORS.iter().find(|known| **known == error).expect("known"));
            }
        };
        let cookie = self.browsers[sent.browser].person.cookie("-session").map(str::to_owned);
        let Some(session) = self.model.live(cookie.as_deref()).cloned() else {
            self.violated("a code without a session")
        };
        let (now, level) = (self.now(), session.level());
        let who = &self.model.people[session.person];
        let essential = &begun.essential;
        let before = session.password_at < begun.at;
        let most = before && begun.max_age.is_some_and(|most| now - session.password_at > most);
        for (wrong, what) in [
            (who.linked() && level != "vip", "a code from a password-only session of an MSS-linked address"),
            (client.wants_vip && level != "vip", "a code below the client's minimum"),
            (essential.as_slice() == ["vip"] && level != "vip", "a code without the essential level"),
            (essential.as_slice() == ["unknown"], "a code for an essential level that does not exist"),
            (!who.has_account(client.service), "a code for a service without an account at it"),
            (most, "a code from an authentication older than max_age"),
            (begun.anew && before, "a code from before prompt=login"),
            (
                client.third_party && !self.model.consents.contains(&session.person),
                "a code for a third party without consent",
            ),
        ] {
            if wrong {
                self.violated(what);
            }
        }
        let acr = if essential.as_slice() == ["password"] { "password" } else { level };
        let links = who.links.clone();
        self.count(if level == "vip" { "code from vip" } else { "code from password" });
        if acr != level {
            self.count("lower acr asked for");
        }
        self.model.grants.push(Grant {
            client: begun.client,
            person: session.person,
            code,
            verifier: begun.attempt.verifier.clone(),
            nonce: begun.attempt.nonce.clone(),
            issued_at: now,
            links,
            password_at: session.password_at,
            level,
            acr,
            sid: session.sid,
            redeemed: false,
            revoked: None,
            access: None,
            refresh: Vec::new(),
        });
    }

    /// What stands against giving this grant's client tokens.
    fn against(&self, grant: &Grant) -> Option<&'static str> {
        let who = &self.model.people[grant.person];
        if grant.revoked.is_some() {
            grant.revoked
        } else if who.linked() && grant.level != "vip" {
            Some("the address demands a code by now")
        } else if !who.has_account(self.clients[grant.client].service) {
            Some("the account is gone")
        } else {
            None
        }
    }

    /// A client redeems a code: its own or another's, once or again, with or without its verifier.
    pub async fn redeem(&mut self) {
        let count = self.model.grants.len();
        if count == 0 {
            return;
        }
        let waits = self.model.grants.iter().rposition(|grant| !grant.redeemed && grant.revoked.is_none());
        let number = waits.filter(|_| self.dice.chance(85)).unwrap_or_else(|| self.dice.below(count));
        let grant = self.model.grants[number].clone();
        let own = !self.dice.chance(8);
        let client = if own { grant.client } else { (grant.client + 1) % self.clients.len() };
        let verified = !self.dice.chance(8);
        let verifier = if verified { grant.verifier.clone() } else { "A".repeat(43) };
        let party = self.clients[client].party.clone();
        let answer = party.redeem(&grant.code, &verifier).await;
        self.note(format!("redemption of code {number}, own {own}, verified {verified} → {}", answer.status));
        self.token_status(&answer);
        let age = self.now() - grant.issued_at;
        let stands = self.against(&grant);
        let against = stands.or(if grant.redeemed {
            Some("it was redeemed before")
        } else if !own {
            Some("it is another client's")
        } else if !verified {
            Some("its verifier is wrong")
        } else if age > STALE {
            Some("it is stale")
        } else {
            None
        });
        match (answer.status, against) {
            (200, Some(why)) => self.violated(&format!("a code was redeemed although {why}")),
            (200, None) => {
                let claims = party.verify(&answer, Some(&grant.nonce)).await;
                self.truthful(&grant, &claims);
                self.model.grants[number].redeemed = true;
                self.tokens(number, &answer);
                self.count("code redeemed");
            }
            (_, None) if age <= FRESH && self.model.people[grant.person].links == grant.links => {
                self.violated(&format!("a good code was refused: {}", answer.body))
            }
            _ => {
                if grant.redeemed && own && verified && stands.is_none() {
                    // RFC 6749 §4.1.2: what the code bought is revoked.
                    self.model.grants[number].revoked = Some("its code was redeemed twice");
                    self.count("code redeemed twice");
                }
                self.count("redemption refused");
            }
        }
    }

    /// A client spends a refresh token, the one in force or an older one.
    pub async fn refresh(&mut self) {
        let held: Vec<usize> =
            (0..self.model.grants.len()).filter(|at| !self.model.grants[*at].refresh.is_empty()).collect();
        if held.is_empty() {
            return;
        }
        let good = held.iter().rfind(|at| self.model.grants[**at].revoked.is_none()).copied();
        let number = good.filter(|_| self.dice.chance(80)).unwrap_or_else(|| self.dice.pick(&held));
        let grant = self.model.grants[number].clone();
        let last = grant.refresh.len() - 1;
        let at = if self.dice.chance(15) { self.dice.below(last + 1) } else { last };
        let party = self.clients[grant.client].party.clone();
        let answer = party.refresh(&grant.refresh[at]).await;
        self.note(format!("refresh of grant {number} with token {at} of {last} → {}", answer.status));
        self.token_status(&answer);
        let stands = self.against(&grant);
        let against = stands.or((at != last).then_some("the token was spent before"));
        match (answer.status, against) {
            (200, Some(why)) => self.violated(&format!("a refresh went through although {why}")),
            (200, None) => {
                if answer.body["id_token"].is_string() {
                    let claims = party.verify(&answer, None).await;
                    self.truthful(&grant, &claims);
                }
                self.tokens(number, &answer);
                self.count("refreshed");
            }
            (_, against) => {
                if at != last && stands.is_none() {
                    self.model.grants[number].revoked = Some("a refresh token was used twice");
                    self.count("refresh token used twice");
                }
                self.count(match against {
                    Some("the address demands a code by now") => "refresh refused for want of a code",
                    _ => "refresh refused",
                });
            }
        }
    }

    /// A client asks who it is.
    pub async fn userinfo(&mut self) {
        let held: Vec<usize> =
            (0..self.model.grants.len()).filter(|at| self.model.grants[*at].access.is_some()).collect();
        if held.is_empty() {
            return;
        }
        let good = held.iter().rfind(|at| self.model.grants[**at].revoked.is_none()).copied();
        let number = good.filter(|_| self.dice.chance(80)).unwrap_or_else(|| self.dice.pick(&held));
        let grant = self.model.grants[number].clone();
        let party = self.clients[grant.client].party.clone();
        let answer = party.userinfo(grant.access.as_deref().unwrap_or_default()).await;
        self.note(format!("userinfo of grant {number} → {}", answer.status));
        if answer.status >= 500 {
            self.violated("a fault at userinfo");
        }
        match (answer.status, grant.revoked) {
            (200, Some(why)) => self.violated(&format!("userinfo answered although {why}")),
            (200, None) => {
                let subject = answer.text("sub").to_owned();
                self.subject(&subject, grant.person);
                self.count("userinfo");
            }
            _ => self.count("userinfo refused"),
        }
    }

    fn token_status(&self, answer: &Answer) {
        if !matches!(answer.status, 200 | 400 | 401 | 503) {
            self.violated(&format!("the token endpoint answered {}: {}", answer.status, answer.body));
        }
        if answer.status != 200 && (answer.body["access_token"].is_string() || answer.error().is_empty()) {
            self.violated(&format!("a refusal that is none: {}", answer.body));
        }
    }

    fn tokens(&mut self, number: usize, answer: &Answer) {
        let grant = &mut self.model.grants[number];
        grant.access = answer.body["access_token"].as_str().map(str::to_owned);
        grant.refresh.extend(answer.body["refresh_token"].as_str().map(str::to_owned));
    }

    /// The ID token says what was proved, by whom, when and in which session.
    fn truthful(&mut self, grant: &Grant, claims: &Claims) {
        // Asserts that `amr` fits `acr`.
        let acr = claims.level().to_owned();
        let amr = claims.0["amr"].as_array().map_or(0, Vec::len);
        let full = if grant.level == "vip" { 3 } else { 1 };
        if acr != grant.acr || amr != full {
            self.violated(&format!("{} was proved and {} is due, not {}", grant.level, grant.acr, claims.0));
        }
        if claims.number("auth_time") != grant.password_at || claims.text("sid") != grant.sid {
            self.violated(&format!("another time or session: {} {grant:?}", claims.0));
        }
        let subject = claims.text("sub").to_owned();
        self.subject(&subject, grant.person);
        self.count(if grant.acr == "vip" { "token at vip" } else { "token at password" });
    }

    /// One person is one subject.
    fn subject(&mut self, subject: &str, person: usize) {
        let known = *self.model.subjects.entry(subject.to_owned()).or_insert(person);
        if known != person {
            self.violated("a token of somebody else");
        }
    }
}
