//! The guard in front of every form of ours: no post from another site, no long body.

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::ui::Ui;
use crate::view::trouble::Trouble;
use crate::visit::Visit;

/// The longest body of a form, in bytes.
pub const BODY_LIMIT: usize = 64 * 1024;

/// Puts the guard before a router's forms: a post that a browser says comes from another site gets a page that
/// says so, and reaches no handler.
///
/// # Errors
/// When the issuer is not an origin.
pub fn guarded(router: Router, ui: &Ui) -> Result<Router, ConfigError> {
    let origin = url::Url::parse(ui.issuer()).map(|url| url.origin().ascii_serialization());
    // A proxy in front may change Host; the issuer's own origin is ours whatever Host says.
    let csrf = CsrfLayer::new().add_trusted_origin(origin.unwrap_or_default())?;
    Ok(router
        .layer(csrf)
        .layer(from_fn_with_state(ui.clone(), refusal_page))
        .layer(DefaultBodyLimit::max(BODY_LIMIT)))
}

async fn refusal_page(State(ui): State<Ui>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let visit = Visit::of(ui, &parts);
    let response = next.run(Request::from_parts(parts, body)).await;
    if response.extensions().get::<ProtectionError>().is_some() {
        return visit.trouble(Trouble::FOREIGN);
    }
    response
}
