//! What becomes of a client that asks for this: its metadata, with what it left out filled in.

use countersign_store::client::{Client, Metadata};
use countersign_store::secret;
use serde_json::{Value, json};
use url::Url;

use super::asked::Asked;
use super::policy::RegistrationPolicy;
use super::refused::Refused;
use crate::authorize::response::ResponseType;
use crate::client_rules::Unfit;
use crate::jose::Alg;

/// The methods of those there are that a client names itself: `client_secret` is the command line's alone.
const AUTH_METHODS: [&str; 4] = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"];

/// `before` as the client asks to be. What it may not say itself stays as it is there.
///
/// # Errors
/// [`Unfit`]; what fits no client at all is [`client_rules::check`](crate::client_rules::check)'s to say.
pub(super) fn client(asked: &Asked, before: Client, policy: &RegistrationPolicy) -> Result<Client, Unfit> {
    let method = asked.text("token_endpoint_auth_method").unwrap_or("client_secret_basic");
    if !AUTH_METHODS.contains(&method) {
        let known = AUTH_METHODS.join(", ");
        let reason = format!("{method:?} is not supported; there are {known}");
        return Err(Unfit::new("token_endpoint_auth_method", reason));
    }
    let redirect_uris = asked.texts("redirect_uris").unwrap_or_default();
    let name = asked.text("client_name").map(|name| name.trim().to_owned());
    let alg = asked.text("id_token_signed_response_alg").unwrap_or(Alg::Rs256.as_str());
    Ok(Client {
        // OIDC Registration §2 leaves it open what a client without a name is shown as.
        name: name.unwrap_or_else(|| host(&redirect_uris)),
        public: method == "none",
        token_endpoint_auth_method: method.to_owned(),
        redirect_uris: json!(redirect_uris),
        post_logout_redirect_uris: json!(asked.texts("post_logout_redirect_uris").unwrap_or_default()),
        id_token_alg: alg.to_owned(),
        scope: scope(asked, policy),
        metadata: metadata(asked, &before.metadata)?,
        ..before
    })
}

fn host(redirect_uris: &[String]) -> String {
    let url = redirect_uris.first().and_then(|uri| Url::parse(uri).ok());
    let host = url.as_ref().and_then(|url| url.host_str().or(Some(url.scheme())));
    host.unwrap_or_default().to_owned()
}

fn scope(asked: &Asked, policy: &RegistrationPolicy) -> String {
    match asked.text("scope") {
        Some(scope) => scope.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        None => policy.scope.to_string(),
    }
}

fn metadata(asked: &Asked, before: &Metadata) -> Result<Metadata, Unfit> {
    // The types have been checked: what can fail here is a number out of bounds.
    let read: Metadata = serde_json::from_value(Value::Object(asked.members().clone()))
        .map_err(|error| Unfit::new("client_metadata", error.to_string()))?;
    let written = |text: String| ResponseType::parse(&text).map_or(text, |kind| kind.as_str().to_owned());
    let response_types = asked.texts("response_types").unwrap_or_else(|| vec!["code".to_owned()]);
    let response_types: Vec<String> = response_types.into_iter().map(written).collect();
    let grant_types = asked.texts("grant_types").unwrap_or_else(|| needed(&response_types));
    Ok(Metadata {
        grant_types,
        response_types,
        application_type: read.application_type.or_else(|| Some("web".to_owned())),
        subject_type: read.subject_type.or_else(|| Some("public".to_owned())),
        translations: asked.translations.clone(),
        jwt_access_tokens: before.jwt_access_tokens,
        pkce_optional: before.pkce_optional,
        lean_id_token: before.lean_id_token,
        self_registered: before.self_registered,
        ..read
    })
}

/// OIDC Registration §2: what one has that names no grant types. `authorization_code` is the default; `implicit` is what
/// the other response types are used by.
fn needed(response_types: &[String]) -> Vec<String> {
    let kinds: Vec<_> = response_types.iter().filter_map(|text| ResponseType::parse(text)).collect();
    let code = kinds.is_empty() || kinds.iter().any(|kind| kind.code);
    let implicit = kinds.iter().any(|kind| kind.is_front_channel());
    let all = [(code, "authorization_code"), (implicit, "implicit")];
    all.into_iter().filter(|(is_needed, _)| *is_needed).map(|(_, name)| name.to_owned()).collect()
}

/// Whether an update is the client's own, and leaves to the server what is the server's (RFC 7592 §2.2).
///
/// # Errors
/// [`Refused`].
pub(super) fn check_update(asked: &Asked, known: &Client) -> Result<(), Refused> {
    if let Some(member) = asked.ours {
        return Err(Unfit::new(member, "an update must not hold it: leave it out").into());
    }
    if asked.text("client_id") != Some(known.id.as_str()) {
        return Err(Unfit::new("client_id", "an update must hold it, and it must be this client's").into());
    }
    if let Some(shown) = asked.text("client_secret") {
        let digest = secret::Secret::parse(shown).map(|shown| shown.digest());
        let right = match (&known.secret_digest, digest) {
            (Some(digest), Some(shown)) => secret::equal(digest, &shown),
            _ => false,
        };
        if !right {
            let reason = "it is not this client's: secrets are made here, so leave it out";
            return Err(Unfit::new("client_secret", reason).into());
        }
    }
    Ok(())
}

/// Whether the client proves itself by a secret.
pub(super) fn has_secret(client: &Client) -> bool {
    client.token_endpoint_auth_method.starts_with("client_secret")
}
