//! The seeds of the inventory, sealed anew under the first master key while sign-ins go on: a few hundred at a time, each
//! by one statement that changes nothing if the seed has changed since it was read.

use countersign_store::credential::seed;
use countersign_store::directory;

use crate::factor::seed_purpose;
use crate::{Identity, Result};

/// Seeds of one transaction.
const BATCH: u64 = 250;

impl Identity {
    /// Seals every seed anew that another key than the first seals; gives how many. `progress` is told how many have been
    /// looked at. What was done before an error stays done.
    ///
    /// # Errors
    /// [`crate::Error::Store`]: a seed that no key opens is named by the audit log.
    pub async fn reseal_seeds(&self, mut progress: impl FnMut(u64)) -> Result<u64> {
        let (mut after, mut seen, mut resealed) = (String::new(), 0, 0);
        loop {
            let page = seed::page(self.store().read(), &after, BATCH).await?;
            let Some((last, _)) = page.last() else { return Ok(resealed) };
            after.clone_from(last);
            seen += page.len() as u64;
            let mut anew = Vec::new();
            for (id, read) in page.into_iter().filter(|(_, read)| !self.keyring().is_current(read)) {
                let plain = self.keyring().open(&seed_purpose(&id), &read).inspect_err(|_| {
                    tracing::error!(target: "audit", event = "seed_not_opened", credential = id);
                })?;
                let sealed = self.keyring().seal(&seed_purpose(&id), &plain);
                anew.push((id, read, sealed));
            }
            if !anew.is_empty() {
                let written = self.store().write(move |tx| {
                    Box::pin(async move {
                        let mut written = 0;
                        for (id, read, sealed) in anew {
                            written += u64::from(seed::replace(tx, &id, read, sealed).await?);
                        }
                        Ok(written)
                    })
                });
                resealed += written.await?;
            }
            progress(seen);
        }
    }

    /// Records that the first master key is the one that this database needs. After everything was sealed with it.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn adopt_master_key(&self) -> Result<String> {
        let id = self.keyring().active_id();
        let recorded = id.clone();
        let written = self
            .store()
            .write(move |tx| Box::pin(async move { directory::change_master_key(tx, &recorded).await }));
        written.await?;
        tracing::info!(target: "audit", event = "master_key_adopted", key = id);
        Ok(id)
    }
}
