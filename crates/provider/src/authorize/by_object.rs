//! An authorization request that comes as a request object, by value or by reference (OIDC Core §6, RFC 9101): found,
//! verified, and read as the parameters it stands for. From then on it is a request like any other.

use std::sync::Arc;
use std::time::Duration;

use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::{Halt, Visit};
use countersign_store::client::Client;

use super::reply::bind;
use super::request_object::{self, Way};
use crate::client_keys;
use crate::error::{Code, Fault, Refusal};
use crate::jose::Unverified;
use crate::params::Params;
use crate::state::Provider;

/// What a request object may be served as.
const ACCEPT: [&str; 4] =
    ["application/oauth-authz-req+jwt", "application/jwt", "application/jose", "text/plain"];

/// The parameters of a request, those of its request object among them; and whether there was one.
pub(super) async fn gather(
    provider: &Provider,
    visit: &Visit,
    query: Params,
) -> Result<(Params, bool), Halt> {
    if request_object::WAYS.iter().all(|way| query.get(way).is_none()) {
        return Ok((query, false));
    }
    let client = match query.get("client_id") {
        Some(id) => {
            let revision = provider.identity().revision().await?;
            let found = provider.clients().find(provider.identity(), id, revision).await;
            found.map_err(Fault::into_halt)?
        }
        None => None,
    };
    // Nobody is told anything but by a page here.
    let client = client.ok_or_else(|| Halt::from(visit.trouble(Trouble::UNKNOWN_CLIENT)))?;
    match merged(provider, &client, &query).await {
        Ok(params) => Ok((params, true)),
        Err(refusal) => Err(refuse(provider, visit, &query, client, &refusal)),
    }
}

/// To the client, where the query itself says where to; else by a page.
fn refuse(
    provider: &Provider,
    visit: &Visit,
    query: &Params,
    client: Arc<Client>,
    refusal: &Refusal,
) -> Halt {
    match bind(query, Some(client), provider) {
        Ok(reply) => reply.error(visit, refusal).into(),
        Err(trouble) => {
            tracing::info!(cause = refusal.cause, id = visit.request_id(), "a request object was refused");
            visit.trouble(trouble).into()
        }
    }
}

async fn merged(provider: &Provider, client: &Client, query: &Params) -> Result<Params, Refusal> {
    if query.check().is_err() {
        return Err(Refusal::invalid("a parameter is repeated or too long"));
    }
    let (text, way) = match (query.get("request"), query.get("request_uri")) {
        (Some(text), None) => (text.to_owned(), Way::ByValue),
        (None, Some(uri)) => (fetch(provider, client, uri).await?, Way::ByReference),
        _ => return Err(Refusal::invalid("request and request_uri must not come together")),
    };
    let sentence =
        "the request object is not a JWT signed with a key the client registered, by an algorithm it may use";
    let refused = |cause: String| Refusal::because(Code::InvalidRequestObject, sentence, cause);
    let token = Unverified::read(&text).map_err(|error| refused(error.to_string()))?;
    let allowed = client_keys::allowed(client.metadata.request_object_signing_alg.as_deref());
    let keys = provider.keys_of(client, token.kid()).await.map_err(|error| refused(error.to_string()))?;
    let object = keys.verify(token, &allowed).map_err(|error| refused(error.to_string()))?;
    request_object::merge(query, &object, way, provider.issuer(), provider.identity().now())
}

/// OIDC Core §6.2: only what the client registered is fetched, letter by letter, and without its fragment.
async fn fetch(provider: &Provider, client: &Client, uri: &str) -> Result<String, Refusal> {
    if !client.metadata.request_uris.iter().any(|registered| registered == uri) {
        let sentence = "the client did not register this request_uri among its request_uris";
        return Err(Refusal::new(Code::InvalidRequestUri, sentence));
    }
    let sentence = "the request_uri could not be fetched as a request object";
    let refused = |cause: String| Refusal::because(Code::InvalidRequestUri, sentence, cause);
    let bare = uri.split('#').next().unwrap_or_default();
    // Each request has its own: what was there a moment ago is another request's.
    let fetched = provider.outbound().get_younger(bare, &ACCEPT, Duration::ZERO).await;
    let body = fetched.map_err(|error| refused(error.to_string()))?.body;
    let text = std::str::from_utf8(&body).map_err(|error| refused(error.to_string()))?;
    Ok(text.trim().to_owned())
}
