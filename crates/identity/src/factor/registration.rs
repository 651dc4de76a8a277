//! The Register Symantec Credential page's answer: the Credential ID and two security codes in a row.

use countersign_store::credential::{self, Credential};
use countersign_store::service_credential::Binding;
use countersign_store::{mail as mail_queue, sign_in};

use crate::directory::Profile;
use crate::journey::{Demand, Step};
use crate::mail::Notice;
use crate::seed_file::credential_id;
use crate::session::Authenticated;
use crate::sign_in::{Advance, Current, finish_in};
use crate::{Identity, Result};

use super::validator::{Accepted, Guess, Verdict, register};

/// Registrations that one enrolment may try.
const TRIES: i32 = 10;
/// Characters of a token's name.
const NAME: usize = 60;

/// What a person sent from the registration page.
#[derive(Clone, Copy, Debug)]
pub struct RegistrationTry<'a> {
    /// The Credential ID as typed.
    pub credential_id: &'a str,
    /// The code shown first.
    pub code1: &'a str,
    /// The code shown next.
    pub code2: &'a str,
    /// A name for the token; empty for none.
    pub token_name: &'a str,
}

/// What it led to.
#[derive(Debug)]
pub enum RegistrationOutcome {
    /// The credential is registered.
    Advanced(Advance),
    /// The same code twice: the token's next one is to be waited for.
    SameCode,
    /// The ID, the codes or both are wrong, or the credential is not this person's to register.
    Refused,
    /// This enrolment has used up its tries.
    Exhausted,
    /// The codes could not be checked just now: they may have been used up all the same.
    Unavailable,
    /// The codes can't be checked until an operator has set something right.
    Misconfigured,
}

impl Identity {
    /// Judges a registration. A wrong ID, wrong codes and another's credential all read the same, and count
    /// against this enrolment rather than against the credential.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn register(
        &self,
        current: &Current,
        offered: RegistrationTry<'_>,
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<RegistrationOutcome> {
        if current.step() != Some(Step::RegisterCredential) {
            return Ok(RegistrationOutcome::Advanced(self.finish(current, before).await?));
        }
        if offered.code1.trim() == offered.code2.trim() {
            return Ok(RegistrationOutcome::SameCode);
        }
        let id = current.row.id.clone();
        let counted =
            self.store().write(move |tx| Box::pin(async move { sign_in::count_guess(tx, &id, TRIES).await }));
        if !counted.await? {
            return Ok(RegistrationOutcome::Exhausted);
        }
        let organizations = self.stock(current.profile());
        let row = self.registrable(current.profile(), &offered, &organizations).await?;
        let name = token_name(offered.token_name);
        let Some(row) = row else { return Ok(self.registration_refused(current)) };
        let (rows, codes) = ([row], (offered.code1, Some(offered.code2)));
        let guess = Guess { person: &current.profile().person, rows: &rows, codes };
        match self.judge_registration(&guess, name.as_deref()).await? {
            Verdict::Right(accepted) => {
                let person_id = current.row.person_id.clone();
                let wanted = Binding {
                    id: guess.rows[0].id.clone(),
                    person_id,
                    token_name: name,
                    now: self.now(),
                    organizations,
                };
                let registered = self.registered(current, (accepted, wanted), before, demand).await?;
                if matches!(registered, RegistrationOutcome::Refused) {
                    self.withdraw_registration(&guess).await?;
                }
                Ok(registered)
            }
            Verdict::Unavailable => {
                self.give_back_try(current).await?;
                Ok(RegistrationOutcome::Unavailable)
            }
            Verdict::Misconfigured => {
                self.give_back_try(current).await?;
                Ok(RegistrationOutcome::Misconfigured)
            }
            _ if self.is_over(current).await? => Ok(RegistrationOutcome::Advanced(Advance::Again)),
            _ => Ok(self.registration_refused(current)),
        }
    }

    async fn give_back_try(&self, current: &Current) -> Result<()> {
        let id = current.row.id.clone();
        let given =
            self.store().write(move |tx| Box::pin(async move { sign_in::uncount_guess(tx, &id).await }));
        Ok(given.await?)
    }

    fn registration_refused(&self, current: &Current) -> RegistrationOutcome {
        self.tally().wrong_codes.add();
        let person = &current.row.person_id;
        tracing::info!(target: "audit", event = "registration_refused", %person);
        RegistrationOutcome::Refused
    }

    /// The credential of the ID typed, when it may be this person's.
    pub(crate) async fn registrable(
        &self,
        profile: &Profile,
        offered: &RegistrationTry<'_>,
        organizations: &[String],
    ) -> Result<Option<Credential>> {
        let Some(id) = credential_id(offered.credential_id) else { return Ok(None) };
        let Some(row) = self.credential_of(&id).await? else { return Ok(None) };
        Ok(Some(row).filter(|row| self.may_register(row, &profile.person.id, organizations)))
    }

    /// The organizations whose stock this person may register from: none unless the operator allows it.
    pub(crate) fn stock(&self, profile: &Profile) -> Vec<String> {
        if !self.settings().register_from_organization {
            return Vec::new();
        }
        profile.accounts.iter().map(|account| account.organization_id.clone()).collect()
    }

    fn may_register(&self, row: &Credential, person: &str, organizations: &[String]) -> bool {
        let live = row.expires_at.is_none_or(|at| at > self.now());
        let assigned = row.state == credential::ASSIGNED && row.person_id.as_deref() == Some(person);
        let of_organization = row.state == credential::STOCKED
            && row.organization_id.as_ref().is_some_and(|id| organizations.contains(id));
        live && (assigned || of_organization)
    }

    /// Registers by one conditional update, in the transaction that writes what it buys.
    async fn registered(
        &self,
        current: &Current,
        (accepted, wanted): (Accepted, Binding),
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<RegistrationOutcome> {
        let mut proved = current.row.clone();
        proved.vip_at = Some(self.now());
        proved.vip_credential_id = Some(wanted.id.clone());
        let next = self.next(&proved, current.profile(), demand, current.chosen_before()).await?;
        let begin = self.begin(&proved, &current.secret, before);
        let notice = Notice::CredentialRegistered {
            credential_id: wanted.id.clone(),
            token_name: wanted.token_name.clone(),
        };
        let mail = self.notice(&current.profile().person, &notice)?;
        let (id, now, person) = (proved.id.clone(), self.now(), &proved.person_id);
        let credential_id = wanted.id.clone();
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                if !register(tx, &accepted, &wanted).await? {
                    return Ok(None);
                }
                let event = sign_in::Event::Vip(wanted.id);
                if !sign_in::record(tx, &id, event, now).await? {
                    return Err(countersign_store::Error::Conflict("the sign-in is over".into()));
                }
                mail_queue::insert(tx, mail).await?;
                finish_in(tx, &begin, next).await.map(Some)
            })
        });
        let ended = match ended.await {
            Ok(None) if self.is_over(current).await? => {
                return Ok(RegistrationOutcome::Advanced(Advance::Again));
            }
            Ok(None) => return Ok(RegistrationOutcome::Refused),
            Ok(Some(ended)) => Ok(ended),
            Err(error) => Err(error),
        };
        self.mail_waits();
        tracing::info!(target: "audit", event = "credential_registered", %person, credential = %credential_id);
        Ok(RegistrationOutcome::Advanced(self.settle(ended, &proved)?))
    }
}

/// The name as kept: one line, not too long; none when empty.
pub(crate) fn token_name(typed: &str) -> Option<String> {
    let line: String = typed.trim().chars().filter(|c| !c.is_control()).take(NAME).collect();
    (!line.is_empty()).then_some(line)
}
