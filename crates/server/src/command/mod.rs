//! The command line.
//!
//! Every command prints a table for people, or JSON with `--json`, on standard output. A command that is
//! refused or fails says so in one line on standard error and ends with status 1; one that was not understood
//! ends with status 2. No command takes a secret as an argument.

mod client;
mod configuration;
mod credential;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod explain;
mod key;
mod open;
mod organization;
pub mod output;
mod serve;
mod session;
mod user;
mod vip_service;
mod vip_simulator;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use open::{Opened, hasher, open, open_store};
use output::Output;

/// Why a command was refused or failed: one line.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<countersign_store::Error> for Failure {
    fn from(error: countersign_store::Error) -> Self {
        Self(error.to_string().replace('\n', " "))
    }
}

impl From<countersign_identity::Error> for Failure {
    fn from(error: countersign_identity::Error) -> Self {
        Self(error.to_string().replace('\n', " "))
    }
}

impl From<countersign_provider::error::Fault> for Failure {
    fn from(error: countersign_provider::error::Fault) -> Self {
        Self(error.to_string().replace('\n', " "))
    }
}

impl From<crate::settings::SettingsError> for Failure {
    fn from(error: crate::settings::SettingsError) -> Self {
        Self(format!("configuration: {error}"))
    }
}

/// The sign-in of the Managed Services Portal: an OpenID Connect provider whose ID tokens tell the truth about
/// how a person signed in.
#[derive(Debug, Parser)]
#[command(name = "countersign", version, propagate_version = true, arg_required_else_help = true)]
#[command(after_help = "Example:\n  countersign demo")]
pub struct Arguments {
    /// The configuration file; without it, countersign.toml in this directory if there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON instead of a table.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Try it: provider, two applications, mails and tokens, on this machine alone.
    #[cfg(feature = "demo")]
    #[command(after_help = "Example:\n  countersign demo --listen 127.0.0.1:8080 --data ./countersign-demo")]
    Demo(demo::Arguments),
    /// Run the provider.
    #[command(after_help = "Example:\n  countersign serve --config /etc/countersign/countersign.toml")]
    Serve,
    /// Relying parties.
    #[command(
        subcommand,
        after_help = "Example:\n  countersign client add --name \"MSS app\" --service mss --redirect-uri https://mss.example.com/callback"
    )]
    Client(client::Command),
    /// Customers.
    #[command(subcommand, name = "org", after_help = "Example:\n  countersign org add acme --name \"Acme\"")]
    Organization(organization::Command),
    /// People: their addresses and accounts.
    #[command(subcommand, after_help = "Example:\n  countersign user add ann@example.com --account mss:acme")]
    User(user::Command),
    /// The inventory of VIP credentials.
    #[command(
        subcommand,
        after_help = "Example:\n  countersign credential import tokens.csv --organization acme"
    )]
    Credential(credential::Command),
    /// The VIP service, for customers whose codes it judges.
    #[command(subcommand, after_help = "Example:\n  countersign vip-service check")]
    VipService(vip_service::Command),
    /// Run a simulated tenant of the VIP service, to test against.
    #[command(
        after_help = "Example:\n  countersign vip-simulator --listen 127.0.0.1:9449 --inventory tokens.csv --data ./vip-simulator"
    )]
    VipSimulator(vip_simulator::Arguments),
    /// The keys that tokens are signed with.
    #[command(subcommand, after_help = "Example:\n  countersign key list")]
    Key(key::Command),
    /// Who is signed in, an end to it, and which applications were told.
    #[command(subcommand, after_help = "Example:\n  countersign session list --user ann@example.com")]
    Session(session::Command),
    /// Say which level a sign-in would need, and why.
    #[command(after_help = "Example:\n  countersign explain ann@example.com --client 5b2f0c9d1e6a47b3")]
    Explain(explain::Explain),
    /// Look at what the provider stands on: configuration, master key, database, signing keys, mail, the VIP service.
    ///
    /// Nothing is changed. The status is 1 if something is wrong.
    #[command(after_help = "Example:\n  countersign doctor --config /etc/countersign/countersign.toml")]
    Doctor,
    /// Bring the database up to date.
    ///
    /// Every command does this by itself; this one is for doing it at a moment of your choosing.
    #[command(after_help = "Example:\n  countersign migrate --config /etc/countersign/countersign.toml")]
    Migrate,
    /// Check and show the configuration.
    #[command(subcommand, after_help = "Example:\n  countersign config check --config countersign.toml")]
    Config(configuration::Command),
}

/// Runs the command that the process's arguments name.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = runtime(&arguments.command).and_then(|runtime| runtime.block_on(dispatch(arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output::failure(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Servers use every core; a command needs one thread.
fn runtime(command: &Command) -> Result<tokio::runtime::Runtime, Failure> {
    let mut builder = match command {
        #[cfg(feature = "demo")]
        Command::Demo(_) => tokio::runtime::Builder::new_multi_thread(),
        Command::Serve | Command::VipSimulator(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    };
    builder.enable_all().build().map_err(|error| Failure(format!("the runtime cannot be started: {error}")))
}

async fn dispatch(arguments: Arguments) -> Result<(), Failure> {
    let output = Output::new(arguments.json);
    let file = arguments.config.as_deref();
    match arguments.command {
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo::run(demo).await,
        Command::Serve => serve::run(file).await,
        Command::Config(command) => configuration::run(command, file, &output),
        Command::Client(command) => client::run(command, &open(file).await?, &output).await,
        Command::Organization(command) => organization::run(command, &open(file).await?, &output).await,
        Command::User(command) => user::run(command, &open(file).await?, &output).await,
        Command::Credential(command) => credential::run(command, &open(file).await?, &output).await,
        Command::VipService(command) => vip_service::run(command, &open(file).await?, &output).await,
        Command::VipSimulator(arguments) => vip_simulator::run(arguments, &output).await,
        Command::Key(command) => key::run(command, &open(file).await?, &output).await,
        Command::Session(command) => session::run(command, &open(file).await?, &output).await,
        Command::Explain(explain) => explain::run(explain, &open(file).await?, &output).await,
        Command::Doctor => doctor::run(file, &output).await,
        Command::Migrate => migrate(&open(file).await?, &output),
    }
}

/// Opening has migrated already.
fn migrate(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let backend = match opened.store.backend() {
        countersign_store::Backend::Sqlite => "SQLite",
        countersign_store::Backend::Postgres => "PostgreSQL",
    };
    output.record(&[("database", backend.to_owned()), ("schema", "up to date".to_owned())])
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn check(command: &clap::Command) {
            let named = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let group = command.has_subcommands();
            assert!(
                group || named.contains("Example:\n  countersign "),
                "{} has no example",
                command.get_name()
            );
            command.get_subcommands().filter(|sub| sub.get_name() != "help").for_each(check);
        }
        Arguments::command().get_subcommands().for_each(check);
    }
}
