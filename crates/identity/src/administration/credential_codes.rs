//! What the SOC does with codes that somebody reads out to it: bring a token in step, and find out which token it is.

use countersign_store::credential::{self, Credential, LOCKED, REGISTERED};
use countersign_store::service_credential::SERVICE;

use super::credential_life::Because;
use crate::factor::token_of;
use crate::oath::PairMatch;
use crate::{Error, Identity, Result};

/// Where a credential is looked for.
#[derive(Clone, Debug, Default)]
pub struct Among {
    /// Those of this organization.
    pub organization: Option<String>,
    /// Those of this address.
    pub email: Option<String>,
}

/// Rows looked at in one go.
const PAGE: u64 = 500;

impl Identity {
    /// Brings a token in step by two codes in a row, which are used up by it. Says how many steps its clock is ahead.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such credential, it is not somebody's, or these are not two codes of it in a
    /// row that are still to be used.
    pub async fn resync_credential(&self, typed: &str, codes: [&str; 2], because: &Because) -> Result<i32> {
        let row = self.credential(typed).await?;
        let person = row.person_id.clone().filter(|_| [REGISTERED, LOCKED].contains(&row.state.as_str()));
        let Some(person) = person else {
            let (id, state) = (&row.id, &row.state);
            return Err(Error::Refused(format!(
                "{id} is {state}: only a registered credential is kept in step"
            )));
        };
        let Some(pair) = self.pair(&row, codes)? else {
            return Err(Error::Refused(format!(
                "these are not two codes in a row that {} has still to use: read both again",
                row.id
            )));
        };
        let (id, note) = (row.id.clone(), self.note("brought in step", because));
        let stands = (pair.position, pair.drift);
        let accepted = self.store().write(move |tx| {
            Box::pin(async move { credential::resync(tx, &id, &person, stands, &note).await })
        });
        if !accepted.await? {
            return Err(Error::Refused(format!("these codes of {} have just been used", row.id)));
        }
        self.audit(&row, "resynchronized", because);
        Ok(pair.drift)
    }

    /// Which credentials show these two codes in a row, now or not far from now. Uses none of them up. `progress` is
    /// told how many have been looked at.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such organization or address.
    pub async fn find_credentials(
        &self,
        codes: [&str; 2],
        among: &Among,
        mut progress: impl FnMut(usize),
    ) -> Result<Vec<Credential>> {
        let organization = match &among.organization {
            Some(id) => Some(self.organization(id).await?.id),
            None => None,
        };
        if let Some(email) = &among.email {
            let who = self.find_person(email).await?;
            let rows = credential::of_person(self.store().read(), &who.person.id).await?;
            return self.showing(rows, codes);
        }
        let (mut found, mut after, mut seen) = (Vec::new(), String::new(), 0);
        loop {
            let page = credential::page(self.store().read(), &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(found) };
            after.clone_from(&last.id);
            seen += page.len();
            let of_it = |row: &Credential| organization.is_none() || row.organization_id == organization;
            found.extend(self.showing(page.into_iter().filter(of_it).collect(), codes)?);
            progress(seen);
        }
    }

    fn showing(&self, rows: Vec<Credential>, codes: [&str; 2]) -> Result<Vec<Credential>> {
        let mut found = Vec::new();
        for row in rows {
            if self.pair(&row, codes)?.is_some() {
                found.push(row);
            }
        }
        Ok(found)
    }

    fn pair(&self, row: &Credential, codes: [&str; 2]) -> Result<Option<PairMatch>> {
        if row.kind == SERVICE {
            // There is no seed of it here.
            return Ok(None);
        }
        Ok(token_of(self, row)?.check_pair(codes, self.settings().window, self.now()))
    }
}
