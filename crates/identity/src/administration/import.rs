//! Bringing credentials into the inventory: all of a file, or nothing of it.

use std::io::Read;

use countersign_store::credential::{self, Credential};
use countersign_store::{Error as StoreError, directory};
use serde::Serialize;

use crate::factor::seed_purpose;
use crate::seed_file::{SeedFile, SeedRow};
use crate::{Error, Identity, Result};

/// How a file is imported.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The organization of rows that name none.
    pub organization: Option<String>,
    /// Whether to only say what would happen.
    pub dry_run: bool,
}

/// What an import did, or would do. With an error in any row nothing is imported.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ImportReport {
    /// Rows read.
    pub rows: usize,
    /// Credentials imported; 0 when an error stopped it, or on a dry run.
    pub imported: usize,
    /// What is wrong, row by row.
    pub errors: Vec<String>,
}

/// Rows of one INSERT.
const BATCH: usize = 500;
/// Errors listed at most; the rest is counted.
const LISTED: usize = 100;

impl Identity {
    /// Imports credentials, all or nothing. `progress` is told the rows read so far.
    ///
    /// # Errors
    /// [`Error::Refused`] when the file as a whole can't be read. Errors of rows are in the report.
    pub async fn import_credentials(
        &self,
        file: impl Read,
        import: &Import,
        mut progress: impl FnMut(usize),
    ) -> Result<ImportReport> {
        let mut report = ImportReport::default();
        let mut rows = Vec::new();
        let known = self.organizations().await?;
        let reader = SeedFile::open(file).map_err(|error| Error::Refused(error.to_string()))?;
        for row in reader {
            report.rows += 1;
            if report.rows % 1000 == 0 {
                progress(report.rows);
            }
            match row {
                Ok(row) => {
                    let organization = row.organization.clone().or_else(|| import.organization.clone());
                    match &organization {
                        Some(id) if !known.iter().any(|row| row.id == *id) => {
                            note(&mut report, format!("line {}: there is no organization {id}", row.line));
                        }
                        _ => rows.push(self.row(row, organization)),
                    }
                }
                Err(error) => note(&mut report, error.to_string()),
            }
        }
        progress(report.rows);
        self.refuse_existing(&rows, &mut report).await?;
        if report.errors.is_empty() && !import.dry_run {
            report.imported = rows.len();
            self.store_rows(rows).await?;
        }
        Ok(report)
    }

    fn row(&self, row: SeedRow, organization_id: Option<String>) -> Credential {
        let sealed = self.keyring().seal(&seed_purpose(&row.credential_id), row.seed.bytes());
        Credential {
            seed: sealed,
            kind: row.kind.as_str().to_owned(),
            digits: i32::try_from(row.digits).unwrap_or(6),
            period: i32::try_from(row.period).unwrap_or(30),
            // The counter is the next one expected; nothing below it is accepted.
            last_position: row.counter - 1,
            drift: 0,
            failures: 0,
            state: credential::STOCKED.to_owned(),
            organization_id,
            person_id: None,
            token_name: None,
            expires_at: row.expires_at,
            created_at: self.now(),
            registered_at: None,
            locked_at: None,
            last_used_at: None,
            replaced_by: None,
            id: row.credential_id,
        }
    }

    async fn refuse_existing(&self, rows: &[Credential], report: &mut ImportReport) -> Result<()> {
        for batch in rows.chunks(BATCH) {
            let ids = batch.iter().map(|row| row.id.clone()).collect();
            for id in credential::existing(self.store().read(), ids).await? {
                note(report, format!("{id}: is in the inventory already"));
            }
        }
        Ok(())
    }

    async fn store_rows(&self, rows: Vec<Credential>) -> Result<()> {
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                let mut rows = rows.into_iter().peekable();
                while rows.peek().is_some() {
                    credential::insert_many(tx, rows.by_ref().take(BATCH).collect()).await?;
                }
                directory::bump(tx).await
            })
        });
        match written.await {
            Err(StoreError::Conflict(_)) => Err(Error::Refused(
                "another import brought one of these credentials just now: nothing was imported".into(),
            )),
            other => Ok(other?),
        }
    }
}

fn note(report: &mut ImportReport, error: String) {
    if report.errors.len() < LISTED {
        report.errors.push(error);
    } else if report.errors.len() == LISTED {
        report.errors.push("… and more".into());
    }
}
