//! New User and Forgot password: the page answers at once and says the same to everybody; what it leads to is
//! done here, later and apart, so that neither bytes nor time tell whether an address is known.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use countersign_store::person::{self, Person};
use countersign_store::temporary_password::{self, TemporaryPassword};
use countersign_store::{mail as mail_queue, secret, throttle};
use tokio::sync::{Notify, mpsc};

use crate::address::Address;
use crate::language::Language;
use crate::mail::Notice;
use crate::throttle::{Kind, bucket};
use crate::{Identity, Result};

/// Characters of a temporary password: five bits each.
const LENGTH: usize = 20;
/// Requests that wait at most; more are dropped, as a mail may be.
const WAITING: usize = 1024;
/// How long requests gather before they are worked off, apart from the requests that made them.
const GATHER: Duration = Duration::from_millis(250);

/// Why a temporary password is mailed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The New User page.
    NewUser,
    /// The Forgot password page.
    ForgotPassword,
    /// The right password of someone who must register a credential first.
    RegisterCredential,
}

struct Request {
    email: String,
    reason: Reason,
    language: Language,
}

/// The requests waiting, and the bell of the mail sender.
pub(crate) struct Requests {
    sender: mpsc::Sender<Request>,
    receiver: Mutex<Option<mpsc::Receiver<Request>>>,
    pub(crate) mail_waits: Notify,
}

impl Default for Requests {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver: Mutex::new(Some(receiver)), mail_waits: Notify::new() }
    }
}

impl Identity {
    /// Takes note that someone asked for a mail to `email`. The answer is the same whatever comes of it.
    /// `Err` holds the seconds to wait when this network asks too often.
    ///
    /// # Errors
    /// The seconds to wait.
    pub fn request_mail(
        &self,
        email: &str,
        reason: Reason,
        language: Language,
        network: IpAddr,
    ) -> std::result::Result<(), u32> {
        self.count_network(network)?;
        let email = email.chars().take(320).collect();
        // A full channel drops the request, as the network may drop the mail: the person asks again.
        let _ = self.requests().sender.try_send(Request { email, reason, language });
        Ok(())
    }

    /// Rings the mail sender's bell.
    pub(crate) fn mail_waits(&self) {
        self.requests().mail_waits.notify_one();
    }

    async fn work_off(&self, request: Request) -> Result<()> {
        let Ok(address) = Address::parse(&request.email) else { return Ok(()) };
        let key = address.key().to_owned();
        let (bucket, rate) = (bucket(self.keyring(), Kind::Mail, &key), self.settings().mail_rate);
        let now = self.clock().now_millis();
        let counted = self
            .store()
            .statement(move |db| Box::pin(async move { throttle::count(&db, bucket, rate, now).await }));
        if !counted.await? {
            self.tally().throttled.add();
            return Ok(());
        }
        let known = person::find_by_key(self.store().read(), &key).await?;
        let known = known.map(|found| found.person);
        let Some(person) = known.filter(|person| person.disabled_at.is_none()) else { return Ok(()) };
        if request.reason == Reason::NewUser && person.password_hash.is_some() {
            let language = self.language_of(&person, Some(request.language));
            let mail = self.notice_in(language, &person, &Notice::HasLogin)?;
            self.store().write(move |tx| Box::pin(async move { mail_queue::insert(tx, mail).await })).await?;
            self.mail_waits();
            return Ok(());
        }
        self.mail_temporary(&person, request.reason, Some(request.language)).await
    }

    /// Mails a temporary password: the row and the mail are written together.
    pub(crate) async fn mail_temporary(
        &self,
        person: &Person,
        reason: Reason,
        language: Option<Language>,
    ) -> Result<()> {
        let password = secret::typed(LENGTH);
        let lifetime = self.settings().temporary_password;
        let row = TemporaryPassword {
            id: secret::id(),
            person_id: person.id.clone(),
            digest: self.temporary_digest(&person.email_key, &password),
            issued_at: self.clock().now_millis(),
            expires_at: self.now() + lifetime,
            spent_at: None,
        };
        let notice =
            Notice::TemporaryPassword { reason, password: password.to_string(), minutes: lifetime / 60 };
        let mail = self.notice_in(self.language_of(person, language), person, &notice)?;
        self.store()
            .write(move |tx| {
                Box::pin(async move {
                    temporary_password::insert(tx, row).await?;
                    mail_queue::insert(tx, mail).await
                })
            })
            .await?;
        self.mail_waits();
        tracing::info!(target: "audit", event = "temporary_password_mailed", person = %person.id, ?reason);
        Ok(())
    }

    /// The language a person chose once, else the one of the page they asked from.
    fn language_of(&self, person: &Person, asked: Option<Language>) -> Language {
        person.language.as_deref().and_then(Language::parse).or(asked).unwrap_or_default()
    }
}

/// Works the requests off, until the task is dropped. Runs once a process.
pub async fn run(identity: Identity) {
    let receiver = identity.requests().receiver.lock().unwrap_or_else(PoisonError::into_inner).take();
    let Some(mut receiver) = receiver else { return };
    while let Some(request) = receiver.recv().await {
        tokio::time::sleep(GATHER).await;
        let mut gathered = vec![request];
        while let Ok(more) = receiver.try_recv() {
            gathered.push(more);
        }
        for request in gathered {
            if let Err(error) = identity.work_off(request).await {
                tracing::error!(%error, "a request for a mail failed");
            }
        }
    }
}
