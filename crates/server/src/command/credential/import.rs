//! `countersign credential import`

use std::fs::File;
use std::io::{IsTerminal as _, Read, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use countersign_identity::administration::{Import, ImportReport};
use countersign_identity::seed_file::Format;
use countersign_identity::seed_file::pskc::FileKey;
use serde_json::json;
use zeroize::Zeroizing;

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
    /// The file's format. It is recognized by its content when that is plain.
    #[arg(long, value_parser = formats())]
    format: Option<String>,
    /// The file that holds the pre-shared key of an encrypted PSKC file, in hexadecimal or base64.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The file that holds the password of an encrypted PSKC file; - for standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "key_file")]
    password_file: Option<PathBuf>,
}

fn formats() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(Format::ALL.map(Format::as_str))
}

/// The longest key or password read, in bytes.
const LONGEST: u64 = 4096;

pub async fn run(opened: &Opened, arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let import = Import {
        organization: arguments.organization.clone(),
        dry_run: arguments.dry_run,
        format: arguments.format.as_deref().and_then(Format::parse),
        key: key(arguments)?,
    };
    let input = open(&arguments.file)?;
    let terminal = std::io::stderr().is_terminal();
    let progress = |rows: u64| {
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

fn open(path: &Path) -> Result<Box<dyn Read>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(std::io::stdin()));
    }
    let unreadable = |error| Failure(format!("{} cannot be read: {error}", path.display()));
    Ok(Box::new(File::open(path).map_err(unreadable)?))
}

/// What the file is to be opened with.
fn key(arguments: &Arguments) -> Result<Option<FileKey>, Failure> {
    if let Some(path) = &arguments.key_file {
        let text = secret(path, &arguments.file)?;
        let wrong = || {
            Failure(format!(
                "{} holds no key: write 16, 24 or 32 bytes in hexadecimal or base64",
                path.display()
            ))
        };
        return FileKey::pre_shared(&text).map(Some).ok_or_else(wrong);
    }
    let Some(path) = &arguments.password_file else { return Ok(None) };
    let text = secret(path, &arguments.file)?;
    // The line's end is the editor's, not the password's.
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Some(FileKey::Password(Zeroizing::new(line.to_owned()))))
}

/// The text of a file that holds a secret.
fn secret(path: &Path, file: &Path) -> Result<Zeroizing<String>, Failure> {
    if path.as_os_str() == "-" && file.as_os_str() == "-" {
        return Err(Failure("standard input can't be both the file and its key: put one into a file".into()));
    }
    let mut text = Zeroizing::new(String::new());
    let read = open(path)?.take(LONGEST).read_to_string(&mut text);
    read.map_err(|error| Failure(format!("{} cannot be read: {error}", path.display())))?;
    Ok(text)
}

/// Says what came of an import. One that was refused ends with status 1, after its report.
fn finish(report: &ImportReport, dry_run: bool, output: &Output) -> Result<(), Failure> {
    let unlisted = report.error_count.saturating_sub(u64::try_from(report.errors.len()).unwrap_or(0));
    let sentence = match (report.errors.is_empty(), dry_run) {
        (true, false) => format!("{} credentials were imported", report.imported),
        (true, true) => format!("{} credentials can be imported", report.rows),
        (false, _) if unlisted > 0 => format!("{}\n… and {unlisted} more", report.errors.join("\n")),
        (false, _) => report.errors.join("\n"),
    };
    let members = [
        ("format", json!(report.format)),
        ("rows", json!(report.rows)),
        ("imported", json!(report.imported)),
        ("errors", json!(report.errors)),
        ("error_count", json!(report.error_count)),
        ("dry_run", json!(dry_run)),
    ];
    output.lines(&sentence, &members)?;
    match (report.errors.first(), report.error_count) {
        (None, _) => Ok(()),
        (Some(only), 1) => Err(Failure(format!("nothing was imported: {only}"))),
        (Some(first), count) => {
            Err(Failure(format!("nothing was imported: {first} (and {} more)", count - 1)))
        }
    }
}
