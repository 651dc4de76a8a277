//! The schema, step by step. A step that has been released is never edited.

mod assertions;
mod credential_imports;
mod credential_life;
mod initial;
mod keys;
mod relying_parties;
mod session_clients;
mod vip_service;

use sea_orm::{ConnectionTrait as _, DatabaseConnection, TransactionTrait as _};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

use crate::{Error, Result};

struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(initial::Migration),
            Box::new(relying_parties::Migration),
            Box::new(keys::Migration),
            Box::new(session_clients::Migration),
            Box::new(assertions::Migration),
            Box::new(credential_life::Migration),
            Box::new(vip_service::Migration),
            Box::new(credential_imports::Migration),
        ]
    }
}

/// An arbitrary number that names our advisory lock: two nodes that start at once migrate one after the other.
const LOCK: i64 = 0x636f_756e_7465_7273;

pub(crate) async fn run(connection: &DatabaseConnection) -> Result<()> {
    refuse_newer(connection).await?;
    if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
        // The lock ends with its transaction, also when this process dies.
        let lock = connection.begin().await?;
        lock.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
        Migrator::up(connection, None).await?;
        lock.commit().await?;
    } else {
        Migrator::up(connection, None).await?;
    }
    Ok(())
}

pub(crate) async fn check(connection: &DatabaseConnection) -> Result<()> {
    refuse_newer(connection).await?;
    let applied = applied(connection).await?.len();
    if applied < Migrator::migrations().len() { Err(Error::OlderSchema) } else { Ok(()) }
}

async fn refuse_newer(connection: &DatabaseConnection) -> Result<()> {
    let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    match applied(connection).await?.into_iter().find(|name| !known.contains(name)) {
        Some(unknown) => Err(Error::NewerSchema(unknown)),
        None => Ok(()),
    }
}

/// The names of the steps the database has taken; none when it is empty.
async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>> {
    Migrator::install(connection).await?;
    let models = Migrator::get_migration_models(connection).await?;
    Ok(models.into_iter().map(|model| model.version).collect())
}
