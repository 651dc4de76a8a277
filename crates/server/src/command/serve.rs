//! `countersign serve`

use std::path::Path;

use countersign_store::Clock;

use super::Failure;
use crate::app::App;
use crate::{http, settings, telemetry};

/// Serves until the process is told to stop.
pub async fn run(file: Option<&Path>) -> Result<(), Failure> {
    let settings = settings::load(file)?.settings;
    settings::validate(&settings, false)?;
    telemetry::start(&settings.log).map_err(|error| Failure(format!("no logs: {error}")))?;
    let app = App::start(settings, Clock::System).await?;
    // SIGHUP reads the certificate again; where there is none it must not end the process either.
    let _hangups =
        http::hangups().map_err(|error| Failure(format!("signals cannot be waited for: {error}")))?;
    stopped().await?;
    tracing::info!("stopping");
    app.stop().await;
    Ok(())
}

/// Waits for SIGTERM or SIGINT.
pub async fn stopped() -> Result<(), Failure> {
    http::told_to_stop().await.map_err(|error| Failure(format!("signals cannot be waited for: {error}")))
}
