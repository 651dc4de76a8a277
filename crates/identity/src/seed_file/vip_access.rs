//! A `.vipaccess` file, which holds one time-based credential:
//!
//! ```text
//! version 1
//! secret GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ
//! id SYMC12345678
//! expiry 2029-11-25T00:00:00Z
//! ```

use std::io::BufRead;

use zeroize::Zeroizing;

use super::fields::{Parameters, moment, no_id};
use super::id::credential_id;
use super::lines::Lines;
use super::{RowError, SeedRow, decode};
use crate::oath::Kind;

const WORDS: [&str; 4] = ["version", "secret", "id", "expiry"];

/// Reads the whole file.
pub(super) fn read<R: BufRead>(mut lines: Lines<R>) -> Result<SeedRow, RowError> {
    let mut values: [Option<(Zeroizing<String>, u64)>; WORDS.len()] = [const { None }; WORDS.len()];
    while let Some(line) = lines.advance() {
        line?;
        if lines.line().starts_with(b"#") {
            continue;
        }
        let at = lines.number;
        let text = std::str::from_utf8(lines.line())
            .map_err(|_| RowError::row(at, "the line is not UTF-8", "save the file as UTF-8"))?;
        let (word, value) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let Some(place) = WORDS.iter().position(|known| word.eq_ignore_ascii_case(known)) else {
            let fix = "write version, secret, id and expiry, one a line";
            return Err(RowError::row(at, "this is no line of a .vipaccess file", fix));
        };
        if values[place].replace((Zeroizing::new(value.trim().to_owned()), at)).is_some() {
            let fix = "keep one credential in the file";
            return Err(RowError::value(at, WORDS[place], "this is there twice", fix));
        }
    }
    row(&values, lines.number)
}

fn row(values: &[Option<(Zeroizing<String>, u64)>; WORDS.len()], end: u64) -> Result<SeedRow, RowError> {
    let get = |place: usize| {
        let found = values[place].as_ref().map(|(text, at)| (text.as_str(), *at));
        found.ok_or_else(|| RowError::row(end, format!("there is no {}", WORDS[place]), "complete the file"))
    };
    let (version, at) = get(0)?;
    if version != "1" {
        return Err(RowError::value(at, "version", "this version is unknown", "write version 1"));
    }
    let (secret, secret_at) = get(1)?;
    let (id, at) = get(2)?;
    let id = credential_id(id).ok_or_else(|| no_id(at, "id"))?;
    let seed = decode::base32_seed(secret, secret_at, "secret")?;
    let expires_at = match &values[3] {
        None => None,
        Some((text, at)) => {
            let wrong = || RowError::value(*at, "expiry", "this is no date", "write 2031-12-31T23:59:59Z");
            Some(moment(text).ok_or_else(wrong)?)
        }
    };
    let parameters = Parameters { kind: Kind::Time, digits: 6, step: 30, counter: 0, seed };
    Ok(SeedRow { expires_at, ..parameters.row(at, id, ["secret", "", ""])? })
}
