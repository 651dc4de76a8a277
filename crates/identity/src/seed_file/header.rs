//! The first line of a seed file: which column stands where.

use csv::ByteRecord;

use super::RowError;

/// The columns there are.
const COLUMNS: [&str; 9] = [
    "credential_id",
    "kind",
    "seed_base32",
    "seed_hex",
    "digits",
    "step",
    "counter",
    "organization",
    "expires_at",
];

/// The longest column name that a message repeats. In a file without a header the first line has a seed, and
/// the shortest seed is longer.
const REPEATED: usize = 20;

/// Where each column stands.
pub(super) struct Header {
    places: [Option<usize>; COLUMNS.len()],
    /// How many columns there are.
    pub(super) width: usize,
}

impl Header {
    /// Reads the first record of a file, if it has one.
    pub(super) fn read(record: Option<&ByteRecord>) -> Result<Self, RowError> {
        let Some(record) = record else {
            return Err(wrong("the file is empty".to_owned(), needed()));
        };
        let mut header = Self { places: [None; COLUMNS.len()], width: record.len() };
        for (place, name) in record.iter().enumerate() {
            let column = std::str::from_utf8(name)
                .ok()
                .and_then(|name| COLUMNS.iter().position(|column| name.eq_ignore_ascii_case(column)));
            let Some(column) = column else { return Err(unknown(place, name)) };
            if header.places[column].replace(place).is_some() {
                let what = format!("the column {} is there twice", COLUMNS[column]);
                return Err(wrong(what, "remove one of the two".to_owned()));
            }
        }
        header.complete()
    }

    fn complete(self) -> Result<Self, RowError> {
        for column in ["credential_id", "kind"] {
            if self.place(column).is_none() {
                return Err(wrong(format!("the column {column} is missing"), needed()));
            }
        }
        match (self.place("seed_base32"), self.place("seed_hex")) {
            (None, None) => {
                Err(wrong("there is neither a column seed_base32 nor a column seed_hex".to_owned(), needed()))
            }
            (Some(_), Some(_)) => Err(wrong(
                "there are both seed_base32 and seed_hex".to_owned(),
                "keep the one that the seeds are written in".to_owned(),
            )),
            _ => Ok(self),
        }
    }

    /// Where a column stands, from 0.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        let index = COLUMNS.iter().position(|name| *name == column)?;
        self.places[index]
    }
}

fn unknown(place: usize, name: &[u8]) -> RowError {
    let tame = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ' | b'-');
    let name = match std::str::from_utf8(name) {
        Ok(_) if name.contains(&b';') || name.contains(&b'\t') => {
            let what = "the columns are not separated by commas".to_owned();
            return wrong(what, "separate them with commas".to_owned());
        }
        Ok("") => format!("column {} has no name", place + 1),
        Ok(text) if name.len() <= REPEATED && name.iter().all(tame) => {
            format!("the column \"{text}\" is unknown")
        }
        Ok(_) => format!("column {} has no name that is known", place + 1),
        Err(_) => "the file is not UTF-8".to_owned(),
    };
    let fix = format!("the first line must name the columns; there are {}", COLUMNS.join(", "));
    wrong(name, fix)
}

fn needed() -> String {
    "the first line must have credential_id, kind, and seed_base32 or seed_hex".to_owned()
}

fn wrong(what: String, fix: String) -> RowError {
    RowError { line: 1, column: None, what, fix }
}
