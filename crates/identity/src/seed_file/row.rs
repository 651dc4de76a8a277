//! One row of a seed file.

use chrono::{DateTime, NaiveDate};
use csv::ByteRecord;
use data_encoding::{BASE32_NOPAD, DecodeError, HEXUPPER};
use zeroize::Zeroizing;

use super::header::Header;
use super::{RowError, SeedRow, credential_id};
use crate::oath::{Kind, Seed, Token, TokenError};

/// The highest counter taken: no token counts further in its life.
const MAX_COUNTER: i64 = 999_999_999_999;

/// Where a row's fields come from, and its line.
struct Fields<'a> {
    header: &'a Header,
    record: &'a ByteRecord,
    line: u64,
}

/// Reads one record.
pub(super) fn parse(header: &Header, record: &ByteRecord, line: u64) -> Result<SeedRow, RowError> {
    let fields = Fields { header, record, line };
    fields.well_formed()?;
    let id = fields.text("credential_id")?.unwrap_or_default();
    let credential_id = credential_id(id).ok_or_else(|| {
        let fix = "write two to four letters and eight to ten digits, such as SYMC12345678";
        fields.wrong("credential_id", "this is no Credential ID", fix)
    })?;
    let kind = fields
        .text("kind")?
        .and_then(Kind::parse)
        .ok_or_else(|| fields.wrong("kind", "this is neither of the two kinds", "write time or event"))?;
    let (digits, step, counter) = fields.parameters(kind)?;
    let seed = fields.seed()?;
    let organization = fields.text("organization")?.map(str::to_owned);
    let expires_at = fields.expiry()?;
    let token = Token::new(kind, digits, step, seed.clone());
    token.map_err(|error| fields.refused(error))?;
    let period = if kind == Kind::Time { step } else { 0 };
    Ok(SeedRow { line, credential_id, kind, seed, digits, period, counter, organization, expires_at })
}

impl<'a> Fields<'a> {
    fn wrong(&self, column: &'static str, what: &str, fix: &str) -> RowError {
        RowError { line: self.line, column: Some(column), what: what.to_owned(), fix: fix.to_owned() }
    }

    fn refused(&self, error: TokenError) -> RowError {
        let (column, fix) = match error {
            TokenError::Seed(_) => (self.seed_column(), "write the whole seed, of 128 bits or more"),
            TokenError::Digits(_) => ("digits", "write 6, 7 or 8"),
            TokenError::Period(_) => ("step", "write the seconds, 30 for most tokens"),
        };
        self.wrong(column, &error.to_string(), fix)
    }

    /// Refuses a row that is no row of this table.
    fn well_formed(&self) -> Result<(), RowError> {
        let whole = |what: String, fix: &str| {
            Err(RowError { line: self.line, column: None, what, fix: fix.to_owned() })
        };
        let (have, want) = (self.record.len(), self.header.width);
        if have != want {
            return whole(
                format!("there are {have} fields where the header has {want}"),
                "add or remove commas",
            );
        }
        if self.record.iter().any(|field| std::str::from_utf8(field).is_err()) {
            return whole("the row is not UTF-8".to_owned(), "save the file as UTF-8");
        }
        Ok(())
    }

    /// A field's text; `None` when the column isn't there or the field is empty.
    fn text(&self, column: &'static str) -> Result<Option<&'a str>, RowError> {
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

    fn number(&self, column: &'static str, default: i64) -> Result<i64, RowError> {
        let Some(text) = self.text(column)? else { return Ok(default) };
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|number| digits && *number <= MAX_COUNTER)
            .ok_or_else(|| self.wrong(column, "this is no number, or too large a one", "write digits only"))
    }

    /// Digits, step and counter.
    fn parameters(&self, kind: Kind) -> Result<(u32, u32, i64), RowError> {
        // One that doesn't fit is out of range as well.
        let small = |number: i64| u32::try_from(number).unwrap_or(u32::MAX);
        let digits = small(self.number("digits", 6)?);
        let step = small(self.number("step", 30)?);
        let counter = self.number("counter", 0)?;
        if kind == Kind::Time && counter != 0 {
            let what = "a time-based token has no counter";
            return Err(self.wrong("counter", what, "leave it empty, or write event as its kind"));
        }
        Ok((digits, step, counter))
    }

    fn seed_column(&self) -> &'static str {
        if self.header.place("seed_hex").is_some() { "seed_hex" } else { "seed_base32" }
    }

    fn seed(&self) -> Result<Seed, RowError> {
        let column = self.seed_column();
        let typed = self.text(column)?.unwrap_or_default();
        let between = |c: &char| c.is_ascii_whitespace() || *c == '-';
        let upper = |c: char| c.to_ascii_uppercase();
        let text: Zeroizing<String> =
            Zeroizing::new(typed.trim_end_matches('=').chars().filter(|c| !between(c)).map(upper).collect());
        let (decoded, what, fix): (Result<Vec<u8>, DecodeError>, _, _) = if column == "seed_hex" {
            let what = "this is not hexadecimal, or has an odd number of digits";
            (HEXUPPER.decode(text.as_bytes()), what, "write 0-9 and A-F, or name the column seed_base32")
        } else {
            let what = "this is not base32, or is cut short";
            (BASE32_NOPAD.decode(text.as_bytes()), what, "write A-Z and 2-7, or name the column seed_hex")
        };
        // The cause of a decoding error names a character of the seed: it is left out.
        let bytes = decoded.map_err(|_| self.wrong(column, what, fix))?;
        Seed::new(bytes).map_err(|error| self.refused(error))
    }

    fn expiry(&self) -> Result<Option<i64>, RowError> {
        let Some(text) = self.text("expires_at")? else { return Ok(None) };
        let seconds = || text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let moment = || DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.timestamp());
        let day = || {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            Some(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp())
        };
        // Up to the year 9999.
        let found = seconds().or_else(moment).or_else(day).filter(|at| (0..=253_402_300_799).contains(at));
        let fix = "write 2031-12-31, 2031-12-31T23:59:59Z or Unix seconds";
        found.map(Some).ok_or_else(|| self.wrong("expires_at", "this is no date", fix))
    }
}
