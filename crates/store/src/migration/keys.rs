//! Signing keys get a beginning and an end: when each begins to sign, and when it was retired.

use sea_orm_migration::prelude::*;

pub(super) struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &'static str {
        "m2026_12_signing_keys"
    }
}

const STATEMENTS: &[&str] = &[
    "ALTER TABLE signing_key ADD COLUMN signs_from BIGINT NOT NULL DEFAULT 0",
    // The keys there are were made where none was: each has signed since.
    "UPDATE signing_key SET signs_from = created_at",
    "ALTER TABLE signing_key ADD COLUMN retired_at BIGINT",
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

#[cfg(test)]
mod tests {
    use sea_orm::{ConnectionTrait as _, Database};
    use sea_orm_migration::MigratorTrait as _;

    use crate::migration::Migrator;
    use crate::signing_key;

    #[tokio::test]
    async fn keys_made_before_this_step_have_signed_since_they_were_made() {
        let connection = Database::connect("sqlite::memory:").await.unwrap();
        Migrator::up(&connection, Some(1)).await.unwrap();
        let old =
            "INSERT INTO signing_key (kid, alg, private_key, created_at) VALUES ('k', 'ES256', x'00', 7)";
        connection.execute_unprepared(old).await.unwrap();
        Migrator::up(&connection, None).await.unwrap();
        let keys = signing_key::all(&connection).await.unwrap();
        assert_eq!((keys[0].created_at, keys[0].signs_from, keys[0].retired_at), (7, 7, None));
    }
}
