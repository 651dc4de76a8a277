//! What the programs in `relying-parties/` need, installed once for each run of these tests into the directory that
//! cargo gives them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use conformance_tests::place::top;

/// The programs, beside the packages of npm that they import.
///
/// # Panics
/// When npm is missing or cannot install them.
pub fn npm() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("relying-parties");
        std::fs::create_dir_all(&folder).expect("a directory can be made");
        for file in std::fs::read_dir(sources()).expect("the programs can be listed") {
            let file = file.expect("the programs can be listed");
            std::fs::copy(file.path(), folder.join(file.file_name())).expect("a program can be copied");
        }
        let mut npm = Command::new("npm");
        run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder));
        folder
    })
}

fn sources() -> PathBuf {
    top().join("conformance-tests/relying-parties")
}

fn run(command: &mut Command) {
    let done = command.output();
    let done = done.unwrap_or_else(|error| {
        panic!("{command:?}: {error}: start the tests through conformance-tests/run, which installs what they need")
    });
    let said = [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(done.status.success(), "{command:?}:\n{said}");
}
