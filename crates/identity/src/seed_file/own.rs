//! Our own comma-separated values.
//!
//! ```csv
//! credential_id,kind,seed_hex,digits,step,counter,organization,expires_at
//! SYMC12345678,time,3132333435363738393031323334353637383930,6,30,,acme,2031-12-31
//! UBHE12345678,event,3132333435363738393031323334353637383930,,,1,,
//! ```
//!
//! The header names the columns, in any order. `credential_id`, `kind` and one of `seed_base32` and `seed_hex`
//! are needed; the others have defaults: 6 digits, a step of 30 s, a counter of 0.

use csv::ByteRecord;

use super::fields::{Fields, Parameters, moment};
use super::header::Header;
use super::{RowError, SeedRow, decode};
use crate::oath::{Kind, Seed};

/// Reads one record.
pub(super) fn parse(header: &Header, record: &ByteRecord, line: u64) -> Result<SeedRow, RowError> {
    let fields = Fields { header, record, line };
    fields.well_formed()?;
    let id = fields.id("credential_id")?;
    let kind = fields
        .text("kind")?
        .and_then(Kind::parse)
        .ok_or_else(|| fields.wrong("kind", "this is neither of the two kinds", "write time or event"))?;
    let digits = fields.small("digits", 6)?;
    let step = fields.small("step", 30)?;
    let counter = fields.number("counter", 0)?;
    if kind == Kind::Time && counter != 0 {
        let what = "a time-based token has no counter";
        return Err(fields.wrong("counter", what, "leave it empty, or write event as its kind"));
    }
    let (seed, column) = seed(&fields)?;
    let organization = fields.text("organization")?.map(str::to_owned);
    let expires_at = fields.text("expires_at")?.map(|text| {
        let fix = "write 2031-12-31, 2031-12-31T23:59:59Z or Unix seconds";
        moment(text).ok_or_else(|| fields.wrong("expires_at", "this is no date", fix))
    });
    let expires_at = expires_at.transpose()?;
    let row = Parameters { kind, digits, step, counter, seed }.row(line, id, [column, "digits", "step"])?;
    Ok(SeedRow { organization, expires_at, ..row })
}

fn seed(fields: &Fields<'_>) -> Result<(Seed, &'static str), RowError> {
    let hexadecimal = fields.header.place("seed_hex").is_some();
    let column = if hexadecimal { "seed_hex" } else { "seed_base32" };
    let text = fields.text(column)?.unwrap_or_default();
    let (decoded, what, fix) = if hexadecimal {
        let what = "this is not hexadecimal, or has an odd number of digits";
        (decode::hex(text), what, "write 0-9 and A-F, or name the column seed_base32")
    } else {
        let what = "this is not base32, or is cut short";
        (decode::base32(text), what, "write A-Z and 2-7, or name the column seed_hex")
    };
    let bytes = decoded.ok_or_else(|| fields.wrong(column, what, fix))?;
    Ok((decode::seed(bytes, fields.line, column)?, column))
}
