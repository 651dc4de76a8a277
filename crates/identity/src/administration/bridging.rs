//! Bridging codes, issued by the SOC to somebody whose token is lost, where the operator allows it.

use countersign_store::bridging_code::{self, BridgingCode};
use countersign_store::{grant, mail as mail_queue, secret, session};
use zeroize::Zeroizing;

use super::credential_life::Because;
use crate::mail::Notice;
use crate::{Error, Identity, Level, Result};

/// Wrong ones that may be tried.
const GUESSES: i32 = 5;
/// The most often that a code may be used.
pub const MOST_USES: i32 = 5;

/// A code just issued.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The code: shown once, to be read out.
    pub code: Zeroizing<String>,
    /// When it ends, in seconds since 1970.
    pub expires_at: i64,
}

impl Identity {
    /// Issues a bridging code for an address, in place of one that there is. The person is told by mail that there is
    /// one, not what it is.
    ///
    /// # Errors
    /// [`Error::Refused`] when the operator allows none or not for so long, there is no such person, or the address
    /// needs no token.
    pub async fn issue_bridging_code(
        &self,
        email: &str,
        (seconds, uses): (i64, i32),
        because: &Because,
    ) -> Result<Issued> {
        let most = self.settings().bridging;
        if most == 0 {
            return Err(Error::Refused(
                "bridging codes are off here: set vip.bridging_minutes to allow them".into(),
            ));
        }
        if !(60..=most).contains(&seconds) || !(1..=MOST_USES).contains(&uses) {
            return Err(Error::Refused(format!(
                "a bridging code lasts 1 to {} minutes and works 1 to {MOST_USES} times",
                most / 60
            )));
        }
        let who = self.find_person(email).await?;
        if who.required(&self.settings().services) < Level::Vip {
            return Err(Error::Refused(format!("{email} needs no token, so nothing has to stand in for it")));
        }
        // Ten digits: none of a token has so many, so neither is ever taken for the other.
        let number = u64::from_be_bytes(secret::random()) % 10_000_000_000;
        let code = Zeroizing::new(format!("{number:010}"));
        let now = self.now();
        let row = BridgingCode {
            person_id: who.person.id.clone(),
            digest: self.bridging_digest(&who.person.id, &code),
            expires_at: now + seconds,
            uses_left: uses,
            guesses_left: GUESSES,
            created_at: now,
        };
        let mail = self.notice(&who.person, &Notice::BridgingCode)?;
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                bridging_code::issue(tx, row).await?;
                mail_queue::insert(tx, mail).await
            })
        });
        written.await?;
        self.mail_waits();
        let (by, reason) = (&because.by, because.reason.as_deref());
        tracing::warn!(target: "audit", event = "bridging_code_issued", person = who.person.id, seconds, uses, by, reason);
        Ok(Issued { code, expires_at: now + seconds })
    }

    /// Withdraws the bridging code of an address; the sessions that stand on one end.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person, or nothing to withdraw.
    pub async fn withdraw_bridging_code(&self, email: &str, because: &Because) -> Result<()> {
        let who = self.find_person(email).await?;
        let (id, now) = (who.person.id.clone(), self.now());
        let withdrawn = self.store().write(move |tx| {
            Box::pin(async move {
                let withdrawn = bridging_code::withdraw(tx, &id).await?;
                let ended = session::end_bridged(tx, &id, now).await?;
                for session in &ended {
                    grant::revoke_of_session(tx, session, now).await?;
                }
                Ok(withdrawn || !ended.is_empty())
            })
        });
        let withdrawn = withdrawn.await?;
        self.store().revoked();
        if !withdrawn {
            return Err(Error::Refused(format!("{email} has no bridging code")));
        }
        let (by, reason) = (&because.by, because.reason.as_deref());
        tracing::info!(target: "audit", event = "bridging_code_withdrawn", person = who.person.id, by, reason);
        Ok(())
    }
}
