//! Refusals and faults. A refusal is an answer: a code of the specifications, a sentence the client may read,
//! and a cause for the log. A fault is ours: the client hears `server_error`, and the log the rest.

use crate::jose::keys;
use crate::outbound;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $text:literal)*) => {
        /// An error code of OAuth 2.0 or OpenID Connect.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// The code as it is sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest "invalid_request"
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient "unauthorized_client"
    /// RFC 6749 §4.1.2.1.
    AccessDenied "access_denied"
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType "unsupported_response_type"
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope "invalid_scope"
    /// RFC 6749 §4.1.2.1.
    ServerError "server_error"
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable "temporarily_unavailable"
    /// RFC 6749 §5.2.
    InvalidClient "invalid_client"
    /// RFC 6749 §5.2.
    InvalidGrant "invalid_grant"
    /// RFC 6749 §5.2.
    UnsupportedGrantType "unsupported_grant_type"
    /// RFC 6750 §3.1.
    InvalidToken "invalid_token"
    /// RFC 6750 §3.1.
    InsufficientScope "insufficient_scope"
    /// OIDC Core §3.1.2.6.
    InteractionRequired "interaction_required"
    /// OIDC Core §3.1.2.6.
    LoginRequired "login_required"
    /// OIDC Core §3.1.2.6.
    AccountSelectionRequired "account_selection_required"
    /// OIDC Core §3.1.2.6.
    ConsentRequired "consent_required"
    /// OIDC Core §3.1.2.6.
    InvalidRequestUri "invalid_request_uri"
    /// OIDC Core §3.1.2.6.
    InvalidRequestObject "invalid_request_object"
    /// OIDC Core §3.1.2.6.
    RequestNotSupported "request_not_supported"
    /// OIDC Core §3.1.2.6.
    RequestUriNotSupported "request_uri_not_supported"
    /// OIDC Core §3.1.2.6.
    RegistrationNotSupported "registration_not_supported"
    /// OpenID Connect Core Error Code unmet_authentication_requirements.
    UnmetAuthenticationRequirements "unmet_authentication_requirements"
}

/// A request refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {}", .code.as_str(), .cause)]
pub struct Refusal {
    /// The code.
    pub code: Code,
    /// What the client may read: ASCII without quotes or backslashes (RFC 6749 §5.2), and nothing about people.
    pub sentence: &'static str,
    /// What happened, for the log. Holds no secret.
    pub cause: String,
}

impl Refusal {
    /// A refusal whose cause is its sentence.
    #[must_use]
    pub fn new(code: Code, sentence: &'static str) -> Self {
        Self { code, sentence, cause: sentence.to_owned() }
    }

    /// A refusal with a cause that the client does not read.
    #[must_use]
    pub fn because(code: Code, sentence: &'static str, cause: impl Into<String>) -> Self {
        Self { code, sentence, cause: cause.into() }
    }

    /// An `invalid_request`.
    #[must_use]
    pub fn invalid(sentence: &'static str) -> Self {
        Self::new(Code::InvalidRequest, sentence)
    }

    /// An `invalid_grant`: one sentence, whatever was wrong with the code or token. Only the log says which, by the
    /// same id.
    #[must_use]
    pub fn grant(cause: impl Into<String>) -> Self {
        let sentence = "the code or token is used, expired, revoked, of another client, or sent with another \
                        redirect_uri or code_verifier than its own: send the person through the authorization endpoint again";
        Self::because(Code::InvalidGrant, sentence, cause)
    }

    /// What the client reads: the sentence, and the id of the request, under which the log tells the cause.
    #[must_use]
    pub fn told(&self, request_id: &str) -> String {
        if request_id.is_empty() {
            self.sentence.to_owned()
        } else {
            format!("{} (id {request_id})", self.sentence)
        }
    }
}

/// A fault of the provider.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The identity core failed.
    #[error(transparent)]
    Identity(#[from] countersign_identity::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] countersign_store::Error),
    /// A signing key failed.
    #[error(transparent)]
    Key(#[from] keys::Fault),
    /// A setting can't be used; the text names its key.
    #[error(transparent)]
    Settings(#[from] outbound::Unusable),
    /// Something that can't be.
    #[error("{0}")]
    Broken(&'static str),
}

impl Fault {
    /// As the pages take it.
    #[must_use]
    pub fn into_halt(self) -> countersign_login_ui::visit::Halt {
        match self {
            Self::Identity(error) => error.into(),
            Self::Store(error) => error.into(),
            other => countersign_identity::Error::Corrupt(other.to_string()).into(),
        }
    }
}

/// What a request can end in other than success.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<countersign_store::Error> for Failure {
    fn from(error: countersign_store::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<countersign_identity::Error> for Failure {
    fn from(error: countersign_identity::Error) -> Self {
        Self::Fault(error.into())
    }
}

impl From<keys::Fault> for Failure {
    fn from(error: keys::Fault) -> Self {
        Self::Fault(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_5_2_codes_are_spelled_as_specified() {
        assert_eq!(Code::InvalidGrant.as_str(), "invalid_grant");
        assert_eq!(Code::UnmetAuthenticationRequirements.as_str(), "unmet_authentication_requirements");
    }

    #[test]
    fn the_cause_is_not_the_sentence() {
        let refusal = Refusal::grant("spent at 17");
        assert!(!refusal.sentence.contains("17"));
        assert_eq!(refusal.to_string(), "invalid_grant: spent at 17");
    }
}
