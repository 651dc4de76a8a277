//! A person disabled: their sessions and grants end in the same transaction.

use std::sync::Arc;

use countersign_store::{directory, grant, person, session};

use crate::directory::Profile;
use crate::{Error, Identity, Result};

impl Identity {
    /// Lets a person sign in no more: their sessions and grants end.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person, or they are disabled already.
    pub async fn disable_person(&self, email: &str) -> Result<Arc<Profile>> {
        let who = self.find_person(email).await?;
        let (id, now) = (who.person.id.clone(), self.now());
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                let changed = person::set_disabled(tx, &id, Some(now)).await?;
                session::end_others(tx, &id, None, now).await?;
                grant::revoke_of_person(tx, &id, None, now).await?;
                directory::bump(tx).await?;
                Ok(changed)
            })
        });
        let changed = changed.await?;
        self.store().revoked();
        if !changed {
            return Err(Error::Refused(format!("{email} is disabled already")));
        }
        tracing::info!(target: "audit", event = "person_disabled", person = who.person.id);
        self.find_person(email).await
    }

    /// Lets a person sign in again.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person, or they are not disabled.
    pub async fn enable_person(&self, email: &str) -> Result<Arc<Profile>> {
        let who = self.find_person(email).await?;
        let id = who.person.id.clone();
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                let changed = person::set_disabled(tx, &id, None).await?;
                directory::bump(tx).await?;
                Ok(changed)
            })
        });
        if !changed.await? {
            return Err(Error::Refused(format!("{email} is not disabled")));
        }
        tracing::info!(target: "audit", event = "person_enabled", person = who.person.id);
        self.find_person(email).await
    }
}
