//! A sign-in under way, from the right password to the session: finding it again, and asking the journey what comes
//! next. How it ends in a session: `ending`.

mod ending;

use std::sync::Arc;

use countersign_store::sign_in::{self, SignIn};
use countersign_store::{Secret, credential, secret, session_account};

use crate::directory::Profile;
use crate::journey::{self, Credentials, Demand, Facts, Next, Step};
use crate::level::Level;
use crate::session::{Authenticated, Started};
use crate::{Identity, Result};

pub(crate) use ending::{bridge_of, finish_in};

/// A sign-in of this browser, with the person as they stand now.
#[derive(Clone, Debug)]
pub struct Current {
    pub(crate) row: SignIn,
    pub(crate) secret: Secret,
    profile: Arc<Profile>,
    next: Next,
    chosen_before: bool,
}

/// What a page's answer led to.
#[derive(Clone, Debug)]
pub enum Advance {
    /// This page comes next.
    Step(Step),
    /// The sign-in is done: the session's cookie is to be set.
    Finished(Started),
    /// The form was sent twice and its first sending did the work: the same page, opened again, goes on.
    Again,
}

impl Current {
    /// The sign-in's id: no secret; a form carries it so that a form of an older sign-in is noticed.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.row.id
    }

    /// For the sign-in cookie, where this sign-in has just begun.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Who.
    #[must_use]
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The page that is due; none when nothing is left but to [`Identity::finish`].
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        match self.next {
            Next::Step(step) => Some(step),
            Next::Session(_) => None,
        }
    }

    /// Whether this sign-in changes a forgotten password, or makes a first one.
    #[must_use]
    pub fn is_enrolment(&self) -> bool {
        self.row.temporary_at.is_some()
    }
}

/// What the browser's sign-in cookie stands for.
#[derive(Clone, Debug)]
pub enum Found {
    /// Nothing, or nothing any more.
    None,
    /// A sign-in under way.
    Current(Box<Current>),
    /// A sign-in that became a session moments ago: a form sent twice goes on to where the first went.
    Finished(Started),
}

impl Identity {
    /// The sign-in of this cookie, in this browser, and what comes next for `demand`.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn sign_in(&self, cookie: Option<&str>, browser: &[u8], demand: &Demand) -> Result<Found> {
        let Some(secret) = cookie.and_then(Secret::parse) else { return Ok(Found::None) };
        let found = sign_in::find(self.store().read(), secret.digest(), self.now()).await?;
        let Some(sign_in::Found { sign_in: row, revision }) = found else { return Ok(Found::None) };
        if !secret::equal(&row.browser, browser) {
            return Ok(Found::None);
        }
        if let (Some(_), Some(session_id)) = (row.finished_at, row.session_id.clone()) {
            let secret = self.session_secret(&secret);
            return Ok(Found::Finished(Started { secret, session_id, replaced: false }));
        }
        self.current(row, secret, demand, revision).await
    }

    /// Where a sign-in is, as of the directory's `revision`, just read.
    pub(crate) async fn current(
        &self,
        row: SignIn,
        secret: Secret,
        demand: &Demand,
        revision: i64,
    ) -> Result<Found> {
        let Some(profile) = self.profile(&row.person_id, revision).await? else { return Ok(Found::None) };
        let chosen_before = self.chosen_before(&row, &profile, demand).await?;
        let next = self.next(&row, &profile, demand, chosen_before).await?;
        Ok(Found::Current(Box::new(Current { row, secret, profile, next, chosen_before })))
    }

    /// Whether the session this sign-in goes on from has chosen an account that still stands.
    async fn chosen_before(&self, row: &SignIn, profile: &Profile, demand: &Demand) -> Result<bool> {
        let (Some(session), Some(service)) = (&row.from_session_id, &demand.service) else {
            return Ok(false);
        };
        let choice = session_account::find(self.store().read(), session, service).await?;
        Ok(choice.is_some_and(|choice| {
            profile.account(&choice.account_id).is_some()
                && (!demand.select_account || choice.chosen_at >= demand.begun_at)
        }))
    }

    pub(crate) async fn next(
        &self,
        row: &SignIn,
        profile: &Profile,
        demand: &Demand,
        chosen: bool,
    ) -> Result<Next> {
        let required = profile.required(&self.settings().services);
        let credentials = match required {
            Level::Vip => self.credentials_of(profile).await?,
            Level::Password => Credentials::None,
        };
        let accounts = demand.service.as_deref().map_or(0, |service| profile.accounts_at(service).count());
        let bridged = row.bridged_until.is_some_and(|until| until > self.now()) && !demand.vip;
        Ok(journey::next(&Facts { required, credentials, accounts, chosen, bridged, ..Facts::of(row) }))
    }

    async fn credentials_of(&self, profile: &Profile) -> Result<Credentials> {
        let now = self.now();
        let rows = credential::of_person(self.store().read(), &profile.person.id).await?;
        let live = rows.iter().filter(|row| row.expires_at.is_none_or(|at| at > now));
        let states: Vec<&str> = live.map(|row| row.state.as_str()).collect();
        let has = |state: &str| states.contains(&state);
        Ok(if has(credential::REGISTERED) {
            Credentials::Registered
        } else if has(credential::LOCKED) {
            Credentials::Locked
        } else if has(credential::LOST)
            && !has(credential::ASSIGNED)
            && !self.settings().register_from_organization
        {
            Credentials::Lost
        } else {
            Credentials::None
        })
    }

    /// Steps up a live session: a sign-in that begins with what the session has proved, so that only what is
    /// missing is asked for.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn step_up(&self, who: &Authenticated, browser: &[u8], demand: &Demand) -> Result<Found> {
        let session = who.session();
        let mut row = self.new_row(&session.person_id, browser, self.settings().sign_in);
        row.password_at = Some(session.password_at);
        row.vip_at = session.vip_at;
        row.vip_credential_id.clone_from(&session.vip_credential_id);
        row.bridged_until = session.bridged_until;
        row.from_session_id = Some(session.id.clone());
        let secret = Secret::new();
        row.digest = secret.digest();
        let stored = row.clone();
        self.store().statement(move |db| Box::pin(async move { sign_in::insert(&db, stored).await })).await?;
        self.current(row, secret, demand, who.revision()).await
    }

    /// Takes the account chosen on the Multiple Accounts Found page. `None` when it is not one of the person's
    /// at that service.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn choose_account(
        &self,
        current: &Current,
        before: Option<&Authenticated>,
        demand: &Demand,
        account_id: &str,
    ) -> Result<Option<Advance>> {
        let Some(service) = demand.service.clone() else { return Ok(None) };
        if current.profile.account(account_id).is_none_or(|account| account.service_id != service) {
            return Ok(None);
        }
        let next = self.next(&current.row, &current.profile, demand, true).await?;
        let complete = match next {
            Next::Step(step) => return Ok(Some(Advance::Step(step))),
            Next::Session(complete) => complete,
        };
        let mut begin = self.begin(&current.row, &current.secret, before);
        begin.chosen = Some((service, account_id.to_owned()));
        self.complete(begin, complete).await.map(Some)
    }

    /// Whether the step that this page was for is behind it by now: its form was sent twice.
    pub(crate) async fn is_over(&self, current: &Current) -> Result<bool> {
        let row = sign_in::find(self.store().read(), current.row.digest.clone(), self.now()).await?;
        let row = row.map(|found| found.sign_in);
        Ok(row.is_some_and(|row| row.finished_at.is_some() || row.vip_at != current.row.vip_at))
    }

    /// A new sign-in's row, with nothing proved.
    pub(crate) fn new_row(&self, person_id: &str, browser: &[u8], lifetime: i64) -> SignIn {
        let now = self.now();
        SignIn {
            id: secret::id(),
            digest: Vec::new(),
            browser: browser.to_vec(),
            person_id: person_id.to_owned(),
            temporary_digest: None,
            password_at: None,
            temporary_at: None,
            new_password_at: None,
            vip_at: None,
            vip_credential_id: None,
            bridged_until: None,
            resync: false,
            guesses: 0,
            from_session_id: None,
            created_at: now,
            expires_at: now + lifetime,
            finished_at: None,
            session_id: None,
        }
    }
}

impl Current {
    /// What the journey said.
    pub(crate) fn next(&self) -> Next {
        self.next
    }

    /// Whether the account chosen in the session before still counts.
    pub(crate) fn chosen_before(&self) -> bool {
        self.chosen_before
    }
}
