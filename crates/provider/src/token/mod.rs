//! `/token`: who is the client, and which grant does it bring?

pub mod client_assertion;
pub mod client_auth;
pub mod code;
pub mod issue;
pub mod jwt_access;
pub mod refresh;
pub mod sealed;
pub mod standing;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;
use countersign_store::Secret;
use countersign_store::grant;

pub use issue::Tokens;

use crate::cors;
use crate::error::{Code, Failure, Fault, Refusal};
use crate::params::{FORM, Params};
use crate::state::Provider;

/// `POST /token`
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    let mut response = match answer(&provider, visit.headers(), &body).await {
        Ok(tokens) => axum::Json(tokens).into_response(),
        Err(failure) => self::failure(&failure, &visit),
    };
    never_stored(&mut response);
    cors::allow(&provider, visit.headers(), &mut response, None).await;
    response
}

async fn answer(provider: &Provider, headers: &HeaderMap, body: &[u8]) -> Result<Tokens, Failure> {
    let params = read_form(headers, body)?;
    let found = find(provider, &params).await?;
    let client = client_auth::authenticate(provider, headers, &params, found.revision()).await?;
    match params.get("grant_type") {
        Some("authorization_code") => code::redeem(provider, &params, &client, &found).await,
        Some("refresh_token") => refresh::refresh(provider, &params, &client, &found).await,
        Some(_) => Err(Refusal::new(Code::UnsupportedGrantType, "this grant_type is not supported").into()),
        None => Err(Refusal::invalid("grant_type is required").into()),
    }
}

/// Reads a form, strictly.
pub(crate) fn read_form(headers: &HeaderMap, body: &[u8]) -> Result<Params, Refusal> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(Refusal::invalid("the body must be application/x-www-form-urlencoded"));
    }
    let params = Params::parse(body, FORM).map_err(|_| Refusal::invalid("the body can not be read"))?;
    match params.check() {
        Ok(()) => Ok(params),
        Err(malformed) => {
            let sentence = "a parameter is repeated or too long";
            Err(Refusal::because(Code::InvalidRequest, sentence, format!("{malformed:?}")))
        }
    }
}

/// What the code or refresh token shown stands for, read before anything is decided: one point read, which
/// brings the directory's revision along.
pub(crate) enum Found {
    /// The grant of a code.
    Code(grant::Found),
    /// The grant of a refresh token, and the token's generation.
    Refresh(grant::Found, i64),
    /// Nothing.
    Nothing(i64),
}

impl Found {
    fn revision(&self) -> i64 {
        match self {
            Self::Code(found) | Self::Refresh(found, _) => found.revision,
            Self::Nothing(revision) => *revision,
        }
    }
}

async fn find(provider: &Provider, params: &Params) -> Result<Found, Fault> {
    let identity = provider.identity();
    let read = identity.store().read();
    if let Some(code) = params.get("code").and_then(Secret::parse)
        && let Some(found) = grant::find_by_code(read, code.digest()).await?
    {
        return Ok(Found::Code(found));
    }
    if let Some(token) =
        params.get("refresh_token").and_then(|text| sealed::Refresh::open(identity.keyring(), text))
        && let Some(found) = grant::find(read, &token.grant_id).await?
    {
        return Ok(Found::Refresh(found, token.generation));
    }
    Ok(Found::Nothing(identity.revision().await?))
}

/// RFC 6749 §5.1.
pub(crate) fn never_stored(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

/// What a client hears when its request came to nothing.
pub(crate) fn failure(failure: &Failure, visit: &Visit) -> Response {
    match failure {
        Failure::Refused(refusal) => refuse(refusal, visit),
        Failure::Fault(fault) => failed(fault, visit.request_id()),
    }
}

fn refuse(refusal: &Refusal, visit: &Visit) -> Response {
    let (headers, id) = (visit.headers(), visit.request_id());
    tracing::info!(code = refusal.code.as_str(), cause = refusal.cause, id, "token request refused");
    let body = error_body(refusal.code.as_str(), &refusal.told(id));
    if refusal.code != Code::InvalidClient {
        return (StatusCode::BAD_REQUEST, axum::Json(body)).into_response();
    }
    let mut response = (StatusCode::UNAUTHORIZED, axum::Json(body)).into_response();
    // RFC 6749 §5.2, RFC 9110 §11.6.1: a 401 names the scheme. A page's own request that sent no header would
    // have the browser ask for a password, so it goes without.
    if headers.contains_key(header::AUTHORIZATION) || !headers.contains_key(header::ORIGIN) {
        let challenge = HeaderValue::from_static(r#"Basic realm="countersign", charset="UTF-8""#);
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The body of an error.
pub(crate) fn error_body(code: &str, description: &str) -> serde_json::Value {
    serde_json::json!({ "error": code, "error_description": description })
}

/// A fault, with an id that a person can quote.
pub(crate) fn failed(fault: &Fault, request_id: &str) -> Response {
    tracing::error!(error = %fault, id = request_id, "a token request failed");
    let body = error_body(Code::ServerError.as_str(), &format!("the server failed; its id is {request_id}"));
    (StatusCode::INTERNAL_SERVER_ERROR, axum::Json(body)).into_response()
}
