//! The Create a New Password page's answer.

use countersign_store::{grant, mail as mail_queue, person, session, sign_in, temporary_password};
use secrecy::{ExposeSecret as _, SecretString};

use crate::address::Address;
use crate::journey::{Demand, Step};
use crate::mail::Notice;
use crate::password::policy::{Context, Refusal, judge};
use crate::session::Authenticated;
use crate::sign_in::{Advance, Current, finish_in};
use crate::{Error, Identity, Result};

/// What a new password led to.
#[derive(Debug)]
pub enum NewPasswordOutcome {
    /// It is set.
    Advanced(Advance),
    /// The two fields differ.
    Differ,
    /// It is not a password we take; why.
    Refused(Refusal),
}

impl Identity {
    /// Sets the new password of an enrolment. It ends every temporary password, every other sign-in under way,
    /// every session and every grant of the person, and is announced by mail when it replaces one.
    ///
    /// # Errors
    /// [`Error::Busy`] when the hashing queue is full; [`Error::Store`].
    pub async fn new_password(
        &self,
        current: &Current,
        (password, confirm): (SecretString, SecretString),
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<NewPasswordOutcome> {
        if current.step() != Some(Step::NewPassword) {
            return Ok(NewPasswordOutcome::Advanced(self.finish(current, before).await?));
        }
        if password.expose_secret() != confirm.expose_secret() {
            return Ok(NewPasswordOutcome::Differ);
        }
        if let Some(refusal) = self.refusal(current, &password)? {
            return Ok(NewPasswordOutcome::Refused(refusal));
        }
        let hash = match self.hasher().hash(password).await {
            Ok(hash) => hash,
            Err(crate::password::hash::HashError::Busy(busy)) => return Err(busy.into()),
            Err(other) => return Err(Error::Corrupt(other.to_string())),
        };
        self.set_password(current, hash, before, demand).await.map(NewPasswordOutcome::Advanced)
    }

    fn refusal(&self, current: &Current, password: &SecretString) -> Result<Option<Refusal>> {
        let profile = current.profile();
        let address = Address::parse(&profile.person.email)
            .map_err(|error| Error::Corrupt(format!("person {}: {error}", profile.person.id)))?;
        let digest = self.temporary_digest(&profile.person.email_key, password.expose_secret());
        let temporary = current.row.temporary_digest.as_ref();
        let words: Vec<&str> =
            profile.accounts.iter().map(|account| account.organization_name.as_str()).collect();
        let context = Context {
            address: &address,
            words: &words,
            is_temporary: temporary.is_some_and(|sent| countersign_store::secret::equal(sent, &digest)),
        };
        Ok(judge(password, context).err())
    }

    async fn set_password(
        &self,
        current: &Current,
        hash: String,
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<Advance> {
        let mut proved = current.row.clone();
        let now = self.now();
        proved.new_password_at = Some(now);
        proved.password_at = Some(now);
        let next = self.next(&proved, current.profile(), demand, current.chosen_before()).await?;
        let begin = self.begin(&proved, &current.secret, before);
        let person = current.profile().person.clone();
        let had_one = person::find(self.store().read(), &person.id)
            .await?
            .is_some_and(|row| row.password_hash.is_some());
        let announcement = had_one.then(|| self.notice(&person, &Notice::PasswordChanged)).transpose()?;
        let (id, who) = (proved.id.clone(), person.id.clone());
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                if !sign_in::record(tx, &id, sign_in::Event::NewPassword, now).await? {
                    return Err(countersign_store::Error::Conflict("the sign-in is over".into()));
                }
                person::set_password(tx, &who, &hash, now).await?;
                temporary_password::end_all(tx, &who).await?;
                sign_in::end_others(tx, &who, &id).await?;
                session::end_others(tx, &who, None, now).await?;
                grant::revoke_of_person(tx, &who, None, now).await?;
                if let Some(mail) = announcement {
                    mail_queue::insert(tx, mail).await?;
                }
                finish_in(tx, &begin, next).await
            })
        });
        let ended = ended.await;
        self.store().revoked();
        self.mail_waits();
        tracing::info!(target: "audit", event = "password_set", person = %person.id);
        self.settle(ended, &proved)
    }
}
