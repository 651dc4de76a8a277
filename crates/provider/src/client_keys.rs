//! The keys that clients sign with: registered by value, or where a URI says.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign_store::client::Client;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::jose::{Alg, NotAKeySet, PublicKeys};
use crate::outbound::{Outbound, Refused};

/// Sets kept at most; past it all are forgotten and read anew as they are used.
const KEPT: usize = 1_000;
/// A set younger than this is not asked for again, whoever shows an unknown key: strangers can't have this server
/// hammer a client's.
const RENEWED_AFTER: Duration = Duration::from_secs(10);
/// RFC 7517 §8.5.2, and what most servers say.
const ACCEPT: [&str; 2] = ["application/jwk-set+json", "application/json"];

/// Where a client's keys are.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The `jwks` it registered.
    ByValue(&'a Value),
    /// Its `jwks_uri`.
    ByUri(&'a str),
}

/// The algorithms a client may sign with: the one it registered, or any.
#[must_use]
pub fn allowed(registered: Option<&str>) -> Vec<Alg> {
    match registered {
        Some(name) => Alg::parse(name).into_iter().collect(),
        None => Alg::CLIENTS.to_vec(),
    }
}

/// Where a client's keys are, if it has any.
#[must_use]
pub fn source(client: &Client) -> Option<Source<'_>> {
    let metadata = &client.metadata;
    let by_uri = || metadata.jwks_uri.as_deref().map(Source::ByUri);
    metadata.jwks.as_ref().map(Source::ByValue).or_else(by_uri)
}

/// Why there are no keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKeys {
    /// The client registered none.
    #[error("the client registered no keys")]
    None,
    /// The URI gave none.
    #[error("jwks_uri: {0}")]
    Fetch(#[from] Refused),
    /// What is there is no key set.
    #[error("the key set: {0}")]
    Set(#[from] NotAKeySet),
}

type Digest = [u8; 32];

/// Key sets that have been read, by their digest: building verifiers costs more than verifying.
pub struct ClientKeys {
    kept: Mutex<HashMap<Digest, Arc<PublicKeys>>>,
    renewed_after: Duration,
}

impl Default for ClientKeys {
    fn default() -> Self {
        Self { kept: Mutex::default(), renewed_after: RENEWED_AFTER }
    }
}

impl ClientKeys {
    /// The keys of a client that shows a token by the key `kid`. OIDC Core §10.1.1: one that is not in the set known
    /// has the set fetched again.
    ///
    /// # Errors
    /// [`NoKeys`]. A set without that key is none.
    pub async fn find(
        &self,
        outbound: &Outbound,
        source: Source<'_>,
        kid: Option<&str>,
    ) -> Result<Arc<PublicKeys>, NoKeys> {
        let uri = match source {
            Source::ByValue(set) => return Ok(self.read(set.to_string().as_bytes())?),
            Source::ByUri(uri) => uri,
        };
        let known = self.read(&outbound.get(uri, &ACCEPT).await?.body);
        match known {
            Ok(known) if !known.is_empty() && kid.is_none_or(|kid| known.has(kid)) => Ok(known),
            _ => Ok(self.read(&outbound.get_younger(uri, &ACCEPT, self.renewed_after).await?.body)?),
        }
    }

    fn read(&self, bytes: &[u8]) -> Result<Arc<PublicKeys>, NotAKeySet> {
        let digest: Digest = Sha256::digest(bytes).into();
        if let Some(known) = self.lock().get(&digest) {
            return Ok(known.clone());
        }
        let read = Arc::new(PublicKeys::parse(bytes)?);
        let mut kept = self.lock();
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(digest, read.clone());
        Ok(read)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Digest, Arc<PublicKeys>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::Router;
    use axum::routing::get;
    use josekit::jwk::Jwk;
    use serde_json::json;

    use super::*;
    use crate::outbound::OutboundSettings;

    fn key(kid: &str) -> Value {
        let key = Jwk::generate_ed_key(josekit::jwk::alg::ed::EdCurve::Ed25519).unwrap();
        let mut public = key.to_public_key().unwrap();
        public.set_key_id(kid);
        Value::Object(public.as_ref().clone())
    }

    fn client() -> Outbound {
        let allow = vec!["127.0.0.1".parse().unwrap()];
        Outbound::new(&OutboundSettings { allow, ..Default::default() }).unwrap()
    }

    /// A client's server whose key set can be changed, and how often it was asked.
    async fn server(set: &Arc<Mutex<String>>) -> (String, Arc<AtomicUsize>) {
        let (asked, set) = (Arc::new(AtomicUsize::new(0)), set.clone());
        let counted = asked.clone();
        let answer = get(async move || {
            counted.fetch_add(1, Ordering::Relaxed);
            set.lock().unwrap().clone()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/jwks", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/jwks", answer)).await });
        (uri, asked)
    }

    #[tokio::test]
    async fn a_set_by_value_is_read_once() {
        let (keys, outbound, set) = (ClientKeys::default(), client(), json!({ "keys": [key("a")] }));
        let first = keys.find(&outbound, Source::ByValue(&set), Some("a")).await.unwrap();
        let second = keys.find(&outbound, Source::ByValue(&set), Some("x")).await.unwrap();
        assert!(first.has("a") && Arc::ptr_eq(&first, &second));
        let private = json!({ "keys": [{ "kty": "oct", "k": "AA" }] });
        let refused = keys.find(&outbound, Source::ByValue(&private), None).await.unwrap_err();
        assert_eq!(refused, NoKeys::Set(NotAKeySet::Private));
    }

    #[tokio::test]
    async fn core_10_1_1_an_unknown_key_has_the_set_fetched_again() {
        let (keys, outbound) = (ClientKeys { renewed_after: Duration::ZERO, ..Default::default() }, client());
        let set = Arc::new(Mutex::new(json!({ "keys": [key("a")] }).to_string()));
        let (uri, asked) = server(&set).await;
        let has =
            async |kid: &str| keys.find(&outbound, Source::ByUri(&uri), Some(kid)).await.unwrap().has(kid);
        assert!(has("a").await && has("a").await);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        *set.lock().unwrap() = json!({ "keys": [key("b")] }).to_string();
        assert!(has("a").await, "the old key, for as long as the set is fresh and nothing else is asked for");
        assert!(has("b").await && has("b").await && !has("a").await);
        assert_eq!(asked.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn strangers_who_make_up_keys_have_a_set_fetched_once() {
        let (keys, outbound) = (Arc::new(ClientKeys::default()), Arc::new(client()));
        let (uri, asked) = server(&Arc::new(Mutex::new(json!({ "keys": [key("a")] }).to_string()))).await;
        let strangers = (0..200).map(|n| {
            let (keys, outbound, uri) = (keys.clone(), outbound.clone(), uri.clone());
            tokio::spawn(async move {
                let kid = format!("made-up-{n}");
                keys.find(&outbound, Source::ByUri(&uri), Some(&kid)).await.unwrap().has(&kid)
            })
        });
        for stranger in strangers.collect::<Vec<_>>() {
            assert!(!stranger.await.unwrap());
        }
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_is_no_set_is_refused() {
        let (keys, outbound) = (ClientKeys::default(), client());
        let (uri, _) = server(&Arc::new(Mutex::new("<html>".into()))).await;
        let found = keys.find(&outbound, Source::ByUri(&uri), None).await;
        assert_eq!(found.unwrap_err(), NoKeys::Set(NotAKeySet::Form));
        let found = keys.find(&outbound, Source::ByUri("https://127.0.0.2/"), None).await;
        assert_eq!(found.unwrap_err(), NoKeys::Fetch(Refused::Address));
    }
}
