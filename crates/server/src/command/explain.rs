//! `countersign explain …`

use clap::Args;
use countersign_identity::Level;
use countersign_store::client;
use serde_json::json;

use super::{Failure, Opened, output::Output};

/// What is to be explained.
#[derive(Debug, Args)]
pub struct Explain {
    /// The email address.
    email: String,
    /// The client it signs in to, by its client_id.
    #[arg(long, value_name = "ID")]
    client: Option<String>,
}

pub async fn run(explain: Explain, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let found = opened.identity.explain(&explain.email).await?;
    let mut level = found.level;
    let mut because = found.because;
    let mut steps: Vec<String> = found.steps.into_iter().map(str::to_owned).collect();
    if let Some(id) = &explain.client {
        let client = client::find(opened.store.read(), id).await?;
        let client = client.ok_or_else(|| Failure(format!("there is no client {id:?}")))?;
        if let Some(minimum) = client.minimum_level.as_deref().and_then(Level::parse) {
            because.push(format!("the client {} accepts no less than {minimum}", client.name));
            if minimum > level {
                steps.push("unmet_authentication_requirements: this address cannot reach that level".into());
            }
            level = level.max(minimum);
        }
        if let Some(service) = &client.service_id {
            let who = opened.identity.find_person(&explain.email).await?;
            steps.push(match who.accounts_at(service).count() {
                0 => format!("access_denied: no account at {service}, the client's service"),
                1 => format!("the one account at {service} is chosen silently"),
                many => format!("Multiple Accounts Found: one of {many} organizations at {service}"),
            });
        }
    }
    if because.is_empty() {
        because.push("no account demands more".into());
    }
    output.object(&[
        ("email", json!(found.email)),
        ("level", json!(level.as_str())),
        ("because", json!(because)),
        ("enrolled", json!(found.enrolled)),
        ("credentials", json!(found.credentials)),
        ("steps", json!(steps)),
    ])
}
