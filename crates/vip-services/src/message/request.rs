//! Requests, written and read.

use zeroize::Zeroizing;

use super::read::{Fields, body, text};
use super::write::{Writer, envelope};
use super::xml::{Element, parse};
use super::{
    CredentialType, Malformed, NewCredential, Operation, RequestId, SecurityCode, USER_SERVICES, UserStatus,
    VERSION, WEB_SERVICES,
};

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
