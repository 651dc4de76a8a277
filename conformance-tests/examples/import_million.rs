//! What importing a million credentials takes: time, memory, and how long others wait to write meanwhile. Run by hand;
//! the result is kept in `docs/performance.md`:
//!
//! ```sh
//! cargo build --release --workspace
//! COUNTERSIGN_TEST_PROGRAM=target/release/countersign \
//!     cargo run --release -p conformance-tests --example import_million [keys]
//! ```
//!
//! It writes a PSKC file of plain keys and one of keys under AES-128-CBC with a MAC each, and imports both into fresh
//! databases: SQLite, and PostgreSQL when `COUNTERSIGN_TEST_POSTGRES` names a cluster. It ends with status 1 if an
//! import takes three minutes or 200 MiB, or brings another number of credentials than the file has.

use std::path::Path;
use std::process::{Child, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use conformance_tests::backend::Backend;
use conformance_tests::house::{House, ISSUER};
use conformance_tests::pskc_file::{self, Protection};
use conformance_tests::server::command;
use countersign_store::{Store, throttle};
use serde_json::Value;

/// The longest that an import may take.
const TIME: Duration = Duration::from_secs(180);
/// The most memory it may use, in KiB.
const MEMORY: u64 = 200 * 1024;
/// How often somebody else writes during an import.
const PAUSE: Duration = Duration::from_millis(20);

/// What an import took.
struct Taken {
    time: Duration,
    /// The most of its memory that was resident, in KiB.
    memory: u64,
    /// Between two commits of somebody else, the longest.
    longest_wait: Duration,
}

#[tokio::main]
async fn main() -> ExitCode {
    let keys = std::env::args().nth(1).map_or(1_000_000, |text| text.parse().expect("a number of keys"));
    let mut backends = vec![Backend::Sqlite];
    if std::env::var_os("COUNTERSIGN_TEST_POSTGRES").is_some() {
        backends.push(Backend::Postgres);
    }
    println!("{keys} keys a file\n\n| file | database | seconds | MiB at most | others waited at most, ms |");
    println!("| --- | --- | ---: | ---: | ---: |");
    let mut over = false;
    for protection in [Protection::Plain, Protection::Aes] {
        for backend in &backends {
            let house = House::build(*backend, ISSUER, "");
            let file = house.file("tokens.xml");
            pskc_file::write(&file, keys, protection).expect("the file can be written");
            let taken = import(&house, &file, keys).await;
            let (seconds, mib) = (taken.time.as_secs_f64(), taken.memory / 1024);
            let waited = taken.longest_wait.as_millis();
            println!("| {protection:?} | {backend:?} | {seconds:.1} | {mib} | {waited} |");
            over |= taken.time >= TIME || taken.memory >= MEMORY;
        }
    }
    ExitCode::from(u8::from(over))
}

async fn import(house: &House, file: &Path, keys: u32) -> Taken {
    let key = house.file("aes.key");
    std::fs::write(&key, pskc_file::key()).expect("the key can be written");
    let over = Arc::new(AtomicBool::new(false));
    let others = tokio::spawn(others(house.database_url().to_owned(), over.clone()));
    let mut import = command();
    import.args(["credential", "import"]).arg(file).arg("--key-file").arg(&key);
    import.args(["--json", "--config"]).arg(house.config()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let began = Instant::now();
    let mut import = import.spawn().expect("the program starts");
    let memory = watch(&mut import).await;
    let time = began.elapsed();
    over.store(true, Ordering::Relaxed);
    let done = import.wait_with_output().expect("it can be waited for");
    assert!(done.status.success(), "the import failed: {}", done.status);
    let report: Value = serde_json::from_slice(&done.stdout).expect("a report");
    assert_eq!(report["imported"], keys, "{report}");
    Taken { time, memory, longest_wait: others.await.expect("others can write") }
}

/// Waits for the process, and gives its peak of resident memory in KiB.
async fn watch(process: &mut Child) -> u64 {
    let status = format!("/proc/{}/status", process.id());
    let mut peak = 0;
    while process.try_wait().expect("a child can be asked").is_none() {
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
        peak = peak.max(now.unwrap_or(0));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    peak
}

/// Writes again and again, as sign-ins do, and gives the longest that it took.
async fn others(url: String, over: Arc<AtomicBool>) -> Duration {
    let store = Store::open(&url).await.expect("the database opens");
    let mut longest = Duration::ZERO;
    let rate = throttle::Rate { interval_millis: 1, burst: 1_000_000 };
    while !over.load(Ordering::Relaxed) {
        let began = Instant::now();
        let wrote = store.write(move |tx| Box::pin(async move { throttle::count(tx, 1, rate, 0).await }));
        if let Err(error) = wrote.await {
            println!("others gave up after {:?}: {error}", began.elapsed());
        }
        longest = longest.max(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    longest
}
