//! Lists of OATH tokens, as privacyIDEA takes them: `serial, hexkey, [hotp|totp], [digits], [step]`, without a
//! header. A token whose type is left out is event-based. What follows a `#` at the beginning of a line is a comment.

use super::fields::{Fields, Parameters};
use super::header::Header;
use super::{RowError, SeedRow, decode, lines};
use crate::oath::Kind;

const COLUMNS: [&str; 5] = ["serial", "key", "type", "digits", "step"];

/// Reads one line; `None` for a comment.
pub(super) fn parse(line: &[u8], number: u64) -> Option<Result<SeedRow, RowError>> {
    (!line.starts_with(b"#")).then(|| row(line, number))
}

fn row(line: &[u8], number: u64) -> Result<SeedRow, RowError> {
    let record = lines::split(line, number)?;
    if !(2..=COLUMNS.len()).contains(&record.len()) {
        let what = format!("there are {} fields", record.len());
        return Err(RowError::row(number, what, "write serial, key, hotp or totp, digits, step"));
    }
    let header = Header::positional(&COLUMNS, record.len());
    let fields = Fields { header: &header, record: &record, line: number };
    fields.well_formed()?;
    let id = fields.id("serial")?;
    let kind = match fields.text("type")? {
        None => Kind::Event,
        Some(text) if text.eq_ignore_ascii_case("hotp") => Kind::Event,
        Some(text) if text.eq_ignore_ascii_case("totp") => Kind::Time,
        Some(_) => return Err(fields.wrong("type", "this is no type taken here", "write hotp or totp")),
    };
    let digits = fields.small("digits", 6)?;
    let step = fields.small("step", 30)?;
    let seed = decode::hex_seed(fields.text("key")?.unwrap_or_default(), number, "key")?;
    Parameters { kind, digits, step, counter: 0, seed }.row(number, id, ["key", "digits", "step"])
}
