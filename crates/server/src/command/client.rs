//! `countersign client …`

use clap::{Args, Subcommand, ValueEnum};
use countersign_provider::{redirect_uri, scope};
use countersign_store::client::{self, Client};
use countersign_store::{Clock, Secret, directory, secret};
use serde_json::{Value, json};

use super::{Failure, Opened, output::Output};

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
    /// Replace its secret; the old one ends at once, the new one is printed once.
    #[command(after_help = "Example:\n  countersign client rotate-secret 5b2f0c9d1e6a47b3")]
    RotateSecret {
        /// Its client_id.
        client_id: String,
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
    /// The service it belongs to; without one, any account will do.
    #[arg(long)]
    pub service: Option<String>,
    /// Where people come back to, compared letter by letter; may be given more than once.
    #[arg(long = "redirect-uri", required = true, value_name = "URI", num_args = 1..)]
    pub redirect_uris: Vec<String>,
    /// Where people may be sent after signing out.
    #[arg(long = "post-logout-redirect-uri", value_name = "URI", num_args = 1..)]
    pub post_logout_redirect_uris: Vec<String>,
    /// It runs where it can keep no secret: in a browser, on a telephone.
    #[arg(long)]
    pub public: bool,
    /// The least level it accepts.
    #[arg(long, value_enum)]
    pub minimum_level: Option<Level>,
    /// How its ID tokens are signed.
    #[arg(long, value_enum, default_value = "RS256")]
    pub id_token_alg: Algorithm,
    /// How it sends its secret.
    #[arg(long, value_enum)]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// It is not the portal's own: people are asked before it learns anything.
    #[arg(long)]
    pub third_party: bool,
    /// The scopes it may ask for.
    #[arg(long, default_value = "openid email profile organization offline_access")]
    pub scope: String,
}

/// The least level a client accepts.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Level {
    /// A password will do.
    Password,
    /// A security code too.
    Vip,
}

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Algorithm {
    /// RSA, which every client understands.
    #[value(name = "RS256")]
    Rs256,
    /// P-256.
    #[value(name = "ES256")]
    Es256,
    /// Ed25519.
    #[value(name = "EdDSA")]
    EdDsa,
}

/// How a client proves itself at the token endpoint.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum AuthMethod {
    /// In the Authorization header.
    #[value(name = "client_secret_basic")]
    Basic,
    /// In the form.
    #[value(name = "client_secret_post")]
    Post,
}

/// The name of a value as the command line and the database write it.
fn name_of(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Add(add) => {
            let (client, secret) = insert(opened, &add).await?;
            let mut members = vec![("client_id", json!(client.id))];
            members.extend(secret.map(|secret| ("client_secret", json!(secret.text()))));
            members.extend(described(&client).into_iter().skip(1));
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
            let client = client::find(opened.store.read(), &client_id).await?;
            output.object(&described(&client.ok_or_else(|| unknown(&client_id))?))
        }
        Command::RotateSecret { client_id } => {
            let secret = rotate(opened, &client_id).await?;
            output.object(&[("client_id", json!(client_id)), ("client_secret", json!(secret.text()))])
        }
        Command::Remove { client_id } => {
            remove(opened, &client_id).await?;
            output.done(&format!("{client_id} was removed"), &[("client_id", json!(client_id))])
        }
    }
}

fn unknown(client_id: &str) -> Failure {
    Failure(format!("there is no client {client_id:?}; `countersign client list` lists them"))
}

fn described(client: &Client) -> Vec<(&'static str, Value)> {
    vec![
        ("client_id", json!(client.id)),
        ("name", json!(client.name)),
        ("service", json!(client.service_id)),
        ("public", json!(client.public)),
        ("redirect_uris", client.redirect_uris.clone()),
        ("post_logout_redirect_uris", client.post_logout_redirect_uris.clone()),
        ("minimum_level", json!(client.minimum_level)),
        ("id_token_alg", json!(client.id_token_alg)),
        ("token_endpoint_auth_method", json!(client.token_endpoint_auth_method)),
        ("third_party", json!(client.third_party)),
        ("scope", json!(client.scope)),
    ]
}

/// Adds a client. A confidential one's secret is returned and kept nowhere but as a digest.
pub async fn insert(opened: &Opened, add: &Add) -> Result<(Client, Option<Secret>), Failure> {
    check(opened, add)?;
    let secret = (!add.public).then(Secret::new);
    let method = match (add.public, add.token_endpoint_auth_method) {
        (true, None) => "none".to_owned(),
        (true, Some(_)) => {
            return Err(Failure("a public client has no secret to send: leave the method out".into()));
        }
        // Named by nobody: in the header or in the form, as its library has it.
        (false, None) => "client_secret".to_owned(),
        (false, Some(method)) => name_of(method),
    };
    let client = Client {
        id: secret::id(),
        name: add.name.trim().to_owned(),
        service_id: add.service.clone(),
        public: add.public,
        secret_digest: secret.as_ref().map(Secret::digest),
        token_endpoint_auth_method: method,
        redirect_uris: json!(add.redirect_uris),
        post_logout_redirect_uris: json!(add.post_logout_redirect_uris),
        minimum_level: add.minimum_level.map(name_of),
        id_token_alg: name_of(add.id_token_alg),
        third_party: add.third_party,
        scope: add.scope.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
        created_at: Clock::System.now(),
    };
    let row = client.clone();
    let written = opened.store.write(move |tx| {
        Box::pin(async move {
            client::insert(tx, row).await?;
            directory::bump(tx).await
        })
    });
    written.await?;
    Ok((client, secret))
}

fn check(opened: &Opened, add: &Add) -> Result<(), Failure> {
    let name = add.name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Failure("a client's name has 1 to 200 characters on one line".into()));
    }
    if let Some(service) = &add.service
        && !opened.settings.services.iter().any(|configured| &configured.id == service)
    {
        let known: Vec<&str> = opened.settings.services.iter().map(|service| service.id.as_str()).collect();
        return Err(Failure(format!("there is no service {service:?}; configured are {}", known.join(", "))));
    }
    for uri in add.redirect_uris.iter().chain(&add.post_logout_redirect_uris) {
        redirect_uri::check(uri, add.public)
            .map_err(|reason| Failure(format!("{uri:?} cannot be a redirect URI: {reason}")))?;
    }
    if let Some(strange) = add.scope.split_ascii_whitespace().find(|name| !scope::ALL.contains(name)) {
        return Err(Failure(format!("there is no scope {strange:?}; there are {}", scope::ALL.join(", "))));
    }
    if !add.scope.split_ascii_whitespace().any(|scope| scope == "openid") {
        return Err(Failure("the scope must hold openid".into()));
    }
    Ok(())
}

async fn rotate(opened: &Opened, client_id: &str) -> Result<Secret, Failure> {
    let client = client::find(opened.store.read(), client_id).await?.ok_or_else(|| unknown(client_id))?;
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
