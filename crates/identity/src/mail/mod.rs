//! What is sent to people: composed in their language, sealed into the queue in the transaction of what it
//! announces, handed over by a job that outlives any request.

mod compose;
mod sender;
mod transport;

pub use compose::{Notice, moment};
pub use sender::run;
pub use transport::{LettreTransport, Outbox, Transport};

use countersign_store::mail::{self, QueuedMail};
use countersign_store::person::{self, Person};
use countersign_store::secret;
use serde::{Deserialize, Serialize};

use crate::language::Language;
use crate::{Error, Identity, Result};

/// A composed mail.
#[derive(Clone, Serialize, Deserialize)]
pub struct Mail {
    /// The queue's id, of which the Message-ID is made.
    pub id: String,
    /// The address as an administrator wrote it.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
    /// The temporary password in it, for the demonstration's outbox.
    pub temporary_password: Option<String>,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mail({}, {:?})", self.id, self.subject)
    }
}

impl Identity {
    /// The queue's row for a notice to a person, in their language.
    pub(crate) fn notice(&self, person: &Person, notice: &Notice) -> Result<QueuedMail> {
        let language = person.language.as_deref().and_then(Language::parse).unwrap_or_default();
        self.notice_in(language, person, notice)
    }

    pub(crate) fn notice_in(
        &self,
        language: Language,
        person: &Person,
        notice: &Notice,
    ) -> Result<QueuedMail> {
        let id = secret::id();
        let envelope = compose::Envelope { id: &id, to: &person.email, now: self.now() };
        let mail = compose::compose(self.settings(), language, &envelope, notice);
        let plain = serde_json::to_vec(&mail).map_err(|error| Error::Mail(error.to_string()))?;
        Ok(QueuedMail {
            sealed: self.keyring().seal(&purpose(&id), &plain),
            id,
            created_at: self.clock().now_millis(),
            next_attempt_at: self.now(),
            attempts: 0,
        })
    }

    pub(crate) fn open_mail(&self, row: &QueuedMail) -> Result<Mail> {
        let plain = self.keyring().open(&purpose(&row.id), &row.sealed)?;
        serde_json::from_slice(&plain).map_err(|error| Error::Corrupt(format!("mail {}: {error}", row.id)))
    }

    pub(crate) async fn mail_credential_locked(&self, person_id: &str, credential_id: &str) -> Result<()> {
        let Some(person) = person::find(self.store().read(), person_id).await? else { return Ok(()) };
        let mail =
            self.notice(&person, &Notice::CredentialLocked { credential_id: credential_id.to_owned() })?;
        self.store().write(move |tx| Box::pin(async move { mail::insert(tx, mail).await })).await?;
        self.mail_waits();
        Ok(())
    }
}

fn purpose(id: &str) -> String {
    format!("mail {id}")
}
