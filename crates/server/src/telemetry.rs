//! Logs.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::settings::{Log, LogFormat};

/// Starts logging to standard error, so that what a command prints stays apart from it.
///
/// # Errors
/// When the process logs already.
pub fn start(log: &Log) -> Result<(), TryInitError> {
    use tracing_subscriber::fmt;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    let registry = tracing_subscriber::registry().with(filter(&log.level));
    match log.format {
        LogFormat::Json => {
            let lines = fmt::layer()
                .json()
                .flatten_event(true)
                .with_current_span(true)
                .with_span_list(false)
                .with_writer(std::io::stderr);
            registry.with(lines).try_init()
        }
        LogFormat::Pretty => {
            registry.with(fmt::layer().with_target(false).with_writer(std::io::stderr)).try_init()
        }
    }
}

/// A bare level is meant for our own code: the libraries underneath, which may write what they carry (mail
/// dialogues, rejected forms), stay at `info` or above unless a directive names them.
fn filter(level: &str) -> EnvFilter {
    let level = level.trim().to_ascii_lowercase();
    let directives = match level.as_str() {
        "debug" | "trace" => format!("info,countersign={level}"),
        _ => level,
    };
    EnvFilter::try_new(directives).unwrap_or_else(|_| EnvFilter::new("info"))
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn a_bare_level_opens_our_own_code_alone() {
        assert_eq!(filter("trace").to_string(), "countersign=trace,info");
        assert_eq!(filter("TRACE").to_string(), "countersign=trace,info");
        assert_eq!(filter("warn").to_string(), "warn");
        assert_eq!(filter("info,lettre=debug").to_string(), "lettre=debug,info");
    }
}
