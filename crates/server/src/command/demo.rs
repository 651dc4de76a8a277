//! `countersign demo`

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{Failure, output, serve};
use crate::demo::Demo;
use crate::settings::{Log, LogFormat};
use crate::telemetry;

/// Where the demonstration runs.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The provider's address, a loopback one; the applications take the next two ports.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The directory of its database, made if missing. Without one each run begins anew, and leaves nothing
    /// behind.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Runs the demonstration until the process is told to stop.
pub async fn run(arguments: Arguments) -> Result<(), Failure> {
    let log = Log { format: LogFormat::Pretty, level: "warn".to_owned() };
    telemetry::start(&log).map_err(|error| Failure(format!("no logs: {error}")))?;
    // Removed with all that is in it when this function ends.
    let passing = tempfile::tempdir().map_err(|error| Failure(format!("no temporary directory: {error}")))?;
    let data = arguments.data.as_deref().unwrap_or(passing.path());
    let demo = Demo::start(arguments.listen, data).await?;
    output::text(&demo.welcome())?;
    serve::stopped().await?;
    demo.stop().await;
    Ok(())
}
