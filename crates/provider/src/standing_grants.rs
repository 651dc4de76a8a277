//! What access tokens stand on, kept in memory: a resource is asked for far more often than a grant changes.
//!
//! Every revocation, and every change of an administrator's, raises a number in the database, in its own
//! transaction. What is kept here is good for the numbers it was read at, and only while they have been read again
//! within half a second: [`watch`] reads them several times a second as long as anything is kept. So a revocation
//! made in this process counts at once, one made anywhere else within half a second, and with the database
//! out of reach nothing is answered from here.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_store::directory::{self, Epoch};
use countersign_store::grant::{self, Access};
use countersign_store::{Result, Store};
use tokio::time::Instant;

use crate::state::Provider;

/// Grants kept at most; past it all are forgotten and read anew as they are used.
const KEPT: usize = 20_000;
/// How old the last look at the numbers may be.
const CHECKED: Duration = Duration::from_millis(500);
/// How often the numbers are read.
const EVERY: Duration = Duration::from_millis(200);

/// Grants by id.
#[derive(Default)]
pub(crate) struct StandingGrants(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    epoch: Epoch,
    /// Revocations of this process that have been seen.
    own: u64,
    checked: Option<Instant>,
    grants: HashMap<String, Arc<Access>>,
}

impl Kept {
    /// Takes note that the database held `epoch` when it was asked at `asked`, with `own` revocations of this
    /// process before that.
    fn check(&mut self, epoch: Epoch, own: u64, asked: Instant) {
        if self.epoch != epoch || self.own != own {
            *self = Self { epoch, own, ..Self::default() };
        }
        self.checked = self.checked.max(Some(asked));
    }
}

impl StandingGrants {
    /// The grant of that id with the directory's revision, from here or from the database.
    pub(crate) async fn find(&self, store: &Store, id: &str) -> Result<Option<(Arc<Access>, i64)>> {
        let (asked, own) = (Instant::now(), store.revocations());
        if let Some(found) = self.kept(id, own, asked) {
            return Ok(Some(found));
        }
        let Some(found) = grant::access(store.read(), id).await? else { return Ok(None) };
        let (epoch, access) = (found.epoch(), Arc::new(found));
        let mut kept = self.lock();
        kept.check(epoch, own, asked);
        if kept.grants.len() >= KEPT {
            kept.grants.clear();
        }
        kept.grants.insert(id.to_owned(), access.clone());
        Ok(Some((access, epoch.revision)))
    }

    fn kept(&self, id: &str, own: u64, now: Instant) -> Option<(Arc<Access>, i64)> {
        let kept = self.lock();
        let checked = kept.checked.is_some_and(|checked| now.duration_since(checked) < CHECKED);
        if !checked || kept.own != own {
            return None;
        }
        kept.grants.get(id).map(|access| (access.clone(), kept.epoch.revision))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the numbers, if anything depends on them. Now and then it is all forgotten: what is in use comes back, and
    /// an idle server soon asks nothing.
    async fn look(&self, store: &Store, looks: &mut usize) -> Result<()> {
        let held = self.lock().grants.len();
        if held == 0 {
            return Ok(());
        }
        *looks += 1;
        if *looks > 150 {
            *looks = 0;
            self.lock().grants.clear();
            return Ok(());
        }
        let (asked, own) = (Instant::now(), store.revocations());
        let epoch = directory::epoch(store.read()).await?;
        self.lock().check(epoch, own, asked);
        Ok(())
    }
}

/// Keeps what is remembered of grants true, until the task is dropped. Without it nothing is remembered for longer
/// than half a second.
pub async fn watch(provider: Provider) {
    let mut looks = 0;
    loop {
        tokio::time::sleep(EVERY).await;
        let (grants, store) = (provider.standing_grants(), provider.identity().store());
        if let Err(error) = grants.look(store, &mut looks).await {
            tracing::warn!(%error, "the numbers of revocations could not be read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Arc<Access> {
        Arc::new(Access {
            client_id: "app".into(),
            person_id: "p".into(),
            account_id: None,
            claims: None,
            code_spent_at: Some(1),
            revoked_at: None,
            revision: 7,
            revocations: 3,
        })
    }

    fn holding() -> (StandingGrants, Instant) {
        let (grants, now) = (StandingGrants::default(), Instant::now());
        let mut kept = grants.lock();
        kept.check(access().epoch(), 0, now);
        kept.grants.insert("g".into(), access());
        drop(kept);
        (grants, now)
    }

    #[test]
    fn a_grant_is_kept_while_its_numbers_stand() {
        let (grants, now) = holding();
        assert_eq!(grants.kept("g", 0, now).unwrap().1, 7);
        assert!(grants.kept("other", 0, now).is_none());
        let later = now + Duration::from_millis(400);
        grants.lock().check(access().epoch(), 0, later);
        assert!(grants.kept("g", 0, later + Duration::from_millis(400)).is_some());
    }

    #[test]
    fn a_revocation_anywhere_or_an_administrators_change_forgets_it() {
        for epoch in [Epoch { revision: 7, revocations: 4 }, Epoch { revision: 8, revocations: 3 }] {
            let (grants, now) = holding();
            grants.lock().check(epoch, 0, now);
            assert!(grants.kept("g", 0, now).is_none());
        }
    }

    #[test]
    fn a_revocation_of_this_process_counts_at_once() {
        let (grants, now) = holding();
        assert!(grants.kept("g", 1, now).is_none());
    }

    #[test]
    fn numbers_that_nobody_has_read_lately_are_not_relied_on() {
        let (grants, now) = holding();
        assert!(grants.kept("g", 0, now + CHECKED).is_none());
    }
}
