//! What happens to every request before and after its handler: an id that a person can quote, the client's
//! address, limits, a log line, the metrics, and a page where a handler fails.
//!
//! The crates below find the id as [`RequestId`] and the client's address as [`ConnectInfo`] among the
//! request's extensions.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use ipnet::IpNet;
use tower_http::request_id::RequestId;
use tracing::Instrument as _;

use crate::metrics::Metrics;

/// The most a request's body may hold.
pub const BODY_LIMIT: usize = 64 * 1024;
/// The longest a request may take, its body's way here included.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// So much of a body that is too long is read and thrown away, for the client to hear the refusal.
const DISCARDED: usize = 1024 * 1024;
const ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// What the language of a page depends on.
const DRAWN_BY: [HeaderName; 2] = [header::ACCEPT_LANGUAGE, header::COOKIE];

/// Draws the page for a status that no handler answered with a page: its own request headers and the id.
pub type FaultPage = Arc<dyn Fn(StatusCode, &HeaderMap, &str) -> Response + Send + Sync>;

/// What the outermost layer needs.
#[derive(Clone)]
pub struct Watch {
    /// Where requests are counted.
    pub metrics: Metrics,
    /// The proxies whose word about the client's address is taken.
    pub trusted: Arc<[IpNet]>,
    /// The page for faults.
    pub fault: FaultPage,
    /// Whether browsers are told to come by HTTPS alone: the issuer is HTTPS.
    pub https: bool,
}

/// The outermost layer, for [`axum::middleware::from_fn_with_state`].
pub async fn watch(State(watch): State<Watch>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = new_id();
    if let Ok(value) = HeaderValue::from_str(&id) {
        request.extensions_mut().insert(RequestId::new(value));
    }
    let client = set_client(&mut request, &watch.trusted);
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let quiet = is_quiet(route.as_ref());
    let uri = request.uri().clone();
    let span = if quiet { tracing::debug_span!("request", id) } else { tracing::info_span!("request", id) };
    let response = answer(&watch, request, next, &id).instrument(span.clone()).await;
    let elapsed = begun.elapsed();
    let status = response.status();
    watch.metrics.request(&method, route.as_ref().map_or("none", MatchedPath::as_str), status, elapsed);
    // The path alone: a query can hold codes, and a sealed request.
    let line = Line { id: &id, method, path: uri.path(), status, elapsed, client };
    span.in_scope(|| line.write(quiet));
    finished(response, &id, watch.https)
}

async fn answer(watch: &Watch, request: Request, next: Next, id: &str) -> Response {
    // Refcounts, not copies: what a page of ours is drawn by, in case one is needed.
    let kept = DRAWN_BY.map(|name| request.headers().get(&name).cloned().map(|value| (name, value)));
    let fault = |status| (watch.fault)(status, &kept.iter().flatten().cloned().collect(), id);
    if announced(request.headers()) > BODY_LIMIT as u64 {
        discard(request.into_body()).await;
        return fault(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let handled = AssertUnwindSafe(next.run(request)).catch_unwind();
    match tokio::time::timeout(TIME_LIMIT, handled).await {
        Ok(Ok(response)) if response.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            fault(StatusCode::PAYLOAD_TOO_LARGE)
        }
        Ok(Ok(response)) => response,
        Ok(Err(panic)) => {
            tracing::error!(panic = panic_text(&*panic), "a handler panicked");
            fault(StatusCode::INTERNAL_SERVER_ERROR)
        }
        Err(_) => {
            tracing::warn!("a request took too long");
            fault(StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

fn announced(headers: &HeaderMap) -> u64 {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Reads what a client is still sending, within bounds: an answer to a connection that is closed with unread
/// bytes in it gets lost.
async fn discard(mut body: Body) {
    let reading = async {
        let mut read = 0;
        while let Some(Ok(frame)) = body.frame().await {
            read += frame.data_ref().map_or(0, |data| data.len());
            if read > DISCARDED {
                break;
            }
        }
    };
    // Whatever is unread after that stays unread.
    let _ = tokio::time::timeout(Duration::from_secs(5), reading).await;
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

/// Puts the client's own address where handlers look for it, and returns it.
fn set_client(request: &mut Request, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0)?;
    let address = client_address(peer.ip(), request.headers(), trusted);
    request.extensions_mut().insert(ConnectInfo(SocketAddr::new(address, peer.port())));
    Some(address)
}

/// The client's address: the peer's, or, as long as the one who says so is a listed proxy, the one before it
/// in `X-Forwarded-For`, read from its end. What stands before the first stranger is anybody's invention.
fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    let listed = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let mut lines: Vec<&str> =
        headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok()).collect();
    while listed(address) {
        let Some(line) = lines.pop() else { break };
        let (before, last) = line.rsplit_once(',').map_or(("", line), |(before, last)| (before, last));
        if !before.trim().is_empty() {
            lines.push(before);
        }
        let Ok(next) = last.trim().parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    address
}

/// Routes that machines ask all day, and that tell nothing.
fn is_quiet(route: Option<&MatchedPath>) -> bool {
    let path = route.map_or("", MatchedPath::as_str);
    path.starts_with("/.well-known/")
        || path.starts_with("/assets/")
        || matches!(path, "/healthz" | "/readyz" | "/metrics" | "/jwks")
}

/// What the log says of a request.
struct Line<'a> {
    id: &'a str,
    method: Method,
    path: &'a str,
    status: StatusCode,
    elapsed: Duration,
    client: Option<IpAddr>,
}

impl Line<'_> {
    fn write(&self, quiet: bool) {
        let Self { id, method, path, .. } = self;
        let status = self.status.as_u16();
        let micros = u64::try_from(self.elapsed.as_micros()).unwrap_or(u64::MAX);
        let client = self.client.map(tracing::field::display);
        if status >= 500 {
            tracing::warn!(id, %method, path, status, micros, client, "answered");
        } else if quiet && status < 400 {
            tracing::debug!(id, %method, path, status, micros, client, "answered");
        } else {
            tracing::info!(id, %method, path, status, micros, client, "answered");
        }
    }
}

fn finished(mut response: Response, id: &str, https: bool) -> Response {
    if https {
        // RFC 6797 §7.2: over plain HTTP, behind a proxy that ends TLS, it reaches the browser by TLS all the same.
        let year = const { HeaderValue::from_static("max-age=31536000") };
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(ID_HEADER, value);
    }
    response
}

/// Crockford's base32: no letter that is read as a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new id of 10 characters, 50 bits: short enough to be read out on the telephone.
fn new_id() -> String {
    let bits = u64::from_be_bytes(countersign_store::secret::random());
    (0..10)
        .map(|place| char::from(ALPHABET[usize::try_from((bits >> (5 * place)) & 31).unwrap_or(0)]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::response::IntoResponse as _;
    use axum::routing::{get, post};
    use tower::ServiceExt as _;

    fn address(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let headers: HeaderMap = forwarded
            .iter()
            .map(|line| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_str(line).unwrap()))
            .collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_listed_proxy_is_believed() {
        assert_eq!(address("192.0.2.1", &["198.51.100.9"], &[]), "192.0.2.1");
        assert_eq!(address("10.0.0.1", &["198.51.100.9"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["6.6.6.6, 198.51.100.9"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["198.51.100.9, 10.0.0.2"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["6.6.6.6", "198.51.100.9"], &["10.0.0.0/8"]), "198.51.100.9");
        assert_eq!(address("10.0.0.1", &["rubbish"], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &[], &["10.0.0.0/8"]), "10.0.0.1");
        assert_eq!(address("::ffff:10.0.0.1", &["::ffff:192.0.2.5"], &["10.0.0.0/8"]), "192.0.2.5");
    }

    #[test]
    fn ids_are_ten_characters_that_can_be_read_out() {
        let id = new_id();
        assert_eq!(id.len(), 10);
        assert!(id.bytes().all(|byte| ALPHABET.contains(&byte)));
        assert_ne!(id, new_id());
    }

    fn app() -> Router {
        let watch_state = Watch {
            metrics: Metrics::new(),
            trusted: Arc::new([]),
            fault: Arc::new(|status, _, id| (status, format!("quote {id}")).into_response()),
            https: true,
        };
        Router::new()
            .route("/", get(|| async { "fine" }))
            .route("/panic", get(async || -> &'static str { panic!("on purpose") }))
            .route("/post", post(|body: String| async move { body.len().to_string() }))
            .layer(axum::extract::DefaultBodyLimit::max(BODY_LIMIT))
            .layer(axum::middleware::from_fn_with_state(watch_state, watch))
    }

    async fn text(response: Response) -> String {
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_answer_carries_its_id_and_a_panic_becomes_a_page_with_it() {
        let fine = app().oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(fine.headers()["x-request-id"].len(), 10);
        assert_eq!(fine.headers()["strict-transport-security"], "max-age=31536000");
        let failed = app().oneshot(Request::get("/panic").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(failed.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let id = failed.headers()["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(text(failed).await, format!("quote {id}"));
    }

    #[tokio::test]
    async fn a_body_over_64_kib_is_refused_announced_or_not() {
        let send = |size: usize, announce: bool| {
            let request = Request::post("/post");
            let request = if announce { request.header("content-length", size) } else { request };
            app().oneshot(request.body(Body::from("x".repeat(size))).unwrap())
        };
        for announce in [true, false] {
            assert_eq!(send(BODY_LIMIT, announce).await.unwrap().status(), StatusCode::OK);
            let refused = send(BODY_LIMIT + 1, announce).await.unwrap();
            assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
            assert!(text(refused).await.starts_with("quote "));
        }
    }
}
