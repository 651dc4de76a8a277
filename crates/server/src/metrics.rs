//! What Prometheus reads.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// The text format's media type.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: a page, a signature, a password hash, a hash that waited.
const BUCKETS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// The counters. Clones share the same numbers.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    latency: Family<RouteLabels, Histogram, fn() -> Histogram>,
    sign_ins: Family<SignInLabels, Counter>,
    credentials_locked: Counter,
    throttled: Counter,
    mails_sent: Counter,
    mails_deferred: Counter,
    hashing_waiting: Gauge,
    mails_waiting: Gauge,
    logouts_waiting: Gauge,
    queries: Counter,
    commits: Counter,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct SignInLabels {
    level: &'static str,
    outcome: &'static str,
}

/// What is read at the moment of asking. All but what waits has been counted since the start.
#[derive(Clone, Copy, Debug, Default)]
pub struct Readings {
    /// Sessions begun at level `password`.
    pub password_sign_ins: u64,
    /// Sessions begun at level `vip`.
    pub vip_sign_ins: u64,
    /// Passwords refused.
    pub wrong_passwords: u64,
    /// Security codes refused.
    pub wrong_codes: u64,
    /// Credentials locked.
    pub credentials_locked: u64,
    /// Attempts turned away by a throttle.
    pub throttled: u64,
    /// Mails handed over.
    pub mails_sent: u64,
    /// Mails that could not be handed over yet.
    pub mails_deferred: u64,
    /// Passwords that wait for a hashing thread.
    pub hashing_waiting: i64,
    /// Mails not sent yet.
    pub mails_waiting: i64,
    /// Applications not told yet that a session has ended.
    pub logouts_waiting: i64,
    /// Statements sent to the database.
    pub queries: u64,
    /// Transactions committed.
    pub commits: u64,
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("countersign");
        let requests = Family::default();
        registry.register("requests", "Requests answered", requests.clone());
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let latency = Family::new_with_constructor(histogram);
        registry.register("request_seconds", "Time to the answer", latency.clone());
        let sign_ins = Family::default();
        registry.register("sign_ins", "Sign-ins by what they came to", sign_ins.clone());
        let counter = |registry: &mut Registry, name: &str, help: &str| {
            let counter = Counter::default();
            registry.register(name, help, counter.clone());
            counter
        };
        let gauge = |registry: &mut Registry, name: &str, help: &str| {
            let gauge = Gauge::default();
            registry.register(name, help, gauge.clone());
            gauge
        };
        let inner = Inner {
            requests,
            latency,
            sign_ins,
            credentials_locked: counter(&mut registry, "credentials_locked", "Credentials locked"),
            throttled: counter(&mut registry, "throttled", "Attempts turned away by a throttle"),
            mails_sent: counter(&mut registry, "mails_sent", "Mails handed over"),
            mails_deferred: counter(&mut registry, "mails_deferred", "Mails to be tried again"),
            hashing_waiting: gauge(
                &mut registry,
                "hashing_waiting",
                "Passwords waiting for a hashing thread",
            ),
            mails_waiting: gauge(&mut registry, "mails_waiting", "Mails not sent yet"),
            logouts_waiting: gauge(&mut registry, "logouts_waiting", "Applications not told yet of a logout"),
            queries: counter(&mut registry, "database_queries", "Statements sent to the database"),
            commits: counter(&mut registry, "database_commits", "Transactions committed"),
            registry,
        };
        Self(Arc::new(inner))
    }

    /// Counts one request. `route` is the pattern, never the path: a stranger must not make up labels.
    pub fn request(&self, method: &Method, route: &str, status: StatusCode, elapsed: Duration) {
        let method = match *method {
            Method::GET => "GET",
            Method::POST => "POST",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            _ => "other",
        };
        let labels = RequestLabels { route: route.to_owned(), method, status: status.as_u16() };
        self.0.requests.get_or_create(&labels).inc();
        self.0.latency.get_or_create(&RouteLabels { route: labels.route }).observe(elapsed.as_secs_f64());
    }

    /// The whole of it as text.
    #[must_use]
    pub fn text(&self, readings: Readings) -> String {
        let inner = &self.0;
        for (level, outcome, count) in [
            ("password", "done", readings.password_sign_ins),
            ("vip", "done", readings.vip_sign_ins),
            ("password", "refused", readings.wrong_passwords),
            ("vip", "refused", readings.wrong_codes),
        ] {
            set(&inner.sign_ins.get_or_create(&SignInLabels { level, outcome }), count);
        }
        set(&inner.credentials_locked, readings.credentials_locked);
        set(&inner.throttled, readings.throttled);
        set(&inner.mails_sent, readings.mails_sent);
        set(&inner.mails_deferred, readings.mails_deferred);
        set(&inner.queries, readings.queries);
        set(&inner.commits, readings.commits);
        inner.hashing_waiting.set(readings.hashing_waiting);
        inner.mails_waiting.set(readings.mails_waiting);
        inner.logouts_waiting.set(readings.logouts_waiting);
        let mut page = String::new();
        if text::encode(&mut page, &self.0.registry).is_err() {
            // Writing to a string fails only when a metric cannot be written at all.
            let _ = write!(page, "# EOF");
        }
        page
    }
}

/// Carries a count over that is kept elsewhere and only rises.
fn set(counter: &Counter, count: u64) {
    counter.inner().store(count, Ordering::Relaxed);
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_sign_ins_are_told_apart() {
        let metrics = Metrics::new();
        metrics.request(&Method::GET, "/login", StatusCode::OK, Duration::from_millis(2));
        metrics.request(&Method::POST, "/login", StatusCode::SEE_OTHER, Duration::from_millis(20));
        let page = metrics.text(Readings { mails_waiting: 3, vip_sign_ins: 1, ..Readings::default() });
        assert!(
            page.contains(r#"countersign_requests_total{route="/login",method="GET",status="200"} 1"#),
            "{page}"
        );
        assert!(page.contains(r#"countersign_sign_ins_total{level="vip",outcome="done"} 1"#), "{page}");
        assert!(page.contains("countersign_mails_waiting 3"), "{page}");
        assert!(page.contains(r#"countersign_request_seconds_count{route="/login"} 2"#), "{page}");
    }
}
