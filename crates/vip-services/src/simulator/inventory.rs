//! The tokens of the tenant: the same comma-separated file that the product's own inventory is imported from.

use std::io::Read;

use data_encoding::{BASE32_NOPAD, HEXUPPER_PERMISSIVE};
use zeroize::Zeroizing;

use super::token::{Kind, Token};

/// Why a file is none: with its line, and nothing of a seed.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct NoInventory {
    line: u64,
    what: &'static str,
}

/// Reads the tokens: columns `credential_id`, `kind`, and `seed_hex` or `seed_base32`; `digits`, `step` and
/// `counter` where they differ from 6, 30 and 0. Other columns are passed over.
///
/// # Errors
/// [`NoInventory`].
pub fn read(file: impl Read) -> Result<Vec<(String, Token)>, NoInventory> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let wrong = |line, what| NoInventory { line, what };
    let header = reader.headers().map_err(|_| wrong(1, "this is no heading of columns"))?.clone();
    let mut tokens = Vec::new();
    for record in reader.records() {
        let line = u64::try_from(tokens.len()).unwrap_or(u64::MAX).saturating_add(2);
        let record = record.map_err(|_| wrong(line, "this is no row"))?;
        let field = |name: &str| {
            let place = header.iter().position(|column| column == name)?;
            record.get(place).filter(|text| !text.is_empty())
        };
        let id = field("credential_id").ok_or_else(|| wrong(line, "credential_id is missing"))?;
        let seed = match (field("seed_hex"), field("seed_base32")) {
            (Some(hex), _) => HEXUPPER_PERMISSIVE.decode(hex.as_bytes()),
            (None, Some(text)) => {
                BASE32_NOPAD.decode(text.to_ascii_uppercase().trim_end_matches('=').as_bytes())
            }
            (None, None) => return Err(wrong(line, "seed_hex or seed_base32 is needed")),
        };
        let seed = seed.map_err(|_| wrong(line, "the seed cannot be read"))?;
        let number = |name, default| match field(name) {
            Some(text) => text.parse::<u64>().map_err(|_| wrong(line, "a number is expected")),
            None => Ok(default),
        };
        let (step, counter) = (number("step", 30)?, number("counter", 0)?);
        let kind = match field("kind") {
            Some("time") => Kind::Time { step: step.max(1) },
            Some("event") => Kind::Event,
            _ => return Err(wrong(line, "kind is time or event")),
        };
        let digits = u32::try_from(number("digits", 6)?).unwrap_or(0);
        if !(6..=8).contains(&digits) {
            return Err(wrong(line, "digits are 6 to 8"));
        }
        tokens.push((id.to_ascii_uppercase(), Token::new(kind, digits, Zeroizing::new(seed), counter)));
    }
    Ok(tokens)
}
