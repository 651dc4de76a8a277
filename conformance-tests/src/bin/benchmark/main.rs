//! What an operation costs the server, measured against what the machine itself can do.
//!
//! `cargo run --release -p conformance-tests --bin benchmark [-- --rounds N]`
//!
//! The server runs on core 0 and this program, the load, on core 1. What is measured is CPU time of the server's
//! process, which other work on the machine moves far less than it moves requests a second. Every cost is stated
//! as a multiple of three yardsticks taken in the same round on the same core:
//!
//! * `H`: one Argon2id hash at the product's cost, in memory that is kept;
//! * `S`: one RS256 signature by josekit, with the signer kept;
//! * `R`: one answer of a bare axum server that says hello.
//!
//! Two servers take turns, one on a database without grants but those the run makes itself, one on a database that
//! holds 100,000. This is no test: it prints whether a goal is met, and succeeds either way.

mod load;
mod process;
mod report;
mod stock;
mod wire;
mod worker;
mod yardstick;

use std::time::Duration;

use conformance_tests::place;

use crate::load::Load;
use crate::report::Round;
use crate::stock::House;

/// Grants in the second database. A debug build can show no more than that all of it runs.
const GRANTS: usize = if cfg!(debug_assertions) { 2_000 } else { 100_000 };
/// Starts that the time to ready is the median of.
const STARTS: usize = 9;
/// The hashing threads give their memory back after ten seconds without work.
const QUIET: Duration = Duration::from_secs(12);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    match arguments.as_slice() {
        // The program starts itself in these two ways, on the server's core.
        ["yardstick"] => yardstick::measure_primitives(),
        ["hello", address] => runtime.block_on(yardstick::hello(address)),
        [] => run(&runtime, 7),
        ["--rounds", number] => run(&runtime, number.parse().expect("a number of rounds")),
        ["--only", name] => only(&runtime, name),
        _ => {
            eprintln!("usage: benchmark [--rounds N | --only OPERATION]");
            std::process::exit(2);
        }
    }
}

fn run(runtime: &tokio::runtime::Runtime, rounds: usize) {
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures mean nothing. Use --release.");
    }
    // Built before this process confines itself to one core.
    let program = place::program();
    eprintln!("Measuring {}", program.display());
    process::pin_self(process::LOAD_CORE);
    runtime.block_on(measure(rounds.max(1)));
}

/// Drives one operation for half a minute, for a profiler that looks on.
fn only(runtime: &tokio::runtime::Runtime, name: &str) {
    let of_name = |operation: &worker::Operation| format!("{operation:?}").eq_ignore_ascii_case(name);
    let operation = worker::Operation::ALL.into_iter().find(of_name).expect("an operation of that name");
    let program = place::program();
    process::pin_self(process::LOAD_CORE);
    runtime.block_on(async {
        let house = House::build().await;
        let mut load = house.load().await;
        eprintln!("{} runs as {}", program.display(), house.server.id());
        for _ in 0..30 {
            let cost = load.drive(&house.server, operation).await;
            eprintln!("{:.1} µs, {:.1} µs besides hashing", cost.all / 1e3, cost.besides_hashing / 1e3);
        }
    });
}

async fn measure(rounds: usize) {
    eprintln!("Setting up two houses …");
    let mut empty = House::build().await;
    let mut full = House::build().await;
    full.fill(GRANTS).await;

    eprintln!("Starting the server {STARTS} times …");
    let ready: Vec<Duration> = (0..STARTS).map(|_| empty.restart()).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = empty.server.memory();
    full.restart();

    let hello = yardstick::Hello::start();
    let (mut at_none, mut at_many) = (empty.load().await, full.load().await);
    let counts = at_none.count(&empty).await;
    let mut all = Vec::new();
    for number in 1..=rounds {
        eprintln!("Round {number} of {rounds} …");
        all.push(round(&hello, &empty, &mut at_none, &full, &mut at_many).await);
    }
    let loaded = empty.server.memory();
    drop((at_none, at_many));
    eprintln!("Waiting for the hashing threads to give their memory back …");
    tokio::time::sleep(QUIET).await;
    let after = empty.server.memory();
    let memory = report::Memory { idle, loaded, after };
    report::print(&all, &counts, &ready, &memory);
}

async fn round(
    hello: &yardstick::Hello,
    empty: &House,
    at_none: &mut Load,
    full: &House,
    at_many: &mut Load,
) -> Round {
    let yardsticks = hello.yardsticks().await;
    let mut round = Round { yardsticks, at_none: Vec::new(), at_many: Vec::new() };
    for operation in worker::Operation::ALL {
        round.at_none.push(at_none.drive(&empty.server, operation).await);
        round.at_many.push(at_many.drive(&full.server, operation).await);
    }
    round
}
