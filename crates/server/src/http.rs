//! The listener: plain HTTP or TLS of our own, until it is told to stop.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum_server::Handle;
use axum_server::accept::NoDelayAcceptor;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

use crate::settings::Tls;

/// How long requests under way may take once the process is told to stop.
const DRAIN: Duration = Duration::from_secs(10);
/// How long a connection may take to send a request's head, the first byte of a kept connection included.
const HEAD: Duration = Duration::from_secs(60);
/// How long a new connection may take to its first request.
const FIRST: Duration = Duration::from_secs(15);

/// Why there is no listener: one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Another process has the port.
    #[error("{0} is in use by another process: stop it, or choose another port")]
    InUse(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Refused(SocketAddr, io::Error),
    /// The certificate or its key.
    #[error("the certificate {0} and its key {1} cannot be used: {2}")]
    Certificate(String, String, io::Error),
}

/// Takes the address, so that a port in use is known before anything else is begun.
///
/// # Errors
/// [`ListenError::InUse`], [`ListenError::Refused`].
pub fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Refused(address, error),
    })
}

/// A server at work.
pub struct Serving {
    /// Where it listens.
    pub address: SocketAddr,
    handle: Handle<SocketAddr>,
    task: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Takes no more connections, lets requests under way end within ten seconds, and returns.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(DRAIN));
        match self.task.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the listener ended with an error"),
            Err(error) => tracing::warn!(%error, "the listener's task failed"),
        }
    }
}

/// Serves `router` on a bound listener.
///
/// # Errors
/// [`ListenError::Refused`].
pub fn serve(
    listener: TcpListener,
    router: Router,
    tls: Option<RustlsConfig>,
) -> Result<Serving, ListenError> {
    let unknown = SocketAddr::from(([0, 0, 0, 0], 0));
    let address = listener.local_addr().map_err(|error| ListenError::Refused(unknown, error))?;
    let handle = Handle::new();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut server = axum_server::from_tcp(listener)
        .map_err(|error| ListenError::Refused(address, error))?
        .handle(handle.clone())
        .first_request_timeout(FIRST);
    server.http_builder().http1().header_read_timeout(HEAD);
    server.http_builder().http2().max_concurrent_streams(100).keep_alive_interval(Duration::from_secs(30));
    let task = match tls {
        None => tokio::spawn(server.acceptor(NoDelayAcceptor::new()).serve(service)),
        Some(config) => {
            let acceptor = RustlsAcceptor::new(config)
                .handshake_timeout(Duration::from_secs(10))
                .acceptor(NoDelayAcceptor::new());
            tokio::spawn(server.acceptor(acceptor).serve(service))
        }
    };
    Ok(Serving { address, handle, task })
}

/// Reads the certificate and its key.
///
/// # Errors
/// [`ListenError::Certificate`].
pub async fn certificate(tls: &Tls) -> Result<RustlsConfig, ListenError> {
    RustlsConfig::from_pem_file(&tls.certificate, &tls.key).await.map_err(|error| unusable(tls, error))
}

fn unusable(tls: &Tls, error: io::Error) -> ListenError {
    ListenError::Certificate(tls.certificate.display().to_string(), tls.key.display().to_string(), error)
}

/// Reads the certificate again whenever the process is sent SIGHUP. One that cannot be used leaves the old one
/// in place.
pub async fn reload_on_hangup(config: RustlsConfig, tls: Tls) {
    let Ok(mut hangups) = hangups() else { return };
    while hangups.recv().await.is_some() {
        match config.reload_from_pem_file(&tls.certificate, &tls.key).await {
            Ok(()) => tracing::info!("the certificate was read again"),
            Err(error) => {
                tracing::error!(error = %unusable(&tls, error), "the old certificate stays in use");
            }
        }
    }
}

/// SIGHUPs, which from now on do not end the process.
///
/// # Errors
/// When signals cannot be waited for.
pub fn hangups() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}

/// Returns when the process is told to stop, by SIGTERM or SIGINT.
///
/// # Errors
/// When signals cannot be waited for.
pub async fn told_to_stop() -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::sync::Arc;
    use tokio::sync::Notify;

    fn loopback() -> TcpListener {
        bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap()
    }

    #[tokio::test]
    async fn a_port_in_use_is_one_clear_line() {
        let first = loopback();
        let error = bind(first.local_addr().unwrap()).unwrap_err().to_string();
        assert!(error.contains("is in use") && !error.contains('\n'), "{error}");
    }

    #[tokio::test]
    async fn a_request_under_way_is_finished_before_the_end() {
        let begun = Arc::new(Notify::new());
        let begin = begun.clone();
        let slow = get(async move || {
            begin.notify_one();
            tokio::time::sleep(Duration::from_millis(200)).await;
            "done"
        });
        let serving = serve(loopback(), Router::new().route("/", slow), None).unwrap();
        let url = format!("http://{}/", serving.address);
        let asked = tokio::spawn(async move { reqwest::get(url).await.unwrap().text().await.unwrap() });
        begun.notified().await;
        serving.stop().await;
        assert_eq!(asked.await.unwrap(), "done");
    }
}
