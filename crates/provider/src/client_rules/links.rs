//! The addresses a client registers: those people are shown, with their translations, and those that are fetched.

use countersign_store::client::Client;
use url::Url;

use super::{URIS, Unfit, one_line};
use crate::settings::ProviderSettings;

/// What may be registered in several languages, as `client_name#ja` (OIDC Registration §2.1): what people read.
pub const TRANSLATED: [&str; 5] = ["client_name", "client_uri", "logo_uri", "policy_uri", "tos_uri"];
/// Most translations.
const TRANSLATIONS: usize = 50;
/// The longest link that people are shown.
const LINK: usize = 500;

/// Checks them.
///
/// # Errors
/// The first thing that is [`Unfit`].
pub(super) fn check(client: &Client, settings: &ProviderSettings) -> Result<(), Unfit> {
    let metadata = &client.metadata;
    for (member, uri) in [
        ("client_uri", &metadata.client_uri),
        ("logo_uri", &metadata.logo_uri),
        ("policy_uri", &metadata.policy_uri),
        ("tos_uri", &metadata.tos_uri),
    ] {
        link(member, uri.as_deref())?;
    }
    // OIDC Registration §2: initiate_login_uri MUST use https.
    address("initiate_login_uri", metadata.initiate_login_uri.as_deref(), &["https"])?;
    for (member, uri) in
        [("jwks_uri", &metadata.jwks_uri), ("sector_identifier_uri", &metadata.sector_identifier_uri)]
    {
        fetched(member, uri.as_deref(), settings)?;
    }
    if metadata.request_uris.len() > URIS {
        return Err(Unfit::new("request_uris", format!("there may be {URIS} at most")));
    }
    // OIDC Registration §2: a fragment there is the hash of the content.
    metadata
        .request_uris
        .iter()
        .try_for_each(|uri| fetched("request_uris", uri.split('#').next(), settings))?;
    translations(client)
}

/// What people are shown. It travels with a sign-in in the address of each page, so it is short; a logo is loaded by
/// pages that are https.
fn link(member: &'static str, uri: Option<&str>) -> Result<(), Unfit> {
    if uri.is_some_and(|uri| uri.len() > LINK) {
        return Err(Unfit::new(member, format!("it is longer than {LINK} characters")));
    }
    let schemes: &[&str] = if member == "logo_uri" { &["https"] } else { &["https", "http"] };
    address(member, uri, schemes)
}

/// What this server fetches or calls: `https`, but where the operator lists the host.
///
/// # Errors
/// [`Unfit`].
pub(super) fn fetched(
    member: &'static str,
    uri: Option<&str>,
    settings: &ProviderSettings,
) -> Result<(), Unfit> {
    let Some(uri) = uri else { return Ok(()) };
    address(member, Some(uri), &["https", "http"])?;
    let checked = settings.outbound.check(uri);
    checked.map_err(|refused| Unfit::new(member, format!("{uri:?} cannot be used: {refused}")))
}

fn translations(client: &Client) -> Result<(), Unfit> {
    let translations = &client.metadata.translations;
    if translations.len() > TRANSLATIONS {
        return Err(Unfit::new("client_name", format!("there may be {TRANSLATIONS} translations at most")));
    }
    for (name, value) in translations {
        let (base, tag) = name.split_once('#').unwrap_or((name, ""));
        let Some(base) = TRANSLATED.into_iter().find(|known| *known == base) else {
            return Err(Unfit::new(
                "client_name",
                format!("{name:?} is not a translation of a name or link"),
            ));
        };
        // BCP 47 §2.1: letters, digits and hyphens.
        let tagged =
            (1..=35).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        if !tagged {
            return Err(Unfit::new(
                base,
                format!("{name:?} does not end in a language tag such as ja or pt-BR"),
            ));
        }
        let text = value.as_str().ok_or_else(|| Unfit::new(base, format!("{name:?} must be a string")))?;
        match base {
            "client_name" if text.trim().is_empty() || !one_line(text) => {
                return Err(Unfit::new(base, format!("{name:?} has 1 to 200 characters on one line")));
            }
            "client_name" => {}
            link_name => link(link_name, Some(text))?,
        }
    }
    Ok(())
}

/// An address of one of those schemes, with nothing in it that readers could differ about.
///
/// # Errors
/// [`Unfit`].
pub(super) fn address(member: &'static str, uri: Option<&str>, schemes: &[&str]) -> Result<(), Unfit> {
    let Some(uri) = uri else { return Ok(()) };
    let plain = uri.len() <= 1_000 && uri.bytes().all(|byte| byte.is_ascii_graphic());
    let url = Url::parse(uri).ok().filter(|url| plain && url.host().is_some() && url.fragment().is_none());
    let fits = url.is_some_and(|url| {
        schemes.contains(&url.scheme()) && url.username().is_empty() && url.password().is_none()
    });
    let reason = || format!("{uri:?} must be an {} URL without a fragment", schemes.join(" or "));
    if fits { Ok(()) } else { Err(Unfit::new(member, reason())) }
}
