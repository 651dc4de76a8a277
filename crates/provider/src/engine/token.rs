//! A code or refresh token, up to the point where tokens are issued.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use countersign_store::grant::Grant;
use oxide_auth::code_grant::error::AccessTokenErrorType;
use oxide_auth::code_grant::extensions::Pkce;
use oxide_auth::code_grant::{accesstoken, refresh};
use oxide_auth::primitives::grant::{Extensions, Grant as EngineGrant};
use oxide_auth::primitives::issuer::{IssuedToken, RefreshedToken, TokenType};

use super::{engine_grant, unbound};
use crate::error::{Code, Fault, Refusal};
use crate::params::Params;
use crate::pkce;
use crate::scope::Scopes;
use crate::token::Tokens;

/// That a machine has reached the point where tokens are issued. Only [`redeem`] and [`rotate`] make one, and
/// what mints tokens takes one.
pub struct Issuable(Machine);

enum Machine {
    Code(accesstoken::AccessToken),
    Refresh(refresh::Refresh),
}

impl Issuable {
    /// Tells the machine what was issued, and lets it end.
    ///
    /// # Errors
    /// [`Fault`] when the machine does not take it.
    pub fn issued(self, tokens: &Tokens) -> Result<(), Fault> {
        let (token, refresh) = (tokens.access_token.clone(), tokens.refresh_token.clone());
        let (until, token_type) = (DateTime::<Utc>::MAX_UTC, TokenType::Bearer);
        let done = match self.0 {
            Machine::Code(mut machine) => {
                let issued = IssuedToken { token, refresh, until, token_type };
                matches!(machine.advance(accesstoken::Input::Issued(issued)), accesstoken::Output::Ok(_))
            }
            Machine::Refresh(mut machine) => {
                let refreshed = RefreshedToken { token, refresh, until, token_type };
                matches!(machine.advance(refresh::Input::Refreshed(refreshed)), refresh::Output::Ok(_))
            }
        };
        if done { Ok(()) } else { Err(Fault::Broken("the machine refused what it had asked for")) }
    }
}

/// A token request of a client that has proved itself.
struct TokenView<'a> {
    client_id: &'a str,
    params: &'a Params,
}

impl TokenView<'_> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.params.get(name).map(Cow::Borrowed)
    }
}

impl accesstoken::Request for TokenView<'_> {
    fn valid(&self) -> bool {
        self.params.check().is_ok()
    }

    fn code(&self) -> Option<Cow<'_, str>> {
        self.get("code")
    }

    fn authorization(&self) -> accesstoken::Authorization<'_> {
        accesstoken::Authorization::Username(Cow::Borrowed(self.client_id))
    }

    /// The client is named above; naming it again would count as two sets of credentials.
    fn client_id(&self) -> Option<Cow<'_, str>> {
        None
    }

    fn redirect_uri(&self) -> Option<Cow<'_, str>> {
        self.get("redirect_uri")
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.get("grant_type")
    }

    fn extension(&self, key: &str) -> Option<Cow<'_, str>> {
        if key == "client_secret" { None } else { self.get(key) }
    }
}

impl refresh::Request for TokenView<'_> {
    fn valid(&self) -> bool {
        self.params.check().is_ok()
    }

    fn refresh_token(&self) -> Option<Cow<'_, str>> {
        self.get("refresh_token")
    }

    fn scope(&self) -> Option<Cow<'_, str>> {
        self.get("scope")
    }

    fn grant_type(&self) -> Option<Cow<'_, str>> {
        self.get("grant_type")
    }

    fn authorization(&self) -> Option<(Cow<'_, str>, Cow<'_, [u8]>)> {
        Some((Cow::Borrowed(self.client_id), Cow::Borrowed(&[])))
    }

    fn extension(&self, _: &str) -> Option<Cow<'_, str>> {
        None
    }
}

/// Takes a code's redemption through the machine, up to the point where tokens are issued. `found` is the
/// grant of the code shown; `stands` whether it has not expired.
///
/// # Errors
/// The [`Refusal`] to answer.
pub fn redeem(
    params: &Params,
    client_id: &str,
    found: Option<&Grant>,
    stands: bool,
) -> Result<Issuable, Refusal> {
    enum Answer {
        Start,
        Authenticated,
        Recovered(Box<EngineGrant>),
        Extended(Extensions),
    }
    use accesstoken::{Input, Output};
    let mut machine = accesstoken::AccessToken::new(&TokenView { client_id, params });
    let mut answer = Answer::Start;
    loop {
        let output = machine.advance(match answer {
            Answer::Start => Input::None,
            Answer::Authenticated => Input::Authenticated,
            Answer::Recovered(grant) => Input::Recovered(Some(grant)),
            Answer::Extended(access_extensions) => Input::Extended { access_extensions },
        });
        answer = match output {
            Output::Authenticate { client, .. } if client == client_id => Answer::Authenticated,
            Output::Authenticate { .. } => return Err(unbound()),
            Output::Recover { .. } => {
                // The machine would answer invalid_request; RFC 6749 §5.2 wants invalid_grant.
                let grant = found.ok_or_else(|| Refusal::grant("no such code"))?;
                // RFC 6749 §4.1.3: the values MUST be identical; the machine compares them normalized.
                if params.get("redirect_uri").is_some_and(|uri| uri != grant.redirect_uri) {
                    return Err(Refusal::grant("another redirect_uri than the request's"));
                }
                Answer::Recovered(engine_grant(grant, stands).ok_or_else(unbound)?)
            }
            Output::Extend { extensions } => {
                // RFC 7636 §4.6: a verifier that does not answer the challenge is an invalid_grant.
                if !pkce::verify(extensions.remove(&Pkce::required()), params.get("code_verifier")) {
                    return Err(Refusal::grant("the code_verifier does not answer the code_challenge"));
                }
                Answer::Extended(std::mem::take(extensions))
            }
            Output::Issue { .. } => return Ok(Issuable(Machine::Code(machine))),
            Output::Ok(_) => return Err(unbound()),
            Output::Err(mut error) => {
                return Err(token_refusal(error.description().map(|error| error.kind())));
            }
        };
    }
}

/// Takes a refresh through the machine, up to the point where tokens are issued; gives the scope of the new
/// access token.
///
/// # Errors
/// The [`Refusal`] to answer.
pub fn rotate(
    params: &Params,
    client_id: &str,
    found: Option<&Grant>,
    stands: bool,
) -> Result<(Issuable, Scopes), Refusal> {
    enum Answer {
        Start,
        Authenticated,
        Recovered(Box<EngineGrant>),
    }
    use refresh::{Input, Output};
    let mut machine = refresh::Refresh::new(&TokenView { client_id, params });
    let mut answer = Answer::Start;
    let scope = || params.get("scope").map(Cow::Borrowed);
    loop {
        let output = machine.advance(match answer {
            Answer::Start => Input::None,
            Answer::Authenticated => Input::Authenticated { scope: scope() },
            Answer::Recovered(grant) => Input::Recovered { scope: scope(), grant: Some(grant) },
        });
        answer = match output {
            Output::Unauthenticated { client, .. } if client == client_id => Answer::Authenticated,
            Output::Unauthenticated { .. } => return Err(unbound()),
            Output::RecoverRefresh { .. } => {
                let grant = found.ok_or_else(|| Refusal::grant("no such refresh token"))?;
                Answer::Recovered(engine_grant(grant, stands).ok_or_else(unbound)?)
            }
            Output::Refresh { grant, .. } => {
                let scope = Scopes::parse(&grant.scope.to_string());
                return Ok((Issuable(Machine::Refresh(machine)), scope));
            }
            Output::Ok(_) => return Err(unbound()),
            Output::Err(mut error) => {
                return Err(token_refusal(error.description().map(|error| error.kind())));
            }
        };
    }
}

fn token_refusal(kind: Option<AccessTokenErrorType>) -> Refusal {
    match kind {
        Some(AccessTokenErrorType::InvalidGrant) => {
            Refusal::grant("of another client or redirect_uri, or expired")
        }
        Some(AccessTokenErrorType::InvalidScope) => {
            Refusal::new(Code::InvalidScope, "the scope is wider than what was granted")
        }
        Some(AccessTokenErrorType::UnsupportedGrantType) => {
            Refusal::new(Code::UnsupportedGrantType, "this grant_type is not supported")
        }
        _ => Refusal::invalid("a required parameter is missing or malformed"),
    }
}
