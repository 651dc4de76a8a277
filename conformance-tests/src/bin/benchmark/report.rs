//! The table.

use std::time::Duration;

use crate::load::{CONNECTIONS, Cost, Count};
use crate::process::Mebibytes;
use crate::worker::Operation;
use crate::yardstick::Yardsticks;

/// One round's figures, operations in the order of [`Operation::ALL`].
#[derive(Clone, Debug)]
pub struct Round {
    /// Taken at its beginning.
    pub yardsticks: Yardsticks,
    /// On a database without grants but those of the run.
    pub at_none: Vec<Cost>,
    /// On a database with 100,000.
    pub at_many: Vec<Cost>,
}

/// The server's memory.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// After the start.
    pub idle: Mebibytes,
    /// At the end of the last round.
    pub loaded: Mebibytes,
    /// Once the hashing threads have given their memory back.
    pub after: Mebibytes,
}

/// One goal: what it is about, what was found, what it should not pass.
struct Goal {
    what: &'static str,
    found: f64,
    limit: f64,
    unit: &'static str,
}

/// The most that an operation may cost with 100,000 grants, in multiples of its cost without.
const AT_MANY: f64 = 1.15;

/// Prints everything.
pub fn print(rounds: &[Round], counts: &[Count], ready: &[Duration], memory: &Memory) {
    conditions(rounds);
    operations(rounds, counts);
    let ready: Vec<f64> = ready.iter().map(|time| time.as_secs_f64() * 1_000.0).collect();
    println!(
        "\nMemory (PSS): {:.1} MiB idle, {:.1} MiB loaded, {:.1} MiB once the hashing threads are quiet.",
        memory.idle.0, memory.loaded.0, memory.after.0
    );
    println!(
        "Ready on an existing database: {:.0} ms (median of {}; {:.0} to {:.0} ms).\n",
        median(ready.clone()),
        ready.len(),
        ready.iter().copied().fold(f64::INFINITY, f64::min),
        ready.iter().copied().fold(0.0, f64::max),
    );
    println!("| goal | found | at most | |\n| --- | ---: | ---: | --- |");
    for goal in goals(rounds, median(ready), memory) {
        let verdict = if goal.found <= goal.limit { "met" } else { "**missed**" };
        let Goal { what, found, limit, unit } = goal;
        println!("| {what} | {found:.2} {unit} | {limit:.2} {unit} | {verdict} |");
    }
}

fn conditions(rounds: &[Round]) {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or("");
    let load = read("/proc/loadavg");
    println!(
        "{} × {}, load average {}; {} rounds, {CONNECTIONS} connections, SQLite, synchronous=FULL, RS256, logs at info.",
        processors.matches("processor\t").count(),
        model.trim_start_matches(['\t', ':', ' ']),
        load.split(' ').next().unwrap_or_default(),
        rounds.len(),
    );
    let of =
        |pick: fn(&Yardsticks) -> f64| median(rounds.iter().map(|round| pick(&round.yardsticks)).collect());
    println!(
        "Yardsticks: H = {:.2} ms, S = {:.1} µs, R = {:.2} µs.\n",
        of(|own| own.hash) / 1e6,
        of(|own| own.signature) / 1e3,
        of(|own| own.request) / 1e3,
    );
}

fn operations(rounds: &[Round], counts: &[Count]) {
    println!("| operation | requests | queries | commits | CPU | in H | in S | in R | at 100,000 grants |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (at, operation) in Operation::ALL.into_iter().enumerate() {
        let Count { queries, commits, requests } = counts[at];
        let own = |pick: fn(&Cost) -> f64| {
            let of = |against: fn(&Yardsticks) -> f64| ratio(rounds, at, pick, against);
            format!(
                "{:.1} µs | {:.3} | {:.2} | {:.2} | {:.2} ×",
                of(|_| 1e3),
                of(|own| own.hash),
                of(|own| own.signature),
                of(|own| own.request),
                growth(rounds, at, pick)
            )
        };
        println!("| {} | {requests} | {queries} | {commits} | {} |", name(operation), own(|cost| cost.all));
        if matches!(operation, Operation::SignIn | Operation::VipSignIn) {
            println!("| … besides the hash | | | | {} |", own(|cost| cost.besides_hashing));
        }
    }
}

fn goals(rounds: &[Round], ready: f64, memory: &Memory) -> Vec<Goal> {
    let all: fn(&Cost) -> f64 = |cost| cost.all;
    let besides: fn(&Cost) -> f64 = |cost| cost.besides_hashing;
    let (h, s, r): (Pick, Pick, Pick) = (|own| own.hash, |own| own.signature, |own| own.request);
    let goal = |what, operation, cost: (fn(&Cost) -> f64, Pick), limit, unit| Goal {
        what,
        found: ratio(rounds, place(operation), cost.0, cost.1),
        limit,
        unit,
    };
    let mut goals = vec![
        goal("sign-in", Operation::SignIn, (all, h), 1.10, "H"),
        goal("sign-in besides the hash", Operation::SignIn, (besides, s), 3.5, "S"),
        goal("sign-in with a code", Operation::VipSignIn, (all, h), 1.10, "H"),
        goal("sign-in with a code besides the hash", Operation::VipSignIn, (besides, s), 3.5, "S"),
        goal("silent single sign-on", Operation::SilentSignOn, (all, s), 2.2, "S"),
        goal("refresh", Operation::Refresh, (all, s), 1.65, "S"),
        goal("userinfo", Operation::Userinfo, (all, r), 5.0, "R"),
        goal("discovery", Operation::Discovery, (all, r), 1.4, "R"),
        goal("keys", Operation::Keys, (all, r), 1.4, "R"),
        Goal { what: "memory idle", found: memory.idle.0, limit: 25.0, unit: "MiB" },
        Goal { what: "ready on an existing database", found: ready, limit: 100.0, unit: "ms" },
    ];
    let worst = (0..Operation::ALL.len()).map(|at| growth(rounds, at, all)).fold(0.0, f64::max);
    goals.push(Goal {
        what: "the dearest of all at 100,000 grants",
        found: worst,
        limit: AT_MANY,
        unit: "×",
    });
    goals
}

type Pick = fn(&Yardsticks) -> f64;

fn place(operation: Operation) -> usize {
    Operation::ALL.iter().position(|own| *own == operation).unwrap_or_default()
}

fn name(operation: Operation) -> &'static str {
    match operation {
        Operation::SignIn => "sign-in",
        Operation::VipSignIn => "sign-in with a code",
        Operation::SilentSignOn => "silent single sign-on",
        Operation::Refresh => "`/token` refresh",
        Operation::Userinfo => "`/userinfo`",
        Operation::Discovery => "discovery",
        Operation::Keys => "keys",
    }
}

/// The median over rounds of a cost in multiples of its own round's yardstick.
fn ratio(rounds: &[Round], at: usize, cost: fn(&Cost) -> f64, yardstick: fn(&Yardsticks) -> f64) -> f64 {
    median(rounds.iter().map(|round| cost(&round.at_none[at]) / yardstick(&round.yardsticks)).collect())
}

/// The median over rounds of the cost with 100,000 grants in multiples of the cost without.
fn growth(rounds: &[Round], at: usize, cost: fn(&Cost) -> f64) -> f64 {
    median(rounds.iter().map(|round| cost(&round.at_many[at]) / cost(&round.at_none[at])).collect())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}
