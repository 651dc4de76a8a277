//! What can go wrong in the store.

/// A fault of the store. None of these is an answer to a question: outcomes are values, faults are errors.
#[derive(Debug, thiserror::Error, Clone)]
pub enum Error {
    /// The database refused or could not be reached. The text is for logs, never for a page.
    #[error("database: {0}")]
    Database(String),
    /// A row that must be unique exists already.
    #[error("exists already: {0}")]
    Conflict(String),
    /// The database was written by a newer version of the program.
    #[error(
        "the database was written by a newer version of countersign (it has the migration {0:?}, which this \
         version does not know): run that version, or restore a backup made before the upgrade"
    )]
    NewerSchema(String),
    /// The schema is behind and the caller did not ask for a migration.
    #[error("the database schema is behind this version of countersign: run `countersign migrate` first")]
    OlderSchema,
    /// The database cannot be used with these settings.
    #[error("{0}")]
    Settings(String),
    /// A sealed value could not be opened: wrong master key, or a changed row.
    #[error(
        "a sealed value could not be opened: the master key is not the one it was sealed with, or the data was altered"
    )]
    Unsealable,
    /// The process is stopping and takes no more writes.
    #[error("the store is closing")]
    Closing,
}

/// Shorthand for a result of the store.
pub type Result<T> = std::result::Result<T, Error>;

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        match error.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(what)) => Self::Conflict(what),
            _ => Self::Database(error.to_string()),
        }
    }
}
