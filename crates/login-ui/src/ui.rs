//! What every page shares: the identity core, the brand and its files, the cookies, the issuer.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use countersign_identity::Identity;

use crate::asset::Assets;
use crate::brand::Brand;
use crate::cookie::CookiePolicy;
use crate::view::trouble::Trouble;
use crate::visit::Visit;

/// The pages' state. Clones are one and the same.
#[derive(Clone)]
pub struct Ui(Arc<Inner>);

struct Inner {
    identity: Identity,
    brand: Brand,
    assets: Assets,
    cookies: CookiePolicy,
    issuer: String,
}

impl Ui {
    /// The pages of that core under that brand. `issuer` has no slash at its end.
    #[must_use]
    pub fn new(identity: Identity, brand: Brand, cookies: CookiePolicy, issuer: String) -> Self {
        let assets = Assets::new(&brand);
        Self(Arc::new(Inner { identity, brand, assets, cookies, issuer }))
    }

    /// The identity core.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.0.identity
    }

    /// The operator's names.
    #[must_use]
    pub fn brand(&self) -> &Brand {
        &self.0.brand
    }

    /// The style sheet and the images.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.0.assets
    }

    /// The cookies' names and marks.
    #[must_use]
    pub fn cookies(&self) -> &CookiePolicy {
        &self.0.cookies
    }

    /// The issuer, without a slash at its end.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// The page for a status that no handler answered with a page of its own.
    #[must_use]
    pub fn fault(&self, status: StatusCode, headers: &HeaderMap, request_id: &str) -> Response {
        let trouble = match status {
            StatusCode::NOT_FOUND => Trouble::NOT_FOUND,
            StatusCode::METHOD_NOT_ALLOWED => Trouble::METHOD,
            StatusCode::PAYLOAD_TOO_LARGE => Trouble::TOO_LARGE,
            StatusCode::FORBIDDEN => Trouble::FOREIGN,
            StatusCode::SERVICE_UNAVAILABLE => Trouble::BUSY,
            status if status.is_client_error() => Trouble::BAD_REQUEST,
            _ => Trouble::SERVER,
        };
        let mut response = Visit::bare(self.clone(), headers.clone(), request_id).trouble(trouble);
        *response.status_mut() = status;
        response
    }
}
