//! Eight browsers and applications at once, each on a kept connection.

use std::time::{Duration, Instant};

use crate::process::Process;
use crate::stock::House;
use crate::worker::{Operation, Worker};

/// Connections at once.
pub const CONNECTIONS: usize = 8;
/// How long one measurement takes.
pub const TURN: Duration = Duration::from_millis(1_000);

/// The workers of one house.
#[derive(Debug)]
pub struct Load {
    workers: Vec<Worker>,
}

/// What one operation cost in one measurement, in nanoseconds of the server's CPU.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// In all.
    pub all: f64,
    /// Without the threads that hash passwords.
    pub besides_hashing: f64,
}

/// What one operation asks of the database, and of the network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Count {
    /// Statements.
    pub queries: u64,
    /// Commits, when nobody else shares them.
    pub commits: u64,
    /// Requests.
    pub requests: u64,
}

impl Load {
    /// Workers who are about to begin.
    pub fn new(workers: Vec<Worker>) -> Self {
        Self { workers }
    }

    /// Has all of them do an operation again and again for one turn.
    pub async fn drive(&mut self, server: &Process, operation: Operation) -> Cost {
        for worker in &mut self.workers {
            worker.prepare(operation).await;
        }
        let before = server.cpu();
        let until = Instant::now() + TURN;
        let tasks: Vec<_> = self
            .workers
            .drain(..)
            .map(|mut worker| {
                tokio::spawn(async move {
                    let mut done = 0_u64;
                    while Instant::now() < until {
                        worker.perform(operation).await;
                        done += 1;
                    }
                    (worker, done)
                })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            let (worker, own) = task.await.expect("the server does as it should");
            self.workers.push(worker);
            done += own;
        }
        let after = server.cpu();
        let (all, hashing) = (after.all - before.all, after.hashing - before.hashing);
        let each = |nanoseconds: u64| nanoseconds as f64 / done as f64;
        Cost { all: each(all), besides_hashing: each(all - hashing) }
    }

    /// Counts what each operation asks of the database: the median of five, each done alone.
    pub async fn count(&mut self, house: &House) -> Vec<Count> {
        let worker = &mut self.workers[0];
        let mut counts = Vec::new();
        for operation in Operation::ALL {
            worker.prepare(operation).await;
            let mut seen = Vec::new();
            for _ in 0..5 {
                let (first, second) = (house.counted().await, house.counted().await);
                // Asking has its own price.
                let (asking, asked) = (second.0 - first.0, worker.requests);
                worker.perform(operation).await;
                let last = house.counted().await;
                let queries = (last.0 - second.0).saturating_sub(asking);
                seen.push((queries, last.1 - second.1, worker.requests - asked));
            }
            seen.sort_unstable();
            let (queries, commits, requests) = seen[seen.len() / 2];
            counts.push(Count { queries, commits, requests });
        }
        counts
    }
}
