//! Opening the database.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tokio::sync::Notify;

use crate::count::Count;
use crate::write::{Executor, Transaction, Work, Writer};
use crate::{Error, Result, migration};

/// Below this version of SQLite a race between two connections in WAL mode can lose committed writes.
const SQLITE_LEAST: (u32, u32, u32) = (3, 51, 3);
/// Readers of a SQLite database. Each is a thread, so few.
const SQLITE_READERS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 16;

/// Which database is underneath.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The embedded default.
    Sqlite,
    /// For several nodes.
    Postgres,
}

/// The open database: reads from a pool, writes through one door.
#[derive(Clone)]
pub struct Store {
    read: DatabaseConnection,
    writer: Writer,
    backend: Backend,
    count: Count,
    revocations: Arc<AtomicU64>,
    bell: Arc<Notify>,
}

impl Store {
    /// Opens `sqlite://path` (made if missing) or `postgres://…`. Does not touch the schema.
    ///
    /// # Errors
    /// [`Error::Settings`] for another URL or an unfit SQLite; [`Error::Database`] when it cannot be reached.
    pub async fn open(url: &str) -> Result<Self> {
        let count = Count::default();
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Self::open_sqlite(url, count).await,
            Some("postgres" | "postgresql") => Self::open_postgres(url, count).await,
            _ => Err(Error::Settings(
                "database.url must begin with sqlite:// (a file) or postgres:// (a server)".into(),
            )),
        }
    }

    async fn open_sqlite(url: &str, count: Count) -> Result<Self> {
        let connect = async |connections: u32, count: &Count| {
            let mut options = quiet(url, connections);
            options.map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    // FULL: an acknowledged commit survives a power cut. Commits are grouped to pay for it.
                    .synchronous(SqliteSynchronous::Full)
                    .busy_timeout(Duration::from_secs(5))
                    .foreign_keys(true)
            });
            counted(Database::connect(options).await, count)
        };
        let writing = connect(1, &count).await?;
        refuse_old_sqlite(&writing).await?;
        let read = connect(SQLITE_READERS, &count).await?;
        let writer = Writer::grouped(writing, count.clone());
        Ok(Self::new(read, writer, Backend::Sqlite, count))
    }

    async fn open_postgres(url: &str, count: Count) -> Result<Self> {
        let read = counted(Database::connect(quiet(url, POSTGRES_CONNECTIONS)).await, &count)?;
        let writer = Writer::Direct(read.clone(), count.clone());
        Ok(Self::new(read, writer, Backend::Postgres, count))
    }

    fn new(read: DatabaseConnection, writer: Writer, backend: Backend, count: Count) -> Self {
        Self { read, writer, backend, count, revocations: Arc::default(), bell: Arc::default() }
    }

    /// The connection for reads outside a transaction.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// Runs `work` in a transaction that is kept when it succeeds and undone when it fails. It runs to its
    /// end even when the caller goes away.
    ///
    /// # Errors
    /// The work's own error, or the commit's.
    pub async fn write<F, T>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t Transaction) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Runs one statement, which is kept or fails as a whole: a transaction's begin and end are saved. It too runs
    /// to its end even when the caller goes away.
    ///
    /// # Errors
    /// The statement's own.
    pub async fn statement<F, T>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(Executor<'t>) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        self.writer.statement(work).await
    }

    /// Which database is underneath.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// The counters of queries and commits.
    #[must_use]
    pub fn count(&self) -> &Count {
        &self.count
    }

    /// Says that a write of this process revoked grants or ended sessions: what it keeps of them in memory counts no
    /// more, and whoever has to be told of it can be told.
    pub fn revoked(&self) {
        self.revocations.fetch_add(1, Ordering::AcqRel);
        self.bell.notify_one();
    }

    /// Returns once [`revoked`](Self::revoked) was said, since this was last called. For one caller.
    pub async fn until_revoked(&self) {
        self.bell.notified().await;
    }

    /// How often [`revoked`](Self::revoked) was said.
    #[must_use]
    pub fn revocations(&self) -> u64 {
        self.revocations.load(Ordering::Acquire)
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] when the database knows more than this program.
    pub async fn migrate(&self) -> Result<()> {
        migration::run(&self.read).await
    }

    /// Checks that the schema is exactly this program's.
    ///
    /// # Errors
    /// [`Error::NewerSchema`] or [`Error::OlderSchema`].
    pub async fn check_schema(&self) -> Result<()> {
        migration::check(&self.read).await
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// [`Error::Database`] when it gives none.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.read.ping().await?)
    }
}

fn quiet(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        .connect_timeout(Duration::from_secs(10))
        // Asking a connection whether it lives costs as much as the question itself.
        .test_before_acquire(false)
        // Statements carry what people typed: they stay out of logs and spans.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

fn counted(
    opened: std::result::Result<DatabaseConnection, sea_orm::DbErr>,
    count: &Count,
) -> Result<DatabaseConnection> {
    let mut connection = opened?;
    let count = count.clone();
    connection.set_metric_callback(move |info| count.query(info.failed));
    Ok(connection)
}

async fn refuse_old_sqlite(connection: &DatabaseConnection) -> Result<()> {
    let asked =
        Statement::from_string(connection.get_database_backend(), "SELECT sqlite_version() AS version");
    let row = connection.query_one_raw(asked).await?;
    let version: String = row.map(|row| row.try_get("", "version")).transpose()?.unwrap_or_default();
    let mut parts = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    let found = (next(), next(), next());
    if found < SQLITE_LEAST {
        let (major, minor, patch) = SQLITE_LEAST;
        return Err(Error::Settings(format!(
            "SQLite {version} can lose committed writes in WAL mode: {major}.{minor}.{patch} or later is needed"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
