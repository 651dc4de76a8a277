//! Requests.

use zeroize::Zeroizing;

use super::read::{Fields, body, text};
use super::write::{Writer, envelope};
use super::xml::{Element, parse};
use super::{Malformed, RequestId, SecurityCode, USER_SERVICES, VERSION, WEB_SERVICES};

/// Which of the service's addresses takes an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Codes are judged.
    Authentication,
    /// Users and their credentials are changed.
    Management,
    /// Nothing is changed.
    Query,
    /// The older service's validation.
    Validation,
}

/// What kind of thing proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialType {
    /// A token that shows codes: the only kind that earns the level `vip`.
    StandardOtp,
    /// A code sent by text message.
    SmsOtp,
    /// A code read out on the telephone.
    VoiceOtp,
    /// A code of another service.
    ServiceOtp,
    /// A certificate.
    Certificate,
    /// Everything else the service knows.
    Other,
}

impl CredentialType {
    const ALL: [(Self, &'static str); 5] = [
        (Self::StandardOtp, "STANDARD_OTP"),
        (Self::SmsOtp, "SMS_OTP"),
        (Self::VoiceOtp, "VOICE_OTP"),
        (Self::ServiceOtp, "SERVICE_OTP"),
        (Self::Certificate, "CERTIFICATE"),
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("IA", |(_, word)| word)
    }

    /// Reads that word; one that is not known is of another kind.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::ALL.iter().find(|(_, own)| *own == word).map_or(Self::Other, |(own, _)| *own)
    }
}

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// Codes are judged.
    Active,
    /// Switched off.
    Disabled,
    /// Too many wrong codes.
    Locked,
}

impl UserStatus {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
            Self::Locked => "LOCKED",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Locked].into_iter().find(|status| status.as_str() == word)
    }
}

/// A credential to be bound to a user.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its ID: 4 to 100 characters.
    pub id: String,
    /// What it is.
    pub kind: CredentialType,
    /// What its holder calls it, 1 to 125 characters.
    pub friendly_name: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Makes a user.
    CreateUser {
        /// 1 to 128 characters, in which case does not count.
        user_id: String,
    },
    /// Changes a user's status: `ACTIVE` unlocks.
    UpdateUser {
        /// Which user.
        user_id: String,
        /// The new status.
        status: Option<UserStatus>,
    },
    /// Binds a credential to a user, who proves possession by one code or two in a row.
    AddCredential {
        /// Which user.
        user_id: String,
        /// What is bound.
        credential: NewCredential,
        /// The codes.
        codes: (SecurityCode, Option<SecurityCode>),
    },
    /// Renames a user's credential.
    UpdateCredential {
        /// Which user.
        user_id: String,
        /// What, with its new name.
        credential: NewCredential,
    },
    /// Takes a credential from a user.
    RemoveCredential {
        /// Which user.
        user_id: String,
        /// Its ID.
        credential_id: String,
        /// What it is.
        kind: CredentialType,
    },
    /// Judges a code by all credentials of a user.
    AuthenticateUser {
        /// Which user.
        user_id: String,
        /// The code.
        code: SecurityCode,
    },
    /// Says what is known of a user.
    GetUserInfo {
        /// Which user.
        user_id: String,
    },
    /// Says what time it is there.
    GetServerTime,
    /// Brings a token in step by two codes in a row: the older service's.
    Synchronize {
        /// The credential's ID.
        credential_id: String,
        /// The codes.
        codes: (SecurityCode, SecurityCode),
    },
}

impl Operation {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateUser { .. } => "CreateUser",
            Self::UpdateUser { .. } => "UpdateUser",
            Self::AddCredential { .. } => "AddCredential",
            Self::UpdateCredential { .. } => "UpdateCredential",
            Self::RemoveCredential { .. } => "RemoveCredential",
            Self::AuthenticateUser { .. } => "AuthenticateUser",
            Self::GetUserInfo { .. } => "GetUserInfo",
            Self::GetServerTime => "GetServerTime",
            Self::Synchronize { .. } => "Synchronize",
        }
    }

    /// Which address takes it.
    #[must_use]
    pub fn service(&self) -> Service {
        match self {
            Self::AuthenticateUser { .. } => Service::Authentication,
            Self::GetUserInfo { .. } | Self::GetServerTime => Service::Query,
            Self::Synchronize { .. } => Service::Validation,
            _ => Service::Management,
        }
    }

    /// The user it is about.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::CreateUser { user_id }
            | Self::UpdateUser { user_id, .. }
            | Self::AddCredential { user_id, .. }
            | Self::UpdateCredential { user_id, .. }
            | Self::RemoveCredential { user_id, .. }
            | Self::AuthenticateUser { user_id, .. }
            | Self::GetUserInfo { user_id } => Some(user_id),
            Self::GetServerTime | Self::Synchronize { .. } => None,
        }
    }
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the answer repeats.
    pub id: RequestId,
    /// The account it is made for, where one's own is another's parent.
    pub on_behalf_of: Option<String>,
    /// What is asked.
    pub operation: Operation,
}

impl Request {
    /// The envelope. It holds security codes: it is not to be logged.
    #[must_use]
    pub fn write(&self) -> Zeroizing<String> {
        if let Operation::Synchronize { credential_id, codes } = &self.operation {
            let attributes = [("Version", VERSION), ("Id", self.id.as_str())];
            return envelope("Synchronize", WEB_SERVICES, &attributes, |writer| {
                if let Some(account) = &self.on_behalf_of {
                    writer.text("AuthorizerAccountId", account);
                }
                writer.text("TokenId", credential_id);
                writer.text("OTP1", codes.0.expose());
                writer.text("OTP2", codes.1.expose());
            });
        }
        let root = format!("{}Request", self.operation.name());
        envelope(&root, USER_SERVICES, &[], |writer| {
            writer.text("requestId", self.id.as_str());
            writer.optional("onBehalfOfAccountId", self.on_behalf_of.as_deref());
            writer.optional("userId", self.operation.user_id());
            write(&self.operation, writer);
        })
    }

    /// Reads an envelope, in its schema's order.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn read(document: &[u8]) -> Result<Self, Malformed> {
        let root = body(parse(document)?)?;
        if root.is(WEB_SERVICES, "Synchronize") {
            return synchronize(&root);
        }
        let name = root.name.strip_suffix("Request").filter(|_| root.namespace == USER_SERVICES);
        let name = name.ok_or(Malformed::Shape)?;
        let mut fields = Fields::new(&root, USER_SERVICES)?;
        let id = RequestId::parse(&fields.text("requestId")?).ok_or(Malformed::Value)?;
        let on_behalf_of = match fields.optional("onBehalfOfAccountId") {
            Some(account) => {
                let plain = account.bytes().all(|byte| byte.is_ascii_alphanumeric());
                Some(account)
                    .filter(|account| plain && (3..=50).contains(&account.len()))
                    .ok_or(Malformed::Value)?
                    .into()
            }
            None => None,
        };
        let operation = read(name, &mut fields)?;
        fields.end()?;
        Ok(Self { id, on_behalf_of, operation })
    }
}

fn write(operation: &Operation, writer: &mut Writer) {
    match operation {
        Operation::UpdateUser { status, .. } => {
            writer.optional("newUserStatus", status.map(UserStatus::as_str));
        }
        Operation::AddCredential { credential, codes, .. } => {
            writer.inside("credentialDetail", |writer| {
                writer.text("credentialId", &credential.id);
                writer.text("credentialType", credential.kind.as_str());
                writer.optional("friendlyName", credential.friendly_name.as_deref());
            });
            write_codes(writer, &codes.0, codes.1.as_ref());
        }
        Operation::UpdateCredential { credential, .. } => {
            writer.text("credentialId", &credential.id);
            writer.text("credentialType", credential.kind.as_str());
            writer.optional("friendlyName", credential.friendly_name.as_deref());
        }
        Operation::RemoveCredential { credential_id, kind, .. } => {
            writer.text("credentialId", credential_id);
            writer.text("credentialType", kind.as_str());
        }
        Operation::AuthenticateUser { code, .. } => write_codes(writer, code, None),
        Operation::CreateUser { .. }
        | Operation::GetUserInfo { .. }
        | Operation::GetServerTime
        | Operation::Synchronize { .. } => {}
    }
}

fn write_codes(writer: &mut Writer, code: &SecurityCode, next: Option<&SecurityCode>) {
    writer.inside("otpAuthData", |writer| {
        writer.text("otp", code.expose());
        writer.optional("otp2", next.map(SecurityCode::expose));
    });
}

fn read(name: &str, fields: &mut Fields<'_>) -> Result<Operation, Malformed> {
    if name == "GetServerTime" {
        return Ok(Operation::GetServerTime);
    }
    let user_id = fields.text("userId")?;
    if !(1..=128).contains(&user_id.chars().count()) {
        return Err(Malformed::Value);
    }
    match name {
        "CreateUser" => Ok(Operation::CreateUser { user_id }),
        "UpdateUser" => {
            let status = fields.optional("newUserStatus");
            let status = status.map(|word| UserStatus::parse(&word).ok_or(Malformed::Value)).transpose()?;
            Ok(Operation::UpdateUser { user_id, status })
        }
        "AddCredential" => {
            let detail = fields.element("credentialDetail")?;
            let mut inner = Fields::new(detail, USER_SERVICES)?;
            let credential = credential(&mut inner)?;
            inner.end()?;
            Ok(Operation::AddCredential { user_id, credential, codes: codes(fields)? })
        }
        "UpdateCredential" => {
            let credential = credential(fields)?;
            if credential.friendly_name.is_none() {
                return Err(Malformed::Shape);
            }
            Ok(Operation::UpdateCredential { user_id, credential })
        }
        "RemoveCredential" => {
            let NewCredential { id: credential_id, kind, .. } = credential(fields)?;
            Ok(Operation::RemoveCredential { user_id, credential_id, kind })
        }
        "AuthenticateUser" => match codes(fields)? {
            (code, None) => Ok(Operation::AuthenticateUser { user_id, code }),
            (_, Some(_)) => Err(Malformed::Shape),
        },
        "GetUserInfo" => Ok(Operation::GetUserInfo { user_id }),
        _ => Err(Malformed::Shape),
    }
}

fn credential(fields: &mut Fields<'_>) -> Result<NewCredential, Malformed> {
    let id = fields.text("credentialId")?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b',' | b'#' | b'.' | b'*');
    if !(4..=100).contains(&id.len()) || !id.bytes().all(plain) {
        return Err(Malformed::Value);
    }
    let kind = CredentialType::parse(&fields.text("credentialType")?);
    let friendly_name = fields.optional("friendlyName");
    if friendly_name.as_ref().is_some_and(|name| !(1..=125).contains(&name.chars().count())) {
        return Err(Malformed::Value);
    }
    Ok(NewCredential { id, kind, friendly_name })
}

fn codes(fields: &mut Fields<'_>) -> Result<(SecurityCode, Option<SecurityCode>), Malformed> {
    let data = fields.element("otpAuthData")?;
    let mut inner = Fields::new(data, USER_SERVICES)?;
    let code = |text: &str| SecurityCode::parse(text).ok_or(Malformed::Value);
    let first = code(&inner.text("otp")?)?;
    let second = inner.optional("otp2").map(|text| code(&text)).transpose()?;
    inner.end()?;
    Ok((first, second))
}

fn synchronize(root: &Element) -> Result<Request, Malformed> {
    if root.attribute("Version") != Some(VERSION) {
        return Err(Malformed::Value);
    }
    let id = root.attribute("Id").and_then(RequestId::parse).ok_or(Malformed::Value)?;
    let mut fields = Fields::new(root, WEB_SERVICES)?;
    let on_behalf_of = fields.optional("AuthorizerAccountId");
    let credential_id = fields.text("TokenId")?;
    let code = |element: &Element| SecurityCode::parse(text(element)).ok_or(Malformed::Value);
    let codes = (code(fields.element("OTP1")?)?, code(fields.element("OTP2")?)?);
    fields.end()?;
    Ok(Request { id, on_behalf_of, operation: Operation::Synchronize { credential_id, codes } })
}
