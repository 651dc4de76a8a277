//! Where a client is answered. Only a bound request has a [`ReplyTo`], so nothing reaches a redirect URI that
//! has not been compared with the registered ones.

use std::sync::Arc;

use axum::response::Response;
use countersign_login_ui::respond;
use countersign_login_ui::view::trouble::Trouble;
use countersign_store::client::Client;

use crate::error::Refusal;
use crate::params::Params;
use crate::redirect_uri;

/// A client, and the redirect URI of its own that it asked to be answered at.
#[derive(Clone, Debug)]
pub struct ReplyTo {
    client: Arc<Client>,
    redirect_uri: String,
    state: Option<String>,
    issuer: String,
}

/// Binds a request to its client's redirect URI.
///
/// # Errors
/// A page: the client can't be told, since it is not known to be one.
pub fn bind(params: &Params, client: Option<Arc<Client>>, issuer: &str) -> Result<ReplyTo, Trouble> {
    // RFC 6749 §4.1.2.1: a missing, unknown or mismatching client or redirect URI MUST NOT be redirected.
    let client = client.ok_or(Trouble::UNKNOWN_CLIENT)?;
    // OIDC Core §3.1.2.1: redirect_uri is REQUIRED, even when one alone is registered.
    let asked = params.get("redirect_uri").ok_or(Trouble::UNKNOWN_REDIRECT)?;
    let registered = client.redirect_uris().any(|known| redirect_uri::matches(known, asked, client.public));
    if !registered {
        return Err(Trouble::UNKNOWN_REDIRECT);
    }
    let redirect_uri = asked.to_owned();
    let state = params.get("state").map(str::to_owned);
    Ok(ReplyTo { client, redirect_uri, state, issuer: issuer.to_owned() })
}

impl ReplyTo {
    /// The client.
    #[must_use]
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// The redirect URI, as the request spelled it.
    #[must_use]
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Takes a code to the client.
    #[must_use]
    pub fn code(&self, code: &str) -> Response {
        respond::see_other(&self.url(&[("code", code)]))
    }

    /// Takes an error to the client.
    #[must_use]
    pub fn error(&self, refusal: &Refusal) -> Response {
        tracing::info!(
            client = self.client.id,
            code = refusal.code.as_str(),
            cause = refusal.cause,
            "refused"
        );
        respond::see_other(&self.error_url(refusal))
    }

    /// The address that takes an error to the client.
    #[must_use]
    pub fn error_url(&self, refusal: &Refusal) -> String {
        self.url(&[("error", refusal.code.as_str()), ("error_description", refusal.sentence)])
    }

    fn url(&self, answer: &[(&str, &str)]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer);
        // RFC 6749 §4.1.2: state as it was received, if it was.
        query.extend_pairs(self.state.as_deref().map(|state| ("state", state)));
        // RFC 9207 §2: in every answer, errors included.
        query.append_pair("iss", &self.issuer);
        let mark = if self.redirect_uri.contains('?') { '&' } else { '?' };
        format!("{}{mark}{}", self.redirect_uri, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;
    use crate::error::Code;
    use crate::params::AUTHORIZATION_REQUEST;

    const ISSUER: &str = "https://portal.example";

    fn bound(query: &str, uris: &[&str]) -> Result<ReplyTo, Trouble> {
        let params = Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST).unwrap();
        bind(&params, Some(Arc::new(client("app", uris))), ISSUER)
    }

    #[test]
    fn rfc6749_4_1_2_1_nothing_is_sent_to_an_unknown_address() {
        let uris = ["https://app.example/cb"];
        assert!(bound("redirect_uri=https://app.example/cb", &uris).is_ok());
        for query in [
            "",
            "redirect_uri=",
            "redirect_uri=https://app.example/cb/",
            "redirect_uri=https://app.example/cb&redirect_uri=https://app.example/cb",
            "redirect_uri=https://app.example/cb%0d%0a",
        ] {
            assert_eq!(bound(query, &uris).unwrap_err(), Trouble::UNKNOWN_REDIRECT, "{query}");
        }
        let params = Params::parse(b"redirect_uri=https://app.example/cb", 100).unwrap();
        assert_eq!(bind(&params, None, ISSUER).unwrap_err(), Trouble::UNKNOWN_CLIENT);
    }

    #[test]
    fn rfc9207_2_iss_and_state_are_in_every_answer() {
        let reply =
            bound("redirect_uri=https://app.example/cb?a=b&state=x%26y+z", &["https://app.example/cb?a=b"])
                .unwrap();
        let location = |response: Response| response.headers()["location"].to_str().unwrap().to_owned();
        assert_eq!(
            location(reply.code("c")),
            "https://app.example/cb?a=b&code=c&state=x%26y+z&iss=https%3A%2F%2Fportal.example"
        );
        let refusal = Refusal::new(Code::LoginRequired, "no");
        assert_eq!(
            location(reply.error(&refusal)),
            "https://app.example/cb?a=b&error=login_required&error_description=no&state=x%26y+z&iss=https%3A%2F%2Fportal.example"
        );
    }

    #[test]
    fn rfc6749_4_1_2_no_state_comes_back_when_none_was_sent() {
        let reply = bound("redirect_uri=com.example.app:/cb", &["com.example.app:/cb"]).unwrap();
        assert_eq!(
            reply.url(&[("code", "c")]),
            "com.example.app:/cb?code=c&iss=https%3A%2F%2Fportal.example"
        );
    }
}
