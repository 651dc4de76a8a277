//! Which clients took part in a session, so that they can be told of its end.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_12_session_clients"
    }
}

const STATEMENTS: &[&str] = &[
    // No reference to the session: it may be swept away before the last client has been told.
    "CREATE TABLE session_client (
        session_id TEXT NOT NULL, client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,
        person_id TEXT NOT NULL, since BIGINT NOT NULL, ended_at BIGINT, next_attempt_at BIGINT,
        attempts INTEGER NOT NULL, delivered_at BIGINT, answer TEXT, PRIMARY KEY (session_id, client_id))",
    "CREATE INDEX session_client_due ON session_client (next_attempt_at) WHERE next_attempt_at IS NOT NULL",
    "CREATE INDEX session_client_ended ON session_client (ended_at) WHERE ended_at IS NOT NULL",
    "CREATE INDEX session_client_client ON session_client (client_id)",
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
