//! `/logout`: RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0), and Log Out for a person who came
//! by themselves.
//!
//! A client that shows an ID token of the session that is there ends it at once. Everybody else gets a
//! page that asks; its form carries a sealed question that only this session's page can have.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::Response;
use countersign_identity::session::Authenticated;
use countersign_login_ui::respond;
use countersign_login_ui::view::logout as page;
use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::{Halt, Visit};
use countersign_store::client::Client;
use serde::{Deserialize, Serialize};

use crate::discovery::path;
use crate::error::Fault;
use crate::frontchannel_logout::{self, Frames};
use crate::id_token::Hint;
use crate::params::{FORM, Params};
use crate::redirect_uri;
use crate::state::Provider;

const PURPOSE: &str = "log out";
/// How long the question can be answered, in seconds.
const ASKED: i64 = 60 * 60;

/// What the page asks, sealed into its form.
#[derive(Debug, Serialize, Deserialize)]
struct Question {
    session_id: String,
    onward: Option<String>,
    until: i64,
}

/// `GET /logout`
pub async fn get(State(provider): State<Provider>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let result = requested(&provider, &visit, query.unwrap_or_default().as_bytes()).await;
    visit.answer(result)
}

/// `POST /logout`: our own page's answer, or a client's request as a form. The latter comes from another site
/// and so without our cookies: it is sent on as the GET it could have been.
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    if let Some(sealed) = visit.parameter("q") {
        let result = confirmed(&provider, &visit, &sealed).await;
        return visit.answer(result);
    }
    let names =
        ["id_token_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales", "logout_hint"];
    match Params::parse(&body, FORM) {
        Ok(params) if params.check().is_ok() => {
            respond::see_other(&format!("{}?{}", path::LOGOUT, params.only(&names)))
        }
        _ => visit.trouble(Trouble::BAD_LOGOUT),
    }
}

async fn requested(provider: &Provider, visit: &Visit, query: &[u8]) -> Result<Response, Halt> {
    let who = visit.session().await?;
    let bad = |cause: &str| {
        tracing::info!(cause, "logout refused");
        Halt::from(visit.trouble(Trouble::BAD_LOGOUT))
    };
    let params = Params::parse(query, FORM).map_err(|error| bad(&error.to_string()))?;
    params.check().map_err(|error| bad(&error.to_string()))?;
    let hint = match params.get("id_token_hint") {
        // §4: an error of the request is shown here, never sent anywhere.
        Some(token) => Some(
            Hint::read(&provider.keys(), provider.issuer(), token)
                .map_err(|error| bad(&error.to_string()))?,
        ),
        None => None,
    };
    let client =
        find_client(provider, &params, hint.as_ref(), who.as_ref()).await.map_err(|()| bad("client"))?;
    let onward = onward(&params, client.as_deref()).map_err(bad)?;
    let Some(who) = who else {
        return Ok(done(visit, onward.as_deref(), hint.is_some()));
    };
    // A hint about somebody else says nothing about the one who is signed in here. §2: one of another session of
    // theirs is suspect: the person is asked.
    let person = &who.profile().person.id;
    let known_as = client.as_deref().map(|client| provider.subjects().of(client, person));
    let session = Some(who.session_id());
    if hint.is_some_and(|hint| Some(hint.sub) == known_as && hint.sid.as_deref() == session) {
        return end(provider, visit, &who, onward.as_deref()).await;
    }
    Ok(ask(provider, visit, &who, client.as_deref(), onward))
}

/// §2: the client is named by the hint, or by client_id; when by both, they MUST match.
async fn find_client(
    provider: &Provider,
    params: &Params,
    hint: Option<&Hint>,
    who: Option<&Authenticated>,
) -> Result<Option<Arc<Client>>, ()> {
    let named = params.get("client_id");
    let id = match (hint, named) {
        (Some(hint), Some(named)) if hint.aud != named => return Err(()),
        (Some(hint), _) => hint.aud.as_str(),
        (None, Some(named)) => named,
        (None, None) => return Ok(None),
    };
    let found = async {
        let identity = provider.identity();
        let revision = match who {
            Some(who) => who.revision(),
            None => identity.revision().await?,
        };
        provider.clients().find(identity, id, revision).await
    };
    let found: Result<_, Fault> = found.await;
    found.map_err(|error| tracing::error!(%error, "a client could not be read"))?.map(Some).ok_or(())
}

/// §3: where to go afterwards: exactly a registered URI of a client that is known, with the state it sent.
fn onward(params: &Params, client: Option<&Client>) -> Result<Option<String>, &'static str> {
    let Some(uri) = params.get("post_logout_redirect_uri") else { return Ok(None) };
    let client = client.ok_or("a post_logout_redirect_uri of nobody")?;
    let mut registered = client.post_logout_redirect_uris();
    if !registered.any(|known| redirect_uri::matches(known, uri, client.public)) {
        return Err("the post_logout_redirect_uri is not registered");
    }
    let Some(state) = params.get("state") else { return Ok(Some(uri.to_owned())) };
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("state", state);
    let mark = if uri.contains('?') { '&' } else { '?' };
    Ok(Some(format!("{uri}{mark}{}", query.finish())))
}

fn ask(
    provider: &Provider,
    visit: &Visit,
    who: &Authenticated,
    client: Option<&Client>,
    onward: Option<String>,
) -> Response {
    let origin = onward.as_deref().and_then(redirect_uri::origin);
    let until = provider.identity().now() + ASKED;
    let question = Question { session_id: who.session_id().to_owned(), onward, until };
    let plain = serde_json::to_vec(&question).unwrap_or_default();
    let action = format!("{}?q={}", path::LOGOUT, provider.identity().keyring().seal_text(PURPOSE, &plain));
    let language = visit.language(None, who.profile().person.language.as_deref());
    let markup = page::view(&visit.frame(language), &action, client.map(|client| client.name.as_str()));
    respond::page(StatusCode::OK, markup, origin.as_deref())
}

/// The page was answered.
async fn confirmed(provider: &Provider, visit: &Visit, sealed: &str) -> Result<Response, Halt> {
    if is_foreign(visit) {
        return Ok(visit.trouble(Trouble::FOREIGN));
    }
    let identity = provider.identity();
    let opened = identity.keyring().open_text(PURPOSE, sealed).ok();
    let question = opened.and_then(|plain| serde_json::from_slice::<Question>(&plain).ok());
    let question = question.filter(|question| identity.now() < question.until);
    let Some(question) = question else { return Ok(respond::see_other(path::LOGOUT)) };
    match visit.session().await? {
        Some(who) if who.session_id() == question.session_id => {
            end(provider, visit, &who, question.onward.as_deref()).await
        }
        // The form was drawn for another session: it is asked anew.
        Some(_) => Ok(respond::see_other(path::LOGOUT)),
        // The form was sent twice.
        None => Ok(forgotten(visit, done(visit, question.onward.as_deref(), true))),
    }
}

/// Whether a browser says that this post comes from another site.
fn is_foreign(visit: &Visit) -> bool {
    let text = |name: header::HeaderName| visit.headers().get(name).and_then(|value| value.to_str().ok());
    match text(header::HeaderName::from_static("sec-fetch-site")) {
        Some(site) => !matches!(site, "same-origin" | "none"),
        None => text(header::ORIGIN)
            .is_some_and(|origin| redirect_uri::origin(visit.ui().issuer()).is_none_or(|own| own != origin)),
    }
}

/// Ends the session. The browser forgets it, lets the applications that took part in it forget it too, and goes on.
async fn end(
    provider: &Provider,
    visit: &Visit,
    who: &Authenticated,
    onward: Option<&str>,
) -> Result<Response, Halt> {
    let Frames { addresses, origins } =
        frontchannel_logout::frames(provider, who).await.map_err(Fault::into_halt)?;
    provider.identity().end_session(who).await?;
    if addresses.is_empty() {
        return Ok(forgotten(visit, done(visit, onward, true)));
    }
    let markup = page::done(&visit.frame(visit.language(None, None)), onward, &addresses);
    Ok(forgotten(visit, respond::framing(markup, &origins, onward)))
}

/// An answer after which the browser has no session.
fn forgotten(visit: &Visit, mut response: Response) -> Response {
    visit.forget_session(&mut response);
    response
}

/// Nobody is signed in any more. To the client only when it or the person said so; else a link leads there.
fn done(visit: &Visit, onward: Option<&str>, redirect: bool) -> Response {
    match onward {
        Some(uri) if redirect => respond::see_other(uri),
        _ => visit.page(page::done(&visit.frame(visit.language(None, None)), onward, &[])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::tests::client;

    fn client_with(uris: &[&str]) -> Client {
        Client { post_logout_redirect_uris: serde_json::json!(uris), ..client("app", &[]) }
    }

    fn read(query: &str, client: Option<&Client>) -> Result<Option<String>, &'static str> {
        onward(&Params::parse(query.as_bytes(), FORM).unwrap(), client)
    }

    #[test]
    fn rp_initiated_logout_3_only_registered_uris_are_gone_to() {
        let client = client_with(&["https://app.example/out"]);
        let uri = "https://app.example/out";
        assert_eq!(read(&format!("post_logout_redirect_uri={uri}"), Some(&client)), Ok(Some(uri.into())));
        assert_eq!(read("", Some(&client)), Ok(None));
        assert_eq!(read("state=x", None), Ok(None));
        assert!(read(&format!("post_logout_redirect_uri={uri}"), None).is_err());
        for other in [
            "https://app.example/out/",
            "https://app.example/out?x=1",
            "https://evil.example/",
            "https://app.example/cb",
        ] {
            assert!(read(&format!("post_logout_redirect_uri={other}"), Some(&client)).is_err(), "{other}");
        }
    }

    #[test]
    fn rp_initiated_logout_3_state_comes_back_and_nothing_else() {
        let client = client_with(&["https://app.example/out", "https://app.example/out?a=b"]);
        let query = "post_logout_redirect_uri=https://app.example/out&state=x%26y&extra=1";
        assert_eq!(read(query, Some(&client)).unwrap().unwrap(), "https://app.example/out?state=x%26y");
        let query = "post_logout_redirect_uri=https://app.example/out?a%3Db&state=s";
        assert_eq!(read(query, Some(&client)).unwrap().unwrap(), "https://app.example/out?a=b&state=s");
    }
}
