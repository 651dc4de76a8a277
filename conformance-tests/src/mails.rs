//! Mailboxes: the directory that `mail.url = "file://…"` fills, and the demo's outbox.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use mailparse::MailHeaderMap as _;
use serde_json::Value;

/// Where mails arrive.
#[derive(Clone, Debug)]
pub enum Mails {
    /// A directory of `.eml` files.
    Directory(PathBuf),
    /// The demo at that base address.
    Demo(String),
}

/// A mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// The recipient's address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
    /// The temporary password in it, if it brings one.
    pub temporary_password: Option<String>,
}

impl Mails {
    /// All mails to `email`, the newest last.
    ///
    /// # Panics
    /// When they cannot be read.
    pub async fn to(&self, email: &str) -> Vec<Mail> {
        let all = match self {
            Self::Directory(path) => directory(path),
            Self::Demo(base) => demo(base).await,
        };
        all.into_iter().filter(|mail| mail.to.eq_ignore_ascii_case(email)).collect()
    }

    /// Waits until `email` has more than `seen` mails with a temporary password, and returns the newest.
    ///
    /// # Panics
    /// When none comes within ten seconds.
    pub async fn temporary_password(&self, email: &str, seen: usize) -> String {
        let until = Instant::now() + Duration::from_secs(10);
        loop {
            let mut found: Vec<String> =
                self.to(email).await.into_iter().filter_map(|mail| mail.temporary_password).collect();
            if found.len() > seen {
                return found.pop().expect("more than none");
            }
            assert!(Instant::now() < until, "no mail with a temporary password came to {email}");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }

    /// How many mails with a temporary password `email` has.
    pub async fn temporary_passwords(&self, email: &str) -> usize {
        self.to(email).await.iter().filter(|mail| mail.temporary_password.is_some()).count()
    }
}

async fn demo(base: &str) -> Vec<Mail> {
    let answer = reqwest::get(format!("{base}/demo/outbox.json")).await.expect("the outbox answers");
    let listed: Vec<Value> = answer.json().await.expect("the outbox is a list");
    let text = |mail: &Value, key: &str| mail[key].as_str().unwrap_or_default().to_owned();
    let read = |mail: &Value| Mail {
        to: text(mail, "to"),
        subject: text(mail, "subject"),
        text: text(mail, "text"),
        temporary_password: mail["temporary_password"].as_str().map(str::to_owned),
    };
    listed.iter().map(read).collect()
}

fn directory(path: &PathBuf) -> Vec<Mail> {
    let entries = std::fs::read_dir(path).expect("the directory of mails is there");
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|ending| ending == "eml"))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    files.iter().filter_map(|(_, file)| read(&std::fs::read(file).ok()?)).collect()
}

fn read(raw: &[u8]) -> Option<Mail> {
    let parsed = mailparse::parse_mail(raw).ok()?;
    let to = parsed.headers.get_first_value("to")?;
    let to = to.rsplit_once('<').map_or(to.as_str(), |(_, rest)| rest.trim_end_matches('>')).to_owned();
    let subject = parsed.headers.get_first_value("subject")?;
    let plain = parsed.parts().find(|part| part.ctype.mimetype == "text/plain")?;
    let text = plain.get_body().ok()?;
    let temporary_password = temporary_password(&text);
    Some(Mail { to, subject, text, temporary_password })
}

/// The temporary password in a mail: it stands on a line of its own, one word without a punctuation mark.
fn temporary_password(text: &str) -> Option<String> {
    let alone = |line: &&str| {
        line.len() >= 16
            && line.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
            && line.chars().any(|letter| letter.is_ascii_alphanumeric())
    };
    text.lines().map(str::trim).find(alone).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_temporary_password_stands_alone() {
        let text = "Hello,\n\nhere is it:\n\n    ABCD2-EFGH3-JKLM4-NPQR5\n\nSee https://a.example/.\n--------------------\n";
        assert_eq!(temporary_password(text).as_deref(), Some("ABCD2-EFGH3-JKLM4-NPQR5"));
        assert_eq!(temporary_password("Your password was changed.\n"), None);
    }
}
