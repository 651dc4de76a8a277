//! Keys are added, moved and retired, by an administrator or by the schedule, on any node.
//!
//! Each change locks the directory's row first, by raising its revision: of two nodes with the same idea one
//! carries it out and the other finds it done, and every node hears of it.

use std::time::Duration;

use countersign_identity::Identity;
use countersign_store::directory;
use countersign_store::signing_key::{self, SigningKey};

use super::life::{self, Life, Schedule, State};
use super::purpose;
use crate::error::Fault;
use crate::jose::keys::{Alg, NewKey};
use crate::state::Provider;

/// How often the schedule is looked at.
const EVERY: Duration = Duration::from_secs(60);

/// A new key, sealed. Making one takes some 100 ms of a core, so a thread that serves nobody does it.
async fn sealed(identity: &Identity, alg: Alg, signs_from: i64) -> Result<SigningKey, Fault> {
    let made = tokio::task::spawn_blocking(move || NewKey::generate(alg)).await;
    let key = made.map_err(|_| Fault::Broken("a signing key was not made to its end"))??;
    Ok(SigningKey {
        private_key: identity.keyring().seal(&purpose(&key.kid), &key.private_jwk),
        kid: key.kid,
        alg: alg.as_str().to_owned(),
        created_at: identity.now(),
        signs_from,
        retired_at: None,
    })
}

/// Makes the key that `wanted` asks for when it looks at the keys there are: the time it is to sign from.
async fn add_if<F>(identity: &Identity, alg: Alg, wanted: F) -> Result<(), Fault>
where
    F: Fn(&[SigningKey]) -> Option<i64> + Send + Sync + 'static,
{
    let rows = signing_key::all(identity.store().read()).await?;
    let Some(signs_from) = wanted(&rows) else { return Ok(()) };
    let key = sealed(identity, alg, signs_from).await?;
    let (kid, row) = (key.kid.clone(), key);
    let added = identity.store().write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            // Looked at again, now that nobody else can change it.
            if wanted(&signing_key::all(tx).await?).is_none() {
                return Ok(false);
            }
            signing_key::insert(tx, row).await?;
            Ok(true)
        })
    });
    if added.await? {
        tracing::info!(target: "audit", event = "signing_key_made", kid, alg = alg.as_str(), signs_from);
    }
    Ok(())
}

/// Makes a key that signs at once for each algorithm that has none.
pub(super) async fn add_missing(identity: &Identity) -> Result<(), Fault> {
    let now = identity.now();
    for alg in Alg::OURS {
        let none = move |rows: &[SigningKey]| rows.iter().all(|row| !serves(row, alg)).then_some(now);
        add_if(identity, alg, none).await?;
    }
    Ok(())
}

/// Whether a key signs, or will sign, with that algorithm.
fn serves(row: &SigningKey, alg: Alg) -> bool {
    row.alg == alg.as_str() && row.retired_at.is_none()
}

/// How keys are to be replaced.
#[derive(Clone, Copy, Debug)]
pub struct Rotation {
    /// The new keys sign so many seconds from now, or [`life::SEEN`] where that is less.
    pub after: i64,
    /// Whether the keys that were there retire at that moment, whatever was signed with them.
    pub retire: bool,
}

/// Makes a new key for each of the algorithms, and gives their names. Where nothing signs yet a key is made for that
/// first.
///
/// # Errors
/// [`Fault`]; then nothing has changed.
pub async fn rotate(identity: &Identity, algs: &[Alg], how: Rotation) -> Result<Vec<String>, Fault> {
    add_missing(identity).await?;
    let mut made = Vec::new();
    for alg in algs {
        made.push(sealed(identity, *alg, 0).await?);
    }
    // Counted from after the work.
    let signs_from = identity.now() + how.after.max(life::SEEN);
    for key in &mut made {
        key.signs_from = signs_from;
    }
    let rows = made.clone();
    let added = identity.store().write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            for row in rows {
                if how.retire {
                    signing_key::retire_all(tx, &row.alg, row.signs_from).await?;
                }
                signing_key::insert(tx, row).await?;
            }
            Ok(())
        })
    });
    added.await?;
    for key in &made {
        tracing::info!(target: "audit", event = "signing_key_rotated", kid = key.kid, alg = key.alg, signs_from, retire = how.retire);
    }
    Ok(made.into_iter().map(|key| key.kid).collect())
}

/// Seals anew the private part of every key that another master key than the first seals; gives how many.
///
/// # Errors
/// [`Fault`]; what was done before stays done.
pub async fn reseal(identity: &Identity) -> Result<u64, Fault> {
    let mut resealed = 0;
    let rows = signing_key::all(identity.store().read()).await?;
    let old = rows.into_iter().filter(|row| !row.private_key.is_empty());
    for row in old.filter(|row| !identity.keyring().is_current(&row.private_key)) {
        let plain = identity.keyring().open(&purpose(&row.kid), &row.private_key)?;
        let sealed = identity.keyring().seal(&purpose(&row.kid), &plain);
        let replaced = identity.store().write(move |tx| {
            Box::pin(async move { signing_key::replace(tx, &row.kid, row.private_key, sealed).await })
        });
        resealed += u64::from(replaced.await?);
    }
    Ok(resealed)
}

/// What came of retiring a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Retirement {
    /// It is retired. If it signed, the key of that name, announced before, signs from now on.
    Done(Option<String>),
    /// There is no such key.
    Unknown,
    /// It had retired before.
    Already,
    /// It signs with this algorithm, and no other key is there to do so.
    Needed(String),
}

/// Retires a key at once, whatever was signed with it, and erases its private part.
///
/// # Errors
/// [`Fault`]; then nothing has changed.
pub async fn retire(identity: &Identity, kid: &str) -> Result<Retirement, Fault> {
    let (now, overlap, name) = (identity.now(), life::overlap(identity.settings()), kid.to_owned());
    let written = identity.store().write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            let rows = signing_key::all(tx).await?;
            let lives = life::lives(&rows, overlap, now);
            let outcome = judged(&rows, &lives, &name);
            if let Retirement::Done(successor) = &outcome {
                if let Some(successor) = successor {
                    signing_key::sign_from(tx, successor, now).await?;
                }
                signing_key::erase(tx, &name, now).await?;
            }
            Ok(outcome)
        })
    });
    let outcome = written.await?;
    if let Retirement::Done(successor) = &outcome {
        tracing::info!(target: "audit", event = "signing_key_retired", kid, successor);
    }
    Ok(outcome)
}

/// What retiring a key would come to.
fn judged(rows: &[SigningKey], lives: &[Life], kid: &str) -> Retirement {
    let all = || rows.iter().zip(lives);
    let Some((row, life)) = all().find(|(row, _)| row.kid == kid) else { return Retirement::Unknown };
    match life.state {
        State::Retired => Retirement::Already,
        State::Announced | State::Superseded => Retirement::Done(None),
        State::Signing => {
            let announced =
                all().find(|(other, life)| other.alg == row.alg && life.state == State::Announced);
            match announced {
                Some((successor, _)) => Retirement::Done(Some(successor.kid.clone())),
                None => Retirement::Needed(row.alg.clone()),
            }
        }
    }
}

/// Follows the schedule minute by minute, until the task is dropped.
pub async fn keep_schedule(provider: Provider, schedule: Schedule) {
    loop {
        if let Err(error) = follow(provider.identity(), schedule).await {
            tracing::warn!(%error, "the schedule of the signing keys could not be kept; tried again in a minute");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Makes the keys that the schedule asks for by now, and erases the private parts of those that have retired. Every
/// node does so, and each thing is done by one of them.
///
/// # Errors
/// [`Fault`] when the database fails.
pub async fn follow(identity: &Identity, schedule: Schedule) -> Result<(), Fault> {
    let now = identity.now();
    for alg in Alg::OURS {
        add_if(identity, alg, move |rows| life::due(rows, alg, schedule, now)).await?;
    }
    for (row, life) in super::list(identity).await? {
        if life.state == State::Retired && !row.private_key.is_empty() {
            let (kid, at) = (row.kid.clone(), life.retires_at.unwrap_or(now));
            let erased = identity
                .store()
                .statement(move |on| Box::pin(async move { signing_key::erase(&on, &kid, at).await }));
            if erased.await? {
                tracing::info!(target: "audit", event = "signing_key_retired", kid = row.kid, alg = row.alg);
            }
        }
    }
    Ok(())
}
