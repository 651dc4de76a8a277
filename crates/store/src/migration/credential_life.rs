//! The life of a credential: when it was last used, what took its place, and its history; and the code that stands in
//! for one.

use sea_orm::DbBackend;
use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_14_credential_life"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE credential ADD COLUMN last_used_at BIGINT",
    "ALTER TABLE credential ADD COLUMN replaced_by TEXT",
    "DROP INDEX credential_organization",
    "CREATE INDEX credential_stock ON credential (organization_id, state)",
    "CREATE INDEX credential_expiry ON credential (expires_at) WHERE expires_at IS NOT NULL",
    "ALTER TABLE sign_in ADD COLUMN bridged_until BIGINT",
    "ALTER TABLE session ADD COLUMN bridged_until BIGINT",
    "ALTER TABLE authorization_grant ADD COLUMN bridged_until BIGINT",
    "CREATE TABLE bridging_code (
        person_id TEXT PRIMARY KEY NOT NULL REFERENCES person (id) ON DELETE CASCADE,
        digest {bytes} NOT NULL, expires_at BIGINT NOT NULL, uses_left INTEGER NOT NULL,
        guesses_left INTEGER NOT NULL, created_at BIGINT NOT NULL)",
    "CREATE TABLE credential_event (
        id TEXT PRIMARY KEY NOT NULL, credential_id TEXT NOT NULL, at BIGINT NOT NULL,
        event TEXT NOT NULL, done_by TEXT NOT NULL, reason TEXT)",
    "CREATE INDEX credential_event_credential ON credential_event (credential_id, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            DbBackend::Postgres => "BYTEA",
            _ => "BLOB",
        };
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(&statement.replace("{bytes}", bytes)).await?;
        }
        Ok(())
    }
}
