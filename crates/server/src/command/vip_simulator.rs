//! `countersign vip-simulator`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use countersign_store::Clock;
use countersign_vip_services::simulator::certificates::Certificates;
use countersign_vip_services::simulator::tenant::Tenant;
use countersign_vip_services::simulator::{Simulator, inventory};
use serde_json::json;

use super::output::Output;
use super::{Failure, serve};
use crate::http;
use crate::settings::{Log, LogFormat};
use crate::telemetry;

/// Where the simulated tenant is, and what it holds.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Its address; TLS with certificates of both sides.
    #[arg(long, default_value = "127.0.0.1:9449")]
    listen: SocketAddr,
    /// The address of the controls, plain HTTP on loopback.
    #[arg(long, default_value = "127.0.0.1:9450")]
    control: SocketAddr,
    /// The tokens: comma-separated with a header: credential_id, kind (time or event), seed_base32 or seed_hex, and
    /// optionally digits, step, counter.
    #[arg(long, value_name = "FILE")]
    inventory: PathBuf,
    /// Milliseconds before each answer.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// The directory of its certificates, which are made there on the first start.
    #[arg(long, value_name = "DIR", default_value = "vip-simulator")]
    data: PathBuf,
}

/// Answers until the process is told to stop.
pub async fn run(arguments: Arguments, output: &Output) -> Result<(), Failure> {
    let log = Log { format: LogFormat::Pretty, level: "info".to_owned() };
    telemetry::start(&log).map_err(|error| Failure(format!("no logs: {error}")))?;
    let failure = |what: &dyn std::fmt::Display| Failure(format!("vip-simulator: {what}"));
    let inventory = &arguments.inventory;
    let file = std::fs::File::open(inventory)
        .map_err(|error| failure(&format!("{} cannot be read: {error}", inventory.display())))?;
    let tokens =
        inventory::read(file).map_err(|error| failure(&format!("{}: {error}", inventory.display())))?;
    let count = tokens.len();
    let host = Some(arguments.listen.ip());
    let certificates = Certificates::in_directory(&arguments.data, host).map_err(|error| failure(&error))?;
    let latency = Duration::from_millis(arguments.latency);
    let tenant = Arc::new(Tenant::new(tokens, latency, Arc::new(|| Clock::System.now())));
    let (listener, control) = (http::bind(arguments.listen)?, http::bind(arguments.control)?);
    let simulator =
        Simulator::start(tenant, &certificates, listener, Some(control)).map_err(|error| failure(&error))?;
    welcome(&simulator, &certificates, count, output)?;
    serve::stopped().await?;
    simulator.stop().await;
    Ok(())
}

/// What to write into the configuration of a provider that is to ask it.
fn welcome(
    simulator: &Simulator,
    certificates: &Certificates,
    tokens: usize,
    output: &Output,
) -> Result<(), Failure> {
    let path =
        |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string();
    let endpoint = format!("https://{}/vipuserservices", simulator.address);
    let legacy = format!("https://{}", simulator.address);
    let control = simulator.control.map(|address| format!("http://{address}/control")).unwrap_or_default();
    let files = [&certificates.client, &certificates.client_key, &certificates.ca].map(|file| path(file));
    let [certificate, key, ca_file] = &files;
    let lines = format!(
        "A simulated VIP tenant with {tokens} tokens. For a provider that is to ask it:\n\n\
         [vip_service]\nendpoint = \"{endpoint}\"\nlegacy_endpoint = \"{legacy}\"\n\
         certificate = \"{certificate}\"\nkey = \"{key}\"\nca_file = \"{ca_file}\"\n\nControls: {control}"
    );
    output.lines(
        &lines,
        &[
            ("endpoint", json!(endpoint)),
            ("legacy_endpoint", json!(legacy)),
            ("certificate", json!(certificate)),
            ("key", json!(key)),
            ("ca_file", json!(ca_file)),
            ("control", json!(control)),
            ("tokens", json!(tokens)),
        ],
    )
}
