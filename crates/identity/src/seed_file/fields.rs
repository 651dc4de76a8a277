//! The fields of a table's row.

use chrono::{DateTime, NaiveDate};
use csv::ByteRecord;

use super::header::Header;
use super::id::credential_id;
use super::{RowError, SeedRow, decode};
use crate::oath::{Kind, Seed, Token};

/// The highest counter taken: no token counts further in its life.
pub(super) const MAX_COUNTER: i64 = 999_999_999_999;

/// Where a row's fields come from, and its line.
pub(super) struct Fields<'a> {
    pub(super) header: &'a Header,
    pub(super) record: &'a ByteRecord,
    pub(super) line: u64,
}

impl<'a> Fields<'a> {
    pub(super) fn wrong(&self, column: &'static str, what: &str, fix: &str) -> RowError {
        RowError::value(self.line, column, what, fix)
    }

    /// Refuses a row that is no row of this table.
    pub(super) fn well_formed(&self) -> Result<(), RowError> {
        let (have, want) = (self.record.len(), self.header.width);
        if have != want {
            let what = format!("there are {have} fields where the header has {want}");
            return Err(RowError::row(self.line, what, "add or remove commas"));
        }
        if self.record.iter().any(|field| std::str::from_utf8(field).is_err()) {
            return Err(RowError::row(self.line, "the row is not UTF-8", "save the file as UTF-8"));
        }
        Ok(())
    }

    /// A field's text; `None` when the column isn't there or the field is empty.
    pub(super) fn text(&self, column: &'static str) -> Result<Option<&'a str>, RowError> {
        let Some(field) = self.header.place(column).and_then(|place| self.record.get(place)) else {
            return Ok(None);
        };
        let text = std::str::from_utf8(field)
            .map_err(|_| self.wrong(column, "this is not UTF-8", "save the file as UTF-8"))?;
        if text.chars().any(char::is_control) || text.len() > 200 {
            let what = "this is too long or has control characters";
            return Err(self.wrong(column, what, "write it in 200 plain characters or fewer"));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    pub(super) fn id(&self, column: &'static str) -> Result<String, RowError> {
        let id = self.text(column)?.unwrap_or_default();
        credential_id(id).ok_or_else(|| no_id(self.line, column))
    }

    pub(super) fn number(&self, column: &'static str, default: i64) -> Result<i64, RowError> {
        let Some(text) = self.text(column)? else { return Ok(default) };
        number(text)
            .ok_or_else(|| self.wrong(column, "this is no number, or too large a one", "write digits only"))
    }

    /// A number of which one that doesn't fit is out of range as well.
    pub(super) fn small(&self, column: &'static str, default: i64) -> Result<u32, RowError> {
        Ok(u32::try_from(self.number(column, default)?).unwrap_or(u32::MAX))
    }
}

/// What stands where a Credential ID should is none.
pub(super) fn no_id(line: u64, column: &'static str) -> RowError {
    let fix = "write the ID or serial number of the token, 4 to 100 letters and digits, such as SYMC12345678";
    RowError::value(line, column, "this is no Credential ID", fix)
}

/// A number of digits only, up to [`MAX_COUNTER`].
pub(super) fn number(text: &str) -> Option<i64> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= MAX_COUNTER)
}

/// A moment: a date, RFC 3339, or Unix seconds; up to the year 9999.
pub(super) fn moment(text: &str) -> Option<i64> {
    let seconds = || text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let moment = || DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp());
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
    };
    seconds().or_else(moment).or_else(day).filter(|at| (0..=253_402_300_799).contains(at))
}

/// What a token is made of.
pub(super) struct Parameters {
    pub(super) kind: Kind,
    pub(super) digits: u32,
    /// Without meaning for an event-based token.
    pub(super) step: u32,
    pub(super) counter: i64,
    pub(super) seed: Seed,
}

impl Parameters {
    /// The row of a token with these parameters. `columns` are those of its seed, its digits and its step, for what
    /// to say when one is out of range.
    pub(super) fn row(
        self,
        line: u64,
        credential_id: String,
        columns: [&'static str; 3],
    ) -> Result<SeedRow, RowError> {
        let token = Token::new(self.kind, self.digits, self.step, self.seed.clone());
        token.map_err(|error| decode::out_of_range(error, line, columns))?;
        Ok(SeedRow {
            line,
            credential_id,
            kind: self.kind,
            seed: self.seed,
            digits: self.digits,
            period: if self.kind == Kind::Time { self.step } else { 0 },
            counter: self.counter,
            drift: 0,
            organization: None,
            user: None,
            expires_at: None,
        })
    }
}
