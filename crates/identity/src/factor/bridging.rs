//! A bridging code of the SOC, which stands in for a lost token for a short while: it lets one person in at level
//! `password`, and nowhere that requires VIP. It is no factor, and no evidence of one.

use countersign_store::bridging_code;
use countersign_store::sign_in;

use crate::journey::{Demand, Step};
use crate::session::Authenticated;
use crate::sign_in::{Advance, Current, finish_in};
use crate::{Identity, Result};

/// What a bridging code led to.
#[derive(Debug)]
pub enum BridgingOutcome {
    /// Right.
    Advanced(Advance),
    /// Wrong, or there is none any more: all read the same.
    Refused,
}

impl Identity {
    /// Whether a bridging code could help on in this sign-in: the operator allows them, and what the person came for
    /// does not require VIP itself.
    #[must_use]
    pub fn may_bridge(&self, current: &Current, demand: &Demand) -> bool {
        let waits = matches!(current.step(), Some(Step::Vip { .. } | Step::Locked | Step::Lost));
        self.settings().bridging > 0 && !demand.vip && waits && current.row.temporary_at.is_none()
    }

    /// Judges a bridging code for the person of this sign-in. The guess is counted before it is looked at.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn bridge(
        &self,
        current: &Current,
        typed: &str,
        before: Option<&Authenticated>,
        demand: &Demand,
    ) -> Result<BridgingOutcome> {
        if !self.may_bridge(current, demand) {
            return Ok(BridgingOutcome::Refused);
        }
        let (person, now) = (current.row.person_id.clone(), self.now());
        let counted = self
            .store()
            .write(move |tx| Box::pin(async move { bridging_code::count_guess(tx, &person, now).await }));
        let person = current.row.person_id.clone();
        if !counted.await? {
            return Ok(BridgingOutcome::Refused);
        }
        let Some(code) = bridging_code::find(self.store().read(), &person, now).await? else {
            return Ok(BridgingOutcome::Refused);
        };
        let mut bridged = current.row.clone();
        bridged.bridged_until = Some(code.expires_at);
        let next = self.next(&bridged, current.profile(), demand, current.chosen_before()).await?;
        let begin = self.begin(&bridged, &current.secret, before);
        let (id, digest) = (bridged.id.clone(), self.bridging_digest(&person, typed));
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                if !bridging_code::spend(tx, &person, digest, now).await? {
                    return Ok(None);
                }
                if !sign_in::record(tx, &id, sign_in::Event::Bridged(code.expires_at), now).await? {
                    return Err(countersign_store::Error::Conflict("the sign-in is over".into()));
                }
                finish_in(tx, &begin, next).await.map(Some)
            })
        });
        let person = &current.row.person_id;
        let ended = match ended.await {
            Ok(None) if self.is_over(current).await? => return Ok(BridgingOutcome::Advanced(Advance::Again)),
            Ok(None) => {
                tracing::warn!(target: "audit", event = "bridging_code_refused", %person);
                return Ok(BridgingOutcome::Refused);
            }
            Ok(Some(ended)) => Ok(ended),
            Err(error) => Err(error),
        };
        tracing::warn!(target: "audit", event = "bridging_code_used", %person);
        Ok(BridgingOutcome::Advanced(self.settle(ended, &bridged)?))
    }

    /// What is kept of a code: so few digits are worth nothing in a digest that anybody can compute.
    pub(crate) fn bridging_digest(&self, person_id: &str, typed: &str) -> Vec<u8> {
        let digits: String = typed.chars().filter(char::is_ascii_digit).take(32).collect();
        self.keyring().mac("bridging code", format!("{person_id} {digits}").as_bytes()).to_vec()
    }
}
