//! What the person sees next.
//!
//! | module | holds |
//! | --- | --- |
//! | [`login`] | the sign-in, a page at a time: each file is a page's `get` and `post` |
//! | [`account`] | My Account and My Tokens |
//! | [`home`] | the services, Supported Browsers, the levels, the files |
//! | [`pending`] | what a sign-in is for: sealed, and bound to the browser |
//! | [`visit`], [`form`] | one request of a browser, and the form it posts |
//! | [`guard`] | no form from another site |
//! | [`ui`] | what all pages share |
//! | [`view`] | the pages, as pure functions |
//! | [`words`], [`key`] | their words, from the catalogues in `locales/` |
//! | [`brand`], [`asset`] | the operator's names and colours; the style sheet and images made of them |
//! | [`respond`] | the security headers every page leaves with |
//! | [`cookie`], [`remember`], [`browser_state`] | the cookies; what Remember Me keeps in one; the one that pages of other sites compare |
//!
//! A sign-in begins with [`ui::Ui::begin`] and ends with a redirect to the `return_to` of its pending request.

pub mod account;
pub mod asset;
pub mod brand;
pub mod browser_state;
pub mod cookie;
pub mod form;
pub mod guard;
pub mod home;
pub mod key;
pub mod login;
pub mod pending;
pub mod remember;
pub mod respond;
pub mod ui;
pub mod view;
pub mod visit;
pub mod words;

use axum::Router;
use axum::routing::get;
use tower_http::csrf::ConfigError;

use crate::ui::Ui;
use crate::view::trouble::Trouble;
use crate::visit::Visit;

/// Every page of this crate.
///
/// # Errors
/// When the issuer is not an origin.
pub fn routes(ui: &Ui) -> Result<Router, ConfigError> {
    let pages = Router::new()
        .route("/", get(home::get))
        .route("/go/{service}", get(home::go))
        .route("/browsers", get(home::supported_browsers))
        .route("/acr/{level}", get(home::acr))
        .route("/assets/{file}", get(home::asset))
        .route("/new-user", get(login::new_user::get).post(login::new_user::post))
        .route("/forgot-password", get(login::forgot_password::get).post(login::forgot_password::post))
        .route("/login", get(login::password::get).post(login::password::post))
        .route("/login/check-mail", get(login::password::check_mail))
        .route("/login/new-password", get(login::new_password::get).post(login::new_password::post))
        .route(
            "/login/register-credential",
            get(login::register_credential::get).post(login::register_credential::post),
        )
        .route("/login/vip", get(login::vip::get).post(login::vip::post))
        .route("/login/bridge", get(login::bridge::get).post(login::bridge::post))
        .merge(account_pages())
        .route("/login/accounts", get(login::accounts::get).post(login::accounts::post))
        .method_not_allowed_fallback(async |visit: Visit| visit.trouble(Trouble::METHOD))
        .with_state(ui.clone());
    guard::guarded(pages, ui)
}

/// My Account and what is in it.
fn account_pages() -> Router<Ui> {
    Router::new()
        .route("/account", get(account::get))
        .route("/account/tokens", get(account::tokens::get))
        .route("/account/tokens/add", get(account::add::get).post(account::add::post))
        .route("/account/tokens/rename", get(account::rename::get).post(account::rename::post))
        .route("/account/tokens/remove", get(account::remove::get).post(account::remove::post))
        .route("/account/tokens/lost", get(account::lost::get).post(account::lost::post))
        .route("/account/tokens/reported", get(account::lost::after))
}
