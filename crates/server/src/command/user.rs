//! `countersign user …`

use clap::{Args, Subcommand};
use countersign_identity::administration::AccountName;
use countersign_identity::directory::Profile;
use countersign_store::{account, consent, credential};
use serde_json::json;

use super::{Failure, Opened, output::Output};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Provision an address; its owner then enrols by New User.
    #[command(
        after_help = "Example:\n  countersign user add ann@example.com --account mss:acme --account deepsight:acme"
    )]
    Add {
        /// The email address.
        email: String,
        /// An account, as service and organization; may be given more than once.
        #[arg(long = "account", value_name = "SERVICE:ORGANIZATION", value_parser = account_name)]
        accounts: Vec<AccountName>,
        /// The person's name.
        #[arg(long)]
        name: Option<String>,
    },
    /// List the people.
    #[command(after_help = "Example:\n  countersign user list --json")]
    List,
    /// Show one person with accounts and credentials.
    #[command(after_help = "Example:\n  countersign user show ann@example.com")]
    Show {
        /// The email address.
        email: String,
    },
    /// Change what tokens say of a person.
    #[command(
        after_help = "Example:\n  countersign user update ann@example.com --claim given_name=Ann --claim address.country=CH"
    )]
    Update {
        /// The email address.
        email: String,
        /// A claim of OpenID Connect Core 5.1 and its value; an empty value takes it away.
        #[arg(long = "claim", value_name = "NAME=VALUE", required = true, num_args = 1..)]
        claims: Vec<String>,
    },
    /// Let a person sign in no more; their sessions and tokens end at once.
    #[command(after_help = "Example:\n  countersign user disable ann@example.com")]
    Disable {
        /// The email address.
        email: String,
    },
    /// Let a disabled person sign in again.
    #[command(after_help = "Example:\n  countersign user enable ann@example.com")]
    Enable {
        /// The email address.
        email: String,
    },
    /// List what a person allowed third parties' applications.
    #[command(after_help = "Example:\n  countersign user consents ann@example.com")]
    Consents {
        /// The email address.
        email: String,
    },
    /// Take back what a person allowed an application, with its tokens; the person is asked again next time.
    #[command(
        after_help = "Example:\n  countersign user revoke-consent ann@example.com --client 5b2f0c9d1e6a47b3"
    )]
    RevokeConsent {
        /// The email address.
        email: String,
        /// The application's client_id.
        #[arg(long, value_name = "CLIENT_ID")]
        client: String,
    },
    /// Give an address an account; it counts from the next request on, in sessions under way too.
    #[command(after_help = "Example:\n  countersign user link ann@example.com --account mss:acme")]
    Link(Change),
    /// Take an account away; it counts from the next request on, in sessions under way too.
    #[command(after_help = "Example:\n  countersign user unlink ann@example.com --account mss:acme")]
    Unlink(Change),
}

/// Whose account changes.
#[derive(Debug, Args)]
pub struct Change {
    /// The email address.
    email: String,
    /// The account, as service and organization.
    #[arg(long, value_name = "SERVICE:ORGANIZATION", value_parser = account_name)]
    account: AccountName,
}

fn account_name(text: &str) -> Result<AccountName, String> {
    AccountName::parse(text).map_err(|error| error.to_string())
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let identity = &opened.identity;
    match command {
        Command::Add { email, accounts, name } => {
            let name = name.as_deref().map(str::trim).filter(|name| !name.is_empty());
            if name.is_some_and(|name| name.chars().count() > 200 || name.chars().any(char::is_control)) {
                return Err(Failure("a person's name has at most 200 characters on one line".into()));
            }
            done(output, "was added", &*identity.add_person(&email, &accounts, name).await?)
        }
        Command::Link(Change { email, account }) => {
            done(output, "was linked", &*identity.link(&email, &account).await?)
        }
        Command::Unlink(Change { email, account }) => {
            done(output, "was unlinked", &*identity.unlink(&email, &account).await?)
        }
        Command::Update { email, claims } => {
            done(output, "was changed", &*identity.set_claims(&email, &claims).await?)
        }
        Command::Disable { email } => done(output, "was disabled", &*identity.disable_person(&email).await?),
        Command::Enable { email } => done(output, "was enabled", &*identity.enable_person(&email).await?),
        Command::Consents { email } => consents(opened, &email, output).await,
        Command::RevokeConsent { email, client } => revoke_consent(opened, &email, &client, output).await,
        Command::List => list(opened, output).await,
        Command::Show { email } => show(opened, &email, output).await,
    }
}

fn done(output: &Output, what: &str, who: &Profile) -> Result<(), Failure> {
    let person = &who.person;
    let members =
        [("id", json!(person.id)), ("email", json!(person.email)), ("accounts", json!(accounts(who)))];
    output.done(&format!("{} {what}", person.email), &members)
}

async fn consents(opened: &Opened, email: &str, output: &Output) -> Result<(), Failure> {
    let who = opened.identity.find_person(email).await?;
    let all = consent::of_person(opened.store.read(), &who.person.id).await?;
    let row =
        |given: &consent::Consent| vec![json!(given.client_id), json!(given.scope), json!(given.granted_at)];
    output.list(&["client_id", "scope", "granted_at"], &all.iter().map(row).collect::<Vec<_>>())
}

async fn revoke_consent(opened: &Opened, email: &str, client: &str, output: &Output) -> Result<(), Failure> {
    let who = opened.identity.find_person(email).await?;
    let revoked = countersign_provider::consent::revoke(&opened.identity, &who.person.id, client).await;
    match revoked.map_err(|fault| Failure(fault.to_string()))? {
        true => output.done(&format!("{email} will be asked again"), &[("client_id", json!(client))]),
        false => {
            Err(Failure(format!("{email} allowed {client:?} nothing; `user consents {email}` lists it")))
        }
    }
}

/// The accounts as the command line writes them.
fn accounts(who: &Profile) -> Vec<String> {
    let written =
        |account: &account::NamedAccount| format!("{}:{}", account.service_id, account.organization_id);
    who.accounts.iter().map(written).collect()
}

async fn list(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let db = opened.store.read();
    let services = &opened.identity.settings().services;
    let mut rows = Vec::new();
    for person in opened.identity.people().await? {
        let linked = account::of_person(db, &person.id).await?;
        let who = Profile { person, accounts: linked };
        rows.push(vec![
            json!(who.person.email),
            json!(who.person.name),
            json!(who.person.password_hash.is_some()),
            json!(who.required(services).as_str()),
            json!(accounts(&who)),
        ]);
    }
    output.list(&["email", "name", "enrolled", "level", "accounts"], &rows)
}

async fn show(opened: &Opened, email: &str, output: &Output) -> Result<(), Failure> {
    let who = opened.identity.find_person(email).await?;
    let person = &who.person;
    let credentials = credential::of_person(opened.store.read(), &person.id).await?;
    let tokens: Vec<_> =
        credentials.iter().map(|row| json!({ "credential_id": row.id, "state": row.state })).collect();
    output.object(&[
        ("id", json!(person.id)),
        ("email", json!(person.email)),
        ("name", json!(person.name)),
        ("language", json!(person.language)),
        ("enrolled", json!(person.password_hash.is_some())),
        ("disabled", json!(person.disabled_at.is_some())),
        ("level", json!(who.required(&opened.identity.settings().services).as_str())),
        ("accounts", json!(accounts(&who))),
        ("credentials", json!(tokens)),
        ("claims", json!(person.claims)),
    ])
}
