//! What was really proved, kept apart from the product: by the passwords chosen, the codes on the tokens and the
//! mails read, and by nothing that the product says.

use std::collections::{BTreeSet, HashMap, HashSet};

use conformance_tests::token::{Token, at};

/// Seconds a sign-in may take after its password, and an enrolment after its temporary one.
const SIGN_IN: i64 = 15 * 60;
const ENROLMENT: i64 = 60 * 60;
/// Seconds after which a session has ended: unused at level `password`, unused at level `vip`, in any case.
const IDLE: [i64; 2] = [60 * 60, 30 * 60];
const ABSOLUTE: i64 = 12 * 60 * 60;
/// Seconds a temporary password is good for.
const TEMPORARY: i64 = 60 * 60;

/// A link: service and organization.
pub type Link = (&'static str, &'static str);

/// A temporary password that was read in a mail.
#[derive(Clone, Debug)]
pub struct Temporary {
    pub text: String,
    pub read_at: i64,
    pub dead: bool,
}

/// One address, and what its owner knows and holds.
#[derive(Clone, Debug)]
pub struct Someone {
    pub email: String,
    pub password: Option<String>,
    /// Passwords of before.
    pub old: Vec<String>,
    pub token: Token,
    /// Where the last accepted code stands.
    pub last: Option<u64>,
    pub registered: bool,
    pub links: BTreeSet<Link>,
    pub temporaries: Vec<Temporary>,
}

impl Someone {
    /// Whether the address demands a code.
    pub fn linked(&self) -> bool {
        self.links.iter().any(|(service, _)| *service == "mss")
    }

    /// Whether the address has an account there; a client of no service takes any address.
    pub fn has_account(&self, service: &str) -> bool {
        service.is_empty() || self.links.iter().any(|(own, _)| *own == service)
    }

    /// Whether that opens an enrolment.
    pub fn opens(&self, password: &str, now: i64) -> bool {
        let good = |sent: &Temporary| !sent.dead && now - sent.read_at < TEMPORARY && sent.text == password;
        self.temporaries.iter().any(good)
    }

    /// Whether that was mailed to this address at any time.
    pub fn was_sent(&self, password: &str) -> bool {
        self.temporaries.iter().any(|sent| sent.text == password)
    }

    /// Where a code stands that the token shows around now and that is not older than one used.
    pub fn position(&self, code: &str, pair: bool, now: i64) -> Option<u64> {
        let (centre, behind, ahead) = if self.token.kind() == "time" {
            (
                u64::try_from(now).expect("after 1970") / 30,
                if pair { 66 } else { 3 },
                if pair { 66 } else { 3 },
            )
        } else {
            (self.last.map_or(0, |last| last + 1), 0, if pair { 102 } else { 11 })
        };
        let shown = centre.saturating_sub(behind)..=centre + ahead;
        shown
            .filter(|at| self.last.is_none_or(|last| *at > last))
            .find(|position| at(&self.token.seed, *position) == code)
    }

    /// Where the second of two codes in a row stands.
    pub fn pair(&self, first: &str, second: &str, now: i64) -> Option<u64> {
        let position = self.position(first, true, now)?;
        (at(&self.token.seed, position + 1) == second).then_some(position + 1)
    }
}

/// A sign-in under way, as the cookie that stands for it was given out.
#[derive(Clone, Debug)]
pub struct SignIn {
    pub person: usize,
    pub password_at: Option<i64>,
    pub temporary: bool,
    pub new_password: bool,
    pub vip_at: Option<i64>,
    pub begun_at: i64,
    /// It has become a session, or was ended.
    pub over: bool,
}

impl SignIn {
    /// Whether nothing that it proved counts any more.
    pub fn is_over(&self, now: i64) -> bool {
        self.over || now - self.begun_at > if self.temporary { ENROLMENT } else { SIGN_IN }
    }
}

/// A session, as the cookie that stands for it was given out.
#[derive(Clone, Debug)]
pub struct Session {
    pub person: usize,
    pub password_at: i64,
    pub vip_at: Option<i64>,
    pub used_at: i64,
    /// The `sid`, once it is known.
    pub sid: String,
    pub ended: Option<&'static str>,
}

impl Session {
    /// Ends it if its time is over.
    pub fn expire(&mut self, now: i64) {
        let idle = IDLE[usize::from(self.vip_at.is_some())];
        if self.ended.is_none() && (now - self.used_at >= idle || now - self.password_at >= ABSOLUTE) {
            self.ended = Some("its time was over");
        }
    }

    /// The level proved.
    pub fn level(&self) -> &'static str {
        if self.vip_at.is_some() { "vip" } else { "password" }
    }
}

/// What a client was given a code for.
#[derive(Clone, Debug)]
pub struct Grant {
    pub client: usize,
    pub person: usize,
    pub code: String,
    pub verifier: String,
    pub nonce: String,
    pub issued_at: i64,
    /// The person's links at that moment.
    pub links: BTreeSet<Link>,
    pub password_at: i64,
    /// The level proved in the session when the code was given out.
    pub level: &'static str,
    /// The `acr` to be answered, which an essential request for less may lower.
    pub acr: &'static str,
    pub sid: String,
    pub redeemed: bool,
    pub revoked: Option<&'static str>,
    pub access: Option<String>,
    /// Refresh tokens, the one in force last.
    pub refresh: Vec<String>,
}

/// Everything that was proved.
#[derive(Debug, Default)]
pub struct Model {
    pub people: Vec<Someone>,
    pub sign_ins: HashMap<String, SignIn>,
    pub sessions: HashMap<String, Session>,
    pub grants: Vec<Grant>,
    /// Who has allowed the third party's client something.
    pub consents: HashSet<usize>,
    pub subjects: HashMap<String, usize>,
}

impl Model {
    /// The person of an address as it was typed.
    pub fn person(&self, typed: &str) -> Option<usize> {
        let typed = typed.trim();
        self.people.iter().position(|person| person.email.eq_ignore_ascii_case(typed))
    }

    /// The session of a cookie, if it has not ended.
    pub fn live(&self, cookie: Option<&str>) -> Option<&Session> {
        self.sessions.get(cookie?).filter(|session| session.ended.is_none())
    }

    /// A new password ends everything that was begun with the one before.
    pub fn password_set(&mut self, person: usize, password: &str, sign_in: &str) {
        let who = &mut self.people[person];
        who.old.extend(who.password.replace(password.to_owned()));
        who.temporaries.iter_mut().for_each(|sent| sent.dead = true);
        let others = self.sign_ins.iter_mut().filter(|(cookie, _)| *cookie != sign_in);
        others.filter(|(_, own)| own.person == person).for_each(|(_, own)| own.over = true);
        let sessions = self.sessions.values_mut().filter(|session| session.person == person);
        sessions.for_each(|session| session.ended = Some("the password was changed"));
        let grants = self.grants.iter_mut().filter(|grant| grant.person == person);
        grants.for_each(|grant| grant.revoked = Some("the password was changed"));
    }

    /// A session has ended, and with it what was granted in it.
    pub fn end(&mut self, cookie: &str, why: &'static str) {
        let Some(session) = self.sessions.get_mut(cookie) else { return };
        if session.ended.is_some() {
            return;
        }
        session.ended = Some(why);
        let sid = session.sid.clone();
        self.grants.iter_mut().filter(|grant| grant.sid == sid).for_each(|grant| grant.revoked = Some(why));
    }
}
