//! A tenant of VIP User Services in memory, behind mutual TLS: for tests, for the demonstration, and for anybody who
//! must test against the service without a contract.
//!
//! | file | asks |
//! | --- | --- |
//! | [`tenant`] | who has which credential, and which rules are there? |
//! | `act` | what is done, and answered? |
//! | `token` | is this a code of that token, and where does it stand? |
//! | [`rule`] | which answer is to be another one than the true one? |
//! | `control` | what does whoever tests want changed? JSON on a loopback address |
//! | [`inventory`] | which tokens are there? |
//! | [`certificates`] | who may ask, and who answers? |

mod act;
pub mod certificates;
mod control;
pub mod inventory;
pub mod rule;
mod serve;
pub mod tenant;
mod token;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use axum_server::tls_rustls::RustlsConfig;
use tokio::task::JoinHandle;

use crate::client::Unusable;
use certificates::Certificates;
use tenant::Tenant;

/// Where the time comes from: seconds since 1970.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
pub enum NotStarted {
    /// A file cannot be used.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// A listener cannot be had.
    #[error("cannot listen: {0}")]
    Listen(#[from] io::Error),
    /// The controls are for this machine alone.
    #[error("the controls have no password: let them listen on a loopback address, such as 127.0.0.1:9450")]
    Exposed,
}

/// A simulator at work.
pub struct Simulator {
    /// Where the service is.
    pub address: SocketAddr,
    /// Where the controls are, if there are any.
    pub control: Option<SocketAddr>,
    tenant: Arc<Tenant>,
    servers: Vec<(Handle<SocketAddr>, JoinHandle<io::Result<()>>)>,
}

impl Simulator {
    /// Begins to answer on `listener`, and to take orders on `control`.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub fn start(
        tenant: Arc<Tenant>,
        certificates: &Certificates,
        listener: TcpListener,
        control: Option<TcpListener>,
    ) -> Result<Self, NotStarted> {
        let tls = RustlsConfig::from_config(Arc::new(certificates.server_config()?));
        let address = listener.local_addr()?;
        let handle = Handle::new();
        let service = serve::router(tenant.clone()).into_make_service();
        let server = axum_server::from_tcp_rustls(listener, tls)?.handle(handle.clone());
        let mut servers = vec![(handle, tokio::spawn(server.serve(service)))];
        let mut controlled = None;
        if let Some(listener) = control {
            let address = listener.local_addr()?;
            if !address.ip().is_loopback() {
                return Err(NotStarted::Exposed);
            }
            controlled = Some(address);
            let handle = Handle::new();
            let service = control::router(tenant.clone()).into_make_service();
            let server = axum_server::from_tcp(listener)?.handle(handle.clone());
            servers.push((handle, tokio::spawn(server.serve(service))));
        }
        Ok(Self { address, control: controlled, tenant, servers })
    }

    /// Its users, credentials and rules.
    #[must_use]
    pub fn tenant(&self) -> &Arc<Tenant> {
        &self.tenant
    }

    /// Ends at once: connections are cut.
    pub async fn stop(self) {
        for (handle, task) in self.servers {
            handle.graceful_shutdown(Some(Duration::ZERO));
            if let Ok(Err(error)) = task.await {
                tracing::warn!(%error, "the simulator's listener ended with an error");
            }
        }
    }
}
