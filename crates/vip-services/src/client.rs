//! Asking the service: one call, once.
//!
//! A code may have been consumed although no answer came, so that nothing is ever sent a second time: there are no
//! retries, no redirects, and no proxy in between. Connections are kept for the calls that follow.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, StatusCode, Uri, header};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use url::Url;

use crate::message::{LIMIT, Malformed, Operation, Request, RequestId, Response, Service};
use crate::trust;

pub use crate::trust::Unusable;

/// How long a connection without a call is kept: less than servers do, which cut it in the middle of a call else.
const IDLE: Duration = Duration::from_secs(20);
/// Connections kept at most.
const KEPT: usize = 8;
/// The versions of the messages that the addresses name.
const VERSION: &str = "1_8";

/// Where the service is, and who asks.
#[derive(Clone, Debug)]
pub struct Settings {
    /// User Services: `https://host/vipuserservices`.
    pub endpoint: String,
    /// The older service: `https://host`, below which `/val/soap` is.
    pub legacy_endpoint: String,
    /// The PEM file of our certificate and its chain.
    pub certificate: PathBuf,
    /// The PEM file of its private key.
    pub key: PathBuf,
    /// The PEM file of the authorities believed; the public ones where there is none.
    pub ca_file: Option<PathBuf>,
    /// The account that is asked for, where ours is its parent.
    pub on_behalf_of: Option<String>,
    /// How long one call may take, from the connection to the last byte.
    pub timeout: Duration,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It took too long.
    #[error("it took too long")]
    Time,
    /// No connection could be made, or it broke.
    #[error("the connection failed")]
    Connection,
    /// One side does not accept the other's certificate, or they speak no TLS in common.
    #[error("TLS failed: the certificates of one side are not accepted by the other")]
    Tls,
    /// The answer has another HTTP status than 200.
    #[error("the HTTP status is {0}")]
    Status(u16),
    /// The answer is none.
    #[error("the answer cannot be read: {0}")]
    Malformed(#[from] Malformed),
    /// The answer is another request's.
    #[error("the answer is another request's")]
    OtherRequest,
}

/// The client.
pub struct Client {
    http: hyper_util::client::legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    endpoint: String,
    legacy_endpoint: String,
    on_behalf_of: Option<String>,
    timeout: Duration,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

impl Client {
    /// The client with these settings. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Unusable`] names the file or the address that is.
    pub fn new(settings: &Settings) -> Result<Self, Unusable> {
        let own = (settings.certificate.as_path(), settings.key.as_path());
        let tls = trust::client_config(own, settings.ca_file.as_deref())?;
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(settings.timeout));
        let https = HttpsConnectorBuilder::new().with_tls_config(tls).https_only().enable_http1();
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(KEPT)
            .retry_canceled_requests(false)
            .build(https.wrap_connector(tcp));
        Ok(Self {
            http,
            endpoint: address(&settings.endpoint)?,
            legacy_endpoint: address(&settings.legacy_endpoint)?,
            on_behalf_of: settings.on_behalf_of.clone(),
            timeout: settings.timeout,
        })
    }

    /// Asks, once. `id` is random: whoever answers must repeat it.
    ///
    /// # Errors
    /// [`Failure`]; the code in the operation may have been consumed all the same.
    pub async fn call(&self, id: RequestId, operation: Operation) -> Result<Response, Failure> {
        let request = Request { id, on_behalf_of: self.on_behalf_of.clone(), operation };
        let asked = tokio::time::timeout(self.timeout, self.exchange(&request)).await;
        let response = Response::read(&asked.unwrap_or(Err(Failure::Time))?, &request.operation)?;
        if response.request_id == request.id { Ok(response) } else { Err(Failure::OtherRequest) }
    }

    async fn exchange(&self, request: &Request) -> Result<Bytes, Failure> {
        let uri = self.uri(request.operation.service()).ok_or(Failure::Connection)?;
        let sent = hyper::Request::builder()
            .method(Method::POST)
            .uri(uri)
            .header(header::CONTENT_TYPE, "text/xml; charset=utf-8")
            .header(header::ACCEPT, "text/xml")
            // SOAP 1.1 §6.1.1: the field is required; these services take it empty.
            .header("soapaction", "\"\"")
            .header(header::USER_AGENT, concat!("countersign/", env!("CARGO_PKG_VERSION")))
            .body(Full::new(Bytes::copy_from_slice(request.write().as_bytes())));
        let sent = sent.map_err(|_| Failure::Connection)?;
        let answer = self.http.request(sent).await.map_err(|error| failure(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(Failure::Status(answer.status().as_u16()));
        }
        let read = Limited::new(answer.into_body(), LIMIT).collect().await;
        let read = read.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                Malformed::Long.into()
            } else {
                failure(&*error)
            }
        })?;
        Ok(read.to_bytes())
    }

    fn uri(&self, service: Service) -> Option<Uri> {
        let below = |name: &str| format!("{}/{name}_{VERSION}", self.endpoint);
        let text = match service {
            Service::Authentication => below("AuthenticationService"),
            Service::Management => below("ManagementService"),
            Service::Query => below("QueryService"),
            Service::Validation => format!("{}/val/soap", self.legacy_endpoint),
        };
        text.parse().ok()
    }
}

/// An https URL without a slash at its end.
fn address(text: &str) -> Result<String, Unusable> {
    let fine = Url::parse(text).is_ok_and(|url| {
        url.scheme() == "https"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
    });
    if fine {
        Ok(text.trim_end_matches('/').to_owned())
    } else {
        Err(Unusable(format!("{text:?} is not an https URL")))
    }
}

/// What went wrong below HTTP. An alert of the other side's may come late, as the answer to the first request.
fn failure(error: &(dyn std::error::Error + 'static)) -> Failure {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<rustls::Error>() {
            return Failure::Tls;
        }
        // An I/O error hides what it wraps from `source`.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        cause = wrapped.map(|inner| inner as &(dyn std::error::Error + 'static)).or_else(|| error.source());
    }
    Failure::Connection
}
