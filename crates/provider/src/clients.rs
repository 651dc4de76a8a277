//! Clients, kept in memory as long as the directory's revision stands, and the origins their pages have.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use countersign_identity::directory::Profile;
use countersign_identity::{Identity, Level, Settings};
use countersign_login_ui::view::about::About;
use countersign_store::client::{self, Client};

use crate::error::Fault;
use crate::jose::keys::Alg;
use crate::redirect_uri;

/// More clients than this at once are not kept in memory.
const KEPT: usize = 1_000;

/// Clients by id and origins of all of them, of one revision.
#[derive(Default)]
pub(crate) struct Clients(Mutex<Known>);

#[derive(Default)]
struct Known {
    revision: i64,
    clients: HashMap<String, Arc<Client>>,
    origins: Option<Arc<Origins>>,
}

impl Clients {
    /// The client of that id as of `revision`, which the caller has just read.
    pub(crate) async fn find(
        &self,
        identity: &Identity,
        id: &str,
        revision: i64,
    ) -> Result<Option<Arc<Client>>, Fault> {
        if let Some(known) = self.at(revision, |known| known.clients.get(id).cloned()) {
            return Ok(Some(known));
        }
        // What a stranger makes up is not remembered: there is no end to it.
        let Some(found) = client::find(identity.store().read(), id).await? else { return Ok(None) };
        let found = Arc::new(found);
        self.at(revision, |known| {
            if known.clients.len() >= KEPT {
                known.clients.clear();
            }
            known.clients.insert(id.to_owned(), found.clone());
        });
        Ok(Some(found))
    }

    /// The origins that clients' own pages have, as of `revision`.
    pub(crate) async fn origins(&self, identity: &Identity, revision: i64) -> Result<Arc<Origins>, Fault> {
        if let Some(known) = self.at(revision, |known| known.origins.clone()) {
            return Ok(known);
        }
        let origins = Arc::new(Origins::of(&client::all(identity.store().read()).await?));
        self.at(revision, |known| known.origins = Some(origins.clone()));
        Ok(origins)
    }

    fn at<T>(&self, revision: i64, read: impl FnOnce(&mut Known) -> T) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.revision != revision {
            *known = Known { revision, ..Known::default() };
        }
        read(&mut known)
    }
}

/// Origins of clients, by their redirect URIs.
pub(crate) struct Origins(Vec<(String, bool)>);

impl Origins {
    fn of(clients: &[Client]) -> Self {
        let mut origins: Vec<(String, bool)> = clients
            .iter()
            .flat_map(|client| client.redirect_uris().map(|uri| (redirect_uri::origin(uri), client.public)))
            .filter_map(|(origin, public)| Some((origin?, public)))
            .collect();
        origins.sort();
        origins.dedup();
        Self(origins)
    }

    /// Whether a page of that origin belongs to a client.
    pub(crate) fn has(&self, origin: &str) -> bool {
        self.0.iter().any(|(known, public)| redirect_uri::matches(known, origin, *public))
    }
}

/// The least level a client accepts.
pub(crate) fn minimum(client: &Client) -> Option<Level> {
    client.minimum_level.as_deref().and_then(Level::parse)
}

/// What a client's service requires of everybody, whatever their address.
pub(crate) fn of_service(client: &Client, settings: &Settings) -> Level {
    let service = client.service_id.as_deref().and_then(|id| settings.service(id));
    service.map_or(Level::Password, |service| service.requires)
}

/// The level that the address rule makes a client need (product rule 2). A bridging code stands in for the token of
/// the address, but not for what the client's service requires itself.
pub(crate) fn address_rule(client: &Client, profile: &Profile, settings: &Settings, bridged: bool) -> Level {
    if bridged { of_service(client, settings) } else { profile.required(&settings.services) }
}

/// Whether a client may have refresh tokens: it registered the grant, or left the grants to us.
pub(crate) fn may_refresh(client: &Client) -> bool {
    let grants = &client.metadata.grant_types;
    grants.is_empty() || grants.iter().any(|grant| grant == "refresh_token")
}

/// What a third party's client says of itself to whoever signs in to it; none when it says nothing. The portal's own
/// clients are the portal.
pub(crate) fn about(client: &Client) -> Option<About> {
    let metadata = &client.metadata;
    let about = About {
        client: client.name.clone(),
        logo: metadata.logo_uri.clone(),
        policy: metadata.policy_uri.clone(),
        terms: metadata.tos_uri.clone(),
    };
    let says = about.logo.is_some() || about.policy.is_some() || about.terms.is_some();
    (client.third_party && says).then_some(about)
}

/// How a client's ID tokens are signed.
pub(crate) fn alg(client: &Client) -> Alg {
    Alg::parse(&client.id_token_alg).unwrap_or(Alg::Rs256)
}

#[cfg(test)]
pub(crate) mod tests {
    use countersign_store::client::Metadata;

    use super::*;

    /// A client for tests.
    pub(crate) fn client(id: &str, redirect_uris: &[&str]) -> Client {
        Client {
            id: id.into(),
            name: "App".into(),
            service_id: None,
            public: false,
            secret_digest: None,
            token_endpoint_auth_method: "client_secret_basic".into(),
            redirect_uris: serde_json::json!(redirect_uris),
            post_logout_redirect_uris: serde_json::json!([]),
            minimum_level: None,
            id_token_alg: "RS256".into(),
            third_party: false,
            scope: "openid email profile organization offline_access".into(),
            created_at: 0,
            metadata: Metadata::default(),
            registration_digest: None,
        }
    }

    #[test]
    fn rfc9700_2_6_origins_are_those_of_registered_redirect_uris() {
        let spa =
            Client { public: true, ..client("spa", &["https://spa.example/cb", "http://127.0.0.1/cb"]) };
        let origins =
            Origins::of(&[spa, client("app", &["http://127.0.0.1:8081/cb", "com.example.app:/cb"])]);
        for origin in ["https://spa.example", "http://127.0.0.1:5173", "http://127.0.0.1:8081"] {
            assert!(origins.has(origin), "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://spa.example.evil.example",
            "https://spa.example:444",
            "http://spa.example",
            "https://127.0.0.1",
        ] {
            assert!(!origins.has(origin), "{origin}");
        }
    }
}
