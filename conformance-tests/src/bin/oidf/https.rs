//! HTTPS to one server: a connection a request.

use std::path::Path;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// A client of the server at one origin.
#[derive(Clone)]
pub struct Https {
    connector: TlsConnector,
    base: Url,
    token: Option<String>,
}

/// What a request can fail with, as one sentence.
pub type Failure = String;

impl Https {
    /// A client of `base` that trusts the authorities in the PEM file `ca`, or those that browsers trust.
    /// `token` goes along as a bearer token.
    ///
    /// # Errors
    /// When the file holds no certificate.
    pub fn new(base: Url, ca: Option<&Path>, token: Option<String>) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = ca {
            let unreadable = |error| format!("{}: no certificates in PEM form: {error}", file.display());
            for certificate in CertificateDer::pem_file_iter(file).map_err(unreadable)? {
                roots.add(certificate.map_err(unreadable)?).map_err(|error| error.to_string())?;
            }
        } else {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
        let config = config.map_err(|error| error.to_string())?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)), base, token })
    }

    /// Sends one request to a path under the base.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: (&str, String),
    ) -> Result<(StatusCode, Bytes), Failure> {
        let url = self.base.join(path).map_err(|error| format!("{path}: {error}"))?;
        let at = |error: &dyn std::fmt::Display| format!("{}: {error}", self.base);
        let host = url.host_str().unwrap_or_default().to_owned();
        let port = url.port_or_known_default().unwrap_or(443);
        let stream = TcpStream::connect((host.as_str(), port)).await.map_err(|error| at(&error))?;
        let name = ServerName::try_from(host.clone()).map_err(|error| at(&error))?;
        let stream = self.connector.connect(name, stream).await.map_err(|error| at(&error))?;
        let opened = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = opened.map_err(|error| at(&error))?;
        let carried = tokio::spawn(connection);
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let mut request =
            Request::builder().method(method).uri(target).header("host", format!("{host}:{port}"));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (kind, body) = body;
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let request = request.body(Full::new(Bytes::from(body))).map_err(|error| at(&error))?;
        let answer = sender.send_request(request).await.map_err(|error| at(&error))?;
        let status = answer.status();
        let body = answer.into_body().collect().await.map_err(|error| at(&error))?.to_bytes();
        carried.abort();
        Ok((status, body))
    }
}
