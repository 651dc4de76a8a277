//! Faults of the identity core. What a person can cause is an outcome, not an error.

/// A fault.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] countersign_store::Error),
    /// More passwords wait to be hashed than the queue holds.
    #[error("the password queue is full; try again in {retry_after} s")]
    Busy {
        /// Seconds until it is worth trying again.
        retry_after: u32,
    },
    /// A row of the database does not make sense.
    #[error("corrupt row: {0}")]
    Corrupt(String),
    /// The mail could not be made or sent.
    #[error("mail: {0}")]
    Mail(String),
    /// An administrator asked for something that can't be done; the text says why and what to do.
    #[error("{0}")]
    Refused(String),
}

/// Shorthand for a result of the identity core.
pub type Result<T> = std::result::Result<T, Error>;

impl From<crate::password::hash::Busy> for Error {
    fn from(busy: crate::password::hash::Busy) -> Self {
        Self::Busy { retry_after: busy.retry_after }
    }
}
