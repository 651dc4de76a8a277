//! `countersign credential report`: the inventory as a whole.

use std::collections::{BTreeMap, HashMap};

use clap::{Args, ValueEnum};
use countersign_store::credential::{self, Credential, STATES};
use serde_json::{Value, json};

use crate::command::output::{Output, time};
use crate::command::{Failure, Opened};

#[derive(Debug, Args)]
pub struct Arguments {
    /// What about.
    about: About,
    /// For `drift`: from so many steps on.
    #[arg(long, value_name = "STEPS", default_value_t = 2, value_parser = clap::value_parser!(i32).range(1..=1000))]
    steps: i32,
    /// For `expiring`: within so many days.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(0..=36_500))]
    days: i64,
    /// How many are listed at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 1000, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    limit: u64,
}

/// What a report is about.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum About {
    /// How many credentials of each organization are in which state.
    Stock,
    /// Tokens whose clock goes wrong.
    Drift,
    /// Locked ones, and ones whose last codes were wrong.
    Failures,
    /// Those that expire soon, or have.
    Expiring,
    /// Those that somebody has and never used.
    NeverUsed,
}

pub async fn run(opened: &Opened, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let (db, limit) = (opened.store.read(), arguments.limit);
    let rows = match arguments.about {
        About::Stock => return stock(opened, output).await,
        About::Drift => credential::drifted(db, arguments.steps, limit).await?,
        About::Failures => credential::failing(db, limit).await?,
        About::Expiring => {
            let before = opened.identity.now() + arguments.days * 24 * 60 * 60;
            credential::expiring(db, before, limit).await?
        }
        About::NeverUsed => credential::never_used(db, limit).await?,
    };
    list(opened, &rows, output).await
}

async fn stock(opened: &Opened, output: &Output) -> Result<(), Failure> {
    let mut organizations: BTreeMap<Option<String>, HashMap<String, i64>> = BTreeMap::new();
    for count in credential::by_state(opened.store.read()).await? {
        organizations.entry(count.organization_id).or_default().insert(count.state, count.number);
    }
    let columns: Vec<&str> = std::iter::once("organization").chain(STATES).collect();
    let rows: Vec<Vec<Value>> = organizations
        .iter()
        .map(|(organization, numbers)| {
            let number = |state: &str| json!(numbers.get(state).copied().unwrap_or(0));
            std::iter::once(json!(organization)).chain(STATES.map(number)).collect()
        })
        .collect();
    output.list(&columns, &rows)
}

async fn list(opened: &Opened, rows: &[Credential], output: &Output) -> Result<(), Failure> {
    let people = opened.identity.people().await?;
    let people: HashMap<_, _> = people.into_iter().map(|person| (person.id, person.email)).collect();
    let columns = [
        "credential_id",
        "state",
        "organization",
        "user",
        "drift",
        "failures",
        "registered_at",
        "last_used_at",
        "expires_at",
    ];
    let rows: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| {
            let user = row.person_id.as_ref().and_then(|id| people.get(id));
            vec![
                json!(row.id),
                json!(row.state),
                json!(row.organization_id),
                json!(user),
                json!(row.drift),
                json!(row.failures),
                time(row.registered_at),
                time(row.last_used_at),
                time(row.expires_at),
            ]
        })
        .collect();
    output.list(&columns, &rows)
}
