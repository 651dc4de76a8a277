//! Processes on a core of their own, and what the kernel knows of them.

use std::fs::File;
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The core of what is measured.
pub const SERVER_CORE: &str = "0";
/// The core of the load.
pub const LOAD_CORE: &str = "1";

/// Confines this process, and what it starts from now on, to one core.
pub fn pin_self(core: &str) {
    let own = std::process::id().to_string();
    let done = Command::new("taskset").args(["-a", "-c", "-p", core, &own]).stdout(Stdio::null()).status();
    assert!(done.is_ok_and(|status| status.success()), "taskset (util-linux) and two cores are needed");
}

/// A command on a core of its own.
pub fn pinned(core: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core]).arg(program).stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COUNTERSIGN__") {
            command.env_remove(name);
        }
    }
    command
}

/// A running process; it is ended when this is dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    /// Where it listens: `host:port`.
    pub address: String,
}

/// CPU time so far, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu {
    /// Of all threads.
    pub all: u64,
    /// Of those that hash passwords.
    pub hashing: u64,
}

/// Memory by what a process has of its own, in MiB.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mebibytes(pub f64);

impl Process {
    /// Starts a process whose log goes to `log`, as an operator would keep it, and returns once `path` answers 200,
    /// with the time that took.
    pub fn start(mut command: Command, address: &str, path: &str, log: &Path) -> (Self, Duration) {
        let log = File::options().create(true).append(true).open(log).expect("a log can be written");
        command.stdout(log.try_clone().expect("a log has two ends")).stderr(log);
        let begun = Instant::now();
        let child = command.spawn().expect("taskset starts");
        let mut process = Self { child, address: address.to_owned() };
        while !answers(address, path) {
            let ended = process.child.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the program ended with {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(60), "not ready after a minute");
            std::thread::sleep(Duration::from_millis(1));
        }
        (process, begun.elapsed())
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has used so far, from the scheduler's own sums: they count nanoseconds where `stat` counts ticks.
    pub fn cpu(&self) -> Cpu {
        let mut cpu = Cpu::default();
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).expect("it is running");
        for thread in threads.filter_map(Result::ok) {
            let read = |name: &str| std::fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            let spent: u64 =
                read("schedstat").split(' ').next().and_then(|text| text.parse().ok()).unwrap_or(0);
            cpu.all += spent;
            if read("comm").starts_with("password-") {
                cpu.hashing += spent;
            }
        }
        cpu
    }

    /// Its share of the machine's memory (PSS).
    pub fn memory(&self) -> Mebibytes {
        let rollup = std::fs::read_to_string(format!("/proc/{}/smaps_rollup", self.child.id()));
        let rollup = rollup.expect("it is running");
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).expect("the kernel knows PSS");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
        Mebibytes(kib / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn answers(address: &str, path: &str) -> bool {
    use std::io::{Read as _, Write as _};
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = [0_u8; 12];
    stream.write_all(ask.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.starts_with(b"HTTP/1.1 200")
}
