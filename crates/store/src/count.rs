//! Queries and commits, counted: a request's cost in both is published and benchmarked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters since the store was opened. Clones share the same numbers.
#[derive(Clone, Debug, Default)]
pub struct Count(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    queries: AtomicU64,
    commits: AtomicU64,
    failures: AtomicU64,
}

impl Count {
    /// Statements sent to the database, reads and writes, without BEGIN and COMMIT.
    #[must_use]
    pub fn queries(&self) -> u64 {
        self.0.queries.load(Ordering::Relaxed)
    }

    /// Transactions committed. Several writers may share one.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.0.commits.load(Ordering::Relaxed)
    }

    /// Statements that failed.
    #[must_use]
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    pub(crate) fn query(&self, failed: bool) {
        self.0.queries.fetch_add(1, Ordering::Relaxed);
        if failed {
            self.0.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn commit(&self) {
        self.0.commits.fetch_add(1, Ordering::Relaxed);
    }
}
