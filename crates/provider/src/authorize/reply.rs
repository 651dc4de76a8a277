//! Where a client is answered, and how. Only a bound request has a [`ReplyTo`], so nothing reaches a redirect URI
//! that has not been compared with the registered ones.

use std::sync::Arc;

use axum::response::Response;
use countersign_login_ui::respond;
use countersign_login_ui::view::form_post::{self, FormPost};
use countersign_login_ui::view::no_account::Onward;
use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::Visit;
use countersign_store::client::Client;

use super::response::ResponseMode;
use crate::error::Refusal;
use crate::params::Params;
use crate::redirect_uri;
use crate::state::Provider;

/// A client, and the redirect URI of its own that it asked to be answered at.
#[derive(Clone, Debug)]
pub struct ReplyTo {
    client: Arc<Client>,
    redirect_uri: String,
    state: Option<String>,
    issuer: String,
    mode: ResponseMode,
}

/// What an answer says, in order.
pub type Answer = Vec<(&'static str, String)>;

/// Binds a request to its client's redirect URI.
///
/// # Errors
/// A page: the client can't be told, since it is not known to be one.
pub fn bind(params: &Params, client: Option<Arc<Client>>, provider: &Provider) -> Result<ReplyTo, Trouble> {
    let mode = ResponseMode::of(params, provider.settings());
    bound(params, client, provider.issuer(), mode)
}

fn bound(
    params: &Params,
    client: Option<Arc<Client>>,
    issuer: &str,
    mode: ResponseMode,
) -> Result<ReplyTo, Trouble> {
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
    Ok(ReplyTo { client, redirect_uri, state, issuer: issuer.to_owned(), mode })
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

    /// Takes an answer to the client.
    #[must_use]
    pub fn send(&self, visit: &Visit, answer: Answer) -> Response {
        let answer = self.complete(answer);
        if self.mode != ResponseMode::FormPost {
            return respond::see_other(&self.url(&answer));
        }
        let page = FormPost { action: &self.redirect_uri, client: &self.client.name, fields: &answer };
        let markup = form_post::view(&visit.frame(visit.language(None, None)), &page);
        respond::posting(markup, redirect_uri::origin(&self.redirect_uri).as_deref())
    }

    /// Takes an error to the client.
    #[must_use]
    pub fn error(&self, visit: &Visit, refusal: &Refusal) -> Response {
        tracing::info!(
            client = self.client.id,
            code = refusal.code.as_str(),
            cause = refusal.cause,
            id = visit.request_id(),
            "refused"
        );
        self.send(visit, answer_of(refusal, visit.request_id()))
    }

    /// What takes an error to the client when the person says so.
    #[must_use]
    pub fn onward(&self, visit: &Visit, refusal: &Refusal) -> Onward {
        let answer = self.complete(answer_of(refusal, visit.request_id()));
        match self.mode {
            ResponseMode::FormPost => Onward::Form { action: self.redirect_uri.clone(), fields: answer },
            ResponseMode::Query | ResponseMode::Fragment => Onward::Link(self.url(&answer)),
        }
    }

    /// What every answer says besides.
    fn complete(&self, mut answer: Answer) -> Answer {
        // RFC 6749 §4.1.2: state as it was received, if it was.
        answer.extend(self.state.iter().map(|state| ("state", state.clone())));
        // RFC 9207 §2: in every answer, errors included.
        answer.push(("iss", self.issuer.clone()));
        answer
    }

    fn url(&self, answer: &Answer) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(answer);
        // A registered redirect URI has no fragment of its own.
        let mark = match self.mode {
            ResponseMode::Fragment => '#',
            _ if self.redirect_uri.contains('?') => '&',
            _ => '?',
        };
        format!("{}{mark}{}", self.redirect_uri, query.finish())
    }
}

fn answer_of(refusal: &Refusal, request_id: &str) -> Answer {
    vec![("error", refusal.code.as_str().to_owned()), ("error_description", refusal.told(request_id))]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;
    use crate::error::Code;
    use crate::params::AUTHORIZATION_REQUEST;

    const ISSUER: &str = "https://portal.example";

    fn bind(query: &str, uris: &[&str]) -> Result<ReplyTo, Trouble> {
        let params = Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST).unwrap();
        super::bound(&params, Some(Arc::new(client("app", uris))), ISSUER, ResponseMode::Query)
    }

    impl ReplyTo {
        /// Bound to the redirect URI of those parameters.
        pub(crate) fn for_tests(params: &Params, client: Arc<Client>) -> Self {
            bound(params, Some(client), ISSUER, ResponseMode::Query).unwrap()
        }
    }

    #[test]
    fn rfc6749_4_1_2_1_nothing_is_sent_to_an_unknown_address() {
        let uris = ["https://app.example/cb"];
        assert!(bind("redirect_uri=https://app.example/cb", &uris).is_ok());
        for query in [
            "",
            "redirect_uri=",
            "redirect_uri=https://app.example/cb/",
            "redirect_uri=https://app.example/cb&redirect_uri=https://app.example/cb",
            "redirect_uri=https://app.example/cb%0d%0a",
        ] {
            assert_eq!(bind(query, &uris).unwrap_err(), Trouble::UNKNOWN_REDIRECT, "{query}");
        }
        let params = Params::parse(b"redirect_uri=https://app.example/cb", 100).unwrap();
        let unknown = bound(&params, None, ISSUER, ResponseMode::Query);
        assert_eq!(unknown.unwrap_err(), Trouble::UNKNOWN_CLIENT);
    }

    #[test]
    fn rfc9207_2_iss_and_state_are_in_every_answer() {
        let reply =
            bind("redirect_uri=https://app.example/cb?a=b&state=x%26y+z", &["https://app.example/cb?a=b"])
                .unwrap();
        let url = |reply: &ReplyTo, answer: Answer| reply.url(&reply.complete(answer));
        assert_eq!(
            url(&reply, vec![("code", "c".into())]),
            "https://app.example/cb?a=b&code=c&state=x%26y+z&iss=https%3A%2F%2Fportal.example"
        );
        let refusal = Refusal::new(Code::LoginRequired, "no");
        assert_eq!(
            url(&reply, answer_of(&refusal, "")),
            "https://app.example/cb?a=b&error=login_required&error_description=no&state=x%26y+z&iss=https%3A%2F%2Fportal.example"
        );
        let fragment = ReplyTo { mode: ResponseMode::Fragment, ..reply };
        assert_eq!(
            url(&fragment, vec![("id_token", "t".into())]),
            "https://app.example/cb?a=b#id_token=t&state=x%26y+z&iss=https%3A%2F%2Fportal.example"
        );
    }

    #[test]
    fn rfc6749_4_1_2_no_state_comes_back_when_none_was_sent() {
        let reply = bind("redirect_uri=com.example.app:/cb", &["com.example.app:/cb"]).unwrap();
        assert_eq!(
            reply.url(&reply.complete(vec![("code", "c".into())])),
            "com.example.app:/cb?code=c&iss=https%3A%2F%2Fportal.example"
        );
    }
}
