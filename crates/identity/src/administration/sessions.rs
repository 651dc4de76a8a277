//! The sessions of people: who is signed in, and an end to it.

use std::collections::HashMap;

use countersign_store::session::{self, Session};
use countersign_store::{grant, person};

use crate::level::Level;
use crate::session::level_of;
use crate::{Error, Identity, Result};

/// A session that can be used.
#[derive(Clone, Debug)]
pub struct LiveSession {
    /// The session.
    pub session: Session,
    /// Whose, by address.
    pub email: String,
    /// What was proved in it.
    pub level: Level,
}

impl Identity {
    /// The sessions that can be used now, of one address or of everybody, the last begun first.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person.
    pub async fn live_sessions(&self, email: Option<&str>) -> Result<Vec<LiveSession>> {
        let (db, now) = (self.store().read(), self.now());
        let people = match email {
            Some(email) => vec![self.find_person(email).await?.person.clone()],
            None => person::all(db).await?,
        };
        let whose = email.and_then(|_| people.first()).map(|person| person.id.as_str());
        let found = session::live(db, whose, now).await?;
        let addresses: HashMap<&str, &str> =
            people.iter().map(|person| (person.id.as_str(), person.email.as_str())).collect();
        let live = found.into_iter().filter_map(|session| {
            let level = level_of(&session);
            let idle = now - session.seen_at >= self.settings().lifetime(level).idle;
            let email = (*addresses.get(session.person_id.as_str())?).to_owned();
            (!idle).then_some(LiveSession { session, email, level })
        });
        Ok(live.collect())
    }

    /// Ends the session of that id, and revokes what was granted in it.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none, or it has ended.
    pub async fn end_session_of_id(&self, id: &str) -> Result<()> {
        let (ended, now) = (id.to_owned(), self.now());
        let was_live = self.store().write(move |tx| {
            Box::pin(async move {
                let was_live = session::end(tx, &ended, now).await?;
                if was_live {
                    grant::revoke_of_session(tx, &ended, now).await?;
                }
                Ok(was_live)
            })
        });
        let was_live = was_live.await?;
        self.store().revoked();
        if !was_live {
            return Err(Error::Refused(format!(
                "there is no session {id}, or it has ended: `countersign session list` lists them"
            )));
        }
        tracing::info!(target: "audit", event = "session_ended", session = id);
        Ok(())
    }

    /// Ends every session of an address, and revokes everything granted to it; gives how many sessions there were.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person.
    pub async fn end_sessions_of(&self, email: &str) -> Result<usize> {
        let id = self.find_person(email).await?.person.id.clone();
        let (whose, now) = (id.clone(), self.now());
        let ended = self.store().write(move |tx| {
            Box::pin(async move {
                let ended = session::end_others(tx, &whose, None, now).await?;
                grant::revoke_of_person(tx, &whose, None, now).await?;
                Ok(ended.len())
            })
        });
        let ended = ended.await?;
        self.store().revoked();
        tracing::info!(target: "audit", event = "sessions_ended", person = id, sessions = ended);
        Ok(ended)
    }
}
