//! `countersign credential bridge`: a code that stands in for a lost token for a short while.

use clap::Args;
use countersign_identity::administration::MOST_USES;
use serde_json::json;

use super::life::Why;
use crate::command::output::{Output, time};
use crate::command::{Failure, Opened};

#[derive(Debug, Args)]
pub struct Arguments {
    /// The email address.
    email: String,
    /// How many minutes it lasts; by default as many as `vip.bridging_minutes` allows.
    #[arg(long, value_parser = clap::value_parser!(i64).range(1..=10_080))]
    minutes: Option<i64>,
    /// How often it works.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=i64::from(MOST_USES)))]
    uses: i32,
    /// Withdraw the code there is instead, and end the sessions that stand on it.
    #[arg(long, conflicts_with_all = ["minutes", "uses"])]
    withdraw: bool,
    #[command(flatten)]
    why: Why,
}

pub async fn run(arguments: Arguments, opened: &Opened, output: &Output) -> Result<(), Failure> {
    let (identity, email, because) = (&opened.identity, &arguments.email, arguments.why.because());
    if arguments.withdraw {
        identity.withdraw_bridging_code(email, &because).await?;
        return output.done(&format!("{email} has no bridging code any more"), &[("email", json!(email))]);
    }
    let seconds = arguments.minutes.map_or(identity.settings().bridging, |minutes| minutes * 60);
    let issued = identity.issue_bridging_code(email, (seconds, arguments.uses), &because).await?;
    output.object(&[
        ("email", json!(email)),
        ("bridging_code", json!(issued.code.as_str())),
        ("uses", json!(arguments.uses)),
        ("expires_at", time(Some(issued.expires_at))),
    ])
}
