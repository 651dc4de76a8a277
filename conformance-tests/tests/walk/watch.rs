//! What is demanded of every answer.

use conformance_tests::page::Page;
use reqwest::Method;
use url::{Position, Url};

use crate::model::{Session, SignIn};
use crate::world::{AFTER_LOGOUT, World};

/// A request as a browser sent it.
#[derive(Debug)]
pub struct Sent {
    pub browser: usize,
    pub method: Method,
    pub url: Url,
    pub fields: Vec<(String, String)>,
    /// Whether it was another site's page that sent it.
    pub foreign: bool,
    session: Option<String>,
    sign_in: Option<String>,
}

impl Sent {
    fn field(&self, name: &str) -> &str {
        self.fields.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value.trim())
    }

    fn posts(&self, path: &str) -> bool {
        self.method == Method::POST && self.url.path() == path
    }
}

impl World {
    /// Sends one request of a browser and judges the answer.
    pub async fn send(
        &mut self,
        browser: usize,
        method: Method,
        url: &Url,
        fields: Vec<(String, String)>,
        foreign: bool,
    ) {
        let now = self.now();
        let jar = &self.browsers[browser].person;
        let [session, sign_in] = ["-session", "-sign-in"].map(|name| jar.cookie(name).map(str::to_owned));
        let sent = Sent { browser, method, url: url.clone(), fields, foreign, session, sign_in };
        if let Some(session) = sent.session.as_ref().and_then(|cookie| self.model.sessions.get_mut(cookie)) {
            session.expire(now);
            session.used_at = now;
        }
        let page = self.exchange(&sent).await;
        let names: Vec<&str> = sent.fields.iter().map(|(name, _)| name.as_str()).collect();
        let to = page.header("location").map(shortened).unwrap_or_default();
        self.note(format!(
            "browser {browser}: {} {} {names:?} → {} {to} {:?}",
            sent.method,
            shortened(sent.url.as_str()),
            page.status,
            page.problem.as_deref().unwrap_or(&page.heading)
        ));
        self.judge(&sent, page).await;
    }

    async fn exchange(&mut self, sent: &Sent) -> Page {
        let origin = sent.url.origin().ascii_serialization();
        let (origin, site) = match (&sent.method, sent.foreign) {
            (_, true) => ("https://evil.example", "cross-site"),
            (&Method::POST, false) => (origin.as_str(), "same-origin"),
            _ => ("", "none"),
        };
        let mut headers = vec![("sec-fetch-site", site)];
        headers.extend(Some(("origin", origin)).filter(|(_, origin)| !origin.is_empty()));
        let body = (sent.method == Method::POST).then(|| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&sent.fields).finish()
        });
        let person = &mut self.browsers[sent.browser].person;
        person.send(sent.method.clone(), &sent.url, body, &headers).await
    }

    async fn judge(&mut self, sent: &Sent, page: Page) {
        if page.status >= 500 && page.status != 503 {
            self.violated(&format!("a fault: {} {}", page.status, page.heading));
        }
        let (here, away) = match self.destination(&page) {
            Some((to, true)) => (Some(to), None),
            Some((to, false)) => (None, Some(to)),
            None => (None, None),
        };
        if sent.foreign && (page.status < 400 || page.header("set-cookie").is_some()) {
            self.violated("another site's form was taken");
        }
        if let Some(to) = here.as_ref().or(away.as_ref()).filter(|_| sent.method == Method::POST) {
            self.proved(sent, to.path());
        }
        self.sign_in_begun(sent);
        self.session_begun(sent);
        let now = self.browsers[sent.browser].person.cookie("-session").map(str::to_owned);
        for cookie in [&sent.session, &now].into_iter().flatten() {
            self.compare(cookie).await;
        }
        if let Some(url) = &away {
            self.answered(sent, url);
        }
        let browser = &mut self.browsers[sent.browser];
        browser.next = here;
        let redirect = browser.next.is_some() || away.is_some();
        browser.page = Some(page).filter(|_| !redirect);
        if let Some(page) = browser.page.clone() {
            self.keep(&page);
        }
    }

    /// Where a redirect leads, and whether that is the product itself: nowhere else but to a registered URI.
    fn destination(&self, page: &Page) -> Option<(Url, bool)> {
        if !(300..400).contains(&page.status) {
            return None;
        }
        let location = page.header("location").unwrap_or_else(|| self.violated("a redirect to nowhere"));
        let Ok(url) = page.url.join(location) else { self.violated("a redirect to no URL") };
        if url.origin() == page.url.origin() {
            return Some((url, true));
        }
        let bare = &url[..Position::AfterPath];
        let registered = self.clients.iter().any(|client| client.party.redirect_uri == bare);
        if !(registered || bare == AFTER_LOGOUT) {
            self.violated(&format!("a redirect to {bare}, which nobody registered"));
        }
        Some((url, false))
    }

    /// Notes what a form's answer proved: it was due, and the answer led onward.
    fn proved(&mut self, sent: &Sent, to: &str) {
        let now = self.now();
        let path = sent.url.path();
        if sent.posts("/consent") && sent.field("decision") == "allow" {
            let person = self.model.live(sent.session.as_deref()).map(|session| session.person);
            self.model.consents.extend(person);
        }
        let Some(cookie) = sent.sign_in.clone() else { return };
        let Some(sign_in) = self.model.sign_ins.get(&cookie).filter(|own| !own.is_over(now)).cloned() else {
            return;
        };
        let who = &self.model.people[sign_in.person];
        let vip_due = who.linked() && sign_in.vip_at.is_none();
        let onward = to != path && to != "/login";
        let due = match path {
            "/login/vip" => vip_due && who.registered,
            "/login/new-password" => {
                sign_in.temporary && !sign_in.new_password && !(vip_due && who.registered)
            }
            "/login/register-credential" => {
                sign_in.temporary && sign_in.new_password && vip_due && !who.registered
            }
            _ => false,
        };
        if !(due && onward) {
            return;
        }
        if path == "/login/new-password" {
            return self.new_password(sent, &sign_in, &cookie);
        }
        let position = if path == "/login/vip" {
            match sent.field("code2") {
                "" => who.position(sent.field("code"), false, now),
                next => who.pair(sent.field("code"), next, now),
            }
        } else {
            let own = sent.field("credential_id").eq_ignore_ascii_case(&who.token.credential_id);
            who.pair(sent.field("code1"), sent.field("code2"), now).filter(|_| own)
        };
        let Some(position) = position else { self.violated("a code was taken that is not the token's") };
        let who = &mut self.model.people[sign_in.person];
        (who.last, who.registered) = (Some(position), true);
        if let Some(own) = self.model.sign_ins.get_mut(&cookie) {
            own.vip_at = Some(now);
        }
        self.count(if path == "/login/vip" { "code verified" } else { "credential registered" });
    }

    fn new_password(&mut self, sent: &Sent, sign_in: &SignIn, cookie: &str) {
        let password = sent.field("password").to_owned();
        if password != sent.field("confirm") || password.chars().count() < 15 {
            self.violated("a password was set that must be refused");
        }
        let now = self.now();
        self.model.password_set(sign_in.person, &password, cookie);
        if let Some(own) = self.model.sign_ins.get_mut(cookie) {
            own.new_password = true;
            own.password_at = Some(now);
        }
        self.count("password set");
    }

    /// A sign-in's cookie that is new was earned: by the right password, or by a session that steps up.
    fn sign_in_begun(&mut self, sent: &Sent) {
        let now = self.now();
        let Some(cookie) = self.browsers[sent.browser].person.cookie("-sign-in").map(str::to_owned) else {
            return;
        };
        if sent.sign_in.as_ref() == Some(&cookie) {
            return;
        }
        let typed = self.model.person(sent.field("email")).filter(|_| sent.posts("/login"));
        let password = sent.field("password");
        if let Some(known) = self.model.sign_ins.get(&cookie) {
            // The Login page's form sent twice, with a temporary password.
            let again = typed == Some(known.person)
                && known.temporary
                && self.model.people[known.person].was_sent(password);
            if !again {
                self.violated("an old sign-in was given out again");
            }
            return;
        }
        let blank = |person| SignIn {
            person,
            password_at: None,
            temporary: false,
            new_password: false,
            vip_at: None,
            begun_at: now,
            over: false,
        };
        let begun = if let Some(person) = typed {
            let who = &mut self.model.people[person];
            if who.password.as_deref() == Some(password) {
                SignIn { password_at: Some(now), ..blank(person) }
            } else if who.opens(password, now) {
                who.temporaries.iter_mut().for_each(|sent| sent.dead = true);
                SignIn { temporary: true, ..blank(person) }
            } else {
                self.violated("a sign-in began with a wrong password")
            }
        } else if let Some(session) = self.model.live(sent.session.as_deref()) {
            let password_at = Some(session.password_at);
            SignIn { password_at, vip_at: session.vip_at, ..blank(session.person) }
        } else {
            self.violated("a sign-in began from nothing")
        };
        self.count(match (begun.temporary, typed) {
            (true, _) => "enrolment opened",
            (_, Some(_)) => "sign-in begun",
            (_, None) => "step-up begun",
        });
        self.model.sign_ins.insert(cookie, begun);
    }

    /// A session's cookie that is new was earned: by everything that the address demands. One that is gone has
    /// ended.
    fn session_begun(&mut self, sent: &Sent) {
        let now = self.now();
        let cookie = self.browsers[sent.browser].person.cookie("-session").map(str::to_owned);
        let Some(cookie) = cookie else {
            if let Some(old) = sent.session.as_ref().filter(|_| sent.url.path() == "/logout") {
                self.model.end(old, "it was signed out of");
                self.count("signed out");
            }
            return;
        };
        if self.model.sessions.contains_key(&cookie) {
            return;
        }
        let typed = self.model.person(sent.field("email")).filter(|_| sent.posts("/login"));
        let right = typed
            .filter(|person| self.model.people[*person].password.as_deref() == Some(sent.field("password")));
        let (person, password_at, vip_at) = if let Some(person) = right {
            (person, Some(now), None)
        } else {
            let known = sent.sign_in.as_ref().and_then(|own| self.model.sign_ins.get_mut(own));
            match known.filter(|own| !own.is_over(now)) {
                Some(own) => {
                    own.over = true;
                    (own.person, own.password_at, own.vip_at)
                }
                None => self.violated("a session began from nothing"),
            }
        };
        let Some(password_at) = password_at else { self.violated("a session began without a password") };
        if self.model.people[person].linked() && vip_at.is_none() {
            self.violated("a session of an MSS-linked address began without a code");
        }
        if let Some(before) = sent.session.as_ref() {
            match self.model.live(Some(before)).map(|before| before.person == person) {
                // It goes on under another secret.
                Some(true) => {
                    if let Some(before) = self.model.sessions.get_mut(before) {
                        before.ended = Some("its secret was renewed");
                    }
                }
                Some(false) => self.model.end(before, "somebody else signed in"),
                None => {}
            }
        }
        self.count(if vip_at.is_some() { "session at vip" } else { "session at password" });
        let (sid, ended) = (String::new(), None);
        let session = Session { person, password_at, vip_at, used_at: now, sid, ended };
        self.model.sessions.insert(cookie, session);
    }

    /// The product believes of a session's cookie no more than the model.
    async fn compare(&mut self, cookie: &str) {
        let found = self.app.identity().session(Some(cookie)).await.expect("the database answers");
        let Some(found) = found else { return };
        let level = found.level().to_string();
        let email = found.profile().person.email.clone();
        let Some(session) = self.model.sessions.get_mut(cookie) else {
            self.violated("there is a session that never began")
        };
        session.sid = found.session_id().to_owned();
        let (ended, right_level) = (session.ended, session.level());
        let person = &self.model.people[session.person].email;
        if let Some(why) = ended {
            self.violated(&format!("a session lives on although {why}"));
        }
        if level != right_level || email != *person {
            self.violated(&format!("a session of {email} at {level}, but {person} proved {right_level}"));
        }
    }
}

/// An address without the long sealed values in it.
fn shortened(url: &str) -> String {
    let cut = |part: &str| match part.split_once('=') {
        Some((name, value)) if value.len() > 24 => format!("{name}={}…", &value[value.len() - 6..]),
        _ => part.to_owned(),
    };
    url.trim_start_matches("https://login.example.test").split('&').map(cut).collect::<Vec<_>>().join("&")
}
