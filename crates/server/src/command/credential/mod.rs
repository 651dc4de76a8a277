//! `countersign credential …`

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write as _};
use std::path::PathBuf;

use clap::{Args, Subcommand};
use countersign_identity::administration::{Import, ImportReport};
use countersign_store::credential::Credential;
use serde_json::{Value, json};

use super::{Failure, Opened, output::Output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring credentials into the inventory, all of the file or nothing.
    ///
    /// The file is comma-separated with a header: credential_id, kind (time or event), seed_base32 or seed_hex,
    /// and optionally digits, step, counter, organization, expires_at.
    #[command(
        after_help = "Example:\n  countersign credential import tokens.csv --organization acme --dry-run"
    )]
    Import {
        /// The file; - for standard input.
        file: PathBuf,
        /// The organization of rows that name none.
        #[arg(long)]
        organization: Option<String>,
        /// Only say what is wrong with the file, and import nothing.
        #[arg(long)]
        dry_run: bool,
    },
    /// List the whole inventory.
    #[command(after_help = "Example:\n  countersign credential list --json")]
    List,
    /// Give a credential to an address, whose owner may then register it, or to an organization.
    #[command(after_help = "Example:\n  countersign credential assign VSMT12345678 --user ann@example.com")]
    Assign {
        /// The Credential ID.
        credential_id: String,
        #[command(flatten)]
        to: Assignee,
    },
    /// Mark a credential as lost: its codes count no more, and the sessions it was proved in end.
    #[command(after_help = "Example:\n  countersign credential lost VSMT12345678")]
    Lost {
        /// The Credential ID.
        credential_id: String,
    },
    /// Let a credential be used again that too many wrong codes have locked.
    #[command(after_help = "Example:\n  countersign credential unlock VSMT12345678")]
    Unlock {
        /// The Credential ID.
        credential_id: String,
    },
}

/// Who gets a credential.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Assignee {
    /// The address.
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
    /// The organization.
    #[arg(long)]
    organization: Option<String>,
}

/// Rows read at once.
const PAGE: u64 = 1000;

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::Import { file, organization, dry_run } => {
            import(opened, &file, &Import { organization, dry_run }, output).await
        }
        Command::List => list(opened, output).await,
        Command::Assign { credential_id, to } => assign(opened, &credential_id, &to, output).await,
        Command::Lost { credential_id } => {
            let row = opened.identity.lose_credential(&credential_id).await?;
            output.done(&format!("{} is lost", row.id), &members(&row))
        }
        Command::Unlock { credential_id } => {
            let row = opened.identity.unlock_credential(&credential_id).await?;
            output.done(&format!("{} is {} again", row.id, row.state), &members(&row))
        }
    }
}

async fn import(opened: &Opened, path: &PathBuf, import: &Import, output: &Output) -> Result<(), Failure> {
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let unreadable = |error| Failure(format!("{} cannot be read: {error}", path.display()));
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let terminal = std::io::stderr().is_terminal();
    let progress = |rows: usize| {
        if terminal {
            // A progress line that cannot be written is not worth stopping for.
            let _ = write!(std::io::stderr().lock(), "\r{rows} rows read");
        }
    };
    let report = opened.identity.import_credentials(input, import, progress).await;
    if terminal {
        let _ = writeln!(std::io::stderr().lock());
    }
    let report = report?;
    finish(&report, import.dry_run, output)
}

/// Says what came of an import. One that was refused ends with status 1, after its report.
fn finish(report: &ImportReport, dry_run: bool, output: &Output) -> Result<(), Failure> {
    let sentence = match (report.errors.is_empty(), dry_run) {
        (true, false) => format!("{} credentials were imported", report.imported),
        (true, true) => format!("{} credentials can be imported", report.rows),
        (false, _) => report.errors.join("\n"),
    };
    let members = [
        ("rows", json!(report.rows)),
        ("imported", json!(report.imported)),
        ("errors", json!(report.errors)),
        ("dry_run", json!(dry_run)),
    ];
    output.lines(&sentence, &members)?;
    match report.errors.as_slice() {
        [] => Ok(()),
        [only] => Err(Failure(format!("nothing was imported: {only}"))),
        [first, rest @ ..] => {
            Err(Failure(format!("nothing was imported: {first} (and {} more rows)", rest.len())))
        }
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

async fn assign(opened: &Opened, typed: &str, to: &Assignee, output: &Output) -> Result<(), Failure> {
    let (row, whom) = match (&to.user, &to.organization) {
        (Some(email), _) => (opened.identity.assign_credential(typed, email).await?, email),
        (None, Some(organization)) => {
            (opened.identity.assign_credential_to_organization(typed, organization).await?, organization)
        }
        (None, None) => return Err(Failure("name a --user or an --organization".into())),
    };
    output.done(&format!("{} was assigned to {whom}", row.id), &members(&row))
}

fn members(row: &Credential) -> [(&'static str, Value); 3] {
    [
        ("credential_id", json!(row.id)),
        ("state", json!(row.state)),
        ("organization", json!(row.organization_id)),
    ]
}
