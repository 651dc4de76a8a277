//! The inventory: look-ups.

use countersign_store::credential::{self, Credential};

use crate::factor::token_of;
use crate::oath::Token;
use crate::seed_file::credential_id;
use crate::{Error, Identity, Result};

impl Identity {
    /// A page of the inventory, by id.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn credentials(&self, after: &str, limit: u64) -> Result<Vec<Credential>> {
        Ok(credential::page(self.store().read(), after, limit).await?)
    }

    /// The credential of an ID as typed.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none.
    pub async fn credential(&self, typed: &str) -> Result<Credential> {
        let id = credential_id(typed)
            .ok_or_else(|| Error::Refused(format!("{typed:?} is not a Credential ID")))?;
        let row = self.credential_of(&id).await?;
        row.ok_or_else(|| Error::Refused(format!("{id} is not in the inventory: import it first")))
    }

    /// The credential of a canonical ID; where there is none, the one that another version of VIP Access shows under
    /// the other brand's letters.
    pub(crate) async fn credential_of(&self, id: &str) -> Result<Option<Credential>> {
        if let Some(row) = credential::find(self.store().read(), id).await? {
            return Ok(Some(row));
        }
        match other_brand(id) {
            Some(other) => Ok(credential::find(self.store().read(), &other).await?),
            None => Ok(None),
        }
    }

    /// The token of a credential, its seed opened: for the demonstration's token page.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none.
    pub async fn token(&self, typed: &str) -> Result<Token> {
        token_of(self, &self.credential(typed).await?)
    }
}

/// VIP Access changed its letters with its maker's name; the digits and the seed stayed what they were.
const BRANDS: [(&str, &str); 2] = [("VSMT", "SYMC"), ("VSST", "SYDC")];

fn other_brand(id: &str) -> Option<String> {
    BRANDS.into_iter().flat_map(|(old, new)| [(old, new), (new, old)]).find_map(|(shown, kept)| {
        let rest = id.strip_prefix(shown)?;
        Some(format!("{kept}{rest}"))
    })
}
