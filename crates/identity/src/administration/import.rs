//! Bringing credentials into the inventory: all of a file, or nothing of it.
//!
//! What is read waits, sealed, in a table of its own, written in short transactions between which others write too.
//! Only when the whole file has been found right does one transaction bring it into the inventory. Whatever becomes
//! of the process before that, nothing has been imported; what it left is swept.

mod staging;

use std::io::Read;

use countersign_store::{credential_import, credential_import_row};
use serde::Serialize;

use crate::seed_file::{Format, Reading, SeedFile, pskc::FileKey};
use crate::{Error, Identity, Result};
use staging::Staging;

/// How a file is imported.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The organization of rows that name none.
    pub organization: Option<String>,
    /// Whether to only say what would happen.
    pub dry_run: bool,
    /// The file's format; recognized by its content when not named.
    pub format: Option<Format>,
    /// What an encrypted file is opened with.
    pub key: Option<FileKey>,
}

/// What an import did, or would do. With an error in any row nothing is imported.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// The format the file was read in.
    pub format: &'static str,
    /// Rows read.
    pub rows: u64,
    /// Credentials imported; 0 when an error stopped it, or on a dry run.
    pub imported: u64,
    /// What is wrong, row by row: the first of it.
    pub errors: Vec<String>,
    /// How many things are wrong.
    pub error_count: u64,
}

/// Errors listed at most; the rest is counted.
const LISTED: usize = 100;
/// After so many seconds without a step an import is given up for dead.
const ABANDONED: i64 = 15 * 60;
/// Rows forgotten in one transaction.
const SWEPT: u64 = 5_000;

impl ImportReport {
    fn note(&mut self, error: impl FnOnce() -> String) {
        if self.errors.len() < LISTED {
            self.errors.push(error());
        }
        self.error_count += 1;
    }
}

impl Identity {
    /// Imports credentials, all or nothing. `progress` is told the rows read so far.
    ///
    /// # Errors
    /// [`Error::Refused`] when the file as a whole can't be read. Errors of rows are in the report.
    pub async fn import_credentials(
        &self,
        file: impl Read,
        import: &Import,
        mut progress: impl FnMut(u64),
    ) -> Result<ImportReport> {
        self.sweep_imports().await?;
        let reading = Reading { format: import.format, key: import.key.clone(), now: self.now() };
        let mut file = SeedFile::open(file, &reading).map_err(|error| Error::Refused(error.to_string()))?;
        let mut staging = Staging::begin(self, import, file.format()).await?;
        let done = async {
            for row in &mut file {
                if staging.take(row).await? {
                    progress(staging.rows());
                }
            }
            staging.flush().await?;
            progress(staging.rows());
            staging.finish(import.dry_run).await
        };
        let done = done.await;
        // Also when it failed: what it left is of no use to anybody.
        staging.discard().await?;
        done?;
        Ok(staging.into_report())
    }

    /// Forgets what imports left that are over, or whose process is gone; gives how many rows went.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub(crate) async fn sweep_imports(&self) -> Result<u64> {
        let before = self.now() - ABANDONED;
        let given_up = self
            .store()
            .write(move |tx| Box::pin(async move { credential_import::give_up(tx, before).await }));
        given_up.await?;
        let mut swept = 0;
        for id in credential_import::over(self.store().read()).await? {
            swept += self.forget_import(&id).await?;
        }
        Ok(swept)
    }

    /// Forgets an import that is over, a few rows at a time: others write meanwhile.
    async fn forget_import(&self, id: &str) -> Result<u64> {
        let (mut gone, mut after) = (0, String::new());
        loop {
            let (owned, from) = (id.to_owned(), after);
            let some = self.store().write(move |tx| {
                Box::pin(async move {
                    let some = credential_import_row::discard(tx, &owned, &from, SWEPT).await?;
                    if some.is_none() {
                        credential_import::forget(tx, &owned).await?;
                    }
                    Ok(some)
                })
            });
            match some.await? {
                None => return Ok(gone),
                Some((last, some)) => {
                    gone += some;
                    after = last;
                }
            }
        }
    }
}
