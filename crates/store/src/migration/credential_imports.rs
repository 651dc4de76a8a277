//! Where an import waits until it is whole.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_15_credential_imports"
    }
}

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE credential_import (id TEXT PRIMARY KEY, touched_at BIGINT NOT NULL)",
    "CREATE TABLE credential_import_row (
        import_id TEXT NOT NULL, id TEXT NOT NULL, line BIGINT NOT NULL, kind TEXT NOT NULL,
        seed {bytes} NOT NULL, digits INTEGER NOT NULL, period INTEGER NOT NULL,
        last_position BIGINT NOT NULL, drift INTEGER NOT NULL, organization_id TEXT, person_id TEXT,
        expires_at BIGINT, PRIMARY KEY (import_id, id)){by_key}",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (bytes, by_key) = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => ("BYTEA", ""),
            // The rows stand in their key's order: half the pages to write.
            _ => ("BLOB", " WITHOUT ROWID"),
        };
        for statement in STATEMENTS {
            let statement = statement.replace("{bytes}", bytes).replace("{by_key}", by_key);
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
