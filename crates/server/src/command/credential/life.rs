//! The changes of a credential's life, each with its reason.

use clap::{Args, Subcommand};
use countersign_identity::administration::{Because, Change};
use countersign_identity::factor::AtService;
use serde_json::{Value, json};

use super::members;
use crate::command::output::Output;
use crate::command::{Failure, Opened};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give a credential to an address, whose owner may then register it, or to an organization.
    #[command(after_help = "Example:\n  countersign credential assign VSMT12345678 --user ann@example.com")]
    Assign {
        /// The Credential ID.
        credential_id: String,
        #[command(flatten)]
        to: Assignee,
        #[command(flatten)]
        why: Why,
    },
    /// Take a credential back into stock. Sessions it was proved in end.
    #[command(
        after_help = "Example:\n  countersign credential unassign VSMT12345678 --reason 'left the company'"
    )]
    Unassign(Single),
    /// Accept no code of a credential until it is unlocked. Sessions it was proved in end.
    #[command(after_help = "Example:\n  countersign credential lock VSMT12345678 --reason 'ticket 4711'")]
    Lock(Single),
    /// Let a credential be used again that too many wrong codes, or the SOC, have locked.
    #[command(
        after_help = "Example:\n  countersign credential unlock VSMT12345678 --reason 'identity checked by phone'"
    )]
    Unlock(Single),
    /// Mark a credential as lost: its codes count no more, and the sessions it was proved in end.
    #[command(after_help = "Example:\n  countersign credential lost VSMT12345678 --reason 'left in a taxi'")]
    Lost(Single),
    /// Give somebody another credential in place of one they have or have lost.
    ///
    /// The old one ends at once, with the sessions it was proved in. The new one is registered as the first was: by a
    /// temporary password, which the person asks for at New User or gets by mail at the next login, and two codes.
    #[command(
        after_help = "Example:\n  countersign credential replace VSMT12345678 --by VSMT87654321 --reason 'lost'"
    )]
    Replace {
        /// The Credential ID of the old one.
        credential_id: String,
        /// The Credential ID of the new one, which is in stock.
        #[arg(long, value_name = "CREDENTIAL_ID")]
        by: String,
        #[command(flatten)]
        why: Why,
    },
    /// Take a credential out of use for good. Sessions it was proved in end.
    #[command(after_help = "Example:\n  countersign credential retire VSMT12345678 --reason 'battery dead'")]
    Retire(Single),
}

/// One credential, and why it is changed.
#[derive(Debug, Args)]
pub struct Single {
    /// The Credential ID.
    credential_id: String,
    #[command(flatten)]
    why: Why,
}

/// Why a credential is changed.
#[derive(Debug, Args)]
pub struct Why {
    /// Why, for the credential's history and the audit log.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

impl Why {
    pub fn because(self) -> Because {
        // Who asked for a command with another user's rights is the one who did it.
        let named = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
        Because { by: named.unwrap_or_else(|| "administrator".to_owned()), reason: self.reason }
    }
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

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let (single, change) = match command {
        Command::Assign { credential_id, to, why } => {
            return assign(opened, &credential_id, &to, &why.because(), output).await;
        }
        Command::Replace { credential_id, by, why } => {
            return replace(opened, (&credential_id, &by), &why.because(), output).await;
        }
        Command::Unassign(single) => (single, Change::Unassign),
        Command::Lock(single) => (single, Change::Lock),
        Command::Unlock(single) => (single, Change::Unlock),
        Command::Lost(single) => (single, Change::Lose),
        Command::Retire(single) => (single, Change::Retire),
    };
    let because = single.why.because();
    let (row, there) = opened.identity.change_credential(&single.credential_id, change, &because).await?;
    let again = if change == Change::Unlock { " again" } else { "" };
    let sentence = format!("{} is {}{again}{}", row.id, row.state, said(there, &row.id));
    let members = [&members(&row)[..], &[("vip_service", word(there))]].concat();
    output.done(&sentence, &members)
}

async fn assign(
    opened: &Opened,
    typed: &str,
    to: &Assignee,
    because: &Because,
    output: &Output,
) -> Result<(), Failure> {
    let identity = &opened.identity;
    let (row, whom) = match (&to.user, &to.organization) {
        (Some(email), _) => (identity.assign_credential(typed, email, because).await?, email),
        (None, Some(organization)) => {
            (identity.assign_credential_to_organization(typed, organization, because).await?, organization)
        }
        (None, None) => return Err(Failure("name a --user or an --organization".into())),
    };
    output.done(&format!("{} was assigned to {whom}", row.id), &members(&row))
}

async fn replace(
    opened: &Opened,
    (typed, by): (&str, &str),
    because: &Because,
    output: &Output,
) -> Result<(), Failure> {
    let (old, new, there) = opened.identity.replace_credential(typed, by, because).await?;
    let sentence =
        format!("{} is replaced; {} was assigned in its place{}", old.id, new.id, said(there, &old.id));
    let members = [
        ("credential_id", json!(old.id)),
        ("state", json!(old.state)),
        ("replaced_by", json!(new.id)),
        ("vip_service", word(there)),
    ];
    output.done(&sentence, &members)
}

/// What became of it at the VIP service, for people.
fn said(there: AtService, id: &str) -> String {
    match there {
        AtService::Unconcerned => String::new(),
        AtService::Removed => "; it was removed at the VIP service".to_owned(),
        AtService::Stays => format!(
            "; the VIP service could not be told: run `countersign vip-service remove EMAIL {id}` when it answers again"
        ),
    }
}

/// The same for programs.
fn word(there: AtService) -> Value {
    match there {
        AtService::Unconcerned => Value::Null,
        AtService::Removed => "removed".into(),
        AtService::Stays => "stays".into(),
    }
}
