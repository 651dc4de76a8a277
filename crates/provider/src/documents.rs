//! Discovery and the key set: bytes made before, for everybody to read.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;

use crate::state::Provider;

/// How long copies of these documents may be kept by whoever asked, in seconds.
pub const CACHED: i64 = 15 * 60;
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=900");

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
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_says_how_long_copies_may_be_kept() {
        assert_eq!(CACHE_CONTROL.to_str().unwrap(), format!("public, max-age={CACHED}"));
    }
}
