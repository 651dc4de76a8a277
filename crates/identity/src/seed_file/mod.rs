//! Seed files: the inventory of VIP credentials as comma-separated values.
//!
//! ```csv
//! credential_id,kind,seed_hex,digits,step,counter,organization,expires_at
//! SYMC12345678,time,3132333435363738393031323334353637383930,6,30,,acme,2031-12-31
//! UBHE12345678,event,3132333435363738393031323334353637383930,,,1,,
//! ```
//!
//! The header names the columns, in any order. `credential_id`, `kind` and one of `seed_base32` and `seed_hex`
//! are needed; the others have defaults: 6 digits, a step of 30 s, a counter of 0. A file is read row by row,
//! however long it is, and no message about it holds a value of it that might be a seed.

mod header;
mod row;

use std::collections::HashMap;
use std::fmt;
use std::io::{BufRead as _, BufReader, Read};

use csv::ByteRecord;
use zeroize::Zeroizing;

use crate::oath::{Kind, Seed};
use header::Header;

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
    /// The name of the organization it goes to, as the file spells it.
    pub organization: Option<String>,
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

impl fmt::Display for RowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(column) = self.column {
            write!(f, ", {column}")?;
        }
        write!(f, ": {}; {}", self.what, self.fix)
    }
}

/// The longest line read, in bytes.
const MAX_LINE: usize = 4096;

/// A file being read: an iterator over its rows.
///
/// It goes on after a row that is wrong, so that one reading reports them all, and ends where the file can't
/// be read any further.
pub struct SeedFile<R> {
    lines: Lines<R>,
    header: Header,
    seen: HashMap<String, u64>,
}

impl<R: Read> SeedFile<R> {
    /// Begins reading: the header.
    ///
    /// # Errors
    /// [`RowError`] when the header doesn't name the columns needed, each once, and no others.
    pub fn open(file: R) -> Result<Self, RowError> {
        let mut lines =
            Lines { file: BufReader::new(file), line: Zeroizing::new(Vec::new()), number: 0, ended: false };
        let header = match lines.next() {
            None => Header::read(None),
            Some(record) => Header::read(Some(&record?)),
        }?;
        Ok(Self { lines, header, seen: HashMap::new() })
    }

    fn row(&mut self, record: &ByteRecord) -> Result<SeedRow, RowError> {
        let line = self.lines.number;
        let row = row::parse(&self.header, record, line)?;
        match self.seen.get(&row.credential_id) {
            Some(first) => Err(RowError {
                line,
                column: Some("credential_id"),
                what: format!("{} is on line {first} already", row.credential_id),
                fix: "remove one of the two".to_owned(),
            }),
            None => {
                self.seen.insert(row.credential_id.clone(), line);
                Ok(row)
            }
        }
    }
}

impl<R: Read> Iterator for SeedFile<R> {
    type Item = Result<SeedRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = self.lines.next()?;
        Some(record.and_then(|record| self.row(&record)))
    }
}

/// The lines of a file that aren't blank, each split into its fields. No field may have a line's end in it:
/// quotes left open cost one row, not the rest of the file.
struct Lines<R> {
    file: BufReader<R>,
    line: Zeroizing<Vec<u8>>,
    /// The line last read, from 1.
    number: u64,
    ended: bool,
}

impl<R: Read> Lines<R> {
    fn next(&mut self) -> Option<Result<ByteRecord, RowError>> {
        loop {
            if self.ended {
                return None;
            }
            self.line.clear();
            self.number += 1;
            let limit = u64::try_from(MAX_LINE + 1).unwrap_or(u64::MAX);
            match self.file.by_ref().take(limit).read_until(b'\n', &mut self.line) {
                Ok(0) => return None,
                Ok(length) if length > MAX_LINE => {
                    self.ended = true;
                    let what = format!("the line is longer than {MAX_LINE} bytes");
                    return Some(Err(self.wrong(what, "end each row with a line break")));
                }
                Err(cause) => {
                    self.ended = true;
                    let what = format!("the file can't be read: {cause}");
                    return Some(Err(self.wrong(what, "import it again")));
                }
                Ok(_) => {}
            }
            let line = self.line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1);
            let line = line.unwrap_or(&self.line).trim_ascii();
            if !line.is_empty() {
                return Some(self.split(line));
            }
        }
    }

    fn split(&self, line: &[u8]) -> Result<ByteRecord, RowError> {
        if line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
            return Err(self.wrong("quotes are left open".to_owned(), "close them on the same line"));
        }
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .trim(csv::Trim::All)
            .buffer_capacity(line.len())
            .from_reader(line);
        let mut record = ByteRecord::new();
        match reader.read_byte_record(&mut record) {
            Ok(true) => Ok(record),
            _ => Err(self.wrong("this is no row".to_owned(), "write comma-separated values")),
        }
    }

    fn wrong(&self, what: String, fix: &str) -> RowError {
        RowError { line: self.number, column: None, what, fix: fix.to_owned() }
    }
}

/// The canonical form of a Credential ID as typed: without spaces and hyphens, in upper case. `None` when it
/// can't be one: two to four letters, eight to ten digits.
#[must_use]
pub fn credential_id(typed: &str) -> Option<String> {
    // A bound on the work: no ID is near it.
    if typed.len() > 64 {
        return None;
    }
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    let id: String = typed.chars().filter(|c| !between(*c)).map(|c| c.to_ascii_uppercase()).collect();
    let letters = id.bytes().take_while(u8::is_ascii_uppercase).count();
    let digits = id.bytes().skip(letters).take_while(u8::is_ascii_digit).count();
    let whole = letters + digits == id.len();
    (whole && (2..=4).contains(&letters) && (8..=10).contains(&digits)).then_some(id)
}

#[cfg(test)]
mod tests;
