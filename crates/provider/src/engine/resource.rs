//! An access token, shown at a protected resource.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use countersign_store::grant;
use oxide_auth::code_grant::resource::{Error, ErrorCode, Input, Output, Request, Resource};
use oxide_auth::primitives::grant::{Extensions, Grant as EngineGrant};

use super::{engine_scope, unbound};
use crate::error::{Code, Refusal};
use crate::scope::Scopes;

struct BearerView<'a>(&'a str);

impl Request for BearerView<'_> {
    fn valid(&self) -> bool {
        true
    }

    fn token(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed(self.0))
    }
}

/// A request for a protected resource, waiting for the grant of its token.
pub struct Access {
    machine: Resource,
    token: String,
}

impl Access {
    /// Reads an `Authorization` header for a resource that wants `scope`.
    ///
    /// # Errors
    /// An `invalid_token` [`Refusal`].
    pub fn begin(header: &str, scope: &str) -> Result<Self, Refusal> {
        let mut machine = Resource::new();
        let scopes = [engine_scope(scope).ok_or_else(unbound)?];
        machine.advance(Input::Request { request: &BearerView(header) });
        let token = match machine.advance(Input::Scopes(&scopes)) {
            Output::Recover { token } => token.to_owned(),
            _ => return Err(no_token("not a bearer token")),
        };
        Ok(Self { machine, token })
    }

    /// The token shown.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether the grant of the token allows the access. `scope` is the token's own, `stands` whether neither
    /// it nor its grant has ended.
    ///
    /// # Errors
    /// An `invalid_token` or `insufficient_scope` [`Refusal`].
    pub fn allowed(mut self, grant: &grant::Access, scope: Scopes, stands: bool) -> Result<(), Refusal> {
        let known = engine_access(grant, scope, stands);
        match self.machine.advance(Input::Recovered(known)) {
            Output::Ok(_) => Ok(()),
            Output::Err(Error::AccessDenied { failure, .. }) => match failure.code {
                Some(ErrorCode::InsufficientScope) => {
                    Err(Refusal::new(Code::InsufficientScope, "the token lacks the scope"))
                }
                _ => Err(no_token("expired or revoked")),
            },
            _ => Err(no_token("the machine refused it")),
        }
    }
}

/// The grant of an access token as the machine knows it. Where the code went plays no part any more.
fn engine_access(grant: &grant::Access, scope: Scopes, stands: bool) -> Option<EngineGrant> {
    Some(EngineGrant {
        owner_id: grant.person_id.clone(),
        client_id: grant.client_id.clone(),
        scope: engine_scope(&scope.to_string())?,
        redirect_uri: "about:blank".parse().ok()?,
        until: if stands { DateTime::<Utc>::MAX_UTC } else { DateTime::<Utc>::MIN_UTC },
        extensions: Extensions::new(),
    })
}

/// One sentence for every token that is not good.
#[must_use]
pub fn no_token(cause: &str) -> Refusal {
    Refusal::because(Code::InvalidToken, "the access token is not valid", cause)
}
