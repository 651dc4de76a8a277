//! A key set kept as relying parties' libraries keep it: fetched once, and again when a token names a key that is not
//! in it.

use reqwest::Client;
use serde_json::Value;

use crate::id_token::{Claims, verify};

/// One relying party's copy of the key set.
#[derive(Debug)]
pub struct KeyCache {
    url: String,
    http: Client,
    keys: Value,
    /// How often the key set was fetched.
    pub fetched: usize,
}

impl KeyCache {
    /// An empty one, filled from the server at `base` on first use.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self { url: format!("{base}/jwks"), http: Client::new(), keys: Value::Null, fetched: 0 }
    }

    /// Verifies an ID token issued just now; the key set is fetched at most once for it.
    ///
    /// # Errors
    /// What is wrong with the token, and the key set that says so.
    pub async fn verify(
        &mut self,
        token: &str,
        issuer: &str,
        client: &str,
        now: i64,
    ) -> Result<Claims, String> {
        if !self.holds(&kid(token)) {
            self.keys = fetch(&self.http, &self.url).await;
            self.fetched += 1;
        }
        verify(token, &self.keys, issuer, client, now).map_err(|error| format!("{error}: {}", self.keys))
    }

    fn holds(&self, kid: &str) -> bool {
        self.keys["keys"].as_array().is_some_and(|keys| keys.iter().any(|key| key["kid"] == kid))
    }
}

/// The name of the key that a token says it was signed with; empty when it says none.
#[must_use]
pub fn kid(token: &str) -> String {
    jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid).unwrap_or_default()
}

/// The names of the keys that a server publishes.
pub async fn published(base: &str) -> Vec<String> {
    let keys = fetch(&Client::new(), &format!("{base}/jwks")).await;
    let keys = keys["keys"].as_array().into_iter().flatten();
    keys.filter_map(|key| key["kid"].as_str().map(str::to_owned)).collect()
}

async fn fetch(http: &Client, url: &str) -> Value {
    let answer = http.get(url).send().await.expect("the key set is served");
    answer.json().await.expect("the key set is JSON")
}
