//! `countersign key …`

use std::io::{IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use countersign_provider::jose::keys::Alg;
use countersign_provider::signing_keys::life::{Life, State};
use countersign_provider::signing_keys::{self, Retirement, Rotation};
use countersign_store::signing_key::SigningKey;
use serde_json::{Value, json};

use super::output::{Output, time};
use super::{Failure, Opened};
use crate::settings::translate::schedule;

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the signing keys.
    ///
    /// A key is announced (published, so that everybody knows it), then it signs, then it is superseded (still
    /// published, for what it signed), then retired.
    #[command(after_help = "Example:\n  countersign key list --json")]
    List {
        /// The retired ones too.
        #[arg(long)]
        all: bool,
    },
    /// Announce new keys, which take the place of those that sign.
    ///
    /// They sign after keys.announce_minutes. The keys they replace stay published until nothing that was signed
    /// with them matters any more.
    #[command(
        after_help = "Example:\n  countersign key rotate\n  countersign key rotate --alg RS256 --now --retire"
    )]
    Rotate(Rotate),
    /// Seal seeds and signing keys anew under the first key of master_key.file, while the server runs.
    ///
    /// Put a new line before the old one in the file and restart every node first; run this; then the old line can go when
    /// what was sealed for a while (cookies, tokens, mails that wait) has run out. Run it again if an import was under way.
    #[command(after_help = "Example:\n  countersign key reseal")]
    Reseal,
    /// Retire a key at once: it is published no more, and what was signed with it is refused.
    ///
    /// If it signs, the key of its algorithm that has been announced signs from now on; without one the command is
    /// refused.
    #[command(after_help = "Example:\n  countersign key retire NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")]
    Retire {
        /// Its kid.
        kid: String,
    },
}

/// Which keys are made, and when they sign.
#[derive(Debug, Args)]
pub struct Rotate {
    /// A key for this algorithm alone (RS256, ES256 or EdDSA); may be given more than once. Without it, one for each.
    #[arg(long = "alg", value_name = "ALG", value_parser = algorithm)]
    algs: Vec<Alg>,
    /// Sign at once, which is as soon as every node publishes them: in three seconds.
    #[arg(long)]
    now: bool,
    /// Sign after so many seconds, whatever keys.announce_minutes says.
    #[arg(long, value_name = "SECONDS", conflicts_with = "now", value_parser = clap::value_parser!(u32).range(..=604_800))]
    after: Option<u32>,
    /// Retire every other key of the algorithm at the same moment. For keys that somebody else may have: what they
    /// signed is refused.
    #[arg(long, requires = "now")]
    retire: bool,
}

fn algorithm(name: &str) -> Result<Alg, String> {
    Alg::parse(name).ok_or_else(|| {
        let known = Alg::OURS.map(Alg::as_str).join(", ");
        format!("the algorithms are {known}")
    })
}

const COLUMNS: [&str; 6] = ["kid", "alg", "state", "created_at", "signs_from", "retires_at"];

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::List { all } => list(opened, output, |_, life| all || life.state != State::Retired).await,
        Command::Rotate(rotate) => {
            let given = |alg: &Alg| rotate.algs.is_empty() || rotate.algs.contains(alg);
            let algs: Vec<Alg> = Alg::OURS.into_iter().filter(given).collect();
            let after = match (rotate.now, rotate.after) {
                (true, _) => 0,
                (false, Some(seconds)) => seconds.into(),
                (false, None) => schedule(&opened.settings).announce,
            };
            let how = Rotation { after, retire: rotate.retire };
            let made = signing_keys::rotate(&opened.identity, &algs, how).await?;
            list(opened, output, |key, _| made.contains(&key.kid)).await
        }
        Command::Reseal => reseal(opened, output).await,
        Command::Retire { kid } => retire(opened, &kid, output).await,
    }
}

async fn reseal(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let terminal = std::io::stderr().is_terminal();
    let progress = |seen: u64| {
        if terminal {
            // A progress line that cannot be written is not worth stopping for.
            let _ = write!(std::io::stderr().lock(), "\r{seen} seeds looked at");
        }
    };
    let seeds = opened.identity.reseal_seeds(progress).await?;
    if terminal {
        let _ = writeln!(std::io::stderr().lock());
    }
    let keys = signing_keys::reseal(&opened.identity).await?;
    let id = opened.identity.adopt_master_key().await?;
    output.done(
        &format!("{seeds} seeds and {keys} signing keys were sealed anew with the master key {id}"),
        &[("seeds", json!(seeds)), ("signing_keys", json!(keys)), ("master_key", json!(id))],
    )
}

async fn list(
    opened: &Opened,
    output: &Output,
    shown: impl Fn(&SigningKey, &Life) -> bool,
) -> Result<(), Failure> {
    let keys = signing_keys::list(&opened.identity).await?;
    let keys = keys.iter().filter(|(key, life)| shown(key, life));
    let rows: Vec<Vec<Value>> = keys
        .map(|(key, life)| {
            vec![
                json!(key.kid),
                json!(key.alg),
                json!(life.state.as_str()),
                time(Some(key.created_at)),
                time(Some(key.signs_from)),
                time(life.retires_at),
            ]
        })
        .collect();
    output.list(&COLUMNS, &rows)
}

async fn retire(opened: &Opened, kid: &str, output: &Output) -> Result<(), Failure> {
    let successor = match signing_keys::retire(&opened.identity, kid).await? {
        Retirement::Done(successor) => successor,
        Retirement::Unknown => {
            return Err(Failure(format!("there is no key {kid:?}; `countersign key list` lists them")));
        }
        Retirement::Already => return Err(Failure(format!("{kid} has been retired before"))),
        Retirement::Needed(alg) => {
            return Err(Failure(format!(
                "{kid} is the only key that can sign {alg} tokens: \
                 `countersign key rotate --alg {alg} --now --retire` puts a new one in its place"
            )));
        }
    };
    let mut sentence = format!("{kid} was retired");
    if let Some(successor) = &successor {
        sentence.push_str(&format!("; {successor} signs from now on"));
    }
    output.done(&sentence, &[("kid", json!(kid)), ("successor", json!(successor))])
}
