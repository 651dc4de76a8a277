//! The trip to our pages and back: what is asked of the sign-in, and what the way back needs.

use axum::response::Response;
use countersign_identity::Level;
use countersign_identity::journey::Demand;
use countersign_login_ui::pending::Pending;
use countersign_login_ui::view::trouble::Trouble;
use countersign_login_ui::visit::{Halt, Visit};
use serde::{Deserialize, Serialize};

use super::Turn;
use super::request::KNOWN;
use crate::clients;
use crate::discovery::path;
use crate::params::{AUTHORIZATION_REQUEST, Params};
use crate::redirect_uri;

/// What the way back from a sign-in needs besides the request itself. It travels sealed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Trip {
    /// When the person was sent off, in seconds since 1970.
    pub begun_at: i64,
    /// Digest of the session's cookie then: the same one has proved nothing since.
    pub stale: Option<String>,
    /// The person allowed what this request asks for.
    pub consented: bool,
}

/// The request and the trip in the sealed `r` of this address.
pub(crate) fn reopen(visit: &Visit) -> Result<(Params, Trip, Pending), Halt> {
    let (pending, _) = visit.pending()?;
    let query = pending.restart.strip_prefix(path::AUTHORIZE).and_then(|rest| rest.strip_prefix('?'));
    let params = query.and_then(|query| Params::parse(query.as_bytes(), 2 * AUTHORIZATION_REQUEST).ok());
    match (params, serde_json::from_str(&pending.payload)) {
        (Some(params), Ok(trip)) => Ok((params, trip, pending)),
        // Sealed for something else than an authorization request.
        _ => Err(visit.trouble(Trouble::BAD_REQUEST).into()),
    }
}

impl Turn<'_> {
    /// What is asked of the sign-in. What happened at `not_enough` doesn't count: times are whole seconds, so
    /// the demand begins a second after it at the earliest.
    pub(super) fn demand(&self, reauthenticate: bool, not_enough: i64) -> Demand {
        let now = self.provider.identity().now();
        let begun_at = if not_enough >= now { not_enough.saturating_add(1) } else { now };
        Demand {
            service: self.reply.client().service_id.clone(),
            reauthenticate,
            select_account: self.request.prompt.select_account,
            begun_at,
            vip: self.needs_vip_itself(),
        }
    }

    /// Whether the client, its service or an essential `acr` takes VIP, whatever the address demands.
    fn needs_vip_itself(&self) -> bool {
        let client = self.reply.client();
        let service = clients::of_service(client, self.provider.identity().settings());
        let needed = self.provider.acr().required(service, clients::minimum(client), &self.request.requested);
        needed == Ok(Level::Vip)
    }

    /// The pending request of a trip to one of our pages.
    pub(super) fn pending(&self, demand: Demand) -> Pending {
        // What an earlier leg of the trip brought, a later one doesn't ask for again.
        let earlier = self.trip.filter(|_| self.who.as_ref().is_some_and(|who| self.is_renewed(who)));
        let trip = earlier.cloned().unwrap_or_else(|| Trip {
            begun_at: self.provider.identity().now(),
            stale: self.cookie_digest(),
            consented: false,
        });
        let restart = format!("{}?{}", path::AUTHORIZE, self.params.only(&KNOWN));
        let client = self.reply.client();
        let service =
            client.service_id.as_deref().and_then(|id| self.provider.identity().settings().service(id));
        Pending {
            payload: serde_json::to_string(&trip).unwrap_or_default(),
            origin: redirect_uri::origin(self.reply.redirect_uri()),
            destination: Some(service.map_or_else(|| client.name.clone(), |service| service.name.clone())),
            about: clients::about(client),
            login_hint: self.params.get("login_hint").map(str::to_owned),
            ui_locales: self.params.get("ui_locales").map(str::to_owned),
            ..Pending::new(path::RESUME, &restart, demand)
        }
    }

    pub(super) fn send_off(&self, page: &str, demand: Demand) -> Response {
        self.visit.ui().begin_at(page, self.visit.headers(), self.pending(demand))
    }
}
