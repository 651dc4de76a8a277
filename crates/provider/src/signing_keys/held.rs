//! The keys that this process works with, opened, and how it hears of a change.
//!
//! Every change of a key raises the directory's revision. [`watch`] reads that number twice a second, which is one
//! lookup of one row, and reads the keys anew when it is another one, or when a key's time to retire has come.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use countersign_identity::Identity;
use countersign_store::signing_key::SigningKey;
use countersign_store::{directory, signing_key};

use super::life::{self, State};
use super::{change, purpose};
use crate::error::Fault;
use crate::jose::keys::{Key, Keys};
use crate::state::Provider;

/// How often the directory's revision is read.
const EVERY: Duration = Duration::from_millis(500);

/// The keys this process holds.
pub(crate) struct Held(RwLock<Known>);

#[derive(Clone)]
struct Known {
    keys: Arc<Keys>,
    /// The directory's revision before they were read.
    revision: i64,
    /// When the first of them retires, in seconds since 1970.
    until: i64,
}

impl Held {
    /// Reads all keys, after making those that are missing.
    pub(crate) async fn open(identity: &Identity) -> Result<Self, Fault> {
        change::add_missing(identity).await?;
        let revision = directory::revision(identity.store().read()).await?;
        Ok(Self(RwLock::new(read(identity, revision, &Keys::new(Vec::new())).await?)))
    }

    /// The keys that are published.
    pub(crate) fn keys(&self) -> Arc<Keys> {
        self.known().keys
    }

    /// Reads the keys anew if they may have changed.
    pub(crate) async fn look(&self, identity: &Identity) -> Result<(), Fault> {
        let revision = directory::revision(identity.store().read()).await?;
        let known = self.known();
        if known.revision == revision && identity.now() < known.until {
            return Ok(());
        }
        let read = read(identity, revision, &known.keys).await?;
        report(&known.keys, &read.keys);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    fn known(&self) -> Known {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads the keys that are published now. Those in `held` are not opened again.
async fn read(identity: &Identity, revision: i64, held: &Keys) -> Result<Known, Fault> {
    let rows = signing_key::all(identity.store().read()).await?;
    let lives = life::lives(&rows, life::overlap(identity.settings()), identity.now());
    let (mut keys, mut until) = (Vec::new(), i64::MAX);
    for (row, life) in rows.iter().zip(lives) {
        if life.state != State::Retired {
            keys.push(opened(identity, row, held)?);
            until = until.min(life.retires_at.unwrap_or(i64::MAX));
        }
    }
    Ok(Known { keys: Arc::new(Keys::of(keys)), revision, until })
}

fn opened(identity: &Identity, row: &SigningKey, held: &Keys) -> Result<Arc<Key>, Fault> {
    let same = held.iter().find(|key| key.kid() == row.kid && key.signs_from() == row.signs_from);
    if let Some(same) = same {
        return Ok(Arc::clone(same));
    }
    let jwk = identity.keyring().open(&purpose(&row.kid), &row.private_key)?;
    Ok(Arc::new(Key::open(&jwk, row.signs_from)?))
}

/// Says in the audit log what this process publishes now and did not before, and what no more.
fn report(before: &Keys, now: &Keys) {
    for key in now.iter().filter(|key| before.by_kid(key.kid()).is_none()) {
        let (kid, alg, signs_from) = (key.kid(), key.alg().as_str(), key.signs_from());
        tracing::info!(target: "audit", event = "signing_key_published", kid, alg, signs_from);
    }
    for key in before.iter().filter(|key| now.by_kid(key.kid()).is_none()) {
        tracing::info!(target: "audit", event = "signing_key_withdrawn", kid = key.kid(), alg = key.alg().as_str());
    }
}

/// Keeps the keys as the database has them, until the task is dropped. When they cannot be read, those held stay
/// in use.
pub async fn watch(provider: Provider) {
    let mut failing = false;
    loop {
        tokio::time::sleep(EVERY).await;
        let looked = provider.reload_keys().await;
        // Said once, not twice a second.
        if let (Err(error), false) = (&looked, failing) {
            tracing::warn!(%error, "the signing keys could not be read anew; the ones held stay in use");
        }
        failing = looked.is_err();
    }
}
