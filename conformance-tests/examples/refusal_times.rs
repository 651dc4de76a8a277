//! How long each forged token of the refusal matrix takes to be refused: none may take longer than 5 ms. Run by hand:
//!
//! ```sh
//! cargo run --release -p conformance-tests --example refusal_times
//! ```
//!
//! Each token is shown three times and the shortest counts: what else the machine does is nothing the token costs. It
//! prints the slowest, and ends with status 1 if one is over the limit.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use conformance_tests::forgery::readers;

const LIMIT: Duration = Duration::from_millis(5);
const TIMES: usize = 3;
const SLOWEST: usize = 12;

fn main() -> ExitCode {
    let strangers = readers::strangers();
    let mut measured = Vec::new();
    for reader in readers::all() {
        for forgery in reader.forgeries(&strangers, "https://127.0.0.1:1") {
            let shown = (0..TIMES).map(|_| {
                let begun = Instant::now();
                let accepted = reader.accepts(&forgery.token);
                let took = begun.elapsed();
                assert!(!accepted, "{}: {} is accepted", reader.name, forgery.what);
                took
            });
            let took = shown.min().unwrap_or_default();
            measured.push((took, format!("{}: {}", reader.name, forgery.what)));
        }
    }
    measured.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    let over = measured.iter().filter(|(took, _)| *took > LIMIT).count();
    let median = measured[measured.len() / 2].0;
    println!("{} forged tokens, {over} over {LIMIT:?}, median {median:?}; the slowest:", measured.len());
    for (took, what) in measured.iter().take(SLOWEST) {
        println!("{took:>12?}  {what}");
    }
    ExitCode::from(u8::from(over > 0))
}
