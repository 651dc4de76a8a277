//! The one client for everything this server fetches or calls because a client registered a URL: key sets, request
//! objects, sector identifiers, logout.
//!
//! The URLs are other people's, so each request is on a short leash: HTTPS, addresses of the public internet (or
//! what the operator lists), 64 KiB, a few seconds, no redirects, nothing that identifies anybody. Each has a
//! connection of its own through hyper: a library with pools, proxies, redirects and a resolver of its own would have
//! all that to be turned off, and stay off.
//!
//! | file | asks |
//! | --- | --- |
//! | `target` | is there one way to read this URL? |
//! | [`address`] | may that address be connected to? |
//! | `resolve` | which addresses does the name have, and may all of them be? |
//! | `trust` | whose certificates are believed? |
//! | `exchange` | what does the host answer? |
//! | `cache` | was it asked lately? |
//! | [`refused`] | why did nothing come of it? |

pub mod address;
mod cache;
mod exchange;
pub mod refused;
mod resolve;
mod target;
mod trust;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::Full;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::ClientConfig;

pub use address::Listed;
pub use cache::Fetched;
pub use refused::Refused;
pub use trust::Unusable;

use cache::Cache;
use exchange::Answer;
use resolve::Resolver;
use target::Target;

const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));
/// Requests under way at once at most; further ones wait, within their own time.
const AT_ONCE: usize = 64;

/// What the operator decides about outbound requests.
#[derive(Clone, Debug)]
pub struct OutboundSettings {
    /// Networks and hosts that may be connected to beside the public internet. To them alone plain HTTP is spoken.
    pub allow: Vec<Listed>,
    /// A PEM file of certificate authorities believed beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long one request may take from the name to the last byte.
    pub timeout: Duration,
}

impl Default for OutboundSettings {
    fn default() -> Self {
        Self { allow: Vec::new(), ca_file: None, timeout: Duration::from_secs(5) }
    }
}

impl OutboundSettings {
    /// Whether a URL is one that would be fetched or called, as far as can be told without asking anybody.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        Target::parse(url, &self.allow).map(|_| ())
    }
}

/// The client.
pub struct Outbound {
    allow: Vec<Listed>,
    timeout: Duration,
    tls: Arc<ClientConfig>,
    resolver: Resolver,
    permits: Semaphore,
    cache: Cache,
}

impl Outbound {
    /// The client with these settings.
    ///
    /// # Errors
    /// [`Unusable`] when the file of certificates is.
    pub fn new(settings: &OutboundSettings) -> Result<Self, Unusable> {
        Ok(Self {
            allow: settings.allow.clone(),
            timeout: settings.timeout,
            tls: trust::config(settings.ca_file.as_deref())?,
            resolver: Resolver::system(),
            permits: Semaphore::new(AT_ONCE),
            cache: Cache::default(),
        })
    }

    /// Whether a URL is one that would be fetched, as far as can be told without asking anybody: for URLs that are
    /// registered now and fetched later.
    ///
    /// # Errors
    /// [`Refused`].
    pub fn check(&self, url: &str) -> Result<(), Refused> {
        Target::parse(url, &self.allow).map(|_| ())
    }

    /// What that URL holds, fetched or as it was fetched before. `accept` are the media types that are asked for;
    /// what kind the answer says it is plays no part.
    ///
    /// A fragment is not sent, but another one is another entry: OIDC Core §6.2 has it say that the content changed.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn get(&self, url: &str, accept: &[&str]) -> Result<Fetched, Refused> {
        self.get_younger(url, accept, Duration::MAX).await
    }

    /// As [`get`](Self::get), but asked for now.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn get_fresh(&self, url: &str, accept: &[&str]) -> Result<Fetched, Refused> {
        self.get_younger(url, accept, Duration::ZERO).await
    }

    /// As [`get`](Self::get), but asked for less than `age` ago. When that fails, what is known and still fresh
    /// serves on.
    ///
    /// # Errors
    /// [`Refused`].
    pub async fn get_younger(&self, url: &str, accept: &[&str], age: Duration) -> Result<Fetched, Refused> {
        // What can be told at once takes no place in the cache.
        let target = Target::parse(url, &self.allow)?;
        let accept = accept.join(", ");
        self.cache.get(&format!("{accept} {url}"), age, || self.fetch(&target, &accept)).await
    }

    async fn fetch(&self, target: &Target, accept: &str) -> Result<Fetched, Refused> {
        let request = request(Method::GET, target).header(header::ACCEPT, accept).body(Full::default());
        let fetched = self.in_time(target, async {
            let answer = self.send(target, request.map_err(|_| Refused::Url)?).await?;
            match answer.status {
                StatusCode::OK => {
                    let fresh_for = cache::fresh_for(&answer.headers);
                    Ok(Fetched { body: answer.read().await?, fresh_for })
                }
                status if status.is_redirection() => Err(Refused::Redirect),
                status => Err(Refused::Status(status.as_u16())),
            }
        });
        fetched.await
    }

    /// Posts a form, already encoded, and gives the status of the answer, whose body is not read.
    ///
    /// # Errors
    /// [`Refused`]; a status other than 200 is an answer too.
    pub async fn post_form(&self, url: &str, body: String) -> Result<u16, Refused> {
        let target = Target::parse(url, &self.allow)?;
        let request = request(Method::POST, &target)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::from(body));
        let status = self.in_time(&target, async {
            let answer = self.send(&target, request.map_err(|_| Refused::Url)?).await?;
            Ok(answer.status.as_u16())
        });
        status.await
    }

    async fn in_time<T>(
        &self,
        target: &Target,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        let done = tokio::time::timeout(self.timeout, work).await.unwrap_or(Err(Refused::Time));
        // Host alone: a path or a query may be a secret of the client's.
        match &done {
            Ok(_) => tracing::debug!(host = %target.host, "an outbound request was answered"),
            Err(refused) => tracing::info!(host = %target.host, %refused, "an outbound request failed"),
        }
        done
    }

    async fn send(&self, target: &Target, request: Request<Full<Bytes>>) -> Result<Answer, Refused> {
        let _permit = self.permits.acquire().await.map_err(|_| Refused::Time)?;
        let addresses = self.resolver.resolve(target, &self.allow).await?;
        exchange::exchange(target, &addresses, self.tls.clone(), request).await
    }
}

fn request(method: Method, target: &Target) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(target.path())
        .header(header::HOST, target.authority())
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
}

#[cfg(test)]
mod tests;
