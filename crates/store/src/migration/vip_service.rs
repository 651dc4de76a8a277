//! Which organizations' credentials the VIP service judges, and the codes that it has said yes to.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_13_vip_service"
    }
}

const STATEMENTS: [&str; 3] = [
    "ALTER TABLE organization ADD COLUMN validator TEXT NOT NULL DEFAULT 'inventory'",
    "CREATE TABLE spent_code (
        credential_id TEXT NOT NULL REFERENCES credential (id) ON DELETE CASCADE, digest {bytes} NOT NULL,
        expires_at BIGINT NOT NULL, PRIMARY KEY (credential_id, digest))",
    "CREATE INDEX spent_code_expires ON spent_code (expires_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bytes = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => "BYTEA",
            _ => "BLOB",
        };
        for statement in STATEMENTS {
            manager.get_connection().execute_unprepared(&statement.replace("{bytes}", bytes)).await?;
        }
        Ok(())
    }
}
