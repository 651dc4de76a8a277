//! How a registration is refused (RFC 7591 §3.2.2, RFC 7592 §2).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;

use crate::client_rules::Unfit;
use crate::error::{Code, Fault};
use crate::token::{error_body, failed};

/// The longest description, in characters.
const LONGEST: usize = 500;

/// A request refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    status: StatusCode,
    /// The error.
    pub code: Code,
    /// What is wrong and what would be right: ASCII (RFC 7591 §3.2.2).
    pub description: String,
    /// What a 401 asks for.
    challenge: Option<&'static str>,
    /// Seconds after which it is worth trying again.
    wait: Option<i64>,
}

impl Refused {
    /// A 400.
    pub fn new(code: Code, description: &str) -> Self {
        let ascii = |letter: char| match letter {
            // RFC 6749 §5.2: neither quotes nor backslashes.
            '"' => '\'',
            '\\' => '/',
            ' '..='~' => letter,
            _ => '?',
        };
        let description = description.chars().take(LONGEST).map(ascii).collect();
        Self { status: StatusCode::BAD_REQUEST, code, description, challenge: None, wait: None }
    }

    /// A 400 about the metadata as a whole.
    pub fn metadata(description: &str) -> Self {
        Self::new(Code::InvalidClientMetadata, description)
    }

    /// No token came. RFC 6750 §3.1: such a request hears of no error in the challenge.
    pub fn no_token(description: &str) -> Self {
        let challenge = Some(r#"Bearer realm="countersign""#);
        let refused = Self::new(Code::InvalidToken, description);
        Self { status: StatusCode::UNAUTHORIZED, challenge, ..refused }
    }

    /// Another token than the right one came.
    pub fn wrong_token(description: &str) -> Self {
        let challenge = Some(r#"Bearer realm="countersign", error="invalid_token""#);
        Self { challenge, ..Self::no_token(description) }
    }

    /// Too many came from one network.
    pub fn too_many(wait: i64) -> Self {
        let refused = Self::new(
            Code::TemporarilyUnavailable,
            "too many registrations came from this network: try again later",
        );
        // RFC 6585 §4.
        Self { status: StatusCode::TOO_MANY_REQUESTS, wait: Some(wait.max(1)), ..refused }
    }

    /// There are as many clients as the operator wants.
    pub fn full() -> Self {
        let refused = Self::new(
            Code::TemporarilyUnavailable,
            "this server takes no more clients that register themselves: ask its operator",
        );
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..refused }
    }
}

impl From<Unfit> for Refused {
    fn from(unfit: Unfit) -> Self {
        let code = match unfit.member {
            "redirect_uris" => Code::InvalidRedirectUri,
            _ => Code::InvalidClientMetadata,
        };
        Self::new(code, &unfit.to_string())
    }
}

/// Why a request came to nothing.
#[derive(Debug)]
pub(super) enum Ended {
    Refused(Box<Refused>),
    Fault(Fault),
}

impl From<Refused> for Ended {
    fn from(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }
}

impl From<Unfit> for Ended {
    fn from(unfit: Unfit) -> Self {
        Refused::from(unfit).into()
    }
}

impl<E: Into<Fault>> From<E> for Ended {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

impl Ended {
    /// The answer to it.
    pub fn respond(self, visit: &Visit) -> Response {
        let refused = match self {
            Self::Refused(refused) => refused,
            Self::Fault(fault) => return failed(&fault, visit.request_id()),
        };
        let (code, description) = (refused.code.as_str(), refused.description.as_str());
        tracing::info!(code, description, "registration refused");
        let body = axum::Json(error_body(code, description));
        let mut response = (refused.status, body).into_response();
        let headers = response.headers_mut();
        if let Some(challenge) = refused.challenge {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(wait) = refused.wait {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7591_3_2_2_a_description_is_ascii_and_ends() {
        let refused = Refused::metadata("client_name: \"アプリ\\\" \r\n is wrong");
        assert_eq!(refused.description, "client_name: '???/' ?? is wrong");
        assert_eq!(Refused::metadata(&"x".repeat(100_000)).description.len(), LONGEST);
    }

    #[test]
    fn rfc7591_3_2_2_redirect_uris_have_their_own_code() {
        assert_eq!(Refused::from(Unfit::new("redirect_uris", "x")).code, Code::InvalidRedirectUri);
        assert_eq!(Refused::from(Unfit::new("logo_uri", "x")).code, Code::InvalidClientMetadata);
    }
}
