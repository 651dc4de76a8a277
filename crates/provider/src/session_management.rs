//! Whether the person is still signed in, asked by a client's page without a request (OpenID Connect Session Management
//! 1.0): each answer of the authorization endpoint carries a digest that our frame, at `/session/check`, can compare.

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use countersign_identity::session::Authenticated;
use countersign_login_ui::cookie::Cookie;
use countersign_login_ui::respond;
use countersign_login_ui::view::check_session;
use countersign_login_ui::visit::Visit;
use countersign_store::secret;
use sha2::{Digest as _, Sha256};

use crate::authorize::reply::ReplyTo;
use crate::redirect_uri;
use crate::state::Provider;

/// `GET /session/check`, where the operator turned it on: the frame.
pub async fn check(State(provider): State<Provider>) -> Response {
    let ui = provider.ui();
    respond::framed(check_session::view(ui.assets(), &ui.cookies().name(Cookie::State)))
}

/// The `session_state` of an answer; none where it is turned off, or where there is no page that could ask.
pub(crate) fn session_state(
    provider: &Provider,
    visit: &Visit,
    who: &Authenticated,
    reply: &ReplyTo,
) -> Option<String> {
    let on = provider.settings().session_management;
    let origin =
        redirect_uri::origin(reply.redirect_uri()).filter(|origin| on && origin.starts_with("http"))?;
    let state = visit.browser_state(who.session_id());
    Some(compute(&reply.client().id, &origin, &state, &secret::id()))
}

/// §3.2: a salted hash of the client, its origin and the browser's state. `check-session.js` does the same.
fn compute(client_id: &str, origin: &str, browser_state: &str, salt: &str) -> String {
    let digest = Sha256::digest(format!("{client_id} {origin} {browser_state} {salt}"));
    format!("{}.{salt}", URL_SAFE_NO_PAD.encode(digest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_management_3_2_the_state_is_of_client_origin_browser_and_salt() {
        let known = "TKK2TP5n4yQUmW1lBiWgEa8HDbaWxity4AYe1hjau78.salt";
        assert_eq!(compute("app", "https://app.example", "state", "salt"), known);
        for other in [
            compute("apq", "https://app.example", "state", "salt"),
            compute("app", "https://app.example:444", "state", "salt"),
            compute("app", "https://app.example", "", "salt"),
            compute("app", "https://app.example", "state", "sale"),
        ] {
            assert_ne!(other.split('.').next(), known.split('.').next());
        }
    }
}
