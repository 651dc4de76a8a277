//! Texts that stand for bytes. No error says what was in them: it may have been a seed.

use data_encoding::{BASE32_NOPAD, BASE64, BASE64_NOPAD, HEXUPPER};
use zeroize::Zeroizing;

use super::RowError;
use crate::oath::{Seed, TokenError};

type Bytes = Zeroizing<Vec<u8>>;

/// Hexadecimal in either case, with spaces or hyphens between.
pub(super) fn hex(text: &str) -> Option<Bytes> {
    HEXUPPER.decode(tidy(text).as_bytes()).ok().map(Zeroizing::new)
}

/// Base32 in either case, padded or not, with spaces or hyphens between.
pub(super) fn base32(text: &str) -> Option<Bytes> {
    BASE32_NOPAD.decode(tidy(text).as_bytes()).ok().map(Zeroizing::new)
}

/// Base64, padded or not, with white space between.
pub(super) fn base64(text: &str) -> Option<Bytes> {
    let tight: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let encoding = if tight.ends_with('=') { BASE64 } else { BASE64_NOPAD };
    encoding.decode(tight.as_bytes()).ok().map(Zeroizing::new)
}

fn tidy(text: &str) -> Zeroizing<String> {
    let between = |c: &char| c.is_ascii_whitespace() || *c == '-';
    let upper = |c: char| c.to_ascii_uppercase();
    Zeroizing::new(text.trim_end_matches('=').chars().filter(|c| !between(c)).map(upper).collect())
}

/// A seed written in hexadecimal, in that column.
pub(super) fn hex_seed(text: &str, line: u64, column: &'static str) -> Result<Seed, RowError> {
    let what = "this is not hexadecimal, or has an odd number of digits";
    let bytes = hex(text).ok_or_else(|| RowError::value(line, column, what, "write 0-9 and A-F"))?;
    seed(bytes, line, column)
}

/// A seed written in base32, in that column.
pub(super) fn base32_seed(text: &str, line: u64, column: &'static str) -> Result<Seed, RowError> {
    let what = "this is not base32, or is cut short";
    let bytes = base32(text).ok_or_else(|| RowError::value(line, column, what, "write A-Z and 2-7"))?;
    seed(bytes, line, column)
}

/// A seed of these bytes, in that column.
pub(super) fn seed(bytes: Bytes, line: u64, column: &'static str) -> Result<Seed, RowError> {
    Seed::new(bytes).map_err(|error| out_of_range(error, line, [column, "", ""]))
}

/// What to say of a parameter out of range, given the columns of the seed, the digits and the step.
pub(super) fn out_of_range(error: TokenError, line: u64, columns: [&'static str; 3]) -> RowError {
    let (column, fix) = match error {
        TokenError::Seed(_) => (columns[0], "write the whole seed, of 128 bits or more"),
        TokenError::Digits(_) => (columns[1], "write 6, 7 or 8"),
        TokenError::Period(_) => (columns[2], "write the seconds, 30 for most tokens"),
    };
    RowError::value(line, column, error.to_string(), fix)
}
