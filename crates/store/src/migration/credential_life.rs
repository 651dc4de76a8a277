//! The life of a credential: when it was last used, what took its place, and its history.

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
    "CREATE TABLE credential_event (
        id TEXT PRIMARY KEY NOT NULL, credential_id TEXT NOT NULL, at BIGINT NOT NULL,
        event TEXT NOT NULL, done_by TEXT NOT NULL, reason TEXT)",
    "CREATE INDEX credential_event_credential ON credential_event (credential_id, at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(statement).await?;
        }
        Ok(())
    }
}
