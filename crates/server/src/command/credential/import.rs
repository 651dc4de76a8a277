//! `countersign credential import`

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write as _};
use std::path::PathBuf;

use clap::Args;
use countersign_identity::administration::{Import, ImportReport};
use serde_json::json;

use super::super::{Failure, Opened, output::Output};

/// What is imported, and how.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file; - for standard input.
    file: PathBuf,
    /// The organization of rows that name none.
    #[arg(long)]
    organization: Option<String>,
    /// Only say what is wrong with the file, and import nothing.
    #[arg(long)]
    dry_run: bool,
}

pub async fn run(opened: &Opened, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let path = &arguments.file;
    let import = Import { organization: arguments.organization.clone(), dry_run: arguments.dry_run };
    let input: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        let unreadable = |error| Failure(format!("{} cannot be read: {error}", path.display()));
        Box::new(File::open(path).map_err(unreadable)?)
    };
    let terminal = std::io::stderr().is_terminal();
    let progress = |rows: usize| {
        if terminal {
            // A progress line that cannot be written is not worth stopping for.
            let _ = write!(std::io::stderr().lock(), "\r{rows} rows read");
        }
    };
    let report = opened.identity.import_credentials(input, &import, progress).await;
    if terminal {
        let _ = writeln!(std::io::stderr().lock());
    }
    let report = report?;
    finish(&report, import.dry_run, output)
}

/// Says what came of an import. One that was refused ends with status 1, after its report.
fn finish(report: &ImportReport, dry_run: bool, output: &Output) -> Result<(), Failure> {
    let sentence = match (report.errors.is_empty(), dry_run) {
        (true, false) => format!("{} credentials were imported", report.imported),
        (true, true) => format!("{} credentials can be imported", report.rows),
        (false, _) => report.errors.join("\n"),
    };
    let members = [
        ("rows", json!(report.rows)),
        ("imported", json!(report.imported)),
        ("errors", json!(report.errors)),
        ("dry_run", json!(dry_run)),
    ];
    output.lines(&sentence, &members)?;
    match report.errors.as_slice() {
        [] => Ok(()),
        [only] => Err(Failure(format!("nothing was imported: {only}"))),
        [first, rest @ ..] => {
            Err(Failure(format!("nothing was imported: {first} (and {} more rows)", rest.len())))
        }
    }
}
