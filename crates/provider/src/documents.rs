//! Discovery and the key set: bytes made before, for everybody to read.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::state::Provider;

/// `GET /.well-known/openid-configuration` and `GET /.well-known/oauth-authorization-server`
pub async fn discovery(State(provider): State<Provider>) -> Response {
    public(provider.discovery(), "application/json")
}

/// `GET /jwks`
pub async fn jwks(State(provider): State<Provider>) -> Response {
    public(provider.keys().jwks(), "application/jwk-set+json")
}

fn public(bytes: Bytes, kind: &'static str) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // Shorter than a new key is published before it signs.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=900"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
