//! What is said to VIP User Services and what it answers: SOAP 1.1, document/literal.
//!
//! Written once for both sides: the client writes what the simulator reads, and the other way round. A request is
//! read in the exact order of its schema; an answer may say more than is asked of it, but never the same thing twice.

mod codes;
mod operation;
mod read;
mod request;
mod response;
mod write;
mod xml;

pub use codes::{RequestId, SecurityCode};
pub use operation::{CredentialType, NewCredential, Operation, Service, UserStatus};
pub use request::Request;
pub use response::{Answer, Binding, Response};
pub use xml::LIMIT;

/// The envelope's namespace (SOAP 1.1 §4).
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// VIP User Services.
const USER_SERVICES: &str = "https://schemas.symantec.com/vip/2011/04/vipuserservices";
/// The older VIP Web Services, which alone can synchronize.
const WEB_SERVICES: &str = "http://www.verisign.com/2006/08/vipservice";
/// The version of the older service's messages.
const VERSION: &str = "2.0";

/// A text that is no message of this service. It holds nothing of the text, which may have a security code in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// It is longer than [`LIMIT`].
    #[error("it is longer than 64 KiB")]
    Long,
    /// It is not well-formed XML.
    #[error("it is not well-formed XML")]
    Xml,
    /// It has a document type, an entity or a processing instruction.
    #[error("it has a document type, an entity or a processing instruction")]
    Forbidden,
    /// Its elements are nested too deeply, or there are too many.
    #[error("it has too many elements")]
    Large,
    /// An element is missing, in another namespace, out of order, twice there or unknown.
    #[error("an element is missing, strange or out of order")]
    Shape,
    /// A value is not of its type.
    #[error("a value is not of its type")]
    Value,
    /// It is a fault instead of an answer.
    #[error("it is a SOAP fault")]
    Fault,
}

#[cfg(test)]
mod tests;
