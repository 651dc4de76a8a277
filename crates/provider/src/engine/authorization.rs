//! An authorization request, up to what may be granted.

use std::borrow::Cow;

use countersign_store::client::Client;
use oxide_auth::code_grant::authorization::{Authorization, Error, Input, Output, Request};
use oxide_auth::code_grant::error::AuthorizationErrorType;
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::primitives::grant::Extensions;
use oxide_auth::primitives::registrar::{BoundClient, PreGrant, RegisteredUrl};
use oxide_auth::primitives::scope::Scope;

use super::{engine_scope, unbound};
use crate::error::{Code, Refusal};
use crate::params::Params;
use crate::pkce;
use crate::scope::Scopes;

/// What the authorization machine agreed to. Only [`negotiate`] makes one.
#[derive(Clone, Debug)]
pub struct Negotiated {
    scope: Scopes,
    challenge: Option<String>,
}

impl Negotiated {
    /// The scopes the client may have of those it asked for.
    #[must_use]
    pub fn scope(&self) -> Scopes {
        self.scope
    }

    /// The PKCE challenge as the extension stores it; none where the client may leave it out, and did.
    #[must_use]
    pub fn challenge(&self) -> Option<&str> {
        self.challenge.as_deref()
    }
}

struct AuthorizeView<'a>(&'a Params);

impl Request for AuthorizeView<'_> {
    fn valid(&self) -> bool {
        self.0.check().is_ok()
    }

    fn client_id(&self) -> Option<Cow<'_, str>> {
        self.extension("client_id")
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.extension("scope")
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.extension("redirect_uri")
    }

    fn state(&self) -> Option<Cow<'_, str>> {
        self.extension("state")
    }

    /// The machine knows the code flow alone. What else the type asks for has been checked by
    /// [`response`](crate::authorize::response); all the rest of the request is the same for each.
    fn response_type(&self) -> Option<Cow<'_, str>> {
        Some(Cow::Borrowed("code"))
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        self.0.get(key).map(Cow::Borrowed)
    }
}

/// Takes an authorization request of `client`, bound to `redirect_uri`, through the machine.
///
/// # Errors
/// The [`Refusal`] to send to the client.
pub fn negotiate(params: &Params, client: &Client, redirect_uri: &str) -> Result<Negotiated, Refusal> {
    enum Answer {
        Start,
        Bound(BoundClient<'static>),
        Extended(Extensions),
        Negotiated(PreGrant),
    }
    let view = AuthorizeView(params);
    let mut machine = Authorization::new(&view);
    let mut answer = Answer::Start;
    loop {
        let input = match answer {
            Answer::Start => Input::None,
            Answer::Bound(bound_client) => Input::Bound { request: &view, bound_client },
            Answer::Extended(extensions) => Input::Extended(extensions),
            Answer::Negotiated(pre_grant) => Input::Negotiated { pre_grant, state: None },
        };
        answer = match machine.advance(input) {
            Output::Bind { client_id, redirect_uri: asked } => {
                let uri = asked.map(RegisteredUrl::Exact).filter(|uri| uri.as_str() == redirect_uri);
                let uri = uri.filter(|_| client_id == client.id).ok_or_else(unbound)?;
                Answer::Bound(BoundClient { client_id: client_id.into(), redirect_uri: Cow::Owned(uri) })
            }
            Output::Extend => {
                let (method, challenge) = (params.get("code_challenge_method"), params.get("code_challenge"));
                let mut extensions = Extensions::new();
                if pkce::is_needed(params, client) {
                    let value = pkce::challenge(method, challenge);
                    let value = value.map_err(|unfit| Refusal::invalid(unfit.sentence()))?;
                    extensions.set(&Pkce::required(), value);
                }
                Answer::Extended(extensions)
            }
            Output::Negotiate { bound_client, scope } => {
                let scope = allowed(client, scope.as_ref())?;
                Answer::Negotiated(pre_grant(bound_client, scope).ok_or_else(unbound)?)
            }
            Output::Ok { pre_grant, mut extensions, .. } => {
                let stored =
                    extensions.remove(&Pkce::required()).and_then(|value| value.into_private_value().ok());
                let challenge = stored.flatten();
                if challenge.is_none() && pkce::is_needed(params, client) {
                    return Err(unbound());
                }
                return Ok(Negotiated { scope: Scopes::parse(&pre_grant.scope.to_string()), challenge });
            }
            Output::Err(error) => return Err(authorization_refusal(error)),
        };
    }
}

/// The scopes asked for that the client is registered for.
fn allowed(client: &Client, asked: Option<&Scope>) -> Result<Scopes, Refusal> {
    let asked = asked.map(|scope| Scopes::parse(&scope.to_string())).unwrap_or_default();
    let scope = asked.and(Scopes::parse(&client.scope));
    // OIDC Core §3.1.2.1: scope MUST contain openid; without it the request is not ours to answer.
    if scope.has("openid") {
        Ok(scope)
    } else {
        Err(Refusal::new(Code::InvalidScope, "scope must contain openid"))
    }
}

fn pre_grant(bound: &BoundClient<'static>, scope: Scopes) -> Option<PreGrant> {
    Some(PreGrant {
        client_id: bound.client_id.clone().into_owned(),
        redirect_uri: bound.redirect_uri.clone().into_owned(),
        scope: engine_scope(&scope.to_string())?,
    })
}

fn authorization_refusal(error: Error) -> Refusal {
    let Error::Redirect(mut url) = error else {
        return Refusal::invalid("the request is malformed");
    };
    match url.description().kind() {
        AuthorizationErrorType::InvalidScope => Refusal::new(Code::InvalidScope, "scope is malformed"),
        _ => Refusal::invalid("the request is malformed"),
    }
}
