//! `countersign client …`

mod change;
mod initial_token;
mod shown;

use std::path::Path;

use clap::{Args, Subcommand};
use countersign_provider::client_rules;
use countersign_store::client::{self, Client, Metadata};
use countersign_store::{Clock, Secret, directory, secret};
use serde_json::{Value, json};

use super::{Failure, Opened, output::Output};
use crate::settings::translate::provider_settings;
use change::Change;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Add a relying party; its secret is printed once.
    #[command(after_help = "Example:\n  countersign client add --name \"MSS app\" --service mss \\\n      \
                            --redirect-uri https://mss.example.com/callback \\\n      \
                            --post-logout-redirect-uri https://mss.example.com/")]
    Add(Box<Add>),
    /// List the relying parties.
    #[command(after_help = "Example:\n  countersign client list --json")]
    List,
    /// Show one.
    #[command(after_help = "Example:\n  countersign client show 5b2f0c9d1e6a47b3")]
    Show {
        /// Its client_id.
        client_id: String,
    },
    /// Change one; what is not named stays as it is, and an empty text takes a value away.
    #[command(after_help = "Example:\n  countersign client update 5b2f0c9d1e6a47b3 \\\n      \
                            --backchannel-logout-uri https://mss.example.com/backchannel-logout")]
    Update(Box<Update>),
    /// Replace its secret; the old one ends at once, the new one is printed once.
    #[command(after_help = "Example:\n  countersign client rotate-secret 5b2f0c9d1e6a47b3")]
    RotateSecret {
        /// Its client_id.
        client_id: String,
    },
    /// Make a token that lets an application register itself; it is printed once.
    #[command(
        after_help = "Example:\n  countersign client initial-token --name \"A partner\" --uses 2 --days 7"
    )]
    InitialToken(initial_token::InitialToken),
    /// List the initial access tokens that are worth anything; what they are is not kept.
    #[command(after_help = "Example:\n  countersign client initial-tokens")]
    InitialTokens,
    /// End an initial access token; clients that were registered by it stay.
    #[command(after_help = "Example:\n  countersign client revoke-initial-token 5b2f0c9d1e6a47b3")]
    RevokeInitialToken {
        /// Its ID, as `initial-tokens` lists it.
        id: String,
    },
    /// Remove it, with every token it holds.
    #[command(after_help = "Example:\n  countersign client remove 5b2f0c9d1e6a47b3")]
    Remove {
        /// Its client_id.
        client_id: String,
    },
}

/// What a new client is.
#[derive(Debug, Args)]
pub struct Add {
    /// The name people read.
    #[arg(long)]
    pub name: String,
    /// Where people come back to, compared letter by letter; may be given more than once.
    #[arg(long = "redirect-uri", required = true, value_name = "URI", num_args = 1..)]
    pub redirect_uris: Vec<String>,
    /// It runs where it can keep no secret: in a browser, on a telephone.
    #[arg(long)]
    pub public: bool,
    /// The rest.
    #[command(flatten)]
    pub change: Change,
}

/// What becomes of a client.
#[derive(Debug, Args)]
pub struct Update {
    /// Its client_id.
    pub client_id: String,
    /// The name people read.
    #[arg(long)]
    pub name: Option<String>,
    /// Where people come back to: all of them, in place of those registered.
    #[arg(long = "redirect-uri", value_name = "URI", num_args = 1..)]
    pub redirect_uris: Option<Vec<String>>,
    /// The rest.
    #[command(flatten)]
    pub change: Change,
}

const SCOPE: &str = "openid email profile organization offline_access";

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Add(add) => {
            let (client, secret) = insert(opened, *add).await?;
            let mut members = vec![("client_id", json!(client.id))];
            members.extend(secret.map(|secret| ("client_secret", json!(secret.text()))));
            members.extend(shown::described(&client).into_iter().skip(1));
            output.object(&members)
        }
        Command::List => {
            let columns = ["client_id", "name", "service", "public", "redirect_uris"];
            let all = client::all(opened.store.read()).await?;
            let row = |client: &Client| {
                vec![
                    json!(client.id),
                    json!(client.name),
                    json!(client.service_id),
                    json!(client.public),
                    client.redirect_uris.clone(),
                ]
            };
            output.list(&columns, &all.iter().map(row).collect::<Vec<_>>())
        }
        Command::Show { client_id } => {
            let client = find(opened, &client_id).await?;
            output.object(&shown::with_configuration(&client, opened))
        }
        Command::Update(update) => {
            let client = self::update(opened, *update).await?;
            output.object(&shown::described(&client))
        }
        Command::RotateSecret { client_id } => {
            let secret = rotate(opened, &client_id).await?;
            output.object(&[("client_id", json!(client_id)), ("client_secret", json!(secret.text()))])
        }
        Command::InitialToken(wanted) => initial_token::run(wanted, opened, output).await,
        Command::InitialTokens => initial_token::list(opened, output).await,
        Command::RevokeInitialToken { id } => initial_token::revoke(&id, opened, output).await,
        Command::Remove { client_id } => {
            remove(opened, &client_id).await?;
            output.done(&format!("{client_id} was removed"), &[("client_id", json!(client_id))])
        }
    }
}

fn unknown(client_id: &str) -> Failure {
    Failure(format!("there is no client {client_id:?}; `countersign client list` lists them"))
}

async fn find(opened: &Opened, client_id: &str) -> Result<Client, Failure> {
    client::find(opened.store.read(), client_id).await?.ok_or_else(|| unknown(client_id))
}

/// Adds a client. A confidential one's secret is returned and kept nowhere but as a digest; one with keys has none.
pub async fn insert(opened: &Opened, add: Add) -> Result<(Client, Option<Secret>), Failure> {
    let mut client = Client {
        id: secret::id(),
        name: add.name.trim().to_owned(),
        service_id: None,
        public: add.public,
        secret_digest: None,
        // Named by nobody: in the header or in the form, as its library has it.
        token_endpoint_auth_method: if add.public { "none" } else { "client_secret" }.to_owned(),
        redirect_uris: json!(add.redirect_uris),
        post_logout_redirect_uris: json!([]),
        minimum_level: None,
        id_token_alg: "RS256".to_owned(),
        third_party: false,
        scope: SCOPE.to_owned(),
        created_at: Clock::System.now(),
        metadata: Metadata::default(),
        registration_digest: None,
    };
    add.change.apply(&mut client)?;
    check(opened, &client)?;
    let has_secret = client.token_endpoint_auth_method.starts_with("client_secret");
    let secret = has_secret.then(Secret::new);
    client.secret_digest = secret.as_ref().map(Secret::digest);
    let row = client.clone();
    let written = opened.store.write(move |tx| {
        Box::pin(async move {
            client::insert(tx, row).await?;
            directory::bump(tx).await
        })
    });
    written.await?;
    tracing::info!(target: "audit", event = "client_added", client = client.id);
    Ok((client, secret))
}

async fn update(opened: &Opened, update: Update) -> Result<Client, Failure> {
    let mut client = find(opened, &update.client_id).await?;
    if let Some(name) = update.name {
        client.name = name.trim().to_owned();
    }
    if let Some(uris) = update.redirect_uris {
        client.redirect_uris = json!(uris);
    }
    update.change.apply(&mut client)?;
    check(opened, &client)?;
    if client.secret_digest.is_none() && client.token_endpoint_auth_method.starts_with("client_secret") {
        return Err(Failure("it has no secret: add a client anew to have one made".into()));
    }
    let row = client.clone();
    let written = opened.store.write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            client::update(tx, row).await
        })
    });
    if !written.await? {
        return Err(unknown(&client.id));
    }
    tracing::info!(target: "audit", event = "client_changed", client = client.id);
    Ok(client)
}

/// A client's public keys, from a file.
fn read_keys(path: &Path) -> Result<Value, Failure> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| Failure(format!("{shown} cannot be read: {error}")))?;
    serde_json::from_slice(&bytes).map_err(|error| Failure(format!("{shown} is not a JWK Set: {error}")))
}

fn check(opened: &Opened, client: &Client) -> Result<(), Failure> {
    if let Some(service) = &client.service_id
        && !opened.settings.services.iter().any(|configured| &configured.id == service)
    {
        let known: Vec<&str> = opened.settings.services.iter().map(|service| service.id.as_str()).collect();
        return Err(Failure(format!("there is no service {service:?}; configured are {}", known.join(", "))));
    }
    let settings = provider_settings(&opened.settings);
    client_rules::check(client, &settings).map_err(|unfit| Failure(unfit.to_string()))
}

async fn rotate(opened: &Opened, client_id: &str) -> Result<Secret, Failure> {
    let client = find(opened, client_id).await?;
    if client.public {
        return Err(Failure(format!("{client_id} is a public client: it has no secret")));
    }
    let secret = Secret::new();
    let (id, digest) = (client.id, secret.digest());
    let written = opened.store.write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            client::set_secret(tx, &id, digest).await
        })
    });
    if written.await? { Ok(secret) } else { Err(unknown(client_id)) }
}

async fn remove(opened: &Opened, client_id: &str) -> Result<(), Failure> {
    let id = client_id.to_owned();
    let written = opened.store.write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            client::delete(tx, &id).await
        })
    });
    if written.await? { Ok(()) } else { Err(unknown(client_id)) }
}
