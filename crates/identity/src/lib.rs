//! The identity core: who is it, and how sure are we?
//!
//! | file | asks |
//! | --- | --- |
//! | [`journey`] | what comes next? One pure function that alone can complete a sign-in |
//! | [`factor`] | is this the right password, the right code? The only maker of proofs |
//! | [`session`] | who is signed in in this browser? The only maker of [`session::Authenticated`] |
//! | [`directory`] | which accounts has this person, and what do they demand? |
//! | [`level`] | `password` or `vip` |
//! | [`tokens`] | what may a person change of their own credentials? |
//! | [`mail`] | what is sent to people, and how |
//! | [`administration`] | what the command line changes |
//!
//! It knows no word of OAuth and no HTML.

pub mod address;
pub mod administration;
pub mod directory;
mod error;
pub mod factor;
pub mod journey;
pub mod language;
pub mod level;
pub mod mail;
pub mod mail_request;
pub mod oath;
pub mod password;
pub mod seed_file;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sweep;
pub mod tally;
mod throttle;
pub mod tokens;

use std::net::IpAddr;
use std::sync::Arc;

use countersign_store::{Clock, Keyring, Store};

pub use error::{Error, Result};
pub use level::Level;
pub use settings::{Service, Settings};

use crate::directory::Directory;
use crate::mail_request::Requests;
use crate::password::hash::Hasher;
use crate::tally::Tally;
use crate::throttle::Networks;

/// The identity core, shared by everything that serves a request. Clones are one and the same.
#[derive(Clone)]
pub struct Identity(Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    keyring: Keyring,
    clock: Clock,
    hasher: Hasher,
    settings: Settings,
    directory: Directory,
    networks: Networks,
    requests: Requests,
    tally: Tally,
}

impl Identity {
    /// Puts the core together. The caller starts [`mail_request::run`] and [`mail::run`] as jobs.
    #[must_use]
    pub fn new(store: Store, keyring: Keyring, clock: Clock, hasher: Hasher, settings: Settings) -> Self {
        let networks = Networks::new(settings.network_rate);
        Self(Arc::new(Inner {
            store,
            keyring,
            clock,
            hasher,
            settings,
            directory: Directory::default(),
            networks,
            requests: Requests::default(),
            tally: Tally::default(),
        }))
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// The master keys.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.0.keyring
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The hashing threads, for their load.
    #[must_use]
    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// What has happened so far, for the metrics.
    #[must_use]
    pub fn tally(&self) -> &Tally {
        &self.0.tally
    }

    /// Now, in seconds since 1970.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.clock.now()
    }

    pub(crate) fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.0.requests
    }

    /// Counts an attempt of this network. `Err` holds the seconds to wait.
    fn count_network(&self, network: IpAddr) -> std::result::Result<(), u32> {
        self.0.networks.count(&self.0.keyring, network, self.0.clock.now_millis())
    }
}
