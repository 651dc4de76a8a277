//! What administrators decided about a person, kept in memory as long as the directory's revision stands.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_store::account::{self, NamedAccount};
use countersign_store::person::{self, Person};
use countersign_store::{Store, directory};

use crate::Result;
use crate::level::Level;
use crate::settings::{Service, Settings};

/// A person with the accounts linked to their address.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The person. Remembered profiles hold no password hash.
    pub person: Person,
    /// Their accounts, by organization name.
    pub accounts: Vec<NamedAccount>,
}

impl Profile {
    /// The level the address must prove at every sign-in: the highest that a service it has an account at
    /// requires. (Product rule 1.)
    #[must_use]
    pub fn required(&self, services: &[Service]) -> Level {
        let services = services.iter().filter(|service| self.accounts_at(&service.id).next().is_some());
        services.map(|service| service.requires).max().unwrap_or(Level::Password)
    }

    /// The accounts at one service.
    pub fn accounts_at<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a NamedAccount> {
        self.accounts.iter().filter(move |account| account.service_id == service)
    }

    /// The account of that id, while it is linked.
    #[must_use]
    pub fn account(&self, id: &str) -> Option<&NamedAccount> {
        self.accounts.iter().find(|account| account.id == id)
    }
}

/// More people than this at once are not kept in memory.
const KEPT: usize = 10_000;

/// People's profiles by id, all of one revision.
#[derive(Default)]
pub(crate) struct Directory {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    revision: i64,
    profiles: HashMap<String, Arc<Profile>>,
}

impl Directory {
    /// The profile of a person as of `revision`, which the caller has just read. A disabled person has none.
    pub(crate) async fn profile(
        &self,
        store: &Store,
        id: &str,
        revision: i64,
    ) -> Result<Option<Arc<Profile>>> {
        if let Some(profile) = self.remembered(id, revision) {
            return Ok(Some(profile));
        }
        let Some(mut person) = person::find(store.read(), id).await? else { return Ok(None) };
        // A password may change without the directory's revision: what is remembered holds none.
        person.password_hash = None;
        person.password_changed_at = None;
        if person.disabled_at.is_some() {
            return Ok(None);
        }
        let accounts = account::of_person(store.read(), id).await?;
        let profile = Arc::new(Profile { person, accounts });
        self.remember(id, revision, &profile);
        Ok(Some(profile))
    }

    fn remembered(&self, id: &str, revision: i64) -> Option<Arc<Profile>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.revision != revision {
            known.profiles.clear();
            known.revision = revision;
        }
        known.profiles.get(id).cloned()
    }

    /// What was read may be newer than `revision`, never older, so at worst it is read again.
    fn remember(&self, id: &str, revision: i64, profile: &Arc<Profile>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.revision == revision {
            if known.profiles.len() >= KEPT {
                known.profiles.clear();
            }
            known.profiles.insert(id.to_owned(), profile.clone());
        }
    }
}

/// The profile as it stands, for an administrator.
pub(crate) async fn fresh(directory: &Directory, store: &Store, id: &str) -> Result<Option<Arc<Profile>>> {
    let revision = directory::revision(store.read()).await?;
    directory.profile(store, id, revision).await
}

/// The demand of an address for `explain`: each service with what it asks.
#[must_use]
pub fn reasons<'a>(profile: &'a Profile, settings: &'a Settings) -> Vec<(&'a Service, &'a NamedAccount)> {
    let services = settings.services.iter();
    services
        .flat_map(|service| profile.accounts_at(&service.id).map(move |account| (service, account)))
        .collect()
}
