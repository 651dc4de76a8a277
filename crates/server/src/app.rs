//! The whole of it, put together and running.
//!
//! [`App::start`] is what `serve` calls; the demonstration and tests that bring their own listener or mail
//! transport go through [`Prepared`].

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::StatusCode;
use axum::response::Response;
use axum_server::tls_rustls::RustlsConfig;
use countersign_identity::mail::{self, LettreTransport, Transport};
use countersign_identity::{Identity, mail_request};
use countersign_login_ui::brand::{Brand, Colour, Logo};
use countersign_login_ui::cookie::CookiePolicy;
use countersign_login_ui::ui::Ui;
use countersign_provider::error::Fault;
use countersign_provider::{Provider, backchannel_logout, registration, signing_keys, standing_grants};
use countersign_store::Clock;
use futures_util::future::join_all;
use tokio::task::JoinHandle;
use tower_http::request_id::RequestId;

use crate::command::{Failure, hasher, open_store};
use crate::health::{self, Health};
use crate::http::{self, ListenError, Serving};
use crate::metrics::{Metrics, Readings};
use crate::request::{self, BODY_LIMIT, Watch};
use crate::settings::translate::{identity_settings, provider_settings, schedule};
use crate::settings::{self, Settings};

/// How often what has expired is swept away.
const SWEEP: Duration = Duration::from_secs(5 * 60);

impl From<ListenError> for Failure {
    fn from(error: ListenError) -> Self {
        Self(error.to_string().replace('\n', " "))
    }
}

/// A running provider.
pub struct App {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its issuer.
    pub issuer: String,
    identity: Identity,
    servers: Vec<Serving>,
    jobs: Vec<JoinHandle<()>>,
}

impl App {
    /// Starts the provider with these settings. A `listen` with port 0 takes any free port.
    ///
    /// # Errors
    /// One line that says what to do.
    pub async fn start(settings: Settings, clock: Clock) -> Result<Self, Failure> {
        settings::validate(&settings, false)?;
        let listener = http::bind(settings.listen)?;
        let transport = transport(&settings)?;
        Prepared::new(settings, clock).await?.serve(listener, transport, Router::new()).await
    }

    /// The identity core.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Takes no more requests, lets those under way end, and ends the jobs.
    pub async fn stop(self) {
        join_all(self.servers.into_iter().map(Serving::stop)).await;
        for job in self.jobs {
            job.abort();
        }
    }
}

/// The way mails leave; none is configured when `None`.
fn transport(settings: &Settings) -> Result<Option<Arc<dyn Transport>>, Failure> {
    match &settings.mail.url {
        Some(url) => Ok(Some(Arc::new(LettreTransport::new(url, &settings.mail.from)?))),
        None => {
            tracing::warn!("mail.url is not set: New User and Forgot password queue mails that nobody sends");
            Ok(None)
        }
    }
}

/// Everything that answers requests, before there is a listener.
pub struct Prepared {
    settings: Settings,
    issuer: String,
    tls: Option<RustlsConfig>,
    identity: Identity,
    ui: Ui,
    provider: Provider,
}

impl Prepared {
    /// Opens the database and puts the crates together.
    ///
    /// # Errors
    /// One line that says what cannot be used.
    pub async fn new(settings: Settings, clock: Clock) -> Result<Self, Failure> {
        // The one TLS provider of this process. Another one in place would do as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let issuer = settings.issuer.clone().unwrap_or_default();
        let brand = brand(&settings)?;
        let tls = match &settings.tls {
            Some(tls) => Some(http::certificate(tls).await?),
            None => None,
        };
        let (store, keyring) = open_store(&settings).await?;
        let hasher = hasher(hashing_threads(&settings), settings.hashing.queue)?;
        let vip_service = settings.vip_service.open()?;
        let told = countersign_identity::Settings { vip_service, ..identity_settings(&settings) };
        let identity = Identity::new(store, keyring, clock, hasher, told);
        let state = settings.protocol.session_management;
        let cookies = CookiePolicy { state, ..CookiePolicy::new(issuer.starts_with("https://")) };
        let ui = Ui::new(identity.clone(), brand, cookies, issuer.clone());
        let provider = Provider::open(ui.clone(), provider_settings(&settings)).await;
        let provider = provider.map_err(|error| match error {
            Fault::Settings(error) => Failure(error.to_string()),
            other => Failure(format!("the signing keys: {other}")),
        })?;
        Ok(Self { settings, issuer, tls, identity, ui, provider })
    }

    /// The identity core.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Begins to answer on `listener`, to send mails through `transport`, and to serve `more` beside.
    ///
    /// # Errors
    /// One line that says what cannot be used.
    pub async fn serve(
        self,
        listener: TcpListener,
        transport: Option<Arc<dyn Transport>>,
        more: Router,
    ) -> Result<App, Failure> {
        let metrics = Metrics::new();
        let health = self.health(&metrics);
        let mut router = self.pages()?.merge(more).merge(health::probes(health.clone()));
        let mut servers = Vec::new();
        match self.settings.metrics.listen {
            Some(address) => {
                servers.push(http::serve(http::bind(address)?, health::metrics(health), None)?);
            }
            None => router = router.merge(health::metrics(health)),
        }
        let router = self.watched(router, metrics);
        let mut jobs = self.jobs(transport);
        if let (Some(config), Some(tls)) = (&self.tls, &self.settings.tls) {
            jobs.push(tokio::spawn(http::reload_on_hangup(config.clone(), tls.clone())));
        }
        let server = http::serve(listener, router, self.tls)?;
        let address = server.address;
        servers.insert(0, server);
        tracing::info!(%address, issuer = self.issuer, "listening");
        Ok(App { address, issuer: self.issuer, identity: self.identity, servers, jobs })
    }

    fn pages(&self) -> Result<Router, Failure> {
        let pages = countersign_login_ui::routes(&self.ui);
        let pages = pages.and_then(|pages| Ok(pages.merge(countersign_provider::routes(&self.provider)?)));
        pages.map_err(|error| Failure(format!("`issuer`: {error}")))
    }

    /// What stands around every handler.
    fn watched(&self, router: Router, metrics: Metrics) -> Router {
        let (ui, fault) = (self.ui.clone(), self.ui.clone());
        let not_found = async move |request: Request| -> Response {
            let id = request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok());
            ui.fault(StatusCode::NOT_FOUND, request.headers(), id.unwrap_or_default())
        };
        let watch = Watch {
            metrics,
            trusted: self.settings.proxy.trusted.clone().into(),
            fault: Arc::new(move |status, headers, id| fault.fault(status, headers, id)),
            https: self.issuer.starts_with("https://"),
        };
        router
            .fallback(not_found)
            .layer(DefaultBodyLimit::max(BODY_LIMIT))
            .layer(axum::middleware::from_fn_with_state(watch, request::watch))
    }

    fn health(&self, metrics: &Metrics) -> Health {
        let (ready, read) = (self.identity.clone(), self.identity.clone());
        Health {
            ready: Arc::new(move || {
                let identity = ready.clone();
                Box::pin(async move { identity.store().ping().await.is_ok() })
            }),
            readings: Arc::new(move || Box::pin(readings(read.clone()))),
            metrics: metrics.clone(),
            allow: self.settings.metrics.allow.clone().into(),
        }
    }

    fn jobs(&self, transport: Option<Arc<dyn Transport>>) -> Vec<JoinHandle<()>> {
        let mut jobs = vec![
            tokio::spawn(mail_request::run(self.identity.clone())),
            tokio::spawn(sweep(self.provider.clone())),
            tokio::spawn(signing_keys::watch(self.provider.clone())),
            tokio::spawn(signing_keys::keep_schedule(self.provider.clone(), schedule(&self.settings))),
            tokio::spawn(standing_grants::watch(self.provider.clone())),
            tokio::spawn(backchannel_logout::run(self.provider.clone())),
        ];
        jobs.extend(transport.map(|transport| tokio::spawn(mail::run(self.identity.clone(), transport))));
        jobs
    }
}

fn hashing_threads(settings: &Settings) -> usize {
    match settings.hashing.threads {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        threads => threads,
    }
}

/// The names and the look that the operator chose.
///
/// # Errors
/// When the logo is no image.
pub fn brand(settings: &Settings) -> Result<Brand, Failure> {
    let logo = match &settings.brand.logo {
        None => None,
        Some(path) => {
            let failure = |what: &str| Failure(format!("`brand.logo`: {} {what}", path.display()));
            let bytes = std::fs::read(path).map_err(|error| failure(&format!("cannot be read: {error}")))?;
            Some(Logo::new(bytes).ok_or_else(|| failure("is not an SVG, PNG, JPEG or WebP image"))?)
        }
    };
    Ok(Brand {
        portal_name: settings.brand.portal.clone(),
        vendor: settings.brand.vendor.clone(),
        soc_contact: settings.soc.contact.clone(),
        colour: Colour::parse(&settings.brand.colour).unwrap_or(Colour::DEFAULT),
        logo,
    })
}

async fn readings(identity: Identity) -> Readings {
    let (tally, count) = (identity.tally(), identity.store().count());
    let db = identity.store().read();
    let waiting = countersign_store::mail::waiting(db).await.unwrap_or(0);
    let logouts = countersign_store::session_client::waiting(db).await.unwrap_or(0);
    Readings {
        password_sign_ins: tally.password_sessions.get(),
        vip_sign_ins: tally.vip_sessions.get(),
        wrong_passwords: tally.wrong_passwords.get(),
        wrong_codes: tally.wrong_codes.get(),
        credentials_locked: tally.locked_credentials.get(),
        throttled: tally.throttled.get(),
        mails_sent: tally.mails_sent.get(),
        mails_deferred: tally.mails_deferred.get(),
        hashing_waiting: i64::try_from(identity.hasher().load().waiting).unwrap_or(i64::MAX),
        mails_waiting: i64::try_from(waiting).unwrap_or(i64::MAX),
        logouts_waiting: i64::try_from(logouts).unwrap_or(i64::MAX),
        queries: count.queries(),
        commits: count.commits(),
    }
}

/// Forgets what has expired, now and then, until the task is dropped.
async fn sweep(provider: Provider) {
    loop {
        tokio::time::sleep(SWEEP).await;
        match provider.identity().sweep().await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "expired rows were swept away"),
            Err(error) => tracing::warn!(%error, "expired rows could not be swept away"),
        }
        match registration::sweep(&provider).await {
            Ok(0) => {}
            Ok(rows) => tracing::debug!(rows, "initial access tokens and unused clients were swept away"),
            Err(error) => tracing::warn!(%error, "registrations could not be swept"),
        }
    }
}
