//! A file read line by line.

use std::io::{BufRead, Read as _};

use csv::ByteRecord;
use zeroize::Zeroizing;

use super::RowError;

/// The longest line read, in bytes.
pub(super) const MAX_LINE: usize = 4096;

/// The lines of a file that aren't blank. No field may have a line's end in it: quotes left open cost one row, not
/// the rest of the file.
pub(super) struct Lines<R> {
    file: R,
    line: Zeroizing<Vec<u8>>,
    /// The line last read, from 1.
    pub(super) number: u64,
    ended: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(file: R) -> Self {
        Self { file, line: Zeroizing::new(Vec::new()), number: 0, ended: false }
    }

    /// Goes to the next line, if there is one.
    pub(super) fn advance(&mut self) -> Option<Result<(), RowError>> {
        loop {
            if self.ended {
                return None;
            }
            self.line.clear();
            self.number += 1;
            let limit = u64::try_from(MAX_LINE + 1).unwrap_or(u64::MAX);
            match self.file.by_ref().take(limit).read_until(b'\n', &mut self.line) {
                Ok(0) => {
                    self.ended = true;
                    return None;
                }
                Ok(length) if length > MAX_LINE => {
                    self.ended = true;
                    let what = format!("the line is longer than {MAX_LINE} bytes");
                    return Some(Err(RowError::row(self.number, what, "end each row with a line break")));
                }
                Err(cause) => {
                    self.ended = true;
                    return Some(Err(RowError::unreadable(self.number, &cause)));
                }
                Ok(_) => {}
            }
            if !self.line().is_empty() {
                return Some(Ok(()));
            }
        }
    }

    /// The line, without the white space around it.
    pub(super) fn line(&self) -> &[u8] {
        let line = self.line.strip_prefix(b"\xef\xbb\xbf").filter(|_| self.number == 1);
        line.unwrap_or(&self.line).trim_ascii()
    }
}

/// The fields of a comma-separated line, without the white space around them.
pub(super) fn split(line: &[u8], number: u64) -> Result<ByteRecord, RowError> {
    if line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
        return Err(RowError::row(number, "quotes are left open", "close them on the same line"));
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .trim(csv::Trim::All)
        .buffer_capacity(line.len())
        .from_reader(line);
    let mut record = ByteRecord::new();
    match reader.read_byte_record(&mut record) {
        Ok(true) => Ok(record),
        _ => Err(RowError::row(number, "this is no row", "write comma-separated values")),
    }
}
