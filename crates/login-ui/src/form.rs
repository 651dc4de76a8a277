//! A posted form: its fields, each at most once.

use axum::body::Bytes;
use axum::extract::{FromRef, FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use secrecy::SecretString;

use crate::ui::Ui;
use crate::view::trouble::Trouble;
use crate::visit::Visit;

/// The fields of a form.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form. `None` when a field is there twice: one of the two would be overlooked by somebody. `None`
    /// too when a NUL is in it, which nobody types and PostgreSQL takes in no text.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        std::str::from_utf8(body).ok()?;
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(body).into_owned().collect();
        let mut names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let doubled = names.windows(2).any(|pair| pair[0] == pair[1]);
        let nul = fields.iter().any(|(name, value)| name.contains('\0') || value.contains('\0'));
        (!doubled && !nul).then_some(Self(fields))
    }

    /// A field as sent; empty when it was not sent.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        self.0.iter().find(|(sent, _)| sent == name).map_or("", |(_, value)| value)
    }

    /// A field without the spaces around it.
    #[must_use]
    pub fn trimmed(&self, name: &str) -> &str {
        self.field(name).trim()
    }

    /// A password, to the letter.
    #[must_use]
    pub fn secret(&self, name: &str) -> SecretString {
        SecretString::from(self.field(name))
    }
}

impl<S> FromRequest<S> for Form
where
    Ui: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let visit = Visit::of(Ui::from_ref(state), &parts);
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let is_form = kind.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim() == "application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(visit.trouble(Trouble::BAD_REQUEST));
        }
        let body =
            Bytes::from_request(Request::from_parts(parts, body), state).await.map_err(|rejection| {
                let large = rejection.into_response().status() == StatusCode::PAYLOAD_TOO_LARGE;
                visit.trouble(if large { Trouble::TOO_LARGE } else { Trouble::BAD_REQUEST })
            })?;
        Self::parse(&body).ok_or_else(|| visit.trouble(Trouble::BAD_REQUEST))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_once_and_to_the_letter() {
        let form = Form::parse(b"email=+a%40b.example+&password=+x+%E3%81%82").unwrap();
        assert_eq!(form.trimmed("email"), "a@b.example");
        assert_eq!(form.field("password"), " x あ");
        assert_eq!(form.field("remember"), "");
    }

    #[test]
    fn a_doubled_field_refuses_the_form() {
        assert!(Form::parse(b"email=a&password=b&email=c").is_none());
        assert!(Form::parse(b"%65mail=a&email=a").is_none());
        assert!(Form::parse(b"").is_some());
        assert!(Form::parse(&[0xff]).is_none());
        assert!(Form::parse(b"email=a%00b").is_none());
    }
}
