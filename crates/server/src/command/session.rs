//! `countersign session …`

use std::collections::HashMap;

use clap::{Args, Subcommand};
use countersign_store::session_client::SessionClient;
use countersign_store::{client, session_client};
use serde_json::{Value, json};

use super::output::{Output, time};
use super::{Failure, Opened};

#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the sessions of people who are signed in.
    #[command(after_help = "Example:\n  countersign session list --user ann@example.com")]
    List {
        /// Of this email address alone.
        #[arg(long, value_name = "EMAIL")]
        user: Option<String>,
    },
    /// End a session, or all of a person; their tokens end at once, and applications that want to know are told.
    #[command(
        after_help = "Example:\n  countersign session end 6f1c0e9a4b7d4a0f8e2b6c1d9f3a5e70\n  countersign session end --user ann@example.com"
    )]
    End(Which),
    /// List which applications were to be told of a session's end, and what came of it.
    ///
    /// What is settled is forgotten after seven days.
    #[command(after_help = "Example:\n  countersign session logouts --json")]
    Logouts {
        /// How many, the last ended first.
        #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
        limit: u64,
    },
}

/// Which sessions end.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Which {
    /// The session's id, the `sid` of its ID tokens.
    session: Option<String>,
    /// All sessions of this email address.
    #[arg(long, value_name = "EMAIL")]
    user: Option<String>,
}

pub async fn run(command: Command, opened: &Opened, output: &Output) -> Result<(), Failure> {
    match command {
        Command::List { user } => list(opened, user.as_deref(), output).await,
        Command::End(which) => end(opened, which, output).await,
        Command::Logouts { limit } => logouts(opened, limit, output).await,
    }
}

async fn list(opened: &Opened, user: Option<&str>, output: &Output) -> Result<(), Failure> {
    let columns = ["session", "user", "level", "authenticated_at", "seen_at", "expires_at"];
    let live = opened.identity.live_sessions(user).await?;
    let rows: Vec<Vec<Value>> = live
        .iter()
        .map(|live| {
            let session = &live.session;
            vec![
                json!(session.id),
                json!(live.email),
                json!(live.level.as_str()),
                time(Some(session.auth_time)),
                time(Some(session.seen_at)),
                time(Some(session.expires_at)),
            ]
        })
        .collect();
    output.list(&columns, &rows)
}

async fn end(opened: &Opened, which: Which, output: &Output) -> Result<(), Failure> {
    match which {
        Which { session: Some(id), .. } => {
            opened.identity.end_session_of_id(&id).await?;
            output.done(&format!("the session {id} was ended"), &[("ended", json!(1))])
        }
        Which { user: Some(email), .. } => {
            let ended = opened.identity.end_sessions_of(&email).await?;
            let sessions = if ended == 1 { "session" } else { "sessions" };
            output.done(&format!("{ended} {sessions} of {email} ended"), &[("ended", json!(ended))])
        }
        Which { session: None, user: None } => Err(Failure("name a session or a --user".into())),
    }
}

async fn logouts(opened: &Opened, limit: u64, output: &Output) -> Result<(), Failure> {
    let columns = [
        "client",
        "client_id",
        "user",
        "session",
        "state",
        "ended_at",
        "attempts",
        "delivered_at",
        "next_attempt_at",
        "answer",
    ];
    let db = opened.store.read();
    let names: HashMap<String, String> =
        client::all(db).await?.into_iter().map(|client| (client.id, client.name)).collect();
    let people: HashMap<String, String> =
        opened.identity.people().await?.into_iter().map(|person| (person.id, person.email)).collect();
    let told = session_client::ended(db, limit).await?;
    let rows: Vec<Vec<Value>> = told
        .iter()
        .map(|row| {
            vec![
                json!(names.get(&row.client_id)),
                json!(row.client_id),
                json!(people.get(&row.person_id)),
                json!(row.session_id),
                json!(state(row)),
                time(row.ended_at),
                json!(row.attempts),
                time(row.delivered_at),
                time(row.next_attempt_at),
                json!(row.answer),
            ]
        })
        .collect();
    output.list(&columns, &rows)
}

fn state(row: &SessionClient) -> &'static str {
    match (row.delivered_at, row.next_attempt_at) {
        (Some(_), _) => "delivered",
        (None, Some(_)) => "waiting",
        (None, None) => "given_up",
    }
}
