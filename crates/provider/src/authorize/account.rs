//! Which account of a person a request is about. (Product rule 7.)

use axum::response::Response;
use countersign_identity::session::Authenticated;
use countersign_login_ui::view::no_account::{self, NoAccount};

use super::decide::Accounts;
use super::{Turn, sentence};
use crate::error::{Code, Fault, Refusal};

/// The accounts of the one who is signed in, and which of them it is.
pub(super) struct Settled {
    pub(super) accounts: Accounts,
    pub(super) account_id: Option<String>,
    pub(super) chosen_at: i64,
}

impl Turn<'_> {
    /// Which account it is. (Product rule 7.)
    pub(super) async fn account(&self, who: &Authenticated) -> Result<Settled, Fault> {
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

    pub(super) fn explain_no_account(&self, who: &Authenticated) -> Response {
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
