//! Seed files: credentials as their makers, other servers and we write them.
//!
//! | format | file |
//! | --- | --- |
//! | our own comma-separated values | `own.rs`, its columns found by `header.rs` |
//! | Entra ID (Azure MFA) | `entra.rs` |
//! | OATH lists, as privacyIDEA takes them | `oath.rs` |
//! | Yubico's configuration log | `yubico.rs` |
//! | `otpauth://` URIs | `otpauth.rs` |
//! | `.vipaccess` | `vip_access.rs` |
//! | PSKC (RFC 6030) | `pskc/` |
//!
//! A format is recognized by how the file begins (`format.rs`), or named. A file is read row by row, however long it
//! is; what is wrong with one row doesn't keep the next from being read; and no message about a file holds a value
//! of it that might be a seed.

mod decode;
mod entra;
mod fields;
mod format;
mod header;
mod id;
mod lines;
mod oath;
mod otpauth;
mod own;
pub mod pskc;
mod vip_access;
mod yubico;

use std::fmt;
use std::io::{BufReader, Chain, Cursor, Read};

pub use format::Format;
pub use id::credential_id;

use crate::oath::{Kind, Seed};
use header::Header;
use lines::Lines;

/// One credential of a file. Its parameters are those of a token that can be.
#[derive(Debug, Clone)]
pub struct SeedRow {
    /// The line it is on, from 1.
    pub line: u64,
    /// The Credential ID in canonical form.
    pub credential_id: String,
    /// What moves it.
    pub kind: Kind,
    /// Its secret.
    pub seed: Seed,
    /// Digits of its codes, 6 to 8.
    pub digits: u32,
    /// Its step in seconds; 0 for an event-based one.
    pub period: u32,
    /// Its next counter; 0 for a time-based one. What precedes it counts as used.
    pub counter: i64,
    /// By how many steps its clock is ahead; 0 for an event-based one.
    pub drift: i32,
    /// The name of the organization it goes to, as the file spells it.
    pub organization: Option<String>,
    /// The address it is assigned to, as the file spells it.
    pub user: Option<String>,
    /// From when on it is not accepted, in Unix seconds. A date stands for its first second, UTC.
    pub expires_at: Option<i64>,
}

/// What is wrong with a row or with the header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RowError {
    /// The line, from 1.
    pub line: u64,
    /// The column, where it is one column's fault.
    pub column: Option<&'static str>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub fix: String,
}

impl RowError {
    /// What is wrong with a row as a whole.
    fn row(line: u64, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { line, column: None, what: what.into(), fix: fix.into() }
    }

    /// What is wrong with one value of a row.
    fn value(line: u64, column: &'static str, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { line, column: Some(column), what: what.into(), fix: fix.into() }
    }

    fn unreadable(line: u64, cause: &std::io::Error) -> Self {
        Self::row(line, format!("the file can't be read: {cause}"), "import it again")
    }
}

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}; {}", self.what, self.fix)
    }
}

/// How a file is to be read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Its format; recognized by its content when not named.
    pub format: Option<Format>,
    /// What an encrypted file is opened with.
    pub key: Option<pskc::FileKey>,
    /// The moment, in Unix seconds: a credential that may not be used yet is refused.
    pub now: i64,
}

/// What a file begins with is read ahead, to recognize it by.
type Source<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

/// A file being read: an iterator over its rows.
///
/// It goes on after a row that is wrong, so that one reading reports them all, and ends where the file can't
/// be read any further. That two rows have the same ID is for whoever collects them to find.
pub struct SeedFile<R> {
    format: Format,
    rows: Rows<R>,
}

enum Rows<R> {
    Lines(Lines<Source<R>>, Shape),
    One(Option<Result<SeedRow, RowError>>),
    Pskc(Box<pskc::Packages<Source<R>>>),
}

/// What each line of a file is.
enum Shape {
    Own(Header),
    Entra(Header),
    Oath,
    Yubico,
    Otpauth,
}

impl<R: Read> SeedFile<R> {
    /// Begins reading: recognizes the format, and reads the header of one that has a header.
    ///
    /// # Errors
    /// [`RowError`] when the format can't be told, or the header isn't its.
    pub fn open(mut file: R, reading: &Reading) -> Result<Self, RowError> {
        let (head, format) = match reading.format {
            Some(format) => (Vec::new(), format),
            None => {
                let head = format::head(&mut file).map_err(|cause| RowError::unreadable(1, &cause))?;
                let format = format::recognize(&head)?;
                (head, format)
            }
        };
        let source = BufReader::with_capacity(1 << 16, Cursor::new(head).chain(file));
        let rows = match format {
            Format::Own => with_header(source, Header::own, Shape::Own)?,
            Format::Entra => with_header(source, Header::entra, Shape::Entra)?,
            Format::Oath => Rows::Lines(Lines::new(source), Shape::Oath),
            Format::Yubico => Rows::Lines(Lines::new(source), Shape::Yubico),
            Format::Otpauth => Rows::Lines(Lines::new(source), Shape::Otpauth),
            Format::VipAccess => Rows::One(Some(vip_access::read(Lines::new(source)))),
            Format::Pskc => Rows::Pskc(Box::new(pskc::Packages::open(source, reading)?)),
        };
        Ok(Self { format, rows })
    }

    /// The file's format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }
}

impl<R: Read> Iterator for SeedFile<R> {
    type Item = Result<SeedRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Rows::One(row) => row.take(),
            Rows::Pskc(packages) => packages.next(),
            Rows::Lines(lines, shape) => loop {
                if let Err(error) = lines.advance()? {
                    return Some(Err(error));
                }
                if let Some(row) = shape.row(lines.line(), lines.number) {
                    return Some(row);
                }
            },
        }
    }
}

impl Shape {
    /// The row of a line; `None` for a line that is none.
    fn row(&self, line: &[u8], number: u64) -> Option<Result<SeedRow, RowError>> {
        match self {
            Self::Own(header) => {
                Some(lines::split(line, number).and_then(|row| own::parse(header, &row, number)))
            }
            Self::Entra(header) => {
                Some(lines::split(line, number).and_then(|row| entra::parse(header, &row, number)))
            }
            Self::Oath => oath::parse(line, number),
            Self::Yubico => yubico::parse(line, number),
            Self::Otpauth => otpauth::parse(line, number),
        }
    }
}

fn with_header<R: Read>(
    source: Source<R>,
    read: fn(Option<&csv::ByteRecord>) -> Result<Header, RowError>,
    shape: fn(Header) -> Shape,
) -> Result<Rows<R>, RowError> {
    let mut lines = Lines::new(source);
    let header = match lines.advance() {
        None => read(None),
        Some(line) => line.and_then(|()| read(Some(&lines::split(lines.line(), lines.number)?))),
    }?;
    Ok(Rows::Lines(lines, shape(header)))
}

#[cfg(test)]
mod tests;
