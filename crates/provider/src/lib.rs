//! The OpenID Connect provider: may this client have a code for this person?
//!
//! | file | asks |
//! | --- | --- |
//! | [`authorize`] | `/authorize`: [`bind`](authorize::reply::bind), [`validate`](authorize::request::validate), [`decide`](authorize::decide::decide) |
//! | [`code`], `front_channel` | which grant does somebody signed in give, and what goes to the client at once? |
//! | [`consent`] | `/consent`: may a third party's client? |
//! | [`token`] | `/token`: who is the client, and which grant does it bring? |
//! | [`revocation`], [`introspection`] | `/revoke`, `/introspect`: is a token shown the client's own, and still good? |
//! | [`userinfo`] | `/userinfo`: what does the client get to know? |
//! | [`logout`] | `/logout`: who ends this session, and where to then? |
//! | [`session_management`] | `/session/check`: is it still the same session? |
//! | `frontchannel_logout`, [`backchannel_logout`] | which applications are told of it, through the browser or by this server? |
//! | [`registration`] | `/register`: which clients may register themselves, and as what? |
//! | [`documents`], [`discovery`] | what is announced |
//! | [`engine`] | does oxide-auth's machine agree? |
//! | [`params`] | what does the request say, read strictly? |
//! | [`client_rules`] | what must a client be to be registered? |
//! | [`redirect_uri`] | is this where the client may be answered? |
//! | [`pkce`] | does the one who redeems the code hold the request's verifier? |
//! | [`scope`], [`claims`], [`claims_parameter`] | what is asked for? |
//! | [`prompt`] | may a page be shown, and how fresh must the sign-in be? |
//! | [`acr`] | which level is needed, and which was proved? |
//! | [`id_token`], [`logout_token`], [`jose`] | what is stated, signed, and shown back |
//! | [`client_keys`] | which keys does a client sign with? |
//! | [`outbound`] | what do the URLs hold that clients registered? |
//! | [`signing_keys`] | which keys sign, which are announced, and which have had their time? |
//! | [`cors`] | which pages may read an answer? |
//! | [`error`] | how is it refused? |
//! | [`standing_grants`] | does the access token's grant still stand? |
//! | `subject` | by which name does a client know a person? |
//! | [`settings`], [`state`] | what the operator decided, and what all of them share |

pub mod acr;
pub mod authorize;
pub mod backchannel_logout;
pub mod claims;
pub mod claims_parameter;
pub mod client_keys;
pub mod client_rules;
mod clients;
pub mod code;
pub mod consent;
pub mod cors;
pub mod discovery;
pub mod documents;
pub mod engine;
pub mod error;
mod front_channel;
mod frontchannel_logout;
pub mod id_token;
pub mod introspection;
pub mod jose;
pub mod logout;
pub mod logout_token;
pub mod outbound;
pub mod params;
pub mod pkce;
pub mod prompt;
pub mod redirect_uri;
pub mod registration;
pub mod revocation;
pub mod scope;
pub mod session_management;
pub mod settings;
mod shown;
pub mod signing_keys;
pub mod standing_grants;
pub mod state;
mod subject;
pub mod token;
pub mod userinfo;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use countersign_login_ui::guard::{BODY_LIMIT, guarded};
use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::Visit;
use tower_http::csrf::ConfigError;

use crate::discovery::path;
pub use crate::settings::ProviderSettings;
pub use crate::state::Provider;

/// Every endpoint of the provider.
///
/// # Errors
/// When the issuer is not an origin.
pub fn routes(provider: &Provider) -> Result<Router, ConfigError> {
    // Ours alone: no post from another site reaches it.
    let own = Router::new()
        .route(path::CONSENT, get(consent::get).post(consent::post))
        .method_not_allowed_fallback(async |visit: Visit| visit.trouble(Trouble::METHOD))
        .with_state(provider.clone());
    // The protocol's: others post here, and nothing is done on a post without a page or a token.
    let mut protocol = Router::new()
        .route(path::AUTHORIZE, get(authorize::get).post(authorize::post))
        .route(path::RESUME, get(authorize::resume))
        .route(path::LOGOUT, get(logout::get).post(logout::post))
        .route(path::TOKEN, post(token::post).options(cors::preflight))
        .route(path::USERINFO, get(userinfo::answer).post(userinfo::answer).options(cors::preflight))
        .route(path::REVOKE, post(revocation::post).options(cors::preflight))
        .route(path::INTROSPECT, post(introspection::post))
        .route(path::JWKS, get(documents::jwks))
        .route(path::DISCOVERY, get(documents::discovery))
        .route(path::OAUTH_METADATA, get(documents::discovery));
    if provider.settings().session_management {
        protocol = protocol.route(path::CHECK_SESSION, get(session_management::check));
    }
    if provider.settings().registration.is_some() {
        let registered = get(registration::get).put(registration::put).delete(registration::delete);
        protocol =
            protocol.route(path::REGISTER, post(registration::post)).route(path::REGISTERED, registered);
    }
    let protocol = protocol.layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(provider.clone());
    Ok(guarded(own, provider.ui())?.merge(protocol))
}
