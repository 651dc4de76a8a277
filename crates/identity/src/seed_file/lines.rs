//! A file read line by line.

use std::cell::RefCell;
use std::io::{BufRead, Read as _};

use csv::ByteRecord;
use csv_core::ReadRecordResult;
use zeroize::Zeroizing;

use super::RowError;

/// The longest line read, in bytes.
pub(super) const MAX_LINE: usize = 4096;
/// The most fields of a line: more than any format has.
const MAX_FIELDS: usize = 64;

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

thread_local! {
    // Building one costs more than reading a line with it; and a clone of one does not work (csv-core 0.1.13).
    static READER: RefCell<csv_core::Reader> = RefCell::new(csv_core::Reader::new());
}

/// The fields of a comma-separated line, without the white space around them.
pub(super) fn split(line: &[u8], number: u64) -> Result<ByteRecord, RowError> {
    if line.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
        return Err(RowError::row(number, "quotes are left open", "close them on the same line"));
    }
    let record = READER.with_borrow_mut(|reader| fields(reader, line));
    record.ok_or_else(|| RowError::row(number, "this is no row", "write comma-separated values"))
}

fn fields(reader: &mut csv_core::Reader, line: &[u8]) -> Option<ByteRecord> {
    reader.reset();
    let mut text = Zeroizing::new([0; MAX_LINE]);
    let mut ends = [0; MAX_FIELDS];
    let (read, taken, written, before) = reader.read_record(line, &mut *text, &mut ends);
    if read != ReadRecordResult::InputEmpty || taken != line.len() {
        return None;
    }
    // The end of the input ends the last field.
    let (read, _, _, last) = reader.read_record(&[], &mut text[written..], &mut ends[before..]);
    if read != ReadRecordResult::Record {
        return None;
    }
    let mut record = ByteRecord::with_capacity(written, before + last);
    let mut start = 0;
    for end in &ends[..before + last] {
        record.push_field(text[start..*end].trim_ascii());
        start = *end;
    }
    Some(record)
}
