//! `/authorize`: find the client, bind, validate, decide; and the same again when a sign-in comes back.

mod account;
mod by_object;
pub mod decide;
pub mod reply;
pub mod request;
pub mod request_object;
pub mod response;
mod trip;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use countersign_identity::session::Authenticated;
use countersign_login_ui::cookie::Cookie;
use countersign_login_ui::respond;
use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::{Halt, Visit};
use countersign_store::client::Client;
use countersign_store::{consent, secret};

use crate::clients;
use crate::discovery::path;
use crate::error::{Code, Fault, Refusal};
use crate::front_channel;
use crate::params::{AUTHORIZATION_REQUEST, Params};
use crate::scope::Scopes;
use crate::session_management::session_state;
use crate::state::Provider;
use account::Settled;
use decide::{Accounts, Decision, Facts, Seen, decide};
use reply::{ReplyTo, bind};
use request::{House, KNOWN, Request, validate};
pub(crate) use trip::{Trip, reopen};

/// `GET /authorize`
pub async fn get(State(provider): State<Provider>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    match Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST) {
        Ok(params) => match by_object::gather(&provider, &visit, params).await {
            Ok((params, by_object)) => start(&provider, &visit, &params, Way::In { by_object }).await,
            Err(halt) => visit.answer(Err(halt)),
        },
        Err(_) => visit.trouble(Trouble::BAD_REQUEST),
    }
}

/// `POST /authorize` (OIDC Core §3.1.2.1). A post from the client's site comes without our cookies, so it is
/// sent on as the GET it could have been; what can't be sent on is refused at once.
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    match Params::parse(&body, AUTHORIZATION_REQUEST) {
        Ok(params) if params.check().is_ok() && params.get("registration").is_none() => {
            let names = [&KNOWN[..], &request_object::WAYS].concat();
            respond::see_other(&format!("{}?{}", path::AUTHORIZE, params.only(&names)))
        }
        Ok(params) => start(&provider, &visit, &params, Way::In { by_object: false }).await,
        Err(_) => visit.trouble(Trouble::BAD_REQUEST),
    }
}

/// `GET /authorize/resume`: a sign-in, or the consent page, comes back.
pub async fn resume(State(provider): State<Provider>, visit: Visit) -> Response {
    let (params, trip) = match reopen(&visit) {
        Ok((params, trip, _)) => (params, trip),
        Err(halt) => return visit.answer(Err(halt)),
    };
    start(&provider, &visit, &params, Way::Back(&trip)).await
}

/// A request under way.
pub(crate) struct Turn<'a> {
    pub provider: &'a Provider,
    pub visit: &'a Visit,
    pub params: &'a Params,
    pub reply: ReplyTo,
    pub request: Request,
    pub who: Option<Authenticated>,
    trip: Option<&'a Trip>,
}

/// On which way a request passes here.
#[derive(Clone, Copy)]
pub(crate) enum Way<'a> {
    /// From the client.
    In {
        /// It came as a request object.
        by_object: bool,
    },
    /// From one of our pages, with what it needed for that.
    Back(&'a Trip),
}

async fn start(provider: &Provider, visit: &Visit, params: &Params, way: Way<'_>) -> Response {
    match open(provider, visit, params, way).await {
        Ok(turn) => match turn.answer().await {
            Ok(mut response) => {
                visit.keep_browser_state(&mut response, turn.who.as_ref());
                response
            }
            Err(fault) => {
                tracing::error!(error = %fault, id = visit.request_id(), "an authorization failed");
                turn.reply.error(visit, &Refusal::new(Code::ServerError, "the server failed"))
            }
        },
        Err(halt) => visit.answer(Err(halt)),
    }
}

/// Finds who is signed in and the client, binds and validates.
pub(crate) async fn open<'a>(
    provider: &'a Provider,
    visit: &'a Visit,
    params: &'a Params,
    way: Way<'a>,
) -> Result<Turn<'a>, Halt> {
    let who = visit.session().await?;
    let client = find_client(provider, params, who.as_ref()).await.map_err(Fault::into_halt)?;
    let reply = bind(params, client, provider).map_err(|trouble| {
        tracing::info!(client = params.get("client_id"), uri = params.get("redirect_uri"), "not bound");
        Halt::from(visit.trouble(trouble))
    })?;
    let (trip, by_object) = match way {
        Way::In { by_object } => (None, by_object),
        Way::Back(trip) => (Some(trip), true),
    };
    if reply.client().metadata.require_signed_request_object && !by_object {
        let sentence = "the client registered to send its requests as signed request objects alone";
        return Err(reply.error(visit, &Refusal::invalid(sentence)).into());
    }
    let keys = provider.keys();
    let house = House { issuer: provider.issuer(), keys: &keys, settings: provider.settings() };
    let request =
        validate(params, &reply, &house).map_err(|refusal| Halt::from(reply.error(visit, &refusal)))?;
    Ok(Turn { provider, visit, params, reply, request, who, trip })
}

async fn find_client(
    provider: &Provider,
    params: &Params,
    who: Option<&Authenticated>,
) -> Result<Option<Arc<Client>>, Fault> {
    let Some(id) = params.get("client_id") else { return Ok(None) };
    let identity = provider.identity();
    let revision = match who {
        Some(who) => who.revision(),
        None => identity.revision().await?,
    };
    provider.clients().find(identity, id, revision).await
}

impl Turn<'_> {
    async fn answer(&self) -> Result<Response, Fault> {
        let requested = &self.request.requested;
        let acr = self.provider.acr();
        let settled = match &self.who {
            Some(who) => self.account(who).await?,
            None => Settled { accounts: Accounts::NotNeeded, account_id: None, chosen_at: 0 },
        };
        let seen = match &self.who {
            Some(who) => {
                let reachable = who.profile().required(&self.provider.identity().settings().services);
                let client = self.reply.client();
                let settings = self.provider.identity().settings();
                let bridged = who.bridged_until().is_some_and(|until| until > self.provider.identity().now());
                let rule = clients::address_rule(client, who.profile(), settings, bridged);
                let needed = acr.required(rule, clients::minimum(client), requested);
                Some(Seen {
                    expected: self.expects(who),
                    fresh: self.is_fresh(who),
                    level: who.level(),
                    needed: needed.unwrap_or(reachable),
                    reachable,
                    accounts: settled.accounts,
                    consent: self.has_consent(who).await?,
                })
            }
            None => None,
        };
        let facts = Facts {
            silent: self.request.prompt.none,
            resumed: self.trip.is_some(),
            essential_exists: acr.exists(requested),
            seen,
        };
        match (decide(&facts), &self.who) {
            (Decision::Grant, Some(who)) => {
                let (request, reply) = (&self.request, &self.reply);
                let account_id = settled.account_id;
                let answer = front_channel::answer(self.provider, who, request, reply, account_id).await?;
                let Some(mut answer) = answer else { return Ok(self.session_ended()) };
                // Session Management §3: in every answer of somebody who is signed in.
                let session_state = session_state(self.provider, self.visit, who, reply);
                answer.extend(session_state.map(|state| ("session_state", state)));
                Ok(reply.send(self.visit, answer))
            }
            (Decision::LogIn { again }, _) => Ok(self.log_in(again)),
            (Decision::StepUp, Some(_)) => Ok(self.send_off("/login", self.demand(false, 0))),
            (Decision::ChooseAccount, Some(_)) => {
                Ok(self.send_off("/login", self.demand(false, settled.chosen_at)))
            }
            (Decision::ExplainNoAccount, Some(who)) => Ok(self.explain_no_account(who)),
            (Decision::AskConsent, Some(_)) => Ok(self.send_off(path::CONSENT, self.demand(false, 0))),
            (Decision::Refuse(code), _) => {
                Ok(self.reply.error(self.visit, &Refusal::new(code, sentence(code))))
            }
            (_, None) => Err(Fault::Broken("a decision about nobody")),
        }
    }

    /// Whether this is whom the client expects, by the name it knows people by.
    fn expects(&self, who: &Authenticated) -> bool {
        let expected = &self.request.expected;
        if expected.is_empty() {
            return true;
        }
        let sub = self.provider.subjects().of(self.reply.client(), &who.profile().person.id);
        expected.iter().all(|wanted| *wanted == sub)
    }

    /// Whether the sign-in this request sent the person to is behind us: another session cookie than before,
    /// and factors proved since.
    fn is_renewed(&self, who: &Authenticated) -> bool {
        self.trip.is_some_and(|trip| who.auth_time() >= trip.begun_at && trip.stale != self.cookie_digest())
    }

    fn is_fresh(&self, who: &Authenticated) -> bool {
        let age = self.provider.identity().now().saturating_sub(who.auth_time());
        // OIDC Core §3.1.2.1: max_age=0 is as good as prompt=login.
        let young = self.request.max_age.is_none_or(|most| most > 0 && age <= most);
        self.is_renewed(who) || (young && !self.request.prompt.login)
    }

    fn cookie_digest(&self) -> Option<String> {
        let cookie = self.visit.cookie(Cookie::Session)?;
        Some(secret::digest(cookie.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The portal's own clients need no consent: an administrator gave it for everybody.
    async fn has_consent(&self, who: &Authenticated) -> Result<bool, Fault> {
        if !self.reply.client().third_party {
            return Ok(true);
        }
        // The answer given on the way settles prompt=consent; what was allowed, and by whom, the row says.
        if self.request.prompt.consent && !self.trip.is_some_and(|trip| trip.consented) {
            return Ok(false);
        }
        let store = self.provider.identity().store();
        let found = consent::find(store.read(), &who.profile().person.id, &self.reply.client().id).await?;
        let wanted = self.request.consented();
        Ok(found.is_some_and(|consent| wanted.within(Scopes::parse(&consent.scope))))
    }

    /// The session ended while it was answering: nobody is signed in.
    fn session_ended(&self) -> Response {
        if self.request.prompt.none {
            return self
                .reply
                .error(self.visit, &Refusal::new(Code::LoginRequired, sentence(Code::LoginRequired)));
        }
        self.send_off("/login", self.demand(false, 0))
    }

    fn log_in(&self, again: bool) -> Response {
        let since = self.who.as_ref().map_or(0, Authenticated::auth_time);
        self.send_off("/login", self.demand(again, if again { since } else { 0 }))
    }
}

fn sentence(code: Code) -> &'static str {
    match code {
        Code::LoginRequired => "the person has to sign in",
        Code::InteractionRequired => "the person has to prove another factor",
        Code::AccountSelectionRequired => "the person has to choose an account",
        Code::ConsentRequired => "the person has to consent",
        Code::UnmetAuthenticationRequirements => "the authentication asked for can not be had",
        Code::AccessDenied => "the person has no access to this application",
        _ => "the request was refused",
    }
}
