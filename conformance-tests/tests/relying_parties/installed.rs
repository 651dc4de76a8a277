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
        let folder = folder("npm");
        std::fs::create_dir_all(&folder).expect("a directory can be made");
        for file in std::fs::read_dir(source("")).expect("the programs can be listed") {
            let file = file.expect("the programs can be listed");
            std::fs::copy(file.path(), folder.join(file.file_name())).expect("a program can be copied");
        }
        let mut npm = Command::new("npm");
        run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder));
        folder
    })
}

/// A Python with the packages of PyPI that the programs import.
///
/// # Panics
/// When Python or its `venv` is missing, or pip cannot install them.
pub fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let folder = folder("python");
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        let python = folder.join("bin/python");
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        // As npm above: exactly what is listed, and nothing that would run while it is installed.
        run(pip.args(["--no-deps", "--only-binary=:all:", "--requirement"]).arg(source("requirements.txt")));
        python
    })
}

/// A file as it lies in the repository.
pub fn source(file: &str) -> PathBuf {
    top().join("conformance-tests/relying-parties").join(file)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("relying-parties").join(name)
}

fn run(command: &mut Command) {
    let done = command.output();
    let done = done.unwrap_or_else(|error| {
        panic!("{command:?}: {error}: start the tests through conformance-tests/run, which installs what they need")
    });
    let said = [done.stdout, done.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(done.status.success(), "{command:?}:\n{said}");
}
