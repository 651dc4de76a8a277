//! A process of the program: started, waited for, listened to, ended.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::place;

/// A running process. It is ended when this is dropped; its log is printed if the test failed.
#[derive(Debug)]
pub struct Server {
    child: Child,
    log: Arc<Mutex<String>>,
    /// Where it listens: `http://127.0.0.1:port`.
    pub base: String,
}

/// A command of the program, without the configuration of whoever runs the tests.
#[must_use]
pub fn command() -> Command {
    let mut command = Command::new(place::program());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COUNTERSIGN__") {
            command.env_remove(name);
        }
    }
    command
}

impl Server {
    /// Starts `command` and waits until `{base}/readyz` answers.
    ///
    /// # Panics
    /// When it ends, or does not answer within a minute.
    #[must_use]
    pub fn start(mut command: Command, base: &str) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let log = Arc::new(Mutex::new(String::new()));
        if let Some(out) = child.stdout.take() {
            keep(out, &log);
        }
        if let Some(err) = child.stderr.take() {
            keep(err, &log);
        }
        let mut server = Self { child, log, base: base.to_owned() };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let address = self.base.trim_start_matches("http://").trim_start_matches("https://").to_owned();
        let until = Instant::now() + Duration::from_secs(60);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                std::thread::sleep(Duration::from_millis(100));
                panic!("the program ended with {status}:\n{}", self.log());
            }
            if ready(&address, self.base.starts_with("https")) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program is not ready after a minute:\n{}", self.log());
    }

    /// Everything it has printed so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lock().expect("the log is readable").clone()
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, as an operator's init system does, and waits for it.
    ///
    /// # Panics
    /// When it is still there after half a minute.
    pub fn stop(&mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        drop(Command::new("kill").args(["-TERM", &pid]).status());
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child can be asked") {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("the program does not stop:\n{}", self.log());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            let log = self.log();
            let from = log.char_indices().rev().nth(8_000).map_or(0, |(at, _)| at);
            eprintln!("--- the end of the program's log:\n{}", &log[from..]);
        }
    }
}

fn keep(stream: impl Read + Send + 'static, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            let mut log = log.lock().expect("the log is writable");
            log.push_str(&line);
            log.push('\n');
        }
    });
}

/// Whether it answers. Over TLS a listening socket has to do: the library here speaks plain HTTP.
fn ready(address: &str, tls: bool) -> bool {
    use std::io::Write as _;
    let Ok(mut stream) = std::net::TcpStream::connect(address) else { return false };
    if tls {
        return true;
    }
    let limit = Some(Duration::from_secs(5));
    drop(stream.set_read_timeout(limit));
    let ask = format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    let mut answer = [0_u8; 12];
    stream.write_all(ask.as_bytes()).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer.starts_with(b"HTTP/1.1 200")
}

/// Runs a command to its end, giving it `input`.
///
/// # Panics
/// When it cannot be started.
#[must_use]
pub fn run(mut command: Command, input: &str) -> Output {
    use std::io::Write as _;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    if let Some(mut pipe) = child.stdin.take() {
        // A command that reads nothing may have ended already.
        drop(pipe.write_all(input.as_bytes()));
    }
    child.wait_with_output().expect("the program ends")
}
