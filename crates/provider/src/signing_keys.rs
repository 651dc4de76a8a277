//! The signing keys in the database: sealed, one of each algorithm at least.

use countersign_identity::Identity;
use countersign_store::directory;
use countersign_store::signing_key::{self, SigningKey};

use crate::error::Fault;
use crate::jose::keys::{Alg, Key, Keys, NewKey};

fn purpose(kid: &str) -> String {
    format!("signing key {kid}")
}

/// Opens all keys, after making those that are missing.
pub(crate) async fn open(identity: &Identity) -> Result<Keys, Fault> {
    let mut rows = signing_key::all(identity.store().read()).await?;
    let missing: Vec<Alg> =
        Alg::OURS.into_iter().filter(|alg| rows.iter().all(|row| row.alg != alg.as_str())).collect();
    for alg in missing {
        rows.push(make(identity, alg).await?);
    }
    let keys: Result<Vec<Key>, Fault> = rows.iter().map(|row| opened(identity, row)).collect();
    Ok(Keys::new(keys?))
}

/// Makes a key and stores it.
async fn make(identity: &Identity, alg: Alg) -> Result<SigningKey, Fault> {
    let key = NewKey::generate(alg)?;
    let row = SigningKey {
        private_key: identity.keyring().seal(&purpose(&key.kid), &key.private_jwk),
        kid: key.kid,
        alg: alg.as_str().to_owned(),
        created_at: identity.now(),
    };
    let stored = identity.store().write(move |tx| {
        Box::pin(async move {
            // The directory's row is locked first: of two nodes that start at once, one makes the key and the
            // other finds it.
            directory::bump(tx).await?;
            let made = signing_key::all(tx).await?.into_iter().find(|key| key.alg == row.alg);
            if let Some(made) = made {
                return Ok(made);
            }
            signing_key::insert(tx, row.clone()).await?;
            Ok(row)
        })
    });
    let row = stored.await?;
    tracing::info!(target: "audit", event = "signing_key_made", kid = row.kid, alg = row.alg);
    Ok(row)
}

fn opened(identity: &Identity, row: &SigningKey) -> Result<Key, Fault> {
    let jwk = identity.keyring().open(&purpose(&row.kid), &row.private_key)?;
    Ok(Key::open(&jwk, row.created_at)?)
}

/// The keys as they stand now, if they are not the `held` ones.
pub(crate) async fn changed(identity: &Identity, held: &Keys) -> Result<Option<Keys>, Fault> {
    let rows = signing_key::all(identity.store().read()).await?;
    if rows.len() == held.len() && rows.iter().all(|row| held.by_kid(&row.kid).is_some()) {
        return Ok(None);
    }
    let keys: Result<Vec<Key>, Fault> = rows.iter().map(|row| opened(identity, row)).collect();
    Ok(Some(Keys::new(keys?)))
}
