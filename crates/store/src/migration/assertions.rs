//! What clients prove themselves with once: the identifiers of their assertions.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_12_assertions"
    }
}

const STATEMENTS: [&str; 2] = [
    "CREATE TABLE spent_jti (
        client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE, digest {bytes} NOT NULL,
        expires_at BIGINT NOT NULL, PRIMARY KEY (client_id, digest))",
    "CREATE INDEX spent_jti_expires ON spent_jti (expires_at)",
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
