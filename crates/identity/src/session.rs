//! Sessions: what a browser has proved. A sign-in that is [`crate::journey::Complete`] starts one;
//! the cookie finds it again as [`Authenticated`], which nothing outside this file can make.

use std::sync::Arc;

use countersign_store::sign_in::SignIn;
use countersign_store::{Secret, Transaction, directory, grant, session, session_account};

use crate::directory::Profile;
use crate::journey::Complete;
use crate::level::Level;
use crate::sign_in::bridge_of;
use crate::{Identity, Result};

/// A session is noted as used at most this often, in seconds: a read should not cost a write each time.
const TOUCH: i64 = 60;

/// A person who is signed in in this browser, and what they proved. Made only from a live session.
#[derive(Clone, Debug)]
pub struct Authenticated {
    profile: Arc<Profile>,
    session: session::Session,
    revision: i64,
}

impl Authenticated {
    /// Who, with their accounts as they stand now.
    #[must_use]
    pub fn profile(&self) -> &Arc<Profile> {
        &self.profile
    }

    /// The session's id, the `sid`.
    #[must_use]
    pub fn session_id(&self) -> &str {
        &self.session.id
    }

    /// What was proved in this session.
    #[must_use]
    pub fn level(&self) -> Level {
        level_of(&self.session)
    }

    /// Until when a bridging code of the SOC stands in for the token that the address needs, in seconds since 1970; none
    /// when none does.
    #[must_use]
    pub fn bridged_until(&self) -> Option<i64> {
        self.session.bridged_until
    }

    /// When the person authenticated, in seconds since 1970: when the oldest factor that counts was proved.
    #[must_use]
    pub fn auth_time(&self) -> i64 {
        self.session.auth_time
    }

    /// The directory's revision when the session was read: what is remembered of it is good for caches.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    pub(crate) fn session(&self) -> &session::Session {
        &self.session
    }
}

/// A session just started: its cookie's secret and its id.
#[derive(Clone, Debug)]
pub struct Started {
    /// For the browser's cookie.
    pub secret: Secret,
    /// The session's id.
    pub session_id: String,
    /// Whether it took the place of another session of the browser, whose grants were revoked with it.
    pub replaced: bool,
}

pub(crate) fn level_of(session: &session::Session) -> Level {
    if session.vip_at.is_some() { Level::Vip } else { Level::Password }
}

impl Identity {
    /// The person signed in with this cookie: within the idle and absolute limits of what was proved, not
    /// disabled, not ended.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn session(&self, cookie: Option<&str>) -> Result<Option<Authenticated>> {
        let Some(secret) = cookie.and_then(Secret::parse) else { return Ok(None) };
        let Some(found) = session::find(self.store().read(), secret.digest()).await? else { return Ok(None) };
        let now = self.now();
        let lifetime = self.settings().lifetime(level_of(&found.session));
        if now >= found.session.expires_at || now - found.session.seen_at >= lifetime.idle {
            return Ok(None);
        }
        let profile =
            self.directory().profile(self.store(), &found.session.person_id, found.revision).await?;
        let Some(profile) = profile else { return Ok(None) };
        if now - found.session.seen_at >= TOUCH {
            self.touch(found.session.id.clone(), now);
        }
        Ok(Some(Authenticated { profile, session: found.session, revision: found.revision }))
    }

    /// Notes the use in the background: the request does not wait for it.
    fn touch(&self, id: String, now: i64) {
        let store = self.store().clone();
        tokio::spawn(async move {
            let touched =
                store.statement(move |db| Box::pin(async move { session::touch(&db, &id, now).await })).await;
            if let Err(error) = touched {
                tracing::warn!(%error, "a session's use could not be noted");
            }
        });
    }

    /// The profile of a person as of a revision the caller has just read; none when there is no such person or
    /// they may not sign in.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn profile(&self, person_id: &str, revision: i64) -> Result<Option<Arc<Profile>>> {
        self.directory().profile(self.store(), person_id, revision).await
    }

    /// The account chosen for a session at a service, while it is linked, and when it was chosen.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn chosen_account(&self, who: &Authenticated, service: &str) -> Result<Option<(String, i64)>> {
        let choice = session_account::find(self.store().read(), who.session_id(), service).await?;
        let linked = choice.filter(|choice| who.profile.account(&choice.account_id).is_some());
        Ok(linked.map(|choice| (choice.account_id, choice.chosen_at)))
    }

    /// Ends the session and revokes what was granted in it.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn end_session(&self, who: &Authenticated) -> Result<()> {
        let (id, now) = (who.session_id().to_owned(), self.now());
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                session::end(tx, &id, now).await?;
                grant::revoke_of_session(tx, &id, now).await?;
                Ok(())
            })
        });
        ended.await?;
        self.store().revoked();
        tracing::info!(target: "audit", event = "signed_out", person = %who.profile.person.id, session = %who.session_id());
        Ok(())
    }

    /// The current revision of the directory, for a request that reads nothing that brings it along.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn revision(&self) -> Result<i64> {
        Ok(directory::revision(self.store().read()).await?)
    }
}

/// What a new session is made of.
#[derive(Clone, Debug)]
pub(crate) struct Start {
    /// The sign-in that is complete. Its row need not be stored.
    pub sign_in: SignIn,
    /// The cookie's secret.
    pub secret: Secret,
    /// The browser's session before, to be carried over or ended.
    pub before: Option<session::Session>,
    /// The account chosen last, by service.
    pub chosen: Option<(String, String)>,
    /// When the session ends at the latest.
    pub expires_at: i64,
    /// The moment.
    pub now: i64,
}

/// Starts the session within the transaction that consumed the last factor. The same person's session in this
/// browser goes on under a new secret; another person's ends.
pub(crate) async fn start(
    tx: &Transaction,
    _complete: Complete,
    start: &Start,
) -> countersign_store::Result<Started> {
    let password_at = start.sign_in.password_at.unwrap_or(start.now);
    let same = start.before.as_ref().filter(|before| before.person_id == start.sign_in.person_id);
    let mut row = session::Session {
        id: same.map_or_else(countersign_store::secret::id, |before| before.id.clone()),
        digest: start.secret.digest(),
        person_id: start.sign_in.person_id.clone(),
        password_at,
        vip_at: start.sign_in.vip_at,
        vip_credential_id: start.sign_in.vip_credential_id.clone(),
        bridged_until: bridge_of(&start.sign_in),
        auth_time: password_at,
        created_at: start.now,
        seen_at: start.now,
        expires_at: start.expires_at,
        ended_at: None,
    };
    let mut replaced = false;
    if same.is_none() || !session::renew(tx, &row).await? {
        if same.is_some() {
            row.id = countersign_store::secret::id();
        }
        if let Some(other) = &start.before {
            replaced = true;
            session::end(tx, &other.id, start.now).await?;
            grant::revoke_of_session(tx, &other.id, start.now).await?;
        }
        session::insert(tx, row.clone()).await?;
    }
    if let Some((service_id, account_id)) = &start.chosen {
        let choice = session_account::SessionAccount {
            session_id: row.id.clone(),
            service_id: service_id.clone(),
            account_id: account_id.clone(),
            chosen_at: start.now,
        };
        session_account::choose(tx, choice).await?;
    }
    Ok(Started { secret: start.secret.clone(), session_id: row.id, replaced })
}
