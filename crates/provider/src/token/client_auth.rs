//! Client authentication (RFC 6749 §2.3): one method a request, the one registered.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign_store::client::Client;
use countersign_store::{Secret, secret};

use crate::error::{Code, Failure, Refusal};
use crate::params::{Params, decode_credential};
use crate::state::Provider;

/// What a request says about its client.
#[derive(Debug, PartialEq, Eq)]
struct Claim {
    id: String,
    secret: Option<String>,
    method: &'static str,
}

/// The client that proves to have sent this request. `revision` is the directory's, just read.
///
/// # Errors
/// `invalid_client`, one for all reasons; `invalid_request` for two methods at once.
pub(crate) async fn authenticate(
    provider: &Provider,
    headers: &HeaderMap,
    params: &Params,
    revision: i64,
) -> Result<Arc<Client>, Failure> {
    let claim = claim(headers, params)?;
    let client = provider.clients().find(provider.identity(), &claim.id, revision).await?;
    match client {
        Some(client) => {
            prove(&client, &claim)?;
            Ok(client)
        }
        None => Err(unproved("no such client").into()),
    }
}

fn unproved(cause: &str) -> Refusal {
    Refusal::because(
        Code::InvalidClient,
        "the client is not known, or did not prove itself as registered: check client_id, its secret or key, and that \
         the method is the registered token_endpoint_auth_method",
        cause,
    )
}

fn claim(headers: &HeaderMap, params: &Params) -> Result<Claim, Refusal> {
    if params.get("client_assertion").is_some() || params.get("client_assertion_type").is_some() {
        return Err(unproved("client assertions are not supported"));
    }
    let (id, secret) = (params.get("client_id"), params.get("client_secret"));
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        let id = id.ok_or_else(|| unproved("no client_id"))?.to_owned();
        let method = if secret.is_some() { "client_secret_post" } else { "none" };
        return Ok(Claim { id, secret: secret.map(str::to_owned), method });
    };
    // RFC 6749 §2.3: MUST NOT use more than one method in each request.
    if lines.next().is_some() || secret.is_some() {
        return Err(Refusal::invalid("the client must prove itself in one way"));
    }
    let (name, password) = line.to_str().ok().and_then(basic).ok_or_else(|| unproved("unreadable Basic"))?;
    // Many clients name themselves in the body too; naming somebody else there is another matter.
    if id.is_some_and(|id| id != name) {
        return Err(Refusal::invalid("client_id is not the one in the Authorization header"));
    }
    Ok(Claim { id: name, secret: Some(password), method: "client_secret_basic" })
}

/// RFC 6749 §2.3.1: name and password, each form-encoded, in HTTP Basic.
fn basic(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") || encoded.len() > 2_000 {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((decode_credential(name).ok()?, decode_credential(password).ok()?))
}

/// Whether a client that registered `registered` may come by `method`. A client that registered a secret and
/// no way to send it may use either.
fn is_registered(registered: &str, method: &str) -> bool {
    registered == method || (registered == "client_secret" && method != "none")
}

fn prove(client: &Client, claim: &Claim) -> Result<(), Refusal> {
    if !is_registered(&client.token_endpoint_auth_method, claim.method) {
        return Err(unproved("another method than the registered one"));
    }
    match (&client.secret_digest, &claim.secret) {
        (None, None) if client.public => Ok(()),
        (Some(digest), Some(shown)) if !client.public => {
            // Digests are compared in constant time; what is not of a secret's form has none.
            let shown = Secret::parse(shown).map(|shown| shown.digest());
            let right = shown.is_some_and(|shown| secret::equal(digest, &shown));
            if right { Ok(()) } else { Err(unproved("wrong secret")) }
        }
        _ => Err(unproved("a secret where there is none, or none where there is one")),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::clients::tests::client;

    fn headers(text: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(text) = text {
            let value = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(text))).unwrap();
            headers.insert(header::AUTHORIZATION, value);
        }
        headers
    }

    fn read(basic: Option<&str>, body: &str) -> Result<Claim, Code> {
        claim(&headers(basic), &Params::parse(body.as_bytes(), 1_000).unwrap())
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn rfc6749_2_3_1_basic_is_percent_decoded_and_may_be_joined_by_its_own_client_id() {
        let claim = read(Some("a%20b:c%3Ad+e"), "client_id=a+b").unwrap();
        assert_eq!((claim.id.as_str(), claim.secret.as_deref()), ("a b", Some("c:d e")));
        assert_eq!(read(Some("a:b"), "client_id=x"), Err(Code::InvalidRequest));
        assert_eq!(read(Some("a:b"), "client_secret=b"), Err(Code::InvalidRequest));
    }

    #[test]
    fn rfc6749_2_3_unreadable_or_missing_credentials_are_invalid_client() {
        assert_eq!(read(Some("no-colon"), ""), Err(Code::InvalidClient));
        assert_eq!(read(Some("a:%zz"), ""), Err(Code::InvalidClient));
        assert_eq!(read(None, ""), Err(Code::InvalidClient));
        assert_eq!(read(None, "client_id=a&client_assertion=x.y.z"), Err(Code::InvalidClient));
        assert_eq!(basic("Bearer abc"), None);
        assert_eq!(basic("Basic"), None);
    }

    #[test]
    fn only_the_registered_method_proves_a_client() {
        let secret = Secret::new();
        let confidential = |method: &str| Client {
            secret_digest: Some(secret.digest()),
            token_endpoint_auth_method: method.into(),
            ..client("app", &[])
        };
        let public = Client { public: true, token_endpoint_auth_method: "none".into(), ..client("spa", &[]) };
        let text = secret.text();
        let shown = |method: &'static str, secret: Option<&str>| Claim {
            id: "app".into(),
            secret: secret.map(str::to_owned),
            method,
        };
        let basic = || shown("client_secret_basic", Some(&text));
        let post = || shown("client_secret_post", Some(&text));
        assert!(prove(&confidential("client_secret_basic"), &basic()).is_ok());
        assert!(prove(&confidential("client_secret_basic"), &post()).is_err());
        assert!(prove(&confidential("client_secret_post"), &post()).is_ok());
        assert!(prove(&confidential("client_secret"), &basic()).is_ok());
        assert!(prove(&confidential("client_secret"), &post()).is_ok());
        assert!(prove(&confidential("client_secret"), &shown("none", None)).is_err());
        assert!(
            prove(&confidential("client_secret_basic"), &shown("client_secret_basic", Some("x"))).is_err()
        );
        assert!(
            prove(
                &confidential("client_secret_basic"),
                &shown("client_secret_basic", Some(&Secret::new().text()))
            )
            .is_err()
        );
        assert!(prove(&public, &shown("none", None)).is_ok());
        assert!(prove(&public, &post()).is_err());
    }
}
