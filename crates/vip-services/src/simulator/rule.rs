//! Answers on demand: what whoever tests wants to see instead of the truth.

use serde::{Deserialize, Serialize};

/// One order. Members left out leave the true answer as it is; the first rule that fits a request is followed.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rule {
    /// Only for requests of this operation, such as `AuthenticateUser`.
    pub operation: Option<String>,
    /// Only for requests about this user.
    pub user_id: Option<String>,
    /// For so many requests; for all where it is not said.
    pub times: Option<u32>,
    /// Milliseconds before the answer.
    pub delay_ms: u64,
    /// This status, without doing what was asked.
    pub status: Option<String>,
    /// This reason.
    pub detail: Option<String>,
    /// The right code was this credential's.
    pub credential_id: Option<String>,
    /// The right code was this kind of credential's, such as `SMS_OTP`.
    pub credential_type: Option<String>,
    /// An answer that is none.
    pub fault: Option<Fault>,
}

/// An answer that is none.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The beginning of an answer.
    Garbled,
    /// A right answer with the HTTP status 503.
    Status503,
    /// The HTTP status 302, to the same address.
    Redirect,
    /// A right answer with another request's id.
    WrongRequestId,
    /// A right answer to another operation.
    WrongOperation,
    /// A right answer in another namespace.
    WrongNamespace,
    /// A right answer after a document type that defines an entity.
    DocumentType,
    /// A right answer of more than 64 KiB.
    Long,
    /// A SOAP fault.
    SoapFault,
    /// Nothing.
    Empty,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Garbled,
        Self::Status503,
        Self::Redirect,
        Self::WrongRequestId,
        Self::WrongOperation,
        Self::WrongNamespace,
        Self::DocumentType,
        Self::Long,
        Self::SoapFault,
        Self::Empty,
    ];
}
