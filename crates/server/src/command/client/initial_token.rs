//! `countersign client initial-token`: what lets an application register itself.

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
    let (name, expires_at) = (row.name.clone(), row.expires_at);
    let written = opened
        .store
        .statement(move |db| Box::pin(async move { initial_access_token::insert(&db, row).await }));
    written.await?;
    tracing::info!(target: "audit", event = "initial_token_made", name, uses = wanted.uses, expires_at);
    let issuer = opened.settings.issuer.as_deref();
    output.object(&[
        ("initial_access_token", json!(token.text())),
        ("name", json!(name)),
        ("uses", json!(wanted.uses)),
        ("expires_at", json!(expires_at)),
        ("registration_endpoint", json!(issuer.map(|issuer| format!("{issuer}{}", path::REGISTER)))),
    ])
}
