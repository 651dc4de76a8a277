//! `countersign org …`

use clap::Subcommand;
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
        Command::List => {
            let all = opened.identity.organizations().await?;
            let rows: Vec<_> = all.iter().map(|row| vec![json!(row.id), json!(row.name)]).collect();
            output.list(&["id", "name"], &rows)
        }
    }
}
