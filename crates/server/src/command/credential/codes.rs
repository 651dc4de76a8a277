//! What is done with codes that somebody reads out: they come from standard input, never from the command line.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use countersign_identity::administration::Among;
use serde_json::{Value, json};

use super::life::Why;
use crate::command::output::Output;
use crate::command::{Failure, Opened};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring a token in step by two codes in a row, read from standard input.
    #[command(
        after_help = "Example:\n  countersign credential resync VSMT12345678 --reason 'ticket 4711' < codes"
    )]
    Resync {
        /// The Credential ID.
        credential_id: String,
        #[command(flatten)]
        why: Why,
    },
    /// Find out which token it is that shows two codes in a row, read from standard input.
    ///
    /// The codes stay unused. With --user or --organization only theirs are looked at.
    #[command(after_help = "Example:\n  countersign credential find --organization acme < codes")]
    Find(Where),
}

/// Where to look.
#[derive(Debug, Args)]
pub struct Where {
    /// Among the credentials of this organization.
    #[arg(long, conflicts_with = "user")]
    organization: Option<String>,
    /// Among the credentials of this address.
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Resync { credential_id, why } => resync(opened, &credential_id, why, output).await,
        Command::Find(place) => find(opened, place, output).await,
    }
}

async fn resync(opened: &Opened, typed: &str, why: Why, output: &Output) -> Result<(), Failure> {
    let [first, second] = two_codes()?;
    let drift = opened.identity.resync_credential(typed, [&first, &second], &why.because()).await?;
    let id = opened.identity.credential(typed).await?.id;
    let clock = match drift {
        0 => "in step".to_owned(),
        1.. => format!("in step: its clock is {drift} steps ahead"),
        _ => format!("in step: its clock is {} steps behind", drift.unsigned_abs()),
    };
    output.done(&format!("{id} is {clock}"), &[("credential_id", json!(id)), ("drift", json!(drift))])
}

async fn find(opened: &Opened, place: Where, output: &Output) -> Result<(), Failure> {
    let [first, second] = two_codes()?;
    let among = Among { organization: place.organization, email: place.user };
    let terminal = std::io::stderr().is_terminal();
    let progress = |seen: usize| {
        if terminal {
            // A progress line that cannot be written is not worth stopping for.
            let _ = write!(std::io::stderr().lock(), "\r{seen} looked at");
        }
    };
    let found = opened.identity.find_credentials([&first, &second], &among, progress).await?;
    if terminal {
        let _ = writeln!(std::io::stderr().lock());
    }
    if found.is_empty() {
        return Err(Failure(
            "no credential shows these two codes in a row now: read both again, the second after the code has changed".into(),
        ));
    }
    let rows: Vec<Vec<Value>> = found
        .iter()
        .map(|row| vec![json!(row.id), json!(row.kind), json!(row.state), json!(row.organization_id)])
        .collect();
    output.list(&["credential_id", "kind", "state", "organization"], &rows)
}

/// Two codes from standard input, on one line or on two.
fn two_codes() -> Result<[String; 2], Failure> {
    if std::io::stdin().is_terminal() {
        let _ = write!(std::io::stderr().lock(), "Two security codes in a row: ");
    }
    let mut codes = Vec::new();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| Failure(format!("standard input cannot be read: {error}")))?;
        codes.extend(line.split([' ', '\t', ',']).filter(|code| !code.is_empty()).map(str::to_owned));
        if codes.len() >= 2 {
            break;
        }
    }
    <[String; 2]>::try_from(codes).map_err(|codes| {
        Failure(format!("two security codes are needed on standard input, not {}", codes.len()))
    })
}
