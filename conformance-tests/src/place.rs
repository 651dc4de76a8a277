//! Where things are: the program under test, directories that vanish, ports that nobody uses.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// The top of the repository.
#[must_use]
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository").to_owned()
}

/// The built program. `COUNTERSIGN_TEST_PROGRAM` names it; without that it is built, next to the tests
/// themselves and in their profile.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        if let Some(named) = std::env::var_os("COUNTERSIGN_TEST_PROGRAM") {
            return named.into();
        }
        let beside = beside();
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--quiet", "-p", "countersign"]).current_dir(top());
        if beside.ends_with("release") {
            cargo.arg("--release");
        }
        if let Some(target) = beside.parent() {
            cargo.arg("--target-dir").arg(target);
        }
        assert!(cargo.status().expect("cargo runs").success(), "the program does not build");
        beside.join("countersign")
    })
}

/// The directory of this profile's programs.
fn beside() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let inside = |name: &str| test.parent().is_some_and(|folder| folder.ends_with(name));
    let up = if inside("deps") || inside("examples") { 2 } else { 1 };
    test.ancestors().nth(up).expect("programs lie in a target directory").to_owned()
}

/// A directory of one test, removed with all that is in it when the test is over.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// A new, empty one that only this user may enter.
    ///
    /// # Panics
    /// When it cannot be made.
    #[must_use]
    pub fn new() -> Self {
        let name = format!("countersign-test-{}", countersign_store::secret::id());
        let path = std::env::temp_dir().join(name);
        let mut builder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).expect("a scratch directory can be made");
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Default for Scratch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Kept for whoever looks into a failure.
        if !std::thread::panicking() {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }
}

/// The first of `count` neighbouring ports on loopback that nobody listens on.
///
/// Each process of tests draws from a range of its own, below the ports that the kernel gives away by itself,
/// so that neither another test nor an outgoing connection takes one before it is used.
///
/// # Panics
/// When the machine has none left.
#[must_use]
pub fn free_ports(count: u16) -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let range = 10_000 + u16::try_from(std::process::id() % 200).expect("below 200") * 100;
    for _ in 0..200 {
        let first = range + NEXT.fetch_add(count, Ordering::Relaxed) % 97;
        let free = |port| TcpListener::bind(("127.0.0.1", port)).is_ok();
        if (first..first + count).all(free) {
            return first;
        }
    }
    panic!("no free ports between {range} and {}", range + 100);
}
