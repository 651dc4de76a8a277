//! How mail leaves: over SMTP or into a folder by lettre, or into the demonstration's outbox.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::message::{Mailbox, MultiPart};
use lettre::{AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::{ExposeSecret as _, SecretString};

use crate::mail::Mail;
use crate::{Error, Result};

/// Takes mails over. When it says so, the queue erases its row.
pub trait Transport: Send + Sync {
    /// Hands one mail over.
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;
}

/// SMTP or a folder.
pub struct LettreTransport {
    from: Mailbox,
    way: Way,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(AsyncFileTransport<Tokio1Executor>),
}

/// An SMTP server that says nothing for this long is given up for now.
const SMTP_PATIENCE: Duration = Duration::from_secs(20);

impl LettreTransport {
    /// `smtps://` (TLS from the start), `smtp://` (STARTTLS, demanded), or `file:///folder` (one `.eml` a
    /// mail). User and password may stand in the URL.
    ///
    /// # Errors
    /// [`Error::Mail`] for another URL or a sender that is no address.
    pub fn new(url: &SecretString, from: &str) -> Result<Self> {
        let from = from.parse().map_err(|error| Error::Mail(format!("mail.from {from:?}: {error}")))?;
        let text = url.expose_secret();
        let way = if let Some(folder) = text.strip_prefix("file://") {
            std::fs::create_dir_all(folder).map_err(|error| {
                Error::Mail(format!("mail.url: the folder {folder} cannot be made: {error}"))
            })?;
            Way::Folder(AsyncFileTransport::new(folder))
        } else {
            Way::Smtp(Box::new(smtp(text)?))
        };
        Ok(Self { from, way })
    }

    /// Whether mails would be taken: the SMTP server answers and knows us, or the folder can be written to.
    ///
    /// # Errors
    /// [`Error::Mail`] says why not.
    pub async fn check(&self) -> Result<()> {
        match &self.way {
            Way::Smtp(smtp) => match smtp.test_connection().await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Error::Mail("the SMTP server takes no commands".into())),
                Err(error) => Err(Error::Mail(format!("the SMTP server: {error}"))),
            },
            // Made when this was.
            Way::Folder(_) => Ok(()),
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message> {
        let bad = |error: &dyn std::fmt::Display| Error::Mail(format!("mail {}: {error}", mail.id));
        let to: lettre::Address = mail.to.parse().map_err(|error| bad(&error))?;
        let host = self.from.email.domain();
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{host}>", mail.id)))
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| bad(&error))
    }
}

fn smtp(url: &str) -> Result<AsyncSmtpTransport<Tokio1Executor>> {
    let demanded = match url.split_once("://") {
        Some(("smtps", _)) => url.to_owned(),
        // lettre takes STARTTLS as a wish unless it is demanded: a wish is nothing against a man in the middle.
        Some(("smtp", rest)) => format!("smtp://{}?tls=required", rest.split('?').next().unwrap_or(rest)),
        _ => return Err(Error::Mail("mail.url must begin with smtps://, smtp:// or file:///".into())),
    };
    let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&demanded)
        // The error may quote the URL with its password.
        .map_err(|_| Error::Mail("mail.url is not a URL of an SMTP server".into()))?;
    Ok(builder.timeout(Some(SMTP_PATIENCE)).build())
}

impl Transport for LettreTransport {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        Box::pin(async move {
            let message = self.message(mail)?;
            let failed = |error: &dyn std::fmt::Display| Error::Mail(error.to_string());
            match &self.way {
                Way::Smtp(smtp) => smtp.send(message).await.map(|_| ()).map_err(|error| failed(&error)),
                Way::Folder(folder) => folder.send(message).await.map(|_| ()).map_err(|error| failed(&error)),
            }
        })
    }
}

/// The last mails, kept in memory to be looked at.
#[derive(Clone, Debug, Default)]
pub struct Outbox(Arc<Mutex<VecDeque<Mail>>>);

/// Mails an outbox keeps.
const KEPT: usize = 1000;

impl Outbox {
    /// The mails, the newest last.
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Transport for Outbox {
    fn send<'a>(&'a self, mail: &'a Mail) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>> {
        let mut mails = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if mails.len() >= KEPT {
            mails.pop_front();
        }
        mails.push_back(mail.clone());
        Box::pin(std::future::ready(Ok(())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> Mail {
        Mail {
            id: "0123".into(),
            to: "a@b.example".into(),
            subject: "Subject\r\nBcc: c@d.example".into(),
            text: "text\r\n.\r\nMAIL FROM:<x>".into(),
            html: "<p>text</p>".into(),
            temporary_password: None,
        }
    }

    #[tokio::test]
    async fn a_folder_gets_one_file_a_mail_and_no_smuggled_header() {
        let folder =
            std::env::temp_dir().join(format!("countersign-mail-{}", countersign_store::secret::id()));
        let url = format!("file://{}", folder.display()).into();
        let transport = LettreTransport::new(&url, "Portal <portal@example.com>").unwrap();
        transport.send(&mail()).await.unwrap();
        let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let text = std::fs::read_to_string(file).unwrap();
        assert!(text.contains("To: a@b.example"));
        assert!(!text.lines().any(|line| line.starts_with("Bcc:")), "{text}");
    }

    #[test]
    fn only_the_three_kinds_of_url_are_taken() {
        for url in ["http://mail.example", "", "smtp"] {
            assert!(LettreTransport::new(&url.to_owned().into(), "a@b.example").is_err(), "{url}");
        }
        let error = LettreTransport::new(&"smtps://u:hunter2@@:x".to_owned().into(), "a@b.example").err();
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
