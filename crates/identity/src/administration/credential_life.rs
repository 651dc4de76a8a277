//! The life of a credential, changed by an administrator: each change by one command, with its reason kept in the
//! credential's history and in the audit log. Where a change ends the credential's use, the sessions it was proved in
//! end with it, and the grants made there.

use countersign_store::credential::{
    self, ASSIGNED, Assignment, Credential, LOCKED, LOST, REGISTERED, REPLACED, RETIRED, STOCKED,
};
use countersign_store::credential_event::{self, CredentialEvent, Note};
use countersign_store::{Transaction, grant, session, sign_in};

use crate::factor::AtService;
use crate::{Error, Identity, Result};

/// Who changes a credential, and why.
#[derive(Clone, Debug, Default)]
pub struct Because {
    /// The administrator.
    pub by: String,
    /// The reason, in their words.
    pub reason: Option<String>,
}

/// What can be done to a credential that concerns it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Back into stock: from its person, or a stocked one from its organization.
    Unassign,
    /// No code of it is accepted until it is unlocked.
    Lock,
    /// Codes are accepted again, and the count of wrong ones begins anew.
    Unlock,
    /// Lost or stolen.
    Lose,
    /// Out of use for good.
    Retire,
}

impl Change {
    fn event(self) -> &'static str {
        match self {
            Self::Unassign => "unassigned",
            Self::Lock => "locked",
            Self::Unlock => "unlocked",
            Self::Lose => "lost",
            Self::Retire => "retired",
        }
    }

    /// Which credentials it can be done to.
    fn demands(self) -> &'static str {
        match self {
            Self::Unassign => {
                "only one that somebody has, or that was delivered to an organization, can come back into stock"
            }
            Self::Lock => "only a registered credential can be locked",
            Self::Unlock => "only a locked credential can be unlocked",
            Self::Lose => "only a credential that somebody has can be lost",
            Self::Retire => "it is out of use already",
        }
    }

    /// Whether codes of the credential are worth nothing from then on.
    fn ends_its_use(self) -> bool {
        self != Self::Unlock
    }

    async fn make(self, tx: &Transaction, id: &str, note: &Note) -> countersign_store::Result<bool> {
        let (from, to): (&[&str], _) = match self {
            Self::Unassign => return credential::unassign(tx, id, note).await,
            Self::Lock => (&[REGISTERED], LOCKED),
            Self::Unlock => (&[LOCKED], REGISTERED),
            Self::Lose => (&[ASSIGNED, REGISTERED, LOCKED], LOST),
            Self::Retire => (&[STOCKED, ASSIGNED, REGISTERED, LOCKED, LOST, REPLACED], RETIRED),
        };
        credential::change(tx, id, from, to, note).await
    }
}

impl Identity {
    /// Changes one credential. Where the VIP service judges it, the service is told when it is no longer its holder's.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such credential, or its state does not allow it.
    pub async fn change_credential(
        &self,
        typed: &str,
        change: Change,
        because: &Because,
    ) -> Result<(Credential, AtService)> {
        let row = self.credential(typed).await?;
        let (id, note) = (row.id.clone(), self.note(change.event(), because));
        let changed = self.store().write(move |tx| {
            Box::pin(async move {
                let changed = change.make(tx, &id, &note).await?;
                if changed && change.ends_its_use() {
                    end_sessions(tx, &id, note.at).await?;
                }
                Ok(changed)
            })
        });
        if !changed.await? {
            return Err(Error::Refused(format!("{} is {}: {}", row.id, row.state, change.demands())));
        }
        if change.ends_its_use() {
            self.store().revoked();
        }
        self.audit(&row, change.event(), because);
        let there = match change {
            Change::Lock | Change::Unlock => AtService::Unconcerned,
            Change::Unassign | Change::Lose | Change::Retire => self.remove_at_service(&row).await?,
        };
        Ok((self.credential(&row.id).await?, there))
    }

    /// Assigns a credential to an address: the person may register it.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such credential or person, or it is registered already.
    pub async fn assign_credential(&self, typed: &str, email: &str, because: &Because) -> Result<Credential> {
        let row = self.credential(typed).await?;
        let who = self.find_person(email).await?;
        let note = self.note("assigned", because);
        let assignment = Assignment { id: row.id.clone(), person_id: who.person.id.clone() };
        let assigned = self
            .store()
            .write(move |tx| Box::pin(async move { credential::assign(tx, &assignment, &note).await }));
        if !assigned.await? {
            return Err(Error::Refused(format!(
                "{} is {} and can't be assigned: only a stocked or assigned credential can",
                row.id, row.state
            )));
        }
        self.audit(&row, "assigned", because);
        self.credential(&row.id).await
    }

    /// Delivers a stocked credential to an organization.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such credential or organization, or it is not in stock.
    pub async fn assign_credential_to_organization(
        &self,
        typed: &str,
        organization: &str,
        because: &Because,
    ) -> Result<Credential> {
        let row = self.credential(typed).await?;
        let organization = self.organization(organization).await?.id;
        let (id, note) = (row.id.clone(), self.note("delivered", because));
        let assigned = self.store().write(move |tx| {
            Box::pin(async move { credential::assign_to_organization(tx, &id, &organization, &note).await })
        });
        if !assigned.await? {
            return Err(Error::Refused(format!(
                "{} is {}: only a stocked credential can be delivered",
                row.id, row.state
            )));
        }
        self.audit(&row, "delivered", because);
        self.credential(&row.id).await
    }

    /// Ends a person's credential, lost ones too, and assigns another in its place, which they register as they did
    /// the first. Both or neither.
    ///
    /// # Errors
    /// [`Error::Refused`] when one of the two does not exist or its state does not allow it.
    pub async fn replace_credential(
        &self,
        typed: &str,
        by: &str,
        because: &Because,
    ) -> Result<(Credential, Credential, AtService)> {
        let (old, new) = (self.credential(typed).await?, self.credential(by).await?);
        let Some(person_id) = old.person_id.clone().filter(|_| old.id != new.id) else {
            return Err(Error::Refused(format!("{} is nobody's: assign {} instead", old.id, new.id)));
        };
        let notes = [self.note("replaced", because), self.note("assigned", because)];
        let (id, assignment) = (old.id.clone(), Assignment { id: new.id.clone(), person_id });
        let replaced = self.store().write(move |tx| {
            Box::pin(async move {
                let replaced = credential::replace(tx, &id, &assignment, &notes[0]).await?;
                if !replaced || !credential::assign_free(tx, &assignment, &notes[1]).await? {
                    return Err(countersign_store::Error::Conflict(String::new()));
                }
                end_sessions(tx, &id, notes[0].at).await
            })
        });
        match replaced.await {
            Err(countersign_store::Error::Conflict(_)) => {
                return Err(Error::Refused(format!(
                    "{} is {} and {} is {}: one that somebody has, or has lost, can be replaced by a stocked one, or by one assigned to the same person",
                    old.id, old.state, new.id, new.state
                )));
            }
            other => other?,
        }
        self.store().revoked();
        self.audit(&old, "replaced", because);
        self.audit(&new, "assigned", because);
        let there = self.remove_at_service(&old).await?;
        Ok((self.credential(&old.id).await?, self.credential(&new.id).await?, there))
    }

    /// What was done to a credential, the last first.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn credential_history(&self, id: &str, limit: u64) -> Result<Vec<CredentialEvent>> {
        Ok(credential_event::of_credential(self.store().read(), id, limit).await?)
    }

    pub(crate) fn note(&self, event: &'static str, because: &Because) -> Note {
        Note { at: self.now(), event, by: because.by.clone(), reason: because.reason.clone() }
    }

    pub(crate) fn audit(&self, row: &Credential, event: &'static str, because: &Because) {
        let (by, reason) = (&because.by, because.reason.as_deref());
        tracing::info!(target: "audit", event = format!("credential_{event}"), credential = row.id, person = row.person_id, by, reason);
    }
}

/// Ends the sessions in which a credential was proved, and what was granted in them; and the sign-ins under way.
pub(crate) async fn end_sessions(tx: &Transaction, id: &str, now: i64) -> countersign_store::Result<()> {
    sign_in::end_of_credential(tx, id).await?;
    for session in session::end_of_credential(tx, id, now).await? {
        grant::revoke_of_session(tx, &session, now).await?;
    }
    Ok(())
}
