//! The VIP service: codes are judged by whoever keeps the seeds.
//!
//! Whatever is not a clear yes, for a token of ours, is a no. Nothing is asked twice: a code may have been consumed
//! although no answer came.

use std::sync::Arc;

use countersign_store::person::Person;
use countersign_store::{secret, spent_code};
use countersign_vip_services::client::{Client, Failure};
use countersign_vip_services::message::{
    Answer, CredentialType, NewCredential, Operation, RequestId, SecurityCode, UserStatus,
};
use countersign_vip_services::status::{Outcome, meaning, outcome};

use super::{Accepted, AtService, Guess, Spend, Validator, Verdict};
use crate::{Identity, Result};

/// How long a code that was accepted is remembered, in seconds: longer than the service could take it again, which
/// is at most 64 steps of 30 s before and after its own.
const REMEMBERED: i64 = 2 * 65 * 30;

/// What people are called at the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserIds {
    /// By an id that means nothing and stays: lower-case hexadecimal.
    Opaque,
    /// By their canonical email address, for tenants that are kept so. Renames are the operator's to carry over.
    Email,
}

/// The service, as configured. Clones share their connections.
#[derive(Clone, Debug)]
pub struct VipService {
    client: Arc<Client>,
    user_ids: UserIds,
}

impl VipService {
    /// The service behind this client.
    #[must_use]
    pub fn new(client: Client, user_ids: UserIds) -> Self {
        Self { client: Arc::new(client), user_ids }
    }

    /// What a person is called there.
    #[must_use]
    pub fn user_id(&self, person: &Person) -> String {
        match self.user_ids {
            UserIds::Opaque => person.id.to_ascii_lowercase(),
            UserIds::Email => person.email_key.clone(),
        }
    }

    /// Takes a credential from a person there.
    pub(crate) async fn remove(&self, person: &Person, id: &str) -> AtService {
        let (user_id, credential_id) = (self.user_id(person), id.to_owned());
        let kind = CredentialType::StandardOtp;
        match self.ask(Operation::RemoveCredential { user_id, credential_id, kind }).await.0 {
            Outcome::Ok | Outcome::NotBound | Outcome::UnknownCredential | Outcome::UnknownUser => {
                AtService::Removed
            }
            _ => AtService::Stays,
        }
    }

    /// Asks, once, and says in the log what came of it. No code gets there.
    pub(crate) async fn ask(&self, operation: Operation) -> (Outcome, Answer) {
        let (id, name) = (RequestId::new(secret::random()), operation.name());
        match self.client.call(id.clone(), operation).await {
            Ok(response) => {
                let told = outcome(response.status, response.detail);
                let (status, detail) = (response.status, response.detail.map(tracing::field::debug));
                let reason = meaning(response.detail.unwrap_or(response.status));
                match told {
                    Outcome::Misconfigured => {
                        tracing::error!(operation = name, vip_request = %id, %status, detail, reason, "the VIP service refuses us: see docs/vip-service.md");
                    }
                    Outcome::Unavailable => {
                        tracing::warn!(operation = name, vip_request = %id, %status, detail, reason, "the VIP service gave no verdict");
                    }
                    _ => {
                        tracing::info!(operation = name, vip_request = %id, %status, detail, reason, "the VIP service answered")
                    }
                }
                (told, response.answer)
            }
            Err(Failure::Tls) => {
                tracing::error!(operation = name, vip_request = %id, reason = %Failure::Tls, "the VIP service cannot be asked: see docs/vip-service.md");
                (Outcome::Misconfigured, Answer::Nothing)
            }
            Err(failure) => {
                tracing::warn!(operation = name, vip_request = %id, reason = %failure, "the VIP service gave no answer");
                (Outcome::Unavailable, Answer::Nothing)
            }
        }
    }
}

/// The judge of one request.
pub(super) struct Judge<'a> {
    identity: &'a Identity,
    service: &'a VipService,
}

impl Validator for Judge<'_> {
    async fn sign_in(&self, guess: &Guess<'_>) -> Result<Verdict> {
        let Some(code) = SecurityCode::parse(guess.codes.0) else { return Ok(Verdict::Wrong) };
        match guess.codes.1.filter(|next| !next.trim().is_empty()).map(SecurityCode::parse) {
            None => self.authenticate(guess, code).await,
            Some(None) => Ok(Verdict::Wrong),
            Some(Some(next)) => self.synchronize(guess, code, next).await,
        }
    }

    async fn register(&self, guess: &Guess<'_>, name: Option<&str>) -> Result<Verdict> {
        let codes = (SecurityCode::parse(guess.codes.0), guess.codes.1.and_then(SecurityCode::parse));
        let ((Some(first), Some(second)), Some(row)) = (codes, guess.rows.first()) else {
            return Ok(Verdict::Wrong);
        };
        let user_id = || self.service.user_id(guess.person);
        match self.service.ask(Operation::CreateUser { user_id: user_id() }).await.0 {
            Outcome::Ok | Outcome::UserExists => {}
            Outcome::Unavailable => return Ok(Verdict::Unavailable),
            other => return Ok(unexpected(other)),
        }
        let (id, kind) = (row.id.clone(), CredentialType::StandardOtp);
        let credential = NewCredential { id, kind, friendly_name: name.map(str::to_owned) };
        let codes = (first.clone(), Some(second.clone()));
        let add = Operation::AddCredential { user_id: user_id(), credential, codes };
        match self.service.ask(add).await.0 {
            Outcome::Ok => Ok(self.right(&row.id, &[&first, &second])),
            // Bound, but not registered here: a registration whose answer was lost, or somebody else's token.
            Outcome::AlreadyBound if self.is_bound(guess, &row.id).await == Outcome::Ok => {
                self.synchronize(guess, first, second).await
            }
            Outcome::Unavailable => Ok(Verdict::Unavailable),
            Outcome::Misconfigured => Ok(Verdict::Misconfigured),
            // Whatever else it is, to the person it reads as a wrong ID does.
            refused => {
                tracing::warn!(credential = %row.id, ?refused, "the VIP service does not register this credential");
                Ok(Verdict::Wrong)
            }
        }
    }

    async fn withdraw(&self, guess: &Guess<'_>) -> Result<()> {
        for row in guess.rows {
            self.service.remove(guess.person, &row.id).await;
        }
        Ok(())
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(identity: &'a Identity, service: &'a VipService) -> Self {
        Self { identity, service }
    }

    async fn authenticate(&self, guess: &Guess<'_>, code: SecurityCode) -> Result<Verdict> {
        let user_id = self.service.user_id(guess.person);
        let (told, answer) =
            self.service.ask(Operation::AuthenticateUser { user_id, code: code.clone() }).await;
        Ok(match told {
            Outcome::Ok => self.whose(guess, answer, &code),
            Outcome::InvalidCode => self.wrong(guess, &code).await?,
            Outcome::NeedsSecondCode => Verdict::OutOfStep,
            Outcome::Locked => Verdict::Locked,
            Outcome::Unavailable => Verdict::Unavailable,
            other => unexpected(other),
        })
    }

    /// A yes counts for a token that shows codes and that this person has registered here: text messages, temporary
    /// codes and other people's tokens earn nothing.
    fn whose(&self, guess: &Guess<'_>, answer: Answer, code: &SecurityCode) -> Verdict {
        let Answer::Authenticated {
            credential_id: Some(told), kind: Some(CredentialType::StandardOtp), ..
        } = answer
        else {
            tracing::warn!("the VIP service accepted something that is no token: it counts for nothing");
            return Verdict::Wrong;
        };
        match guess.rows.iter().find(|row| row.id.eq_ignore_ascii_case(&told)) {
            Some(row) => self.right(&row.id, &[code]),
            None => {
                tracing::warn!(
                    "the VIP service accepted a token that is not registered here: it counts for nothing"
                );
                Verdict::Wrong
            }
        }
    }

    /// The service does not tell a used code from a wrong one; what was used here is known here.
    async fn wrong(&self, guess: &Guess<'_>, code: &SecurityCode) -> Result<Verdict> {
        for row in guess.rows {
            let (db, now) = (self.identity.store().read(), self.identity.now());
            if spent_code::is_spent(db, &row.id, self.digest(&row.id, code), now).await? {
                return Ok(Verdict::Used { next_in: None });
            }
        }
        Ok(Verdict::Wrong)
    }

    /// Two codes in a row. They prove the token; that it is still this person's is asked for.
    async fn synchronize(
        &self,
        guess: &Guess<'_>,
        first: SecurityCode,
        second: SecurityCode,
    ) -> Result<Verdict> {
        let mut verdict = Verdict::Wrong;
        for row in guess.rows {
            let (credential_id, codes) = (row.id.clone(), (first.clone(), second.clone()));
            match self.service.ask(Operation::Synchronize { credential_id, codes }).await.0 {
                Outcome::Ok => {
                    return Ok(match self.is_bound(guess, &row.id).await {
                        Outcome::Ok => self.right(&row.id, &[&first, &second]),
                        Outcome::Locked => Verdict::Locked,
                        Outcome::Unavailable => Verdict::Unavailable,
                        other => unexpected(other),
                    });
                }
                Outcome::InvalidCode | Outcome::NeedsSecondCode => {}
                Outcome::Locked => verdict = Verdict::Locked,
                Outcome::Unavailable => return Ok(Verdict::Unavailable),
                other => verdict = unexpected(other),
            }
        }
        Ok(verdict)
    }

    /// Whether the service knows the token as this person's, enabled.
    async fn is_bound(&self, guess: &Guess<'_>, id: &str) -> Outcome {
        let user_id = self.service.user_id(guess.person);
        let (told, answer) = self.service.ask(Operation::GetUserInfo { user_id: user_id.clone() }).await;
        let Answer::User { user_id: Some(named), status, bindings } = answer else {
            return if told == Outcome::Ok { Outcome::Unavailable } else { told };
        };
        let bound = bindings.iter().any(|binding| {
            let token = binding.kind == CredentialType::StandardOtp && binding.enabled;
            token && binding.credential_id.eq_ignore_ascii_case(id)
        });
        match (told, status) {
            (Outcome::Ok, _) if !named.eq_ignore_ascii_case(&user_id) => Outcome::Unavailable,
            (Outcome::Ok, Some(UserStatus::Active)) if bound => Outcome::Ok,
            (Outcome::Ok, Some(UserStatus::Active)) => Outcome::NotBound,
            (Outcome::Ok, _) => Outcome::Locked,
            (other, _) => other,
        }
    }

    fn right(&self, id: &str, codes: &[&SecurityCode]) -> Verdict {
        let digests = codes.iter().map(|code| self.digest(id, code)).collect();
        let spend = Spend::Codes { digests, until: self.identity.now() + REMEMBERED };
        Verdict::Right(Accepted { credential_id: id.to_owned(), spend })
    }

    /// Keyed: six digits are soon tried out otherwise.
    fn digest(&self, id: &str, code: &SecurityCode) -> Vec<u8> {
        self.identity.keyring().mac("spent code", format!("{id} {}", code.expose()).as_bytes()).to_vec()
    }
}

/// An answer that a person can do nothing about.
fn unexpected(told: Outcome) -> Verdict {
    tracing::error!(?told, "the VIP service and the inventory disagree: see docs/vip-service.md");
    Verdict::Misconfigured
}
