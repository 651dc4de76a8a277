//! Which pages of other origins may read an answer (the Fetch standard's CORS). Never with cookies: none of
//! these endpoints looks at one.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;

use crate::error::Fault;
use crate::state::Provider;

/// Lets a page read the answer, if its origin is one of a registered redirect URI. `revision` is the
/// directory's, if the caller has just read it.
pub(crate) async fn allow(
    provider: &Provider,
    request: &HeaderMap,
    response: &mut Response,
    revision: Option<i64>,
) {
    let Some(origin) = request.get(header::ORIGIN) else { return };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    match is_known(provider, origin, revision).await {
        Ok(true) => {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            let exposed = HeaderValue::from_static("www-authenticate");
            headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
        Ok(false) => {}
        Err(fault) => tracing::error!(error = %fault, "an origin could not be judged"),
    }
}

async fn is_known(provider: &Provider, origin: &HeaderValue, revision: Option<i64>) -> Result<bool, Fault> {
    let Ok(origin) = origin.to_str() else { return Ok(false) };
    let identity = provider.identity();
    let revision = match revision {
        Some(revision) => revision,
        None => identity.revision().await?,
    };
    Ok(provider.clients().origins(identity, revision).await?.has(origin))
}

/// `OPTIONS`: what a page may send.
pub async fn preflight(State(provider): State<Provider>, visit: Visit) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    allow(&provider, visit.headers(), &mut response, None).await;
    let headers = response.headers_mut();
    if headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        let allowed = HeaderValue::from_static("authorization, content-type");
        headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, allowed);
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    response
}
