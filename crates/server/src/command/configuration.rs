//! `countersign config …`

use std::path::Path;

use clap::Subcommand;
use serde_json::Value;

use super::{Failure, output::Output};
use crate::settings::{self, show};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say whether the configuration can be used.
    #[command(after_help = "Example:\n  countersign config check --config /etc/countersign/countersign.toml")]
    Check,
    /// Print every key with its value and where it came from, without passwords.
    #[command(after_help = "Example:\n  countersign config show")]
    Show,
}

pub fn run(command: Command, file: Option<&Path>, output: &Output) -> Result<(), Failure> {
    let loaded = settings::load(file)?;
    match command {
        Command::Check => {
            settings::validate(&loaded.settings, false)?;
            output.done("the configuration can be used", &[("valid", Value::Bool(true))])
        }
        Command::Show => {
            let row = |entry: &settings::source::Entry| {
                vec![
                    Value::from(entry.key.as_str()),
                    Value::from(show::redacted(entry)),
                    Value::from(entry.source.as_str()),
                ]
            };
            output.list(&["key", "value", "source"], &loaded.entries.iter().map(row).collect::<Vec<_>>())
        }
    }
}
