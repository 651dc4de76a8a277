//! The signing keys in the database: sealed, one that signs for each algorithm, others announced or on their way
//! out.
//!
//! | file | asks |
//! | --- | --- |
//! | [`life`] | where in its life is a key, and is it time for the next one? |
//! | `change` | who adds, moves and retires keys, and how do several nodes agree? |
//! | `held` | which keys does this process work with, and how does it hear of a change? |

mod change;
mod held;
pub mod life;

use countersign_identity::Identity;
use countersign_store::signing_key::{self, SigningKey};

use crate::error::Fault;
pub use change::{Retirement, Rotation, follow, keep_schedule, reseal, retire, rotate};
pub(crate) use held::Held;
pub use held::watch;
use life::Life;

fn purpose(kid: &str) -> String {
    format!("signing key {kid}")
}

/// Every key there is or was, in the order in which they sign, each with where it is in its life.
///
/// # Errors
/// [`Fault`] when the database fails.
pub async fn list(identity: &Identity) -> Result<Vec<(SigningKey, Life)>, Fault> {
    let rows = signing_key::all(identity.store().read()).await?;
    let lives = life::lives(&rows, life::overlap(identity.settings()), identity.now());
    Ok(rows.into_iter().zip(lives).collect())
}

/// The names of those that the master key does not open.
///
/// # Errors
/// [`Fault`] when the database fails.
pub async fn unreadable(identity: &Identity) -> Result<Vec<String>, Fault> {
    let rows = signing_key::all(identity.store().read()).await?;
    let held = rows.into_iter().filter(|row| !row.private_key.is_empty());
    let closed = held.filter(|row| identity.keyring().open(&purpose(&row.kid), &row.private_key).is_err());
    Ok(closed.map(|row| row.kid).collect())
}
