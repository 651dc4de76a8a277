//! `/consent`: a third party's client asks, and the person answers.

use axum::extract::State;
use axum::response::Response;
use countersign_identity::Identity;
use countersign_identity::session::Authenticated;
use countersign_login_ui::form::Form;
use countersign_login_ui::pending::{Pending, with_request};
use countersign_login_ui::respond;
use countersign_login_ui::view::consent::{self as page, Consent as Page};
use countersign_login_ui::visit::{Halt, Visit};
use countersign_store::consent::{self, Consent};
use countersign_store::grant;
use url::Url;

use crate::authorize::{Trip, Turn, open, reopen};
use crate::discovery::path;
use crate::error::{Code, Fault, Refusal};
use crate::scope::Scopes;
use crate::state::Provider;

/// Asks.
pub async fn get(State(provider): State<Provider>, visit: Visit) -> Response {
    let result = answer(&provider, &visit, None).await;
    visit.answer(result)
}

/// Takes the answer.
pub async fn post(State(provider): State<Provider>, visit: Visit, form: Form) -> Response {
    let result = answer(&provider, &visit, Some(&form)).await;
    visit.answer(result)
}

async fn answer(provider: &Provider, visit: &Visit, form: Option<&Form>) -> Result<Response, Halt> {
    let (params, trip, pending) = reopen(visit)?;
    let turn = open(provider, visit, &params, Some(&trip)).await?;
    let Some(who) = &turn.who else {
        // Signed out meanwhile: the request goes through the sign-in again.
        return Ok(respond::see_other(&pending.restart));
    };
    // The form names the session it was drawn for: an answer is never taken for somebody else.
    let mine = visit.parameter("s").as_deref() == Some(who.session_id());
    match form.map(|form| form.field("decision")) {
        Some("allow") if mine => {
            allow(&turn, who).await.map_err(Fault::into_halt)?;
            Ok(onward(provider, &trip, pending))
        }
        Some("deny") => {
            let refusal = Refusal::new(Code::AccessDenied, "the person did not consent");
            Ok(turn.reply.error(visit, &refusal))
        }
        _ => Ok(draw(&turn, who, &pending)),
    }
}

async fn allow(turn: &Turn<'_>, who: &Authenticated) -> Result<(), Fault> {
    let identity = turn.provider.identity();
    let granted = Consent {
        person_id: who.profile().person.id.clone(),
        client_id: turn.reply.client().id.clone(),
        scope: turn.request.negotiated.scope().to_string(),
        granted_at: identity.now(),
    };
    tracing::info!(target: "audit", event = "consent_given", person = granted.person_id, client = granted.client_id, scope = granted.scope);
    let written = identity.store().write(move |tx| {
        Box::pin(async move {
            // What was allowed before stays allowed.
            let before = consent::find(tx, &granted.person_id, &granted.client_id).await?;
            let before = before.map(|consent| Scopes::parse(&consent.scope)).unwrap_or_default();
            let scope = before.or(Scopes::parse(&granted.scope)).to_string();
            consent::put(tx, Consent { scope, ..granted }).await
        })
    });
    Ok(written.await?)
}

/// Takes a person's consent to a client back, with all that was granted on it. Whether there was one.
///
/// # Errors
/// [`Fault::Store`].
pub async fn revoke(identity: &Identity, person_id: &str, client_id: &str) -> Result<bool, Fault> {
    let (person, client, now) = (person_id.to_owned(), client_id.to_owned(), identity.now());
    let revoked = identity.store().write(move |tx| {
        Box::pin(async move {
            grant::revoke_of_consent(tx, &person, &client, now).await?;
            consent::delete(tx, &person, &client).await
        })
    });
    let revoked = revoked.await?;
    identity.store().revoked();
    tracing::info!(target: "audit", event = "consent_revoked", person = person_id, client = client_id);
    Ok(revoked)
}

/// Back to the request, which now knows that it was allowed.
fn onward(provider: &Provider, trip: &Trip, pending: Pending) -> Response {
    let trip = Trip { consented: true, ..trip.clone() };
    let pending = Pending { payload: serde_json::to_string(&trip).unwrap_or_default(), ..pending };
    let identity = provider.identity();
    let sealed = pending.seal(identity.keyring(), identity.now());
    respond::see_other(&with_request(path::RESUME, &sealed))
}

fn draw(turn: &Turn<'_>, who: &Authenticated, pending: &Pending) -> Response {
    let sealed = turn.visit.parameter("r").unwrap_or_default();
    let scopes: Vec<&str> = turn.request.negotiated.scope().names().collect();
    let uri = Url::parse(turn.reply.redirect_uri()).ok();
    let host = uri.as_ref().and_then(|uri| uri.host_str().or(Some(uri.scheme()))).unwrap_or_default();
    let shown = Page {
        action: &format!("{}&s={}", with_request(path::CONSENT, &sealed), who.session_id()),
        client: &turn.reply.client().name,
        host,
        scopes: &scopes,
    };
    let language = turn.visit.language(Some(pending), who.profile().person.language.as_deref());
    let markup = page::view(&turn.visit.frame(language), &shown);
    respond::page(axum::http::StatusCode::OK, markup, pending.origin.as_deref())
}
