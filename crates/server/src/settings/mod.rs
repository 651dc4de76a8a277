//! What an operator can set: a TOML file and `COUNTERSIGN__SECTION__KEY` variables over defaults.
//!
//! [`source`] reads and lays the layers over each other; `keys` refuses what nobody would read; [`validate`]
//! refuses values that cannot work; [`translate`] tells the crates below; [`show`] prints what is in force, without the secrets. Every key is
//! described in `docs/configuration.md`.

mod client_registration;
mod keys;
mod lists;
pub mod show;
pub mod source;
pub mod translate;
mod validate;
mod vip_service;

use std::net::SocketAddr;
use std::path::PathBuf;

use countersign_provider::outbound::address::Listed;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;

use lists::{destinations, networks, texts};

pub use client_registration::{ClientRegistration, RegistrationMode};
pub use source::load;
pub use validate::{validate, validate_values};
pub use vip_service::{UserId, VipService};

/// A configuration that cannot be used: one line that names the key and says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub String);

/// Everything an operator can set.
#[derive(Clone, Debug, Deserialize)]
pub struct Settings {
    /// Where the provider is found: the `iss` of its tokens. Required, except by `demo`.
    pub issuer: Option<String>,
    /// The address of the listener.
    pub listen: SocketAddr,
    /// Where things are kept.
    pub database: Database,
    /// What encrypts secrets at rest.
    pub master_key: MasterKey,
    /// How mail leaves.
    pub mail: Mail,
    /// Whom people are told to ask.
    pub soc: Soc,
    /// The names and the look of the pages.
    pub brand: Brand,
    /// The services that people have accounts at.
    pub services: Vec<Service>,
    /// How security codes are judged.
    pub vip: Vip,
    /// Who judges them where no seed is kept here.
    pub vip_service: VipService,
    /// How long sessions live.
    pub session: Session,
    /// How guessing is slowed down.
    pub throttle: Throttle,
    /// What a person may register.
    pub registration: Registration,
    /// What clients may use of the protocol.
    pub protocol: Protocol,
    /// When signing keys take each other's place.
    pub keys: SigningKeys,
    /// What clients that register themselves may have.
    pub client_registration: ClientRegistration,
    /// Password hashing.
    pub hashing: Hashing,
    /// TLS of our own; none when a proxy in front ends it.
    pub tls: Option<Tls>,
    /// The proxies in front.
    pub proxy: Proxy,
    /// What this server fetches and calls.
    pub outbound: Outbound,
    /// Who may read the metrics.
    pub metrics: Metrics,
    /// Logs.
    pub log: Log,
}

/// `database.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Database {
    /// `sqlite://file` or `postgres://user:password@host/name`.
    pub url: SecretString,
    /// A file that holds the URL instead, so that its password is in no other place.
    pub url_file: Option<PathBuf>,
}

/// `master_key.*`
#[derive(Clone, Debug, Deserialize)]
pub struct MasterKey {
    /// The file of the master key; with SQLite it is made on first use, readable by its owner alone.
    pub file: PathBuf,
}

/// `mail.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Mail {
    /// `smtps://`, `smtp://` (STARTTLS) or `file:///directory`. Without it mails wait in the queue.
    pub url: Option<SecretString>,
    /// A file that holds the URL instead.
    pub url_file: Option<PathBuf>,
    /// The sender, `Name <address>`.
    pub from: String,
}

/// `soc.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Soc {
    /// How to reach the SOC, as a person reads it; empty for no more than its name.
    pub contact: String,
}

/// `brand.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Brand {
    /// The portal's name.
    pub portal: String,
    /// Whose credential it is: "Register … Credential".
    pub vendor: String,
    /// The accent colour, `#rrggbb`.
    pub colour: String,
    /// An image file (SVG, PNG, JPEG or WebP) in place of the portal's name.
    pub logo: Option<PathBuf>,
}

/// One of `[[services]]`
#[derive(Clone, Debug, Deserialize)]
pub struct Service {
    /// The short name used on the command line.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// What the service demands of everyone with an account at it.
    pub requires: Level,
    /// Where the service is; empty when there is nowhere to go to.
    #[serde(default)]
    pub url: String,
}

/// What a service demands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// A password.
    Password,
    /// A password and a security code.
    Vip,
}

/// `vip.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Vip {
    /// Time steps of 30 s before and after the expected one that are accepted: 0 to 10.
    pub accept_steps: u32,
    /// Presses of an event token ahead of the expected one that are accepted: 0 to 64.
    pub accept_events: u32,
    /// Time steps before and after that two consecutive codes are searched in: up to 64.
    pub resync_steps: u32,
    /// Presses ahead that two consecutive codes are searched in: up to 512.
    pub resync_events: u32,
    /// Minutes that a bridging code of the SOC may stand in for a lost token: up to 10080; 0 when there are none.
    pub bridging_minutes: u32,
}

/// `session.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Session {
    /// Minutes without a visit that end a session at level `password`.
    pub password_idle_minutes: u32,
    /// Hours after which a session at level `password` ends in any case.
    pub password_absolute_hours: u32,
    /// Minutes without a visit that end a session at level `vip`.
    pub vip_idle_minutes: u32,
    /// Hours after which a session at level `vip` ends in any case.
    pub vip_absolute_hours: u32,
    /// Minutes after password and code within which a person may change their own tokens.
    pub fresh_minutes: u32,
}

/// `throttle.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Throttle {
    /// Wrong passwords for one address within the window.
    pub address_failures: u32,
    /// The window, in minutes.
    pub window_minutes: u32,
    /// Attempts from one network at once, right or wrong; fifty a second come back.
    pub network_failures: u32,
}

/// `registration.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Registration {
    /// Whether a credential assigned to an organization may be registered by any of its addresses.
    pub organization_credentials: bool,
}

/// `protocol.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Protocol {
    /// The response types that clients may be registered for.
    #[serde(deserialize_with = "texts")]
    pub response_types: Vec<String>,
    /// Whether applications' pages can ask, through a frame, if the person is still logged in.
    pub session_management: bool,
}

/// `keys.*`
#[derive(Clone, Debug, Deserialize)]
pub struct SigningKeys {
    /// Days that a key signs before the next one does; 0 for ever.
    pub rotate_days: u32,
    /// Minutes that a key is announced before it signs: longer than copies of the key set are kept.
    pub announce_minutes: u32,
}

/// `hashing.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Hashing {
    /// Threads that hash passwords; 0 for one a core.
    pub threads: usize,
    /// Sign-ins that may wait for a hashing thread before further ones are answered 503.
    pub queue: usize,
}

/// `tls.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Tls {
    /// The PEM file of the certificate and its chain.
    pub certificate: PathBuf,
    /// The PEM file of its private key.
    pub key: PathBuf,
}

/// `proxy.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Proxy {
    /// Peers whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "networks")]
    pub trusted: Vec<IpNet>,
}

/// `outbound.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Outbound {
    /// Networks and hosts that may be connected to beside the public internet.
    #[serde(deserialize_with = "destinations")]
    pub allow: Vec<Listed>,
    /// A PEM file of certificate authorities believed beside the public ones.
    pub ca_file: Option<PathBuf>,
    /// How long one request may take.
    pub timeout_seconds: u32,
}

/// `metrics.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Metrics {
    /// Peers that may read `/metrics`.
    #[serde(deserialize_with = "networks")]
    pub allow: Vec<IpNet>,
    /// A listener of its own for `/metrics`; without it the main one answers.
    pub listen: Option<SocketAddr>,
}

/// `log.*`
#[derive(Clone, Debug, Deserialize)]
pub struct Log {
    /// `json` or `pretty`.
    pub format: LogFormat,
    /// A level (`info`) or directives (`info,countersign_provider=debug`).
    pub level: String,
}

/// The shape of a log line.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For a terminal.
    Pretty,
}
