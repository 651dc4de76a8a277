//! What the machine can do: a hash, a signature, an answer.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use axum::Router;
use axum::routing::get;
use conformance_tests::place::{Scratch, free_ports};
use josekit::jws::{self, JwsHeader};
use tokio::net::TcpListener;

use crate::load::{CONNECTIONS, TURN};
use crate::process::{Process, SERVER_CORE, pinned};
use crate::wire::Wire;

/// The three, in nanoseconds of CPU.
#[derive(Clone, Copy, Debug)]
pub struct Yardsticks {
    /// One Argon2id hash.
    pub hash: f64,
    /// One RS256 signature.
    pub signature: f64,
    /// One answer of a bare server.
    pub request: f64,
}

/// The bare server.
#[derive(Debug)]
pub struct Hello {
    process: Process,
    _scratch: Scratch,
}

impl Hello {
    /// Starts it on the server's core.
    pub fn start() -> Self {
        let scratch = Scratch::new();
        let address = format!("127.0.0.1:{}", free_ports(1));
        let mut command = pinned(SERVER_CORE, &this_program());
        command.args(["hello", &address]);
        let (process, _) = Process::start(command, &address, "/", &scratch.join("log"));
        Self { process, _scratch: scratch }
    }

    /// Takes all three.
    pub async fn yardsticks(&self) -> Yardsticks {
        let taken = pinned(SERVER_CORE, &this_program()).arg("yardstick").stderr(Stdio::inherit()).output();
        let taken = String::from_utf8(taken.expect("this program starts").stdout).expect("numbers are text");
        let mut numbers = taken.split_whitespace().filter_map(|number| number.parse().ok());
        let mut next = || numbers.next().expect("two numbers");
        let (hash, signature) = (next(), next());
        Yardsticks { hash, signature, request: self.request().await }
    }

    async fn request(&self) -> f64 {
        let mut wires = Vec::new();
        for _ in 0..CONNECTIONS {
            wires.push(Wire::open(&self.process.address, "localhost").await);
        }
        let before = self.process.cpu();
        let until = Instant::now() + TURN;
        let tasks: Vec<_> = wires.into_iter().map(|wire| tokio::spawn(ask(wire, until))).collect();
        let mut answers = 0_u64;
        for task in tasks {
            answers += task.await.expect("a load ends");
        }
        (self.process.cpu().all - before.all) as f64 / answers as f64
    }
}

async fn ask(mut wire: Wire, until: Instant) -> u64 {
    let request = wire.request("GET /", &[("accept", "*/*")], "");
    let mut answers = 0;
    while Instant::now() < until {
        assert_eq!(wire.exchange(&request).await.0, 200);
        answers += 1;
    }
    answers
}

/// The bare server's process.
pub async fn hello(address: &str) {
    let listener = TcpListener::bind(address).await.expect("a free port");
    let router = Router::new().route("/", get(async || "hello"));
    axum::serve(listener, router).await.expect("a server runs");
}

/// Prints nanoseconds a hash and a signature.
pub fn measure_primitives() {
    // OWASP's first choice, and the product's.
    let params = Params::new(19 * 1024, 2, 1, Some(32)).expect("Argon2 takes these");
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut blocks = vec![Block::new(); params.block_count()];
    let mut out = [0; 32];
    let hash = time(|| {
        argon2
            .hash_password_into_with_memory(
                b"seven quiet herons at low tide",
                &[7; 16],
                &mut out,
                &mut blocks,
            )
            .expect("Argon2 hashes");
    });
    let pair = jws::RS256.generate_key_pair(2048).expect("OpenSSL makes keys");
    let signer = jws::RS256.signer_from_pem(pair.to_pem_private_key()).expect("OpenSSL reads its own keys");
    let header = JwsHeader::new();
    let claims = [b'a'; 500];
    let signature = time(|| {
        jws::serialize_compact(&claims, &header, &signer).expect("OpenSSL signs");
    });
    println!("{hash} {signature}");
}

/// CPU nanoseconds that one `work` takes.
fn time(mut work: impl FnMut()) -> f64 {
    let spent = || {
        let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("the kernel counts");
        text.split(' ').next().and_then(|text| text.parse::<u64>().ok()).expect("a number")
    };
    let warm = Instant::now() + Duration::from_millis(50);
    while Instant::now() < warm {
        work();
    }
    let (before, until, mut done) = (spent(), Instant::now() + TURN, 0_u32);
    while Instant::now() < until {
        work();
        done += 1;
    }
    (spent() - before) as f64 / f64::from(done)
}

fn this_program() -> PathBuf {
    std::env::current_exe().expect("a program knows its own path")
}
