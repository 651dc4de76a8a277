//! `/authorize`: find the client, bind, validate, decide; and the same again when a sign-in comes back.

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
use countersign_login_ui::view::no_account::{self, NoAccount};
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
use decide::{Accounts, Decision, Facts, Seen, decide};
use reply::{ReplyTo, bind};
use request::{House, KNOWN, Request, validate};
pub(crate) use trip::{Trip, reopen};

/// `GET /authorize`
pub async fn get(State(provider): State<Provider>, visit: Visit, RawQuery(query): RawQuery) -> Response {
    let query = query.unwrap_or_default();
    match Params::parse(query.as_bytes(), AUTHORIZATION_REQUEST) {
        Ok(params) => start(&provider, &visit, &params, None).await,
        Err(_) => visit.trouble(Trouble::BAD_REQUEST),
    }
}

/// `POST /authorize` (OIDC Core §3.1.2.1). A post from the client's site comes without our cookies, so it is
/// sent on as the GET it could have been; what can't be sent on is refused at once.
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    match Params::parse(&body, AUTHORIZATION_REQUEST) {
        Ok(params) if params.check().is_ok() && !has_unsupported(&params) => {
            respond::see_other(&format!("{}?{}", path::AUTHORIZE, params.only(&KNOWN)))
        }
        Ok(params) => start(&provider, &visit, &params, None).await,
        Err(_) => visit.trouble(Trouble::BAD_REQUEST),
    }
}

fn has_unsupported(params: &Params) -> bool {
    ["request", "request_uri", "registration"].iter().any(|name| params.get(name).is_some())
}

/// `GET /authorize/resume`: a sign-in, or the consent page, comes back.
pub async fn resume(State(provider): State<Provider>, visit: Visit) -> Response {
    let (params, trip) = match reopen(&visit) {
        Ok((params, trip, _)) => (params, trip),
        Err(halt) => return visit.answer(Err(halt)),
    };
    start(&provider, &visit, &params, Some(&trip)).await
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

async fn start(provider: &Provider, visit: &Visit, params: &Params, trip: Option<&Trip>) -> Response {
    match open(provider, visit, params, trip).await {
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
    trip: Option<&'a Trip>,
) -> Result<Turn<'a>, Halt> {
    let who = visit.session().await?;
    let client = find_client(provider, params, who.as_ref()).await.map_err(Fault::into_halt)?;
    let reply = bind(params, client, provider).map_err(|trouble| {
        tracing::info!(client = params.get("client_id"), uri = params.get("redirect_uri"), "not bound");
        Halt::from(visit.trouble(trouble))
    })?;
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
                let needed = acr.required(reachable, clients::minimum(self.reply.client()), requested);
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
                let mut answer =
                    front_channel::answer(self.provider, who, request, reply, settled.account_id).await?;
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

    /// Which account it is. (Product rule 7.)
    async fn account(&self, who: &Authenticated) -> Result<Settled, Fault> {
        let settled = |accounts, account_id, chosen_at| Ok(Settled { accounts, account_id, chosen_at });
        let Some(service) = self.reply.client().service_id.as_deref() else {
            return settled(Accounts::NotNeeded, None, 0);
        };
        let mut at_service = who.profile().accounts_at(service);
        match (at_service.next(), at_service.next()) {
            (None, _) => settled(Accounts::None, None, 0),
            (Some(only), None) => settled(Accounts::Settled, Some(only.id.clone()), 0),
            (Some(_), Some(_)) => {
                let chosen = self.provider.identity().chosen_account(who, service).await?;
                let (account_id, chosen_at) = chosen.map_or((None, 0), |(id, at)| (Some(id), at));
                let asked_again = self.request.prompt.select_account
                    && !self
                        .trip
                        .is_some_and(|trip| chosen_at >= trip.begun_at && trip.stale != self.cookie_digest());
                if account_id.is_none() || asked_again {
                    settled(Accounts::Open, None, chosen_at)
                } else {
                    settled(Accounts::Settled, account_id, chosen_at)
                }
            }
        }
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
        let wanted = self.request.negotiated.scope();
        Ok(found.is_some_and(|consent| wanted.within(Scopes::parse(&consent.scope))))
    }

    fn log_in(&self, again: bool) -> Response {
        let since = self.who.as_ref().map_or(0, Authenticated::auth_time);
        self.send_off("/login", self.demand(again, if again { since } else { 0 }))
    }

    fn explain_no_account(&self, who: &Authenticated) -> Response {
        let refusal = Refusal::new(Code::AccessDenied, sentence(Code::AccessDenied));
        let person = &who.profile().person;
        let client = self.reply.client();
        let id = client.service_id.as_deref().unwrap_or_default();
        let service = self.provider.identity().settings().service(id);
        let none = NoAccount {
            email: &person.email,
            service: service.map_or(id, |service| &service.name),
            client: &client.name,
            onward: &self.reply.onward(self.visit, &refusal),
        };
        let pending = self.pending(self.demand(false, 0));
        let language = self.visit.language(Some(&pending), person.language.as_deref());
        self.visit.page(no_account::view(&self.visit.frame(language), &none))
    }
}

struct Settled {
    accounts: Accounts,
    account_id: Option<String>,
    chosen_at: i64,
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
