//! Answers.

use super::read::{body, only, only_text};
use super::write::{Writer, envelope};
use super::xml::{Element, parse};
use super::{
    CredentialType, Malformed, Operation, RequestId, USER_SERVICES, UserStatus, VERSION, WEB_SERVICES,
};
use crate::status::Code;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// What the request had.
    pub request_id: RequestId,
    /// What came of it.
    pub status: Code,
    /// The status in words.
    pub status_message: String,
    /// Why, where the status alone does not say it.
    pub detail: Option<Code>,
    /// The reason in words.
    pub detail_message: Option<String>,
    /// What was asked for.
    pub answer: Answer,
}

/// What an operation gives beside a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Nothing.
    Nothing,
    /// Of `AuthenticateUser`: whose code it was.
    Authenticated {
        /// The credential's ID.
        credential_id: Option<String>,
        /// What it is.
        kind: Option<CredentialType>,
        /// The service's own record of it.
        authn_id: Option<String>,
    },
    /// Of `GetUserInfo`.
    User {
        /// As the service spells it.
        user_id: Option<String>,
        /// Where the user stands.
        status: Option<UserStatus>,
        /// The user's credentials.
        bindings: Vec<Binding>,
    },
    /// Of `GetServerTime`: the time there, as text.
    Time(String),
}

/// A credential of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its ID.
    pub credential_id: String,
    /// What it is.
    pub kind: CredentialType,
    /// Whether both the credential and its binding are enabled.
    pub enabled: bool,
    /// What its holder calls it.
    pub friendly_name: Option<String>,
}

impl Response {
    /// The envelope that answers `operation`.
    #[must_use]
    pub fn write(&self, operation: &str) -> String {
        let root = format!("{operation}Response");
        if operation == "Synchronize" {
            let attributes = [("RequestId", self.request_id.as_str()), ("Version", VERSION)];
            let written = envelope(&root, WEB_SERVICES, &attributes, |writer| {
                writer.inside("Status", |writer| {
                    writer.text("ReasonCode", &self.status.to_string());
                    writer.text("StatusMessage", &self.status_message);
                });
            });
            return written.to_string();
        }
        let written = envelope(&root, USER_SERVICES, &[], |writer| {
            writer.text("requestId", self.request_id.as_str());
            writer.text("status", &self.status.to_string());
            writer.text("statusMessage", &self.status_message);
            writer.optional("detail", self.detail.map(|code| code.to_string()).as_deref());
            writer.optional("detailMessage", self.detail_message.as_deref());
            self.answer.write(writer);
        });
        written.to_string()
    }

    /// Reads the envelope that answers `operation`.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(document: &[u8], operation: &Operation) -> Result<Self, Malformed> {
        let root = body(parse(document)?)?;
        let name = format!("{}Response", operation.name());
        if matches!(operation, Operation::Synchronize { .. }) {
            return synchronized(&root, &name);
        }
        if !root.is(USER_SERVICES, &name) {
            return Err(Malformed::Shape);
        }
        let text = |name: &str| only_text(&root, USER_SERVICES, name);
        let code =
            |name: &str| text(name)?.map(|text| Code::parse(&text).ok_or(Malformed::Value)).transpose();
        let id = text("requestId")?.ok_or(Malformed::Shape)?;
        Ok(Self {
            request_id: RequestId::parse(&id).ok_or(Malformed::Value)?,
            status: code("status")?.ok_or(Malformed::Shape)?,
            status_message: text("statusMessage")?.unwrap_or_default(),
            detail: code("detail")?,
            detail_message: text("detailMessage")?,
            answer: answer(&root, operation)?,
        })
    }
}

fn synchronized(root: &Element, name: &str) -> Result<Response, Malformed> {
    if !root.is(WEB_SERVICES, name) || root.attribute("Version") != Some(VERSION) {
        return Err(Malformed::Shape);
    }
    let status = only(root, WEB_SERVICES, "Status")?.ok_or(Malformed::Shape)?;
    let code = only_text(status, WEB_SERVICES, "ReasonCode")?.ok_or(Malformed::Shape)?;
    Ok(Response {
        request_id: root.attribute("RequestId").and_then(RequestId::parse).ok_or(Malformed::Value)?,
        status: Code::parse(&code).ok_or(Malformed::Value)?,
        status_message: only_text(status, WEB_SERVICES, "StatusMessage")?.unwrap_or_default(),
        detail: None,
        detail_message: None,
        answer: Answer::Nothing,
    })
}

fn answer(root: &Element, operation: &Operation) -> Result<Answer, Malformed> {
    let text = |name: &str| only_text(root, USER_SERVICES, name);
    Ok(match operation {
        Operation::AuthenticateUser { .. } => Answer::Authenticated {
            credential_id: text("credentialId")?,
            kind: text("credentialType")?.map(|word| CredentialType::parse(&word)),
            authn_id: text("authnId")?,
        },
        Operation::GetUserInfo { .. } => {
            let named = root.children.iter().filter(|c| c.is(USER_SERVICES, "credentialBindingDetail"));
            Answer::User {
                user_id: text("userId")?,
                status: text("userStatus")?
                    .map(|word| UserStatus::parse(&word).ok_or(Malformed::Value))
                    .transpose()?,
                bindings: named.map(binding).collect::<Result<_, _>>()?,
            }
        }
        // Only an answer that gives the time has one.
        Operation::GetServerTime => text("timestamp")?.map_or(Answer::Nothing, Answer::Time),
        _ => Answer::Nothing,
    })
}

fn binding(element: &Element) -> Result<Binding, Malformed> {
    let text = |name: &str| only_text(element, USER_SERVICES, name);
    let enabled = |word: Option<String>| word.is_some_and(|word| word == "ENABLED");
    let detail = only(element, USER_SERVICES, "bindingDetail")?.ok_or(Malformed::Shape)?;
    let bound = only_text(detail, USER_SERVICES, "bindStatus")?;
    Ok(Binding {
        credential_id: text("credentialId")?.ok_or(Malformed::Shape)?,
        kind: CredentialType::parse(&text("credentialType")?.ok_or(Malformed::Shape)?),
        enabled: enabled(text("credentialStatus")?) && enabled(bound),
        friendly_name: only_text(detail, USER_SERVICES, "friendlyName")?,
    })
}

impl Answer {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Nothing => {}
            Self::Authenticated { credential_id, kind, authn_id } => {
                writer.optional("credentialId", credential_id.as_deref());
                writer.optional("credentialType", kind.map(CredentialType::as_str));
                writer.optional("authnId", authn_id.as_deref());
            }
            Self::User { user_id, status, bindings } => {
                writer.optional("userId", user_id.as_deref());
                writer.optional("userStatus", status.map(UserStatus::as_str));
                writer.text("numBindings", &bindings.len().to_string());
                bindings.iter().for_each(|binding| write_binding(binding, writer));
            }
            Self::Time(text) => writer.text("timestamp", text),
        }
    }
}

fn write_binding(binding: &Binding, writer: &mut Writer) {
    writer.inside("credentialBindingDetail", |writer| {
        let status = if binding.enabled { "ENABLED" } else { "DISABLED" };
        writer.text("credentialId", &binding.credential_id);
        writer.text("credentialType", binding.kind.as_str());
        writer.text("credentialStatus", status);
        writer.inside("bindingDetail", |writer| {
            writer.text("bindStatus", status);
            writer.optional("friendlyName", binding.friendly_name.as_deref());
        });
    });
}
