//! What the certification profiles need of clients and of people: metadata, registration tokens, claims.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_11_relying_parties"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE client ADD COLUMN metadata {json} NOT NULL DEFAULT '{}'",
    "ALTER TABLE client ADD COLUMN registration_digest {bytes}",
    "ALTER TABLE person ADD COLUMN claims {json}",
    "CREATE TABLE initial_access_token (
        digest {bytes} PRIMARY KEY, name TEXT NOT NULL, uses_left INTEGER NOT NULL, created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL)",
    // What makes pairwise subjects unguessable (OIDC Core §8.1). It must outlive every master key.
    "ALTER TABLE directory ADD COLUMN pairwise_salt {bytes}",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (bytes, json) = match manager.get_database_backend() {
            sea_orm::DbBackend::Postgres => ("BYTEA", "JSONB"),
            _ => ("BLOB", "TEXT"),
        };
        for statement in STATEMENTS {
            let statement = statement.replace("{bytes}", bytes).replace("{json}", json);
            manager.get_connection().execute_unprepared(&statement).await?;
        }
        Ok(())
    }
}
