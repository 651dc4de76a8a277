//! The Login page's one answer: the email address and the password, the person's own or a temporary one.

use std::net::IpAddr;

use countersign_store::person::{self, Person};
use countersign_store::{Secret, sign_in, temporary_password, throttle};
use secrecy::{ExposeSecret as _, SecretString};

use crate::address::Address;
use crate::journey::{Demand, Next, Step};
use crate::mail_request::Reason;
use crate::session::{Authenticated, Started, start};
use crate::sign_in::{Current, Found};
use crate::{Identity, Result};

/// What a browser sent from the Login page.
#[derive(Debug)]
pub struct Attempt<'a> {
    /// The address as typed.
    pub email: &'a str,
    /// The password as typed.
    pub password: SecretString,
    /// Digest of the browser's binding cookie.
    pub browser: &'a [u8],
    /// The value of the cookie that says this browser has signed in for an address before, if it has one.
    pub known: Option<&'a str>,
    /// Where it came from.
    pub network: IpAddr,
    /// The session this browser has already.
    pub before: Option<&'a Authenticated>,
}

/// What the Login page's answer led to.
#[derive(Debug)]
pub enum PasswordOutcome {
    /// The address and password are wrong together, or nothing more may be said.
    Wrong,
    /// Too many attempts: seconds until another may be made.
    Throttled(u32),
    /// Right: the sign-in cookie is to be set to this secret, and this page comes next.
    Begun {
        /// For the sign-in cookie.
        secret: Secret,
        /// What comes next.
        step: Step,
    },
    /// Right, and nothing else is needed: the session cookie is to be set.
    Finished(Started),
    /// Right, but a credential must be registered first: a temporary password has been mailed.
    RegisterFirst,
}

/// What goes along with an attempt whose password is right.
struct Onward<'a> {
    /// The throttle's bucket, to be given back.
    bucket: i64,
    /// The directory's revision that the person was read at.
    revision: i64,
    demand: &'a Demand,
}

/// The password matched, or a temporary one did.
enum Proved {
    Own,
    Temporary(Vec<u8>),
}

impl Identity {
    /// Judges an address with a password. Unknown, disabled and unfinished addresses cost the same work and
    /// get the same answer as a wrong password.
    ///
    /// # Errors
    /// [`crate::Error::Busy`] when the hashing queue is full; [`crate::Error::Store`].
    pub async fn password(&self, attempt: Attempt<'_>, demand: &Demand) -> Result<PasswordOutcome> {
        if let Err(wait) = self.count_network(attempt.network) {
            self.tally().throttled.add();
            return Ok(PasswordOutcome::Throttled(wait));
        }
        let key = canonical(attempt.email);
        let bucket = self.address_bucket(&key, attempt.known);
        if !self.count_address(bucket).await? {
            self.tally().throttled.add();
            let wait = self.settings().address_rate.interval_millis / 1000;
            return Ok(PasswordOutcome::Throttled(u32::try_from(wait.max(1)).unwrap_or(u32::MAX)));
        }
        let known = person::find_by_key(self.store().read(), &key).await?;
        let revision = known.as_ref().map_or(0, |found| found.revision);
        match self.prove(&attempt, &key, known.map(|found| found.person)).await? {
            Some((person, proved)) => {
                self.proved(&attempt, person, proved, &Onward { bucket, revision, demand }).await
            }
            None => {
                self.tally().wrong_passwords.add();
                tracing::info!(target: "audit", event = "wrong_password");
                Ok(PasswordOutcome::Wrong)
            }
        }
    }

    /// The same queries and one hash for everybody, then the verdict.
    async fn prove(
        &self,
        attempt: &Attempt<'_>,
        key: &str,
        known: Option<Person>,
    ) -> Result<Option<(Person, Proved)>> {
        let digest = self.temporary_digest(key, attempt.password.expose_secret());
        let id = known.as_ref().map_or("", |person| person.id.as_str());
        let (db, now) = (self.store().read(), self.now());
        let temporary = temporary_password::standing(db, id, &digest, attempt.browser, now).await?;
        let hash = known.as_ref().and_then(|person| person.password_hash.clone());
        let verdict = self.hasher().verify(attempt.password.clone(), hash.clone()).await?;
        let Some(person) = known.filter(|person| person.disabled_at.is_none()) else { return Ok(None) };
        if verdict.matches {
            if let (true, Some(old)) = (verdict.rehash, hash) {
                self.rehash(person.id.clone(), old, attempt.password.clone());
            }
            return Ok(Some((person, Proved::Own)));
        }
        let good = temporary.valid || temporary.opened_here;
        Ok(good.then_some((person, Proved::Temporary(digest))))
    }

    async fn proved(
        &self,
        attempt: &Attempt<'_>,
        person: Person,
        proved: Proved,
        onward: &Onward<'_>,
    ) -> Result<PasswordOutcome> {
        match proved {
            Proved::Own => self.begin_with_password(attempt, person, onward).await,
            Proved::Temporary(digest) => self.begin_enrolment(attempt, person, digest, onward).await,
        }
    }

    async fn begin_with_password(
        &self,
        attempt: &Attempt<'_>,
        person: Person,
        onward: &Onward<'_>,
    ) -> Result<PasswordOutcome> {
        let Onward { bucket, revision, demand } = *onward;
        let mut row = self.new_row(&person.id, attempt.browser, self.settings().sign_in);
        row.password_at = Some(self.now());
        row.from_session_id = same_persons(attempt.before, &person).map(|id| id.to_owned());
        let secret = Secret::new();
        row.digest = secret.digest();
        let current = match self.current(row, secret, demand, revision).await? {
            Found::Current(current) => *current,
            _ => return Ok(PasswordOutcome::Wrong),
        };
        match current.step() {
            Some(Step::RegisterFirst) => {
                self.mail_temporary(&person, Reason::RegisterCredential, None).await?;
                Ok(PasswordOutcome::RegisterFirst)
            }
            Some(step) => {
                let Current { row, secret, .. } = current;
                self.store()
                    .write(move |tx| {
                        Box::pin(async move {
                            sign_in::insert(tx, row).await?;
                            throttle::forgive(tx, bucket).await
                        })
                    })
                    .await?;
                Ok(PasswordOutcome::Begun { secret, step })
            }
            None => self.finish_at_once(current, attempt.before, bucket).await,
        }
    }

    /// Nothing but the password is needed: the session is started with no row of a sign-in in between.
    async fn finish_at_once(
        &self,
        current: Current,
        before: Option<&Authenticated>,
        bucket: i64,
    ) -> Result<PasswordOutcome> {
        let begin = self.begin(&current.row, &current.secret, before);
        let Next::Session(complete) = current.next() else { return Ok(PasswordOutcome::Wrong) };
        let started = self.store().write(move |tx| {
            Box::pin(async move {
                let started = start(tx, complete, &begin).await?;
                throttle::forgive(tx, bucket).await?;
                Ok(started)
            })
        });
        let started = started.await?;
        self.announce(&started, &current.row);
        Ok(PasswordOutcome::Finished(started))
    }

    async fn begin_enrolment(
        &self,
        attempt: &Attempt<'_>,
        person: Person,
        digest: Vec<u8>,
        onward: &Onward<'_>,
    ) -> Result<PasswordOutcome> {
        let Onward { bucket, revision, demand } = *onward;
        let mut row = self.new_row(&person.id, attempt.browser, self.settings().enrolment);
        row.temporary_at = Some(self.now());
        row.temporary_digest = Some(digest.clone());
        let secret = self.enrolment_secret(&digest, attempt.browser);
        row.digest = secret.digest();
        let (stored, id, now) = (row.clone(), person.id.clone(), self.now());
        let spent = self.store().write(move |tx| {
            Box::pin(async move {
                if !temporary_password::spend(tx, &id, &digest, now).await? {
                    return Ok(false);
                }
                sign_in::insert(tx, stored).await?;
                throttle::forgive(tx, bucket).await?;
                Ok(true)
            })
        });
        if !spent.await? {
            return self.enrolment_again(secret, attempt.browser, demand).await;
        }
        tracing::info!(target: "audit", event = "enrolment_opened", person = %person.id);
        match self.current(row, secret.clone(), demand, revision).await? {
            Found::Current(current) => Ok(begun(secret, &current)),
            _ => Ok(PasswordOutcome::Wrong),
        }
    }

    /// The temporary password was spent: by this very browser, when the form was sent twice; else it is wrong.
    async fn enrolment_again(
        &self,
        secret: Secret,
        browser: &[u8],
        demand: &Demand,
    ) -> Result<PasswordOutcome> {
        match self.sign_in(Some(&secret.text()), browser, demand).await? {
            Found::Current(current) if self.now() - current.row.created_at < SENT_TWICE => {
                Ok(begun(secret, &current))
            }
            _ => Ok(PasswordOutcome::Wrong),
        }
    }

    /// The enrolment's secret is made of the temporary password's digest and the browser's binding under the
    /// master key: only the browser that opened it can come to it again, and it comes to the same one.
    fn enrolment_secret(&self, digest: &[u8], browser: &[u8]) -> Secret {
        Secret::from_bytes(self.keyring().mac("enrolment", &[digest, browser].concat()))
    }

    /// What the database keeps of a temporary password: keyed by the address it was sent to.
    pub(crate) fn temporary_digest(&self, key: &str, password: &str) -> Vec<u8> {
        let typed: String = password.trim().to_lowercase();
        self.keyring().mac("temporary password", format!("{key}\0{typed}").as_bytes()).to_vec()
    }

    /// Hashes the same password at today's cost, in the background.
    fn rehash(&self, person_id: String, old: String, password: SecretString) {
        let identity = self.clone();
        tokio::spawn(async move {
            let Ok(new) = identity.hasher().hash(password).await else { return };
            let written = identity
                .store()
                .write(move |tx| Box::pin(async move { person::rehash(tx, &person_id, &old, &new).await }))
                .await;
            if let Err(error) = written {
                tracing::warn!(%error, "a password could not be rehashed");
            }
        });
    }
}

/// A form counts as sent twice this many seconds long.
const SENT_TWICE: i64 = 120;

fn begun(secret: Secret, current: &Current) -> PasswordOutcome {
    // An enrolment always has a page to come: nothing has set a new password yet.
    current.step().map_or(PasswordOutcome::Wrong, |step| PasswordOutcome::Begun { secret, step })
}

fn same_persons<'a>(before: Option<&'a Authenticated>, person: &Person) -> Option<&'a str> {
    before.filter(|before| before.profile().person.id == person.id).map(Authenticated::session_id)
}

/// The key an address is looked up by. What is no address gets a key that no row has.
fn canonical(typed: &str) -> String {
    Address::parse(typed)
        .map_or_else(|_| typed.chars().take(254).collect(), |address| address.key().to_owned())
}
