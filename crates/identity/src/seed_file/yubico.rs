//! What Yubico's personalization tool logs of the tokens it configures, in its two forms:
//!
//! ```csv
//! OATH-HOTP,11/12/26 10:11,1,UBHE12345678,,3132333435363738393031323334353637383930,,,0,0,0,6,0,0,0,0,0,0
//! 508326,,0,3132333435363738393031323334353637383930,,2026-11-12T10:11:12,
//! ```
//!
//! Both are event-based, with seeds in hexadecimal. Other configurations (Yubico OTP, static passwords) are no OATH
//! tokens, and are refused.

use super::fields::{Fields, Parameters};
use super::header::Header;
use super::{RowError, SeedRow, decode, lines};
use crate::oath::Kind;

/// The traditional form: event, moment, slot, token identifier, …, key, …, digits.
const TRADITIONAL: [&str; 6] = ["event", "date", "slot", "token identifier", "private identity", "key"];
/// Where the traditional form has the digits of a code.
const DIGITS: usize = 11;
/// The Yubico form: for an OATH token the identity is empty and the private identity 0.
const YUBICO: [&str; 6] = ["serial", "identity", "private identity", "key", "access code", "date"];

/// Reads one line; `None` for the log's own first line.
pub(super) fn parse(line: &[u8], number: u64) -> Option<Result<SeedRow, RowError>> {
    let begins = line.get(..13).is_some_and(|start| start.eq_ignore_ascii_case(b"LOGGING START"));
    (!begins).then(|| row(line, number))
}

fn row(line: &[u8], number: u64) -> Result<SeedRow, RowError> {
    let record = lines::split(line, number)?;
    let first = record.get(0).unwrap_or_default();
    let other = ["Yubico OTP", "Static Password", "OATH-TOTP"];
    if other.iter().any(|event| first.eq_ignore_ascii_case(event.as_bytes())) {
        return Err(RowError::row(number, "this is no event-based OATH token", "remove the line"));
    }
    if record.len() < TRADITIONAL.len() {
        let what = format!("there are {} fields where the log has six or more", record.len());
        return Err(RowError::row(number, what, "write the line as the tool logged it"));
    }
    let traditional = first.eq_ignore_ascii_case(b"OATH-HOTP");
    let columns = if traditional { &TRADITIONAL } else { &YUBICO };
    let header = Header::positional(columns, record.len());
    let fields = Fields { header: &header, record: &record, line: number };
    fields.well_formed()?;
    if !traditional && (fields.text("identity")?.is_some() || fields.text("private identity")? != Some("0")) {
        return Err(RowError::row(number, "this is no OATH token", "remove the line"));
    }
    let id = fields.id(if traditional { "token identifier" } else { "serial" })?;
    let seed = decode::hex_seed(fields.text("key")?.unwrap_or_default(), number, "key")?;
    let digits = match record.get(DIGITS).filter(|field| traditional && !field.is_empty()) {
        None => 6,
        Some(b"6") => 6,
        Some(b"8") => 8,
        Some(_) => return Err(RowError::value(number, "digits", "this is neither 6 nor 8", "write 6 or 8")),
    };
    Parameters { kind: Kind::Event, digits, step: 0, counter: 0, seed }.row(number, id, ["key", "digits", ""])
}
