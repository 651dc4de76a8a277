//! `countersign org …`

use clap::Subcommand;
use countersign_store::organization::Organization;
use serde_json::json;

use super::{Failure, Opened, output::Output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a customer.
    #[command(after_help = "Example:\n  countersign org add acme --name \"Acme\"")]
    Add {
        /// A short name for the command line: a-z, 0-9 and hyphens, beginning with a letter.
        id: String,
        /// The name people read.
        #[arg(long)]
        name: String,
    },
    /// Say who judges the security codes of a customer's credentials that are registered from now on.
    ///
    /// Credentials registered before stay with whoever judged them.
    #[command(after_help = "Example:\n  countersign org update acme --validator vip-service")]
    Update {
        /// The customer's short name.
        id: String,
        /// The seeds kept here, or the VIP service.
        #[arg(long, value_parser = ["inventory", "vip-service"])]
        validator: String,
    },
    /// List the customers.
    #[command(after_help = "Example:\n  countersign org list --json")]
    List,
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Add { id, name } => {
            let row = opened.identity.add_organization(&id, &name).await?;
            output.done(&format!("{} was added", row.id), &[("id", json!(row.id)), ("name", json!(row.name))])
        }
        Command::Update { id, validator } => {
            let row = opened.identity.set_validator(&id, &validator).await?;
            let members = [("id", json!(row.id)), ("validator", json!(row.validator))];
            output.done(&format!("{} has the validator {}", row.id, row.validator), &members)
        }
        Command::List => {
            let all = opened.identity.organizations().await?;
            let row = |row: &Organization| vec![json!(row.id), json!(row.name), json!(row.validator)];
            output.list(&["id", "name", "validator"], &all.iter().map(row).collect::<Vec<_>>())
        }
    }
}
