//! The two tokens of registration: the one that lets a client register, and the one that manages what it registered.

use axum::http::{HeaderMap, header};
use countersign_store::client::{self, Client};
use countersign_store::initial_access_token::{self, InitialAccessToken};
use countersign_store::{Secret, secret};

use super::policy::RegistrationPolicy;
use super::refused::{Ended, Refused};
use crate::state::Provider;

/// The initial access token of a request, where one is needed. It is not spent yet.
///
/// # Errors
/// A 401.
pub(super) async fn initial(
    provider: &Provider,
    headers: &HeaderMap,
    policy: &RegistrationPolicy,
) -> Result<Option<InitialAccessToken>, Ended> {
    if !policy.needs_token {
        return Ok(None);
    }
    let missing = || Refused::no_token("send the initial access token you were given: Authorization: Bearer");
    let shown = bearer(headers).ok_or_else(missing)?;
    let Some(shown) = shown else { return Err(unfit_initial().into()) };
    let identity = provider.identity();
    let found = initial_access_token::find(identity.store().read(), &shown.digest(), identity.now()).await?;
    Ok(Some(found.ok_or_else(unfit_initial)?))
}

/// The client of that id with its registration access token, which the request shows. One answer whether there is no
/// such client or it is somebody else's (RFC 7592 §2).
///
/// # Errors
/// A 401.
pub(super) async fn holder(
    provider: &Provider,
    headers: &HeaderMap,
    id: &str,
) -> Result<(Client, Secret), Ended> {
    let missing = || Refused::no_token("send the registration access token: Authorization: Bearer");
    let shown = bearer(headers).ok_or_else(missing)?;
    let Some(shown) = shown.filter(|_| is_id(id)) else { return Err(unfit_holder().into()) };
    let found = client::find(provider.identity().store().read(), id).await?;
    let digest = shown.digest();
    let is_right = |client: &Client| {
        client.registration_digest.as_deref().is_some_and(|known| secret::equal(known, &digest))
    };
    Ok((found.filter(is_right).ok_or_else(unfit_holder)?, shown))
}

/// The answer to an initial access token that is worth nothing.
pub(super) fn unfit_initial() -> Refused {
    Refused::wrong_token("the initial access token is not valid, has expired or is used up: ask for another")
}

/// The answer to a token that does not manage this client.
pub(super) fn unfit_holder() -> Refused {
    Refused::wrong_token("this is not the newest registration access token of this client")
}

/// Whether it can be an id at all: PostgreSQL takes no NUL in text.
fn is_id(text: &str) -> bool {
    text.len() <= 100 && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// RFC 6750 §2.1: the token in the header. `None` when there is no header, `Some(None)` when what is there is no token
/// of ours.
fn bearer(headers: &HeaderMap) -> Option<Option<Secret>> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let line = lines.next()?.to_str().unwrap_or_default();
    let (scheme, token) = line.split_once(' ').unwrap_or_default();
    let one = lines.next().is_none() && scheme.eq_ignore_ascii_case("Bearer");
    Some(Secret::parse(token).filter(|_| one))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn rfc6750_2_1_one_bearer_token_in_one_header() {
        let secret = Secret::new();
        let read = |lines: &[String]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::AUTHORIZATION, HeaderValue::from_str(line).unwrap());
            }
            bearer(&headers).map(|token| token.map(|token| token.digest()))
        };
        let text = secret.text();
        assert_eq!(read(&[]), None);
        assert_eq!(read(&[format!("Bearer {text}")]), Some(Some(secret.digest())));
        assert_eq!(read(&[format!("bearer {text}")]), Some(Some(secret.digest())));
        for line in [
            "",
            "Bearer",
            "Bearer ",
            "Basic abc",
            &text,
            &format!("Bearer  {text}"),
            &format!("Bearer {text} "),
        ] {
            assert_eq!(read(&[line.to_owned()]), Some(None), "{line}");
        }
        assert_eq!(read(&[format!("Bearer {text}"), format!("Bearer {text}")]), Some(None));
    }
}
