//! What the mails say, from the catalogue in the person's language, as plain text and as HTML.

use std::sync::LazyLock;

use fluent_bundle::FluentValue;
use maud::{DOCTYPE, html};

use super::Mail;
use crate::language::{Catalogue, Language};
use crate::mail_request::Reason;
use crate::settings::Settings;

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::new(&[
        (Language::English, include_str!("../../locales/en/mail.ftl")),
        (Language::Japanese, include_str!("../../locales/ja/mail.ftl")),
    ])
});

/// What a mail says.
#[derive(Clone, PartialEq, Eq)]
pub enum Notice {
    /// A temporary password.
    TemporaryPassword {
        /// Why it is sent.
        reason: Reason,
        /// The password.
        password: String,
        /// Minutes it is valid.
        minutes: i64,
    },
    /// New User was asked for an address that has a password.
    HasLogin,
    /// The password was changed.
    PasswordChanged,
    /// A credential was registered.
    CredentialRegistered {
        /// Its ID.
        credential_id: String,
        /// The name given to it.
        token_name: Option<String>,
    },
    /// The SOC has issued a bridging code.
    BridgingCode,
    /// A credential got another name.
    CredentialRenamed {
        /// Its ID.
        credential_id: String,
        /// The name, where it has one now.
        token_name: Option<String>,
    },
    /// A credential was removed by its holder.
    CredentialRemoved {
        /// Its ID.
        credential_id: String,
        /// The name it had.
        token_name: Option<String>,
    },
    /// A credential was reported lost by its holder.
    CredentialLost {
        /// Its ID.
        credential_id: String,
        /// The name it had.
        token_name: Option<String>,
    },
    /// A credential was locked.
    CredentialLocked {
        /// Its ID.
        credential_id: String,
    },
}

impl Notice {
    fn key(&self) -> &'static str {
        match self {
            Self::TemporaryPassword { reason: Reason::NewUser, .. } => "new-user",
            Self::TemporaryPassword { reason: Reason::ForgotPassword, .. } => "forgot-password",
            Self::TemporaryPassword { reason: Reason::RegisterCredential, .. } => "register-credential",
            Self::HasLogin => "has-login",
            Self::PasswordChanged => "password-changed",
            Self::CredentialRegistered { .. } => "credential-registered",
            Self::BridgingCode => "bridging-code",
            Self::CredentialRenamed { .. } => "credential-renamed",
            Self::CredentialRemoved { .. } => "credential-removed",
            Self::CredentialLost { .. } => "credential-lost",
            Self::CredentialLocked { .. } => "credential-locked",
        }
    }

    fn password(&self) -> Option<&str> {
        match self {
            Self::TemporaryPassword { password, .. } => Some(password),
            _ => None,
        }
    }
}

/// To whom, and when.
pub(super) struct Envelope<'a> {
    pub id: &'a str,
    pub to: &'a str,
    pub now: i64,
}

pub(super) fn compose(settings: &Settings, language: Language, to: &Envelope<'_>, notice: &Notice) -> Mail {
    let token = token(language, notice);
    let mut values: Vec<(&str, FluentValue<'_>)> = vec![
        ("portal", settings.portal_name.as_str().into()),
        ("url", settings.sign_in_url.as_str().into()),
        ("contact", settings.soc_contact.as_str().into()),
        ("email", to.to.into()),
        ("time", moment(to.now).into()),
        ("token", token.into()),
    ];
    if let Notice::TemporaryPassword { password, minutes, .. } = notice {
        values.push(("password", password.as_str().into()));
        values.push(("minutes", (*minutes).into()));
    }
    let say = |key: &str| CATALOGUE.text_with(language, key, &values);
    let key = notice.key();
    let subject = one_line(&say(&format!("{key}-subject")));
    let parts = [say("mail-greeting"), say(&format!("{key}-body")), say("mail-closing")];
    let paragraphs: Vec<&str> = parts
        .iter()
        .flat_map(|part| part.split("\n\n"))
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    Mail {
        id: to.id.to_owned(),
        to: to.to.to_owned(),
        text: paragraphs.join("\n\n") + "\n",
        html: page(language, &subject, &paragraphs, notice.password()),
        subject,
        temporary_password: notice.password().map(str::to_owned),
    }
}

fn token(language: Language, notice: &Notice) -> String {
    let ending = |id: &str| id.chars().skip(id.chars().count().saturating_sub(4)).collect::<String>();
    let (credential_id, name) = match notice {
        Notice::CredentialRegistered { credential_id, token_name }
        | Notice::CredentialRenamed { credential_id, token_name }
        | Notice::CredentialRemoved { credential_id, token_name }
        | Notice::CredentialLost { credential_id, token_name } => (credential_id, token_name.as_deref()),
        Notice::CredentialLocked { credential_id } => (credential_id, None),
        _ => return String::new(),
    };
    let ending = ("ending", ending(credential_id));
    match name {
        Some(name) => CATALOGUE.text_with(language, "token-named", &[("name", name.to_owned()), ending]),
        None => CATALOGUE.text_with(language, "token-unnamed", &[ending]),
    }
}

fn page(language: Language, subject: &str, paragraphs: &[&str], password: Option<&str>) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head { meta charset="utf-8"; title { (subject) } }
            body {
                @for paragraph in paragraphs {
                    @if Some(*paragraph) == password { p { code { (paragraph) } } } @else { p { (paragraph) } }
                }
            }
        }
    };
    page.into_string()
}

/// A subject is one line whatever an operator put into the portal's name.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A moment everybody reads alike: `2026-11-23 23:05 UTC`.
#[must_use]
pub fn moment(now: i64) -> String {
    chrono::DateTime::from_timestamp(now, 0)
        .map(|moment| moment.format("%Y-%m-%d %H:%M UTC").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notices() -> Vec<Notice> {
        let temporary = |reason| Notice::TemporaryPassword {
            reason,
            password: "abcdefgh23456789jkmn".into(),
            minutes: 60,
        };
        vec![
            temporary(Reason::NewUser),
            temporary(Reason::ForgotPassword),
            temporary(Reason::RegisterCredential),
            Notice::HasLogin,
            Notice::PasswordChanged,
            Notice::CredentialRegistered {
                credential_id: "AVT333666999".into(),
                token_name: Some("<b>".into()),
            },
            Notice::CredentialRegistered { credential_id: "AVT333666999".into(), token_name: None },
            Notice::BridgingCode,
            Notice::CredentialRenamed {
                credential_id: "AVT333666999".into(),
                token_name: Some("<b>".into()),
            },
            Notice::CredentialRemoved { credential_id: "AVT333666999".into(), token_name: None },
            Notice::CredentialLost { credential_id: "AVT333666999".into(), token_name: None },
            Notice::CredentialLocked { credential_id: "AVT333666999".into() },
        ]
    }

    #[test]
    fn every_mail_says_what_it_must_in_both_languages() {
        let settings = Settings::default();
        for language in [Language::English, Language::Japanese] {
            for notice in notices() {
                let envelope = Envelope { id: "1", to: "a@b.example", now: 1_795_475_100 };
                let mail = compose(&settings, language, &envelope, &notice);
                assert!(!mail.text.contains('{') && !mail.subject.contains('\n'), "{}", mail.text);
                assert!(mail.text.contains(&settings.soc_contact), "{}", mail.text);
                assert_eq!(mail.text.contains("abcdefgh23456789jkmn"), mail.temporary_password.is_some());
                assert!(!mail.html.contains("<b>"), "{}", mail.html);
                assert!(!mail.text.contains("AVT333666"), "only the ID's end is named: {}", mail.text);
            }
        }
    }

    #[test]
    fn moments_are_read_alike_everywhere() {
        assert_eq!(moment(1_795_475_100), "2026-11-23 23:05 UTC");
    }
}
