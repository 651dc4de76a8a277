//! The changes a holder makes: each one conditional update, with the mail that announces it in the same transaction.

use countersign_store::credential::{self, Credential};
use countersign_store::credential_holder::{self as holder, Holder as Acting};
use countersign_store::service_credential::Binding;
use countersign_store::throttle::{self, Rate};
use countersign_store::{grant, mail as mail_queue, session};

use super::{Fresh, Holder, TokenState};
use crate::administration::end_sessions;
use crate::factor::{Accepted, AtService, Guess, RegistrationTry, Verdict, register, token_name};
use crate::mail::Notice;
use crate::seed_file::credential_id;
use crate::throttle::{Kind, bucket};
use crate::{Identity, Result};

/// Registrations that one person may try at once, and how fast they come back.
const TRIES: Rate = Rate { interval_millis: 6 * 60_000, burst: 10 };

/// What a change led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It was made.
    Done,
    /// It was made before, or the token is not this person's (any more).
    Nothing,
    /// The last registered token of an address that needs one is not given back.
    Last,
}

/// What an attempt to add a token led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is registered.
    Done,
    /// The form was sent twice, and its first sending did the work.
    Again,
    /// The same code twice: the token's next one is to be waited for.
    SameCode,
    /// The ID, the codes or both are wrong, or the credential is not this person's to register.
    Refused,
    /// Too many tries: some time must pass.
    Exhausted,
    /// The codes could not be checked just now: they may have been used up all the same.
    Unavailable,
}

/// A form counts as sent twice this many seconds long.
const SENT_TWICE: i64 = 120;

impl Fresh<'_> {
    fn acting(&self, now: i64) -> Acting {
        let session = self.0.session();
        Acting { person_id: session.person_id.clone(), session_id: session.id.clone(), now }
    }

    /// The same person, who may look.
    #[must_use]
    pub fn holder(&self) -> Holder<'_> {
        Holder(self.0)
    }

    fn person_id(&self) -> &str {
        &self.0.profile().person.id
    }

    /// Whether this very session rests on a code of that credential.
    #[must_use]
    pub fn rests_on(&self, id: &str) -> bool {
        self.0.session().vip_credential_id.as_deref() == Some(id)
    }
}

impl Identity {
    /// Gives a token another name, or none.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn rename_token(&self, who: &Fresh<'_>, id: &str, name: &str) -> Result<Changed> {
        let Some(id) = credential_id(id) else { return Ok(Changed::Nothing) };
        let (acting, name) = (who.acting(self.now()), token_name(name));
        let notice = Notice::CredentialRenamed { credential_id: id.clone(), token_name: name.clone() };
        let mail = self.notice(&who.0.profile().person, &notice)?;
        let renamed = id.clone();
        let done = self.store().write(move |tx| {
            Box::pin(async move {
                let done = holder::rename(tx, &acting, &renamed, name).await?;
                if done {
                    mail_queue::insert(tx, mail).await?;
                }
                Ok(done)
            })
        });
        if !done.await? {
            return Ok(Changed::Nothing);
        }
        self.announced(who, "credential_renamed", &id);
        Ok(Changed::Done)
    }

    /// Gives a token back: it stays assigned to the person, who may register it again. Their other sessions that rest on
    /// it end.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn remove_token(&self, who: &Fresh<'_>, id: &str) -> Result<Changed> {
        let token = self.held_token(&who.holder(), id).await?;
        let registered = token.filter(|token| token.state == TokenState::Registered);
        let Some(token) = registered else { return Ok(Changed::Nothing) };
        let (acting, id) = (who.acting(self.now()), token.credential_id);
        let before = credential::find(self.store().read(), &id).await?;
        let notice = Notice::CredentialRemoved { credential_id: id.clone(), token_name: token.name };
        let mail = self.notice(&who.0.profile().person, &notice)?;
        let removed = id.clone();
        let done = self.store().write(move |tx| {
            Box::pin(async move {
                if !holder::remove(tx, &acting, &removed).await? {
                    return Ok(false);
                }
                let (keep, now) = (&acting.session_id, acting.now);
                for session in session::end_others_of_credential(tx, &removed, keep, now).await? {
                    grant::revoke_of_session(tx, &session, now).await?;
                }
                mail_queue::insert(tx, mail).await?;
                Ok(true)
            })
        });
        if !done.await? {
            // Between the look and the update: sent twice, or the other one was given back meanwhile.
            let now = self.held_token(&who.holder(), &id).await?;
            let stays = now.is_some_and(|token| token.state == TokenState::Registered);
            return Ok(if stays { Changed::Last } else { Changed::Nothing });
        }
        self.store().revoked();
        self.announced(who, "credential_removed", &id);
        self.left_service(before).await?;
        Ok(Changed::Done)
    }

    /// Reports a token lost: no code of it counts from then on, and every session that rests on it ends, this one too.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn report_lost(&self, who: &Fresh<'_>, id: &str) -> Result<Changed> {
        let Some(token) = self.held_token(&who.holder(), id).await? else { return Ok(Changed::Nothing) };
        let (acting, id) = (who.acting(self.now()), token.credential_id);
        let before = credential::find(self.store().read(), &id).await?;
        let notice = Notice::CredentialLost { credential_id: id.clone(), token_name: token.name };
        let mail = self.notice(&who.0.profile().person, &notice)?;
        let lost = id.clone();
        let done = self.store().write(move |tx| {
            Box::pin(async move {
                if !holder::lose(tx, &acting, &lost).await? {
                    return Ok(false);
                }
                end_sessions(tx, &lost, acting.now).await?;
                mail_queue::insert(tx, mail).await?;
                Ok(true)
            })
        });
        if !done.await? {
            return Ok(Changed::Nothing);
        }
        self.store().revoked();
        self.announced(who, "credential_lost", &id);
        self.left_service(before).await?;
        Ok(Changed::Done)
    }

    /// Whether a person's credential is marked as lost.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn is_reported(&self, person_id: &str, id: &str) -> Result<bool> {
        let row = credential::find(self.store().read(), id).await?;
        Ok(row
            .is_some_and(|row| row.state == credential::LOST && row.person_id.as_deref() == Some(person_id)))
    }

    /// Registers a further token, by the rules of the first one's registration. Tries are counted per person, before
    /// they are looked at.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn add_token(&self, who: &Fresh<'_>, offered: RegistrationTry<'_>) -> Result<Added> {
        if offered.code1.trim() == offered.code2.trim() {
            return Ok(Added::SameCode);
        }
        if !self.count_try(who.person_id()).await? {
            return Ok(Added::Exhausted);
        }
        let profile = who.0.profile();
        let organizations = self.stock(profile);
        let Some(row) = self.registrable(profile, &offered, &organizations).await? else {
            return self.not_added(who, &offered).await;
        };
        let (rows, codes) = ([row], (offered.code1, Some(offered.code2)));
        let guess = Guess { person: &profile.person, rows: &rows, codes };
        let token_name = token_name(offered.token_name);
        let accepted = match self.judge_registration(&guess, token_name.as_deref()).await? {
            Verdict::Right(accepted) => accepted,
            Verdict::Unavailable | Verdict::Misconfigured => return Ok(Added::Unavailable),
            _ => return self.not_added(who, &offered).await,
        };
        let wanted = Binding {
            id: rows[0].id.clone(),
            person_id: who.person_id().to_owned(),
            token_name,
            now: self.now(),
            organizations,
        };
        self.bind(who, (accepted, wanted), &guess, &offered).await
    }

    async fn not_added(&self, who: &Fresh<'_>, offered: &RegistrationTry<'_>) -> Result<Added> {
        if self.is_sent_twice(who, offered).await? {
            return Ok(Added::Again);
        }
        self.tally().wrong_codes.add();
        tracing::info!(target: "audit", event = "registration_refused", person = %who.person_id());
        Ok(Added::Refused)
    }

    /// Registers by one conditional update, while the session lives.
    async fn bind(
        &self,
        who: &Fresh<'_>,
        (accepted, wanted): (Accepted, Binding),
        guess: &Guess<'_>,
        offered: &RegistrationTry<'_>,
    ) -> Result<Added> {
        let (acting, id) = (who.acting(self.now()), wanted.id.clone());
        let notice =
            Notice::CredentialRegistered { credential_id: id.clone(), token_name: wanted.token_name.clone() };
        let mail = self.notice(&who.0.profile().person, &notice)?;
        let done = self.store().write(move |tx| {
            Box::pin(async move {
                let done = holder::is_live(tx, &acting).await? && register(tx, &accepted, &wanted).await?;
                if done {
                    mail_queue::insert(tx, mail).await?;
                }
                Ok(done)
            })
        });
        if !done.await? {
            if self.is_sent_twice(who, offered).await? {
                return Ok(Added::Again);
            }
            self.withdraw_registration(guess).await?;
            return Ok(Added::Refused);
        }
        self.announced(who, "credential_registered", &id);
        Ok(Added::Done)
    }

    /// Whether this person registered that very credential moments ago.
    async fn is_sent_twice(&self, who: &Fresh<'_>, offered: &RegistrationTry<'_>) -> Result<bool> {
        let held = self.held_token(&who.holder(), offered.credential_id).await?;
        let now = self.now();
        Ok(held.is_some_and(|token| {
            token.state == TokenState::Registered
                && token.registered_at.is_some_and(|at| now - at < SENT_TWICE)
        }))
    }

    async fn count_try(&self, person_id: &str) -> Result<bool> {
        let bucket = bucket(self.keyring(), Kind::Registration, person_id);
        let now = self.clock().now_millis();
        let counted = self
            .store()
            .statement(move |db| Box::pin(async move { throttle::count(&db, bucket, TRIES, now).await }));
        let counted = counted.await?;
        if !counted {
            self.tally().throttled.add();
        }
        Ok(counted)
    }

    /// Tells the VIP service of a token that is no longer its holder's, as it was before.
    async fn left_service(&self, before: Option<Credential>) -> Result<()> {
        let Some(before) = before else { return Ok(()) };
        if self.remove_at_service(&before).await? == AtService::Stays {
            tracing::warn!(credential = before.id, "the VIP service takes this token for its holder's still");
        }
        Ok(())
    }

    /// A change was made, and a mail about it waits.
    fn announced(&self, who: &Fresh<'_>, event: &str, credential: &str) {
        self.mail_waits();
        let (person, session) = (who.person_id(), who.0.session_id());
        tracing::info!(target: "audit", event, %person, credential, session, by = "holder");
    }
}
