//! What has happened since the start, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that only rise.
#[derive(Debug, Default)]
pub struct Tally {
    /// Sessions begun at level `password`.
    pub password_sessions: Counter,
    /// Sessions begun at level `vip`.
    pub vip_sessions: Counter,
    /// Passwords refused.
    pub wrong_passwords: Counter,
    /// Security codes refused.
    pub wrong_codes: Counter,
    /// Credentials locked.
    pub locked_credentials: Counter,
    /// Attempts turned away by a throttle.
    pub throttled: Counter,
    /// Mails handed over.
    pub mails_sent: Counter,
    /// Mails that could not be handed over yet.
    pub mails_deferred: Counter,
}

/// One counter.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
