//! `countersign client initial-token`, `initial-tokens` and `revoke-initial-token`: what lets an application register
//! itself.

use clap::Args;
use countersign_provider::discovery::path;
use countersign_store::initial_access_token::{self, InitialAccessToken};
use countersign_store::{Clock, Secret};
use serde_json::json;

use crate::command::{Failure, Opened, output::Output};
use crate::settings::RegistrationMode;

const DAY: i64 = 24 * 60 * 60;

/// Which token is wanted.
#[derive(Debug, Args)]
pub struct InitialToken {
    /// Whom it is for: the audit log names it with each client that is registered by it.
    #[arg(long)]
    name: String,
    /// How many clients it lets register.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=1_000))]
    uses: i32,
    /// How many days it is good for.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i64).range(1..=365))]
    days: i64,
}

/// Makes the token and prints it.
pub async fn run(wanted: InitialToken, opened: &Opened, output: &Output) -> Result<(), Failure> {
    if opened.settings.client_registration.mode != RegistrationMode::Token {
        let reason = "no initial access token is asked for: set client_registration.mode to \"token\" first";
        return Err(Failure(reason.into()));
    }
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Failure("--name has 1 to 200 characters on one line".into()));
    }
    let (token, now) = (Secret::new(), Clock::System.now());
    let row = InitialAccessToken {
        digest: token.digest(),
        name: name.to_owned(),
        uses_left: wanted.uses,
        created_at: now,
        expires_at: now + wanted.days * DAY,
    };
    let (id, name, expires_at) = (id(&row), row.name.clone(), row.expires_at);
    let written = opened
        .store
        .statement(move |db| Box::pin(async move { initial_access_token::insert(&db, row).await }));
    written.await?;
    tracing::info!(target: "audit", event = "initial_token_made", name, uses = wanted.uses, expires_at);
    let issuer = opened.settings.issuer.as_deref();
    output.object(&[
        ("initial_access_token", json!(token.text())),
        ("id", json!(id)),
        ("name", json!(name)),
        ("uses", json!(wanted.uses)),
        ("expires_at", json!(expires_at)),
        ("registration_endpoint", json!(issuer.map(|issuer| format!("{issuer}{}", path::REGISTER)))),
    ])
}

/// What a token is called once it has been printed: the beginning of its digest, which tells nothing of it.
fn id(token: &InitialAccessToken) -> String {
    token.digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Lists those that are worth anything.
pub async fn list(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let now = Clock::System.now();
    let all = initial_access_token::all(opened.store.read()).await?;
    let live = all.iter().filter(|token| token.uses_left > 0 && token.expires_at > now);
    let row = |token: &InitialAccessToken| {
        vec![
            json!(id(token)),
            json!(token.name),
            json!(token.uses_left),
            json!(token.created_at),
            json!(token.expires_at),
        ]
    };
    let columns = ["id", "name", "uses_left", "created_at", "expires_at"];
    output.list(&columns, &live.map(row).collect::<Vec<_>>())
}

/// Ends one, named by its ID. Clients that were registered by it stay.
pub async fn revoke(named: &str, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let all = initial_access_token::all(opened.store.read()).await?;
    let unknown = || {
        Failure(format!(
            "there is no initial access token {named:?}; `countersign client initial-tokens` lists them"
        ))
    };
    let token = all.into_iter().find(|token| id(token) == named).ok_or_else(unknown)?;
    let digest = token.digest;
    let removed = opened
        .store
        .statement(move |db| Box::pin(async move { initial_access_token::remove(&db, &digest).await }));
    if !removed.await? {
        return Err(unknown());
    }
    tracing::info!(target: "audit", event = "initial_token_revoked", id = named, name = token.name);
    output.done(&format!("{named} lets nobody register any more"), &[("id", json!(named))])
}
