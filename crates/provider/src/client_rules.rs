//! What a client must be, whoever registers it: an administrator by the command line, or itself at the registration
//! endpoint (OIDC Registration §2, RFC 7591 §2, the logout specifications).

use countersign_store::client::Client;
use url::Url;

use crate::authorize::response::ResponseType;
use crate::jose::Alg;
use crate::jose::PublicKeys;
use crate::redirect_uri;
use crate::scope;
use crate::settings::ProviderSettings;

/// Most URIs of one kind.
const URIS: usize = 50;
/// How a client may prove itself. `client_secret` is ours: in the header or in the form, as its library has it.
pub const AUTH_METHODS: [&str; 5] =
    ["client_secret_basic", "client_secret_post", "private_key_jwt", "none", "client_secret"];
/// The grants there are.
pub const GRANT_TYPES: [&str; 3] = ["authorization_code", "implicit", "refresh_token"];

/// Why a client can't be registered as it is: which member, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct Unfit {
    /// The member, by its registered name.
    pub member: &'static str,
    /// What is wrong, and what would be right.
    pub reason: String,
}

impl Unfit {
    fn new(member: &'static str, reason: impl Into<String>) -> Self {
        Self { member, reason: reason.into() }
    }
}

/// Checks a client as a whole.
///
/// # Errors
/// The first thing that is [`Unfit`].
pub fn check(client: &Client, settings: &ProviderSettings) -> Result<(), Unfit> {
    names(client)?;
    redirect_uris(client)?;
    response_types(client, settings)?;
    authentication(client)?;
    algorithms(client)?;
    subjects(client)?;
    links(client)?;
    logout(client)
}

fn names(client: &Client) -> Result<(), Unfit> {
    let one_line = |text: &str| text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if client.name.trim().is_empty() || !one_line(&client.name) {
        return Err(Unfit::new("client_name", "it has 1 to 200 characters on one line"));
    }
    let contacts = &client.metadata.contacts;
    if contacts.len() > 10 || !contacts.iter().all(|contact| one_line(contact)) {
        return Err(Unfit::new("contacts", "at most 10, each of at most 200 characters on one line"));
    }
    for name in client.scope.split_ascii_whitespace() {
        if !scope::ALL.contains(&name) {
            let known = scope::ALL.join(", ");
            return Err(Unfit::new("scope", format!("there is no scope {name:?}; there are {known}")));
        }
    }
    if client.scope.split_ascii_whitespace().any(|name| name == "openid") {
        Ok(())
    } else {
        Err(Unfit::new("scope", "it must hold openid"))
    }
}

fn redirect_uris(client: &Client) -> Result<(), Unfit> {
    let fits = |member: &'static str, uri: &str| {
        redirect_uri::check(uri, client.public)
            .map_err(|reason| Unfit::new(member, format!("{uri:?} cannot be a redirect URI: {reason}")))
    };
    if !(1..=URIS).contains(&client.redirect_uris().count()) {
        return Err(Unfit::new("redirect_uris", format!("there must be 1 to {URIS}")));
    }
    for uri in client.redirect_uris() {
        fits("redirect_uris", uri)?;
    }
    if client.post_logout_redirect_uris().count() > URIS {
        return Err(Unfit::new("post_logout_redirect_uris", format!("there may be {URIS} at most")));
    }
    client.post_logout_redirect_uris().try_for_each(|uri| fits("post_logout_redirect_uris", uri))
}

fn response_types(client: &Client, settings: &ProviderSettings) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    for text in &metadata.response_types {
        let kind = ResponseType::parse(text).filter(|kind| settings.response_types.contains(kind));
        let Some(kind) = kind else {
            let reason = format!("{text:?} is not one of this server's (`protocol.response_types`)");
            return Err(Unfit::new("response_types", reason));
        };
        // OIDC Registration §2: application_type web with implicit MUST use https.
        let plain = client.redirect_uris().find(|uri| uri.starts_with("http://"));
        if let Some(uri) = plain.filter(|_| kind.is_front_channel() && !is_native(client)) {
            let reason = format!("{uri:?} must be https: tokens arrive there");
            return Err(Unfit::new("redirect_uris", reason));
        }
        let needed = [("authorization_code", kind.code), ("implicit", kind.is_front_channel())];
        for (grant, _) in needed.into_iter().filter(|(_, needed)| *needed) {
            if !metadata.grant_types.is_empty() && !metadata.grant_types.iter().any(|one| one == grant) {
                let reason = format!("the response type {text:?} needs {grant:?}");
                return Err(Unfit::new("grant_types", reason));
            }
        }
    }
    match metadata.grant_types.iter().find(|one| !GRANT_TYPES.contains(&one.as_str())) {
        Some(strange) => {
            let known = GRANT_TYPES.join(", ");
            Err(Unfit::new("grant_types", format!("{strange:?} is not supported; there are {known}")))
        }
        None => Ok(()),
    }
}

fn is_native(client: &Client) -> bool {
    client.metadata.application_type.as_deref() == Some("native")
}

fn authentication(client: &Client) -> Result<(), Unfit> {
    let (method, metadata) = (client.token_endpoint_auth_method.as_str(), &client.metadata);
    let member = "token_endpoint_auth_method";
    if !AUTH_METHODS.contains(&method) {
        return Err(Unfit::new(member, format!("{method:?} is not supported")));
    }
    if client.public != (method == "none") {
        return Err(Unfit::new(member, "a public client has none, and a confidential one has one"));
    }
    if metadata.jwks.is_some() && metadata.jwks_uri.is_some() {
        return Err(Unfit::new("jwks_uri", "keys come by value or by address, not both"));
    }
    if let Some(set) = &metadata.jwks {
        let keys = PublicKeys::read(set).map_err(|refused| Unfit::new("jwks", refused.to_string()))?;
        if keys.is_empty() {
            let why = keys.unfit().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(Unfit::new("jwks", format!("no key of it can be used: {why}")));
        }
    }
    let has_keys = metadata.jwks.is_some() || metadata.jwks_uri.is_some();
    if method == "private_key_jwt" && !has_keys {
        return Err(Unfit::new(member, "private_key_jwt needs jwks or jwks_uri"));
    }
    if metadata.require_signed_request_object && !has_keys {
        return Err(Unfit::new("require_signed_request_object", "it needs jwks or jwks_uri"));
    }
    if let Some(strange) = metadata.application_type.as_deref().filter(|one| !["web", "native"].contains(one))
    {
        return Err(Unfit::new("application_type", format!("{strange:?} is neither web nor native")));
    }
    let known = |one: &&String| one.len() <= 1_000;
    match (metadata.default_max_age, metadata.default_acr_values.iter().all(|one| known(&one))) {
        (Some(age), _) if age < 0 => Err(Unfit::new("default_max_age", "it is a number of seconds")),
        (_, false) => Err(Unfit::new("default_acr_values", "a value is longer than 1000 characters")),
        _ => Ok(()),
    }
}

fn algorithms(client: &Client) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    let within = |member: &'static str, alg: Option<&str>, known: &[Alg]| match alg {
        Some(name) if Alg::parse(name).is_none_or(|alg| !known.contains(&alg)) => {
            let known: Vec<&str> = known.iter().map(|alg| alg.as_str()).collect();
            Err(Unfit::new(member, format!("{name:?} is not supported; there are {}", known.join(", "))))
        }
        _ => Ok(()),
    };
    within("id_token_signed_response_alg", Some(&client.id_token_alg), &Alg::OURS)?;
    within("userinfo_signed_response_alg", metadata.userinfo_signed_response_alg.as_deref(), &Alg::OURS)?;
    within("request_object_signing_alg", metadata.request_object_signing_alg.as_deref(), &Alg::CLIENTS)?;
    let assertions = metadata.token_endpoint_auth_signing_alg.as_deref();
    within("token_endpoint_auth_signing_alg", assertions, &Alg::CLIENTS)
}

/// OIDC Core §8.1: pairwise subjects belong to one host, or to the sector that `sector_identifier_uri` names.
fn subjects(client: &Client) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    match metadata.subject_type.as_deref() {
        None | Some("public") => return Ok(()),
        Some("pairwise") => {}
        Some(strange) => {
            return Err(Unfit::new("subject_type", format!("{strange:?} is neither public nor pairwise")));
        }
    }
    let hosts = client.redirect_uris().map(|uri| Url::parse(uri).ok()?.host_str().map(str::to_owned));
    let mut hosts: Vec<_> = hosts.collect();
    hosts.dedup();
    if metadata.sector_identifier_uri.is_none() && hosts.len() > 1 {
        let reason = "pairwise subjects for redirect URIs of several hosts need it";
        return Err(Unfit::new("sector_identifier_uri", reason));
    }
    Ok(())
}

fn links(client: &Client) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    for (member, uri) in [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ] {
        address(member, uri.as_deref(), &["https", "http"])?;
    }
    for (member, uri) in [
        ("jwks_uri", &metadata.jwks_uri),
        ("sector_identifier_uri", &metadata.sector_identifier_uri),
        ("initiate_login_uri", &metadata.initiate_login_uri),
    ] {
        address(member, uri.as_deref(), &["https"])?;
    }
    if metadata.request_uris.len() > URIS {
        return Err(Unfit::new("request_uris", format!("there may be {URIS} at most")));
    }
    // OIDC Registration §2: a fragment there is the hash of the content.
    metadata.request_uris.iter().try_for_each(|uri| {
        let bare = uri.split('#').next();
        address("request_uris", bare, &["https"])
    })
}

fn address(member: &'static str, uri: Option<&str>, schemes: &[&str]) -> Result<(), Unfit> {
    let Some(uri) = uri else { return Ok(()) };
    let plain = uri.len() <= 1_000 && uri.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(uri).ok().filter(|url| plain && url.host().is_some() && url.fragment().is_none());
    let fits = url.is_some_and(|url| {
        schemes.contains(&url.scheme()) && url.username().is_empty() && url.password().is_none()
    });
    let reason = || format!("{uri:?} must be an {} URL without a fragment", schemes.join(" or "));
    if fits { Ok(()) } else { Err(Unfit::new(member, reason())) }
}

fn logout(client: &Client) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    address("backchannel_logout_uri", metadata.backchannel_logout_uri.as_deref(), &["https"])?;
    let Some(uri) = metadata.frontchannel_logout_uri.as_deref() else { return Ok(()) };
    address("frontchannel_logout_uri", Some(uri), &["https", "http"])?;
    // Front-Channel Logout §2: the same scheme, host and port as a registered redirect URI.
    let origin = redirect_uri::origin(uri);
    if client.redirect_uris().any(|known| redirect_uri::origin(known) == origin) {
        return Ok(());
    }
    Err(Unfit::new("frontchannel_logout_uri", "it must have the origin of a redirect URI"))
}

#[cfg(test)]
mod tests;
