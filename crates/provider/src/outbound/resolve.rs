//! Names to addresses, each of which is checked. The connection is made to exactly these: the name is not resolved
//! again, so an answer that changes (DNS rebinding) changes nothing.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;

use tokio::sync::Semaphore;
use url::Host;

use super::address::{self, Listed};
use super::refused::Refused;
use super::target::{Target, literal_address};

/// Names that are resolved at once at most. Each takes a thread for as long as the system's resolver likes.
const AT_ONCE: usize = 16;
/// Addresses of one name that are tried.
const TRIED: usize = 4;

type Lookup = dyn Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// The system's resolver, asked by few at once.
pub(super) struct Resolver {
    lookup: Arc<Lookup>,
    permits: Arc<Semaphore>,
}

impl Resolver {
    pub fn system() -> Self {
        Self::with(|name, port| Ok((name, port).to_socket_addrs()?.collect()))
    }

    pub fn with(lookup: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static) -> Self {
        Self { lookup: Arc::new(lookup), permits: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The addresses of the target, all of them fit to be connected to: one that is not refuses the name.
    pub async fn resolve(&self, target: &Target, allow: &[Listed]) -> Result<Vec<SocketAddr>, Refused> {
        let Host::Domain(name) = &target.host else {
            let address = literal_address(&target.host).ok_or(Refused::Url)?;
            return Ok(vec![SocketAddr::new(address, target.port)]);
        };
        let permit = self.permits.clone().acquire_owned().await.map_err(|_| Refused::Time)?;
        let (lookup, asked, port) = (self.lookup.clone(), name.clone(), target.port);
        let found = tokio::task::spawn_blocking(move || {
            // The thread goes on when nobody waits for it any more, and the permit is held until it ends.
            let _permit = permit;
            lookup(&asked, port)
        });
        let found = found.await.ok().and_then(Result::ok).unwrap_or_default();
        if found.is_empty() {
            return Err(Refused::Name);
        }
        let is_fit =
            |found: &SocketAddr| address::is_public(found.ip()) || address::lists_address(allow, found.ip());
        if !address::lists_name(allow, name) && !found.iter().all(is_fit) {
            return Err(Refused::Address);
        }
        Ok(found.into_iter().take(TRIED).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(name: &str, answer: &'static [&'static str], allow: &[&str]) -> Result<usize, Refused> {
        let allow: Vec<Listed> = allow.iter().map(|text| text.parse().unwrap()).collect();
        let target = Target::parse(&format!("https://{name}/"), &allow)?;
        let resolver = Resolver::with(|_, port| {
            Ok(answer.iter().map(|text| SocketAddr::new(text.parse().unwrap(), port)).collect())
        });
        resolver.resolve(&target, &allow).await.map(|found| found.len())
    }

    #[tokio::test]
    async fn every_address_of_a_name_is_checked() {
        assert_eq!(resolve("app.example", &["8.8.8.8", "2606:4700::1111"], &[]).await, Ok(2));
        for answer in [
            &["127.0.0.1"][..],
            &["8.8.8.8", "127.0.0.1"],
            &["10.0.0.1", "8.8.8.8"],
            &["8.8.8.8", "::ffff:10.0.0.1"],
            &["fe80::1"],
            &["169.254.169.254"],
        ] {
            assert_eq!(resolve("app.example", answer, &[]).await, Err(Refused::Address), "{answer:?}");
        }
        assert_eq!(resolve("app.example", &[], &[]).await, Err(Refused::Name));
    }

    #[tokio::test]
    async fn what_the_operator_lists_may_be_anywhere() {
        assert_eq!(resolve("app.internal", &["10.1.2.3"], &["app.internal"]).await, Ok(1));
        assert_eq!(resolve("app.example", &["10.1.2.3"], &["app.internal"]).await, Err(Refused::Address));
        assert_eq!(resolve("app.example", &["10.1.2.3", "8.8.8.8"], &["10.1.0.0/16"]).await, Ok(2));
        assert_eq!(resolve("app.example", &["10.2.2.3"], &["10.1.0.0/16"]).await, Err(Refused::Address));
    }
}
