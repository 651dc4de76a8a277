//! `/healthz`, `/readyz` and `/metrics`: for machines that watch this one.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use ipnet::IpNet;

use crate::metrics::{MEDIA_TYPE, Metrics, Readings};

/// A question that needs the store.
pub type Ask<T> = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = T> + Send>> + Send + Sync>;

/// What the routes need.
#[derive(Clone)]
pub struct Health {
    /// Whether requests can be answered: the database is there.
    pub ready: Ask<bool>,
    /// What is read at the moment of asking.
    pub readings: Ask<Readings>,
    /// The counters.
    pub metrics: Metrics,
    /// Who may read them.
    pub allow: Arc<[IpNet]>,
}

/// `/healthz` (this process lives) and `/readyz` (it can do its work).
pub fn probes(health: Health) -> Router {
    Router::new().route("/healthz", get(|| async { "ok\n" })).route("/readyz", get(ready)).with_state(health)
}

/// `/metrics`.
pub fn metrics(health: Health) -> Router {
    Router::new().route("/metrics", get(show)).with_state(health)
}

async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    if (health.ready)().await {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
    }
}

/// A peer that is not listed learns nothing, not even that there is something to read. Nor does one behind a
/// proxy: where that proxy is not listed in `proxy.trusted`, everybody behind it looks like it.
async fn show(
    State(health): State<Health>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let address = peer.ip().to_canonical();
    let forwarded = ["forwarded", "x-forwarded-for", "via"].iter().any(|name| headers.contains_key(*name));
    if forwarded || !health.allow.iter().any(|net| net.contains(&address)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let page = health.metrics.text((health.readings)().await);
    ([(header::CONTENT_TYPE, MEDIA_TYPE)], page).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt as _;

    async fn status(path: &str, peer: &str, ready: bool) -> StatusCode {
        status_with(path, peer, ready, None).await
    }

    async fn status_with(path: &str, peer: &str, ready: bool, forwarded: Option<&str>) -> StatusCode {
        let health = Health {
            ready: Arc::new(move || Box::pin(async move { ready })),
            readings: Arc::new(|| Box::pin(async { Readings::default() })),
            metrics: Metrics::new(),
            allow: Arc::new(["127.0.0.0/8".parse().unwrap()]),
        };
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        if let Some(value) = forwarded {
            request.headers_mut().insert("x-forwarded-for", value.parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo::<SocketAddr>(peer.parse().unwrap()));
        probes(health.clone()).merge(metrics(health)).oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn metrics_are_for_listed_peers() {
        assert_eq!(status("/metrics", "127.0.0.1:5", true).await, StatusCode::OK);
        assert_eq!(status("/metrics", "[::ffff:127.0.0.1]:5", true).await, StatusCode::OK);
        assert_eq!(status("/metrics", "192.0.2.1:5", true).await, StatusCode::NOT_FOUND);
        let behind = status_with("/metrics", "127.0.0.1:5", true, Some("192.0.2.1")).await;
        assert_eq!(behind, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn readiness_is_the_databases_and_health_the_processes_own() {
        assert_eq!(status("/healthz", "192.0.2.1:5", false).await, StatusCode::OK);
        assert_eq!(status("/readyz", "192.0.2.1:5", true).await, StatusCode::OK);
        assert_eq!(status("/readyz", "192.0.2.1:5", false).await, StatusCode::SERVICE_UNAVAILABLE);
    }
}
