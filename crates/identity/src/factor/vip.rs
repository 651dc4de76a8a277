//! The VIP Authentication page's answer: one security code, or two when the token is out of step.

use countersign_store::credential::{self, Credential};
use countersign_store::credential_event::{self, Note};
use countersign_store::{Transaction, sign_in};

use crate::journey::{Demand, Step};
use crate::session::Authenticated;
use crate::sign_in::{Advance, Current, finish_in};
use crate::{Identity, Result};

use super::validator::{Accepted, Guess, Verdict, spend};

/// What a security code led to.
#[derive(Debug)]
pub enum VipOutcome {
    /// Right.
    Advanced(Advance),
    /// Wrong.
    Wrong {
        /// How many more wrong codes there may be until a credential of the person is locked.
        left: i32,
    },
    /// A code of this token that was used already, or an older one: the next is to be waited for.
    Used {
        /// In about how many seconds the token shows it; none for one that waits for its button.
        next_in: Option<u32>,
    },
    /// Right for another moment than now: the next code is asked for too.
    OutOfStep,
    /// The credential is locked.
    Locked,
    /// The code could not be checked just now: it may have been used up all the same.
    Unavailable,
    /// The code can't be checked until an operator has set something right.
    Misconfigured,
}

impl Identity {
    /// Judges a security code for the person of this sign-in, or two in a row to bring the token in step.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn vip(
        &self,
        current: &Current,
        codes: (&str, Option<&str>),
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<VipOutcome> {
        let Some(Step::Vip { .. }) = current.step() else {
            return Ok(VipOutcome::Advanced(self.finish(current, before).await?));
        };
        let usable = self.count_code(current).await?;
        if usable.is_empty() {
            return Ok(VipOutcome::Locked);
        }
        let person = &current.profile().person;
        match self.judge(&Guess { person, rows: &usable, codes }).await? {
            Verdict::Right(accepted) => {
                let others = usable.iter().map(|row| &row.id).filter(|id| **id != accepted.credential_id);
                let others = others.cloned().collect();
                self.accept(current, (accepted, others), before, demand).await
            }
            Verdict::Locked => Ok(VipOutcome::Locked),
            Verdict::Unavailable => Ok(VipOutcome::Unavailable),
            Verdict::Misconfigured => Ok(VipOutcome::Misconfigured),
            Verdict::OutOfStep => {
                let (id, now) = (current.row.id.clone(), self.now());
                let event = sign_in::Event::OutOfStep;
                self.store()
                    .write(move |tx| Box::pin(async move { sign_in::record(tx, &id, event, now).await }))
                    .await?;
                Ok(self.refused(&usable).await?.unwrap_or(VipOutcome::OutOfStep))
            }
            Verdict::Used { .. } if self.is_over(current).await? => Ok(VipOutcome::Advanced(Advance::Again)),
            Verdict::Used { next_in } => {
                Ok(self.refused(&usable).await?.unwrap_or(VipOutcome::Used { next_in }))
            }
            Verdict::Wrong => {
                let fewest = usable.iter().map(|row| self.settings().lock_after - row.failures).min();
                let left = fewest.unwrap_or_default();
                Ok(self.refused(&usable).await?.unwrap_or(VipOutcome::Wrong { left }))
            }
        }
    }

    /// Counts the guess for each registered credential of the person, and gives those it may be tried on with
    /// the number of failures it makes.
    async fn count_code(&self, current: &Current) -> Result<Vec<Credential>> {
        let (person, now, limit) = (current.row.person_id.clone(), self.now(), self.settings().lock_after);
        let counted = self.store().write(move |tx| {
            Box::pin(async move {
                let mut usable = Vec::new();
                for mut row in credential::of_person(tx, &person).await? {
                    let live = row.expires_at.is_none_or(|at| at > now);
                    if live && credential::count_guess(tx, &row.id, limit).await? {
                        row.failures += 1;
                        usable.push(row);
                    }
                }
                Ok(usable)
            })
        });
        Ok(counted.await?)
    }

    /// Accepts the code by one conditional update, in the transaction that writes what it buys.
    async fn accept(
        &self,
        current: &Current,
        (accepted, others): (Accepted, Vec<String>),
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<VipOutcome> {
        let mut proved = current.row.clone();
        proved.vip_at = Some(self.now());
        proved.vip_credential_id = Some(accepted.credential_id.clone());
        proved.resync = false;
        let next = self.next(&proved, current.profile(), demand, current.chosen_before()).await?;
        let begin = self.begin(&proved, &current.secret, before);
        let (id, now) = (proved.id.clone(), self.now());
        let credential_id = accepted.credential_id.clone();
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                if !consume(tx, &accepted, &others, (&begin.sign_in.person_id, now)).await? {
                    return Ok(None);
                }
                let event = sign_in::Event::Vip(accepted.credential_id);
                if !sign_in::record(tx, &id, event, now).await? {
                    return Err(countersign_store::Error::Conflict("the sign-in is over".into()));
                }
                finish_in(tx, &begin, next).await.map(Some)
            })
        });
        let ended = match ended.await {
            // Used between our look and our update: by this very sign-in, when the form was sent twice.
            Ok(None) if self.is_over(current).await? => return Ok(VipOutcome::Advanced(Advance::Again)),
            // By somebody else, at this very moment: nothing is known of the token's clock.
            Ok(None) => return Ok(VipOutcome::Used { next_in: None }),
            Ok(Some(ended)) => Ok(ended),
            Err(error) => Err(error),
        };
        let person = &proved.person_id;
        tracing::info!(target: "audit", event = "code_accepted", %person, credential = %credential_id);
        Ok(VipOutcome::Advanced(self.settle(ended, &proved)?))
    }

    /// After a refused code: locks what has used up its guesses. `Some` when nothing is left to try.
    async fn refused(&self, usable: &[Credential]) -> Result<Option<VipOutcome>> {
        self.tally().wrong_codes.add();
        tracing::info!(target: "audit", event = "wrong_code", credential = %usable[0].id);
        let limit = self.settings().lock_after;
        let exhausted: Vec<Credential> = usable.iter().filter(|row| row.failures >= limit).cloned().collect();
        for row in &exhausted {
            self.lock(row).await?;
        }
        Ok((exhausted.len() == usable.len()).then_some(VipOutcome::Locked))
    }

    async fn lock(&self, row: &Credential) -> Result<()> {
        let (id, limit, now) = (row.id.clone(), self.settings().lock_after, self.now());
        let locked = self.store().write(move |tx| {
            Box::pin(async move {
                let locked = credential::lock_if_exhausted(tx, &id, limit, now).await?;
                if locked {
                    let reason = Some("too many wrong codes in a row".to_owned());
                    let note = Note { at: now, event: "locked", by: "server".to_owned(), reason };
                    credential_event::insert(tx, &id, &note).await?;
                }
                Ok(locked)
            })
        });
        if locked.await? {
            self.tally().locked_credentials.add();
            tracing::warn!(target: "audit", event = "credential_locked", credential = %row.id);
            if let Some(person) = row.person_id.as_deref() {
                self.mail_credential_locked(person, &row.id).await?;
            }
        }
        Ok(())
    }
}

/// Spends the code, and gives back the guesses that were counted for the person's other credentials.
async fn consume(
    tx: &Transaction,
    accepted: &Accepted,
    others: &[String],
    (person, now): (&str, i64),
) -> countersign_store::Result<bool> {
    let spent = spend(tx, accepted, person, now).await?;
    if spent {
        for other in others {
            credential::uncount_guess(tx, other).await?;
        }
    }
    Ok(spent)
}
