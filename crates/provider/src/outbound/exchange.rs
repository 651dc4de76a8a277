//! One request and its answer, on a connection of their own: no pool, no cookies, no proxy, no redirects.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

use super::refused::Refused;
use super::target::Target;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;
/// How long connecting may take, over all addresses.
const CONNECT: Duration = Duration::from_secs(3);
const HEADERS: usize = 64;

/// An answer whose head has been read.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Incoming,
    /// The connection, which ends when this is dropped.
    _connection: JoinSet<hyper::Result<()>>,
}

impl Answer {
    /// The body as it streams in, given up where it is too long, whatever the head said.
    pub async fn read(mut self) -> Result<Bytes, Refused> {
        let mut read = Vec::new();
        while let Some(frame) = self.body.frame().await {
            let frame = frame.map_err(|_| Refused::Http)?;
            let Some(data) = frame.data_ref() else { continue };
            if read.len() + data.len() > LONGEST {
                return Err(Refused::Long);
            }
            read.extend_from_slice(data);
        }
        Ok(Bytes::from(read))
    }
}

/// Sends a request to the first of the addresses that takes a connection.
pub(super) async fn exchange(
    target: &Target,
    addresses: &[SocketAddr],
    tls: Arc<ClientConfig>,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Refused> {
    let stream = connect(addresses).await?;
    if !target.tls {
        return converse(stream, request).await;
    }
    let name = match &target.host {
        url::Host::Domain(name) => ServerName::try_from(name.clone()).map_err(|_| Refused::Url)?,
        url::Host::Ipv4(address) => ServerName::from(std::net::IpAddr::V4(*address)),
        url::Host::Ipv6(address) => ServerName::from(std::net::IpAddr::V6(*address)),
    };
    let stream = TlsConnector::from(tls).connect(name, stream).await.map_err(|error| {
        tracing::info!(%error, host = %target.host, "TLS handshake failed");
        Refused::Tls
    })?;
    converse(stream, request).await
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, Refused> {
    let each = CONNECT / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    for address in addresses {
        if let Ok(Ok(stream)) = tokio::time::timeout(each, TcpStream::connect(address)).await {
            return Ok(stream);
        }
    }
    Err(Refused::Connection)
}

async fn converse<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer, Refused>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_headers(HEADERS).max_buf_size(LONGEST);
    let (mut sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|_| Refused::Http)?;
    let mut background = JoinSet::new();
    background.spawn(connection);
    let response = sender.send_request(request).await.map_err(|_| Refused::Http)?;
    let (parts, body) = response.into_parts();
    Ok(Answer { status: parts.status, headers: parts.headers, body, _connection: background })
}
