//! What administrators change. Every change is one transaction that also raises the directory's revision, so
//! it holds at the very next request on every node.

mod bridging;
mod claims;
mod credential_codes;
mod credential_life;
mod credentials;
mod ending;
mod explain;
mod import;
mod people;
mod reseal;
mod sessions;
mod vip_service;

pub use bridging::{Issued, MOST_USES};
pub use credential_codes::Among;
pub(crate) use credential_life::end_sessions;
pub use credential_life::{Because, Change};
pub use explain::Explanation;
pub use import::{Import, ImportReport};
pub use people::AccountName;
pub use sessions::LiveSession;
pub use vip_service::ServiceUser;

use countersign_store::organization::{self, Organization};
use countersign_store::{Error as StoreError, directory};

use crate::{Error, Identity, Result};

/// Whether `id` is a short name: lower-case letters, digits and hyphens, at most 40, beginning with a letter.
#[must_use]
pub fn is_short_name(id: &str) -> bool {
    let mut bytes = id.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && id.len() <= 40
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

impl Identity {
    /// Adds an organization.
    ///
    /// # Errors
    /// [`Error::Refused`] when the id is taken or not a short name.
    pub async fn add_organization(&self, id: &str, name: &str) -> Result<Organization> {
        if !is_short_name(id) {
            return Err(Error::Refused(format!(
                "{id:?} is not a short name: use up to 40 lower-case letters, digits and hyphens, beginning with a letter"
            )));
        }
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err(Error::Refused("the name must have 1 to 200 characters on one line".into()));
        }
        let row = Organization {
            id: id.to_owned(),
            name: name.to_owned(),
            validator: organization::INVENTORY.to_owned(),
            created_at: self.now(),
        };
        let stored = row.clone();
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                organization::insert(tx, stored).await?;
                directory::bump(tx).await
            })
        });
        match written.await {
            Err(StoreError::Conflict(_)) => {
                Err(Error::Refused(format!("there is an organization {id} already")))
            }
            other => Ok(other.map(|()| row)?),
        }
    }

    /// All organizations.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn organizations(&self) -> Result<Vec<Organization>> {
        Ok(organization::all(self.store().read()).await?)
    }

    async fn organization(&self, id: &str) -> Result<Organization> {
        organization::find(self.store().read(), id).await?.ok_or_else(|| {
            Error::Refused(format!(
                "there is no organization {id}: add it first with `countersign org add {id}`"
            ))
        })
    }
}
