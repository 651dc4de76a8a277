//! Telling applications through the browser that a session ends (OpenID Connect Front-Channel Logout 1.0): the page
//! after logout loads an address of each in a frame.

use countersign_identity::session::Authenticated;
use countersign_store::session_client;

use crate::error::Fault;
use crate::redirect_uri;
use crate::state::Provider;

/// The addresses to load, and their origins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frames {
    /// Each with its parameters.
    pub addresses: Vec<String>,
    /// For the page's policy.
    pub origins: Vec<String>,
}

/// The frames of everybody who took part in a session and registered for it. To be asked before it ends.
///
/// # Errors
/// [`Fault`].
pub(crate) async fn frames(provider: &Provider, who: &Authenticated) -> Result<Frames, Fault> {
    let identity = provider.identity();
    let mut frames = Frames::default();
    for id in session_client::of_session(identity.store().read(), who.session_id()).await? {
        let client = provider.clients().find(identity, &id, who.revision()).await?;
        let uri = client.as_ref().and_then(|client| client.metadata.frontchannel_logout_uri.as_deref());
        let Some(uri) = uri else { continue };
        frames.addresses.push(address(uri, provider.issuer(), who.session_id()));
        frames.origins.extend(redirect_uri::origin(uri));
    }
    Ok(frames)
}

/// §3: iss and sid say which session it is: not somebody else's of the same browser. They are always there,
/// whether the client requires them or not.
fn address(uri: &str, issuer: &str, sid: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("iss", issuer).append_pair("sid", sid);
    // §2: the registered URI may have a query of its own, and is otherwise left as it is.
    let mark = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{mark}{}", query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn front_channel_logout_3_iss_and_sid_are_added_and_nothing_else() {
        assert_eq!(
            address("https://app.example/out", "https://portal.example", "abc"),
            "https://app.example/out?iss=https%3A%2F%2Fportal.example&sid=abc"
        );
        assert_eq!(
            address("https://app.example/out?a=b", "https://portal.example", "abc"),
            "https://app.example/out?a=b&iss=https%3A%2F%2Fportal.example&sid=abc"
        );
    }
}
