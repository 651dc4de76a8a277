//! `otpauth://` URIs, one a line, as token programs export them:
//!
//! ```text
//! otpauth://totp/VIP%20Access:SYMC12345678?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Symantec
//! otpauth://hotp/VIP%20Access:UBHE12345678?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=1
//! ```
//!
//! What follows the label's last colon is the Credential ID. `counter` is the next one; what precedes it counts as
//! used.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use super::fields::{Parameters, no_id, number};
use super::id::credential_id;
use super::{RowError, SeedRow, decode};
use crate::oath::Kind;

/// The parameters that matter here. Others (issuer, image) are for programs that show the token.
const KNOWN: [&str; 5] = ["secret", "algorithm", "digits", "period", "counter"];

/// Reads one line; `None` for a comment.
pub(super) fn parse(line: &[u8], at: u64) -> Option<Result<SeedRow, RowError>> {
    (!line.starts_with(b"#")).then(|| row(line, at))
}

fn row(line: &[u8], at: u64) -> Result<SeedRow, RowError> {
    let uri = std::str::from_utf8(line)
        .map_err(|_| RowError::row(at, "the row is not UTF-8", "save the file as UTF-8"))?;
    let none = || {
        let fix = "write otpauth://totp/VIP%20Access:SYMC12345678?secret=…";
        RowError::row(at, "this is no otpauth:// URI", fix)
    };
    let (scheme, rest) = uri.split_at_checked(10).ok_or_else(none)?;
    if !scheme.eq_ignore_ascii_case("otpauth://") {
        return Err(none());
    }
    let (path, query) = rest.split_once('?').ok_or_else(none)?;
    let (kind, label) = path.split_once('/').ok_or_else(none)?;
    let kind = match () {
        () if kind.eq_ignore_ascii_case("totp") => Kind::Time,
        () if kind.eq_ignore_ascii_case("hotp") => Kind::Event,
        () => return Err(RowError::value(at, "type", "this is no type taken here", "write totp or hotp")),
    };
    let label = percent_decode_str(label).decode_utf8_lossy();
    let id = label.rsplit(':').next().unwrap_or_default();
    let id = credential_id(id).ok_or_else(|| no_id(at, "label"))?;
    let values = Values::read(query.split('#').next().unwrap_or_default(), at)?;
    values.sha1()?;
    let digits = values.small("digits", 6)?;
    let step = if kind == Kind::Time { values.small("period", 30)? } else { 0 };
    let counter = if kind == Kind::Event { values.counter()? } else { 0 };
    let seed = decode::base32_seed(values.get("secret").unwrap_or_default(), at, "secret")?;
    Parameters { kind, digits, step, counter, seed }.row(at, id, ["secret", "digits", "period"])
}

/// The values of the known parameters, by their place in [`KNOWN`].
struct Values {
    values: [Option<Zeroizing<String>>; KNOWN.len()],
    at: u64,
}

impl Values {
    fn read(query: &str, at: u64) -> Result<Self, RowError> {
        let mut values = [const { None }; KNOWN.len()];
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(place) = KNOWN.iter().position(|known| name.eq_ignore_ascii_case(known)) else {
                continue;
            };
            let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
            if values[place].replace(Zeroizing::new(value)).is_some() {
                return Err(RowError::value(
                    at,
                    KNOWN[place],
                    "this is there twice",
                    "remove one of the two",
                ));
            }
        }
        Ok(Self { values, at })
    }

    fn get(&self, name: &str) -> Option<&str> {
        let place = KNOWN.iter().position(|known| *known == name)?;
        self.values[place].as_deref().map(String::as_str)
    }

    fn number(&self, name: &'static str) -> Result<Option<i64>, RowError> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let wrong =
            || RowError::value(self.at, name, "this is no number, or too large a one", "write digits only");
        number(text).map(Some).ok_or_else(wrong)
    }

    fn small(&self, name: &'static str, default: u32) -> Result<u32, RowError> {
        Ok(self.number(name)?.map_or(default, |number| u32::try_from(number).unwrap_or(u32::MAX)))
    }

    fn counter(&self) -> Result<i64, RowError> {
        let missing = || {
            let what = "an event-based token needs the next counter";
            RowError::value(self.at, "counter", what, "add &counter=0, or the counter it has reached")
        };
        self.number("counter")?.ok_or_else(missing)
    }

    fn sha1(&self) -> Result<(), RowError> {
        match self.get("algorithm") {
            None => Ok(()),
            Some(name)
                if ["SHA1", "SHA-1", "HMACSHA1"].iter().any(|sha1| name.eq_ignore_ascii_case(sha1)) =>
            {
                Ok(())
            }
            Some(_) => {
                let what = "only tokens with SHA-1 are taken here, as VIP tokens are";
                Err(RowError::value(self.at, "algorithm", what, "remove the line"))
            }
        }
    }
}
