//! The end of a sign-in: the session that is started in the transaction that consumed the last factor.

use countersign_store::sign_in::{self, SignIn};
use countersign_store::{Secret, Transaction};

use super::{Advance, Current};
use crate::journey::{self, Next, Step};
use crate::level::Level;
use crate::session::{Authenticated, Start, Started, start};
use crate::{Identity, Result};

impl Identity {
    /// Ends a sign-in that nothing is left to do for in its session: the page was opened again after the last
    /// step, or an administrator's change made a step needless.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn finish(&self, current: &Current, before: Option<&Authenticated>) -> Result<Advance> {
        match current.next {
            Next::Step(step) => Ok(Advance::Step(step)),
            Next::Session(complete) => {
                self.complete(self.begin(&current.row, &current.secret, before), complete).await
            }
        }
    }

    pub(super) async fn complete(&self, begin: Start, complete: journey::Complete) -> Result<Advance> {
        let sign_in = begin.sign_in.clone();
        let ended = self
            .store()
            .write(move |tx| Box::pin(async move { finish_in(tx, &begin, Next::Session(complete)).await }));
        self.settle(ended.await, &sign_in)
    }

    /// What a step's transaction led to; a session that was started is counted and logged.
    pub(crate) fn settle(&self, ended: countersign_store::Result<Ended>, row: &SignIn) -> Result<Advance> {
        match ended {
            Ok(Ended::Step(step)) => Ok(Advance::Step(step)),
            Ok(Ended::Started(started)) => {
                self.announce(&started, row);
                Ok(Advance::Finished(started))
            }
            Err(countersign_store::Error::Conflict(_)) => Ok(Advance::Again),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn announce(&self, started: &Started, row: &SignIn) {
        if started.replaced {
            self.store().revoked();
        }
        let level = level_of(row);
        match level {
            Level::Vip => self.tally().vip_sessions.add(),
            Level::Password => self.tally().password_sessions.add(),
        }
        let (person, session) = (&row.person_id, &started.session_id);
        tracing::info!(target: "audit", event = "signed_in", %person, %session, %level);
    }

    pub(crate) fn begin(&self, row: &SignIn, secret: &Secret, before: Option<&Authenticated>) -> Start {
        let now = self.now();
        let lifetime = self.settings().lifetime(level_of(row));
        Start {
            sign_in: row.clone(),
            secret: self.session_secret(secret),
            before: before.map(|before| before.session().clone()),
            chosen: None,
            expires_at: bridge_of(row)
                .unwrap_or(i64::MAX)
                .min(row.password_at.unwrap_or(now) + lifetime.absolute),
            now,
        }
    }

    /// The session's secret is made of the sign-in's under the master key, so that a form sent twice sets the
    /// same cookie twice.
    pub(super) fn session_secret(&self, sign_in: &Secret) -> Secret {
        Secret::from_bytes(self.keyring().mac("session of sign-in", sign_in.bytes()))
    }
}

pub(crate) fn level_of(row: &SignIn) -> Level {
    if row.vip_at.is_some() { Level::Vip } else { Level::Password }
}

/// Until when a bridging code stands in for the token; none when the token itself was proved.
pub(crate) fn bridge_of(row: &SignIn) -> Option<i64> {
    row.bridged_until.filter(|_| row.vip_at.is_none())
}

/// How a transaction that consumed a factor ended.
#[derive(Clone, Debug)]
pub(crate) enum Ended {
    /// Another page is due.
    Step(Step),
    /// The session was started.
    Started(Started),
}

/// The end of every transaction that consumes a factor: the session, when nothing else is left.
pub(crate) async fn finish_in(
    tx: &Transaction,
    begin: &Start,
    next: Next,
) -> countersign_store::Result<Ended> {
    let complete = match next {
        Next::Step(step) => return Ok(Ended::Step(step)),
        Next::Session(complete) => complete,
    };
    let started = start(tx, complete, begin).await?;
    if sign_in::finish(tx, &begin.sign_in.id, &started.session_id, begin.now).await? {
        Ok(Ended::Started(started))
    } else {
        // The error undoes the session that was just written.
        Err(countersign_store::Error::Conflict("sign-in finished twice".into()))
    }
}
