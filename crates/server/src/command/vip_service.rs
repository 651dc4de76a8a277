//! `countersign vip-service …`

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Failure, Opened, output::Output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Ask the service what time it is: whether it answers us at all.
    #[command(after_help = "Example:\n  countersign vip-service check")]
    Check,
    /// Put a credential into the inventory whose codes the service judges: no seed of it is kept here.
    #[command(after_help = "Example:\n  countersign vip-service add SYMC12345678 --organization acme")]
    Add {
        /// The Credential ID.
        credential_id: String,
        /// The customer it goes to, whose validator is the service.
        #[arg(long)]
        organization: String,
    },
    /// Show what the service knows of a person.
    #[command(after_help = "Example:\n  countersign vip-service show ann@example.com")]
    Show {
        /// The address.
        email: String,
    },
    /// Unlock a person at the service.
    #[command(after_help = "Example:\n  countersign vip-service unlock ann@example.com")]
    Unlock {
        /// The address.
        email: String,
    },
    /// Take a credential from a person at the service, so that it can be registered again.
    #[command(after_help = "Example:\n  countersign vip-service remove ann@example.com SYMC12345678")]
    Remove {
        /// The address.
        email: String,
        /// The Credential ID.
        credential_id: String,
    },
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let identity = &opened.identity;
    match command {
        Command::Check => {
            let time = identity.vip_service_time().await?;
            output.done(&format!("the VIP service answers; its time is {time}"), &[("time", json!(time))])
        }
        Command::Add { credential_id, organization } => {
            let row = identity.add_service_credential(&credential_id, &organization).await?;
            let members = [("credential_id", json!(row.id)), ("organization", json!(organization))];
            output.done(&format!("{} was added for {organization}", row.id), &members)
        }
        Command::Show { email } => {
            let user = identity.vip_service_user(&email).await?;
            let credentials: Vec<Value> = user
                .bindings
                .iter()
                .map(|binding| {
                    json!({
                        "credential_id": binding.credential_id, "type": binding.kind.as_str(),
                        "enabled": binding.enabled, "name": binding.friendly_name,
                    })
                })
                .collect();
            let status = user.status.map_or("UNKNOWN", |status| status.as_str());
            output.object(&[
                ("user_id", json!(user.user_id)),
                ("status", json!(status)),
                ("credentials", json!(credentials)),
            ])
        }
        Command::Unlock { email } => {
            identity.vip_service_unlock(&email).await?;
            output.done(&format!("{email} is unlocked at the VIP service"), &[("email", json!(email))])
        }
        Command::Remove { email, credential_id } => {
            let id = identity.vip_service_remove(&email, &credential_id).await?;
            output.done(&format!("{id} was removed at the VIP service"), &[("credential_id", json!(id))])
        }
    }
}
