//! `countersign credential …`

mod bridge;
mod codes;
mod import;
mod life;
mod packet;
mod report;

use clap::Subcommand;
use countersign_store::credential::Credential;
use countersign_store::credential_event::CredentialEvent;
use countersign_store::person;
use serde_json::{Value, json};

use super::output::{Output, time};
use super::{Failure, Opened};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring credentials into the inventory, all of the file or nothing.
    ///
    /// PSKC (RFC 6030; plain, or encrypted under a key or a password), the comma-separated values of Entra ID, of
    /// OATH lists and of Yubico, otpauth:// URIs, .vipaccess files, and our own comma-separated values, whose header
    /// is credential_id, kind (time or event), seed_base32 or seed_hex, and optionally digits, step, counter,
    /// organization, expires_at.
    #[command(
        after_help = "Example:\n  countersign credential import tokens.csv --organization acme --dry-run\n  countersign credential import tokens.xml --key-file maker.key"
    )]
    Import(import::Arguments),
    /// List the whole inventory.
    #[command(after_help = "Example:\n  countersign credential list --json")]
    List,
    /// Show a credential, and what was done to it.
    #[command(after_help = "Example:\n  countersign credential show VSMT12345678")]
    Show {
        /// The Credential ID.
        credential_id: String,
    },
    /// Print the Welcome Packet: the page that a customer receives with the token.
    ///
    /// One HTML page made for print: what the token is, its Credential ID, whose it is, the steps of setting up a login,
    /// and how the SOC is reached. It holds no secret of the token.
    #[command(
        after_help = "Example:\n  countersign credential packet VSMT12345678 --language ja --output packet.html"
    )]
    Packet(packet::Arguments),
    #[command(flatten)]
    Life(life::Command),
    #[command(flatten)]
    Codes(codes::Command),
    /// Give somebody whose token is lost a code that stands in for it for a short while.
    ///
    /// It lets them in with their password at level `password`, never to a client or service that requires VIP, and only
    /// where `vip.bridging_minutes` allows it. The code is shown once: read it out to somebody you know.
    #[command(
        after_help = "Example:\n  countersign credential bridge ann@example.com --minutes 60 --reason 'ticket 4711'\n  countersign credential bridge ann@example.com --withdraw"
    )]
    Bridge(bridge::Arguments),
    /// Say what the inventory looks like.
    #[command(
        after_help = "Example:\n  countersign credential report stock\n  countersign credential report expiring --days 30 --json"
    )]
    Report(report::Arguments),
}

/// Rows read at once.
const PAGE: u64 = 1000;
/// Lines of a credential's history that are shown.
const HISTORY: u64 = 100;

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(opened, &arguments, output).await,
        Command::List => list(opened, output).await,
        Command::Show { credential_id } => show(opened, &credential_id, output).await,
        Command::Packet(arguments) => packet::run(arguments, opened, output).await,
        Command::Life(command) => life::run(command, opened, output).await,
        Command::Codes(command) => codes::run(command, opened, output).await,
        Command::Bridge(arguments) => bridge::run(arguments, opened, output).await,
        Command::Report(arguments) => report::run(opened, &arguments, output).await,
    }
}

async fn list(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let columns = ["credential_id", "kind", "state", "organization", "user", "token_name", "expires_at"];
    let mut people = std::collections::HashMap::new();
    for person in opened.identity.people().await? {
        people.insert(person.id, person.email);
    }
    let mut rows = Vec::new();
    let mut after = String::new();
    loop {
        let page = opened.identity.credentials(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        rows.extend(page.iter().map(|row| -> Vec<Value> {
            let user = row.person_id.as_ref().and_then(|id| people.get(id));
            vec![
                json!(row.id),
                json!(row.kind),
                json!(row.state),
                json!(row.organization_id),
                json!(user),
                json!(row.token_name),
                json!(row.expires_at),
            ]
        }));
    }
    output.list(&columns, &rows)
}

async fn show(opened: &Opened, typed: &str, output: &Output) -> Result<(), Failure> {
    let row = opened.identity.credential(typed).await?;
    let user = match &row.person_id {
        Some(id) => person::find(opened.store.read(), id).await?.map(|person| person.email),
        None => None,
    };
    let history: Vec<Value> = opened
        .identity
        .credential_history(&row.id, HISTORY)
        .await?
        .into_iter()
        .map(|event| match output.is_json() {
            true => json!({"at": time(Some(event.at)), "event": event.event, "by": event.done_by, "reason": event.reason}),
            false => line(&event).into(),
        })
        .collect();
    output.object(&[
        ("credential_id", json!(row.id)),
        ("kind", json!(row.kind)),
        ("state", json!(row.state)),
        ("organization", json!(row.organization_id)),
        ("user", json!(user)),
        ("token_name", json!(row.token_name)),
        ("drift", json!(row.drift)),
        ("failures", json!(row.failures)),
        ("imported_at", time(Some(row.created_at))),
        ("registered_at", time(row.registered_at)),
        ("last_used_at", time(row.last_used_at)),
        ("locked_at", time(row.locked_at)),
        ("expires_at", time(row.expires_at)),
        ("replaced_by", json!(row.replaced_by)),
        ("history", json!(history)),
    ])
}

fn line(event: &CredentialEvent) -> String {
    let at = time(Some(event.at));
    let at = at.as_str().unwrap_or_default();
    let reason = event.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("{at}  {} by {}{reason}", event.event, event.done_by)
}

fn members(row: &Credential) -> [(&'static str, Value); 3] {
    [
        ("credential_id", json!(row.id)),
        ("state", json!(row.state)),
        ("organization", json!(row.organization_id)),
    ]
}
