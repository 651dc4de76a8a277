//! An import under way.

use std::collections::{HashMap, HashSet};

use countersign_store::credential_event::Note;
use countersign_store::credential_import_row::{self, ImportRow};
use countersign_store::{Error as StoreError, credential_import, directory, person, secret};

use super::{Import, ImportReport, LISTED};
use crate::address::Address;
use crate::factor::seed_purpose;
use crate::seed_file::{Format, RowError, SeedRow};
use crate::{Error, Identity, Result};

/// Rows of one INSERT.
const BATCH: usize = 1_000;

/// The rows read so far, all but the last few of them in the database.
pub(super) struct Staging<'a> {
    identity: &'a Identity,
    id: String,
    organizations: HashSet<String>,
    /// The organization of rows that name none.
    organization: Option<String>,
    batch: Vec<SeedRow>,
    /// How many rows the database has.
    staged: u64,
    report: ImportReport,
}

impl<'a> Staging<'a> {
    pub(super) async fn begin(identity: &'a Identity, import: &Import, format: Format) -> Result<Self> {
        let (id, now) = (secret::id(), identity.now());
        let organizations = identity.organizations().await?.into_iter().map(|row| row.id).collect();
        let own = id.clone();
        let begun = identity
            .store()
            .write(move |tx| Box::pin(async move { credential_import::begin(tx, &own, now).await }));
        begun.await?;
        Ok(Self {
            identity,
            id,
            organizations,
            organization: import.organization.clone(),
            batch: Vec::new(),
            staged: 0,
            report: ImportReport { format: format.as_str(), ..ImportReport::default() },
        })
    }

    pub(super) fn rows(&self) -> u64 {
        self.report.rows
    }

    pub(super) fn into_report(self) -> ImportReport {
        self.report
    }

    /// Takes the next row. True when a batch was written: a good moment to show progress.
    pub(super) async fn take(&mut self, row: std::result::Result<SeedRow, RowError>) -> Result<bool> {
        self.report.rows += 1;
        match row {
            Ok(mut row) => {
                if row.organization.is_none() {
                    row.organization.clone_from(&self.organization);
                }
                match &row.organization {
                    Some(id) if !self.organizations.contains(id) => {
                        self.report.note(|| format!("line {}: there is no organization {id}", row.line));
                    }
                    _ => self.batch.push(row),
                }
            }
            Err(error) => self.report.note(|| error.to_string()),
        }
        if self.batch.len() < BATCH {
            return Ok(false);
        }
        self.flush().await?;
        Ok(true)
    }

    /// Writes the rows that wait.
    pub(super) async fn flush(&mut self) -> Result<()> {
        let batch = std::mem::take(&mut self.batch);
        if batch.is_empty() {
            return Ok(());
        }
        let people = self.people(&batch).await?;
        let mut rows = Vec::with_capacity(batch.len());
        let mut places = Vec::with_capacity(batch.len());
        for row in batch {
            let person_id = match &row.user {
                None => None,
                Some(user) => match key(user).and_then(|key| people.get(&key)) {
                    Some(id) => Some(id.clone()),
                    None => {
                        let fix = "add the user first, or leave the address empty";
                        self.report
                            .note(|| format!("line {}, upn: nobody has this address; {fix}", row.line));
                        continue;
                    }
                },
            };
            let row = self.row(row, person_id);
            places.push((row.id.clone(), row.line));
            rows.push(row);
        }
        let added = self.write(rows).await?;
        self.staged += added;
        if added < u64::try_from(places.len()).unwrap_or(u64::MAX) {
            self.note_twice(places).await?;
        }
        Ok(())
    }

    /// Who has the addresses that rows name, by canonical address.
    async fn people(&self, batch: &[SeedRow]) -> Result<HashMap<String, String>> {
        let keys: Vec<String> = batch.iter().filter_map(|row| row.user.as_deref().and_then(key)).collect();
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(person::ids_by_key(self.identity.store().read(), keys).await?.into_iter().collect())
    }

    fn row(&self, row: SeedRow, person_id: Option<String>) -> ImportRow {
        ImportRow {
            import_id: self.id.clone(),
            line: i64::try_from(row.line).unwrap_or(i64::MAX),
            kind: row.kind.as_str().to_owned(),
            seed: self.identity.keyring().seal(&seed_purpose(&row.credential_id), row.seed.bytes()),
            digits: i32::try_from(row.digits).unwrap_or(6),
            period: i32::try_from(row.period).unwrap_or(30),
            // The counter is the next one expected; nothing below it is accepted.
            last_position: row.counter - 1,
            drift: row.drift,
            organization_id: row.organization,
            person_id,
            expires_at: row.expires_at,
            id: row.credential_id,
        }
    }

    async fn write(&self, rows: Vec<ImportRow>) -> Result<u64> {
        let (id, now) = (self.id.clone(), self.identity.now());
        let added = self.identity.store().write(move |tx| {
            Box::pin(async move {
                if !credential_import::touch(tx, &id, now).await? {
                    return Ok(None);
                }
                credential_import_row::add(tx, rows).await.map(Some)
            })
        });
        added.await?.ok_or_else(too_slow)
    }

    /// Says which of these rows were left out because their ID stands somewhere else in the file.
    async fn note_twice(&mut self, places: Vec<(String, i64)>) -> Result<()> {
        let ids = places.iter().map(|(id, _)| id.clone()).collect();
        let first = credential_import_row::lines(self.identity.store().read(), &self.id, ids).await?;
        let first: HashMap<String, i64> = first.into_iter().collect();
        let mut seen = HashSet::new();
        for (id, line) in places {
            let Some(at) = first.get(&id).copied() else { continue };
            // Two keys of one package are on lines of their own, but a file may have no line breaks at all.
            if at != line || !seen.insert(id.clone()) {
                self.report.note(|| {
                    format!("line {line}: {} is on line {at} already; remove one of the two", shown(&id))
                });
            }
        }
        Ok(())
    }

    /// Brings everything into the inventory, unless something is wrong or nobody wants it.
    pub(super) async fn finish(&mut self, dry_run: bool) -> Result<()> {
        let limit = u64::try_from(LISTED).unwrap_or(u64::MAX);
        let (taken, count) =
            credential_import_row::taken(self.identity.store().read(), &self.id, limit).await?;
        let listed = u64::try_from(taken.len()).unwrap_or(u64::MAX);
        for (id, line) in taken {
            self.report.note(|| format!("line {line}: {} is in the inventory already", shown(&id)));
        }
        self.report.error_count += count.saturating_sub(listed);
        if self.report.error_count > 0 || dry_run {
            return Ok(());
        }
        let (id, now, staged) = (self.id.clone(), self.identity.now(), self.staged);
        let note = Note { at: now, event: "assigned", by: "import".to_owned(), reason: None };
        let published = self.identity.store().write(move |tx| {
            Box::pin(async move {
                if !credential_import::end(tx, &id).await? {
                    return Ok(false);
                }
                let published = credential_import_row::publish(tx, &id, now).await?;
                if published != staged {
                    let what = format!("{published} rows where {staged} were staged");
                    return Err(StoreError::Database(what));
                }
                credential_import_row::note_assigned(tx, &id, &note).await?;
                directory::bump(tx).await?;
                Ok(true)
            })
        });
        match published.await {
            Ok(true) => {
                self.report.imported = staged;
                Ok(())
            }
            Ok(false) => Err(too_slow()),
            Err(StoreError::Conflict(_)) => Err(Error::Refused(
                "another import brought one of these credentials just now: nothing was imported".into(),
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets the staged rows.
    pub(super) async fn discard(&self) -> Result<()> {
        let id = self.id.clone();
        let ended = self
            .identity
            .store()
            .write(move |tx| Box::pin(async move { credential_import::end(tx, &id).await }));
        ended.await?;
        self.identity.forget_import(&self.id).await?;
        Ok(())
    }
}

/// The canonical form of an address that a file names.
fn key(user: &str) -> Option<String> {
    Address::parse(user).ok().map(|address| address.key().to_owned())
}

/// An ID as a message may show it: a longer one may be a seed in the wrong column.
fn shown(id: &str) -> &str {
    if id.len() <= 20 { id } else { "this ID" }
}

fn too_slow() -> Error {
    Error::Refused(
        "the file came so slowly that the import was given up: nothing was imported; save it first".into(),
    )
}
