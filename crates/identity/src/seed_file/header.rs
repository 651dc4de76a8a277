//! Which column stands where: said by the first line of a table, or by its format.

use csv::ByteRecord;

use super::RowError;

/// The columns of our own format.
const OWN: [&str; 9] = [
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

/// The columns of Entra ID's format.
const ENTRA: [&str; 6] = ["upn", "serial number", "secret key", "time interval", "manufacturer", "model"];

/// The longest column name that a message repeats. In a file without a header the first line has a seed, and
/// the shortest seed is longer.
const REPEATED: usize = 20;

/// Where each column stands.
pub(super) struct Header {
    columns: &'static [&'static str],
    places: [Option<usize>; OWN.len()],
    /// How many columns there are.
    pub(super) width: usize,
}

impl Header {
    /// Reads the first record of a file in our own format, if it has one.
    pub(super) fn own(record: Option<&ByteRecord>) -> Result<Self, RowError> {
        let needed = "the first line must have credential_id, kind, and seed_base32 or seed_hex";
        let header = Self::read(&OWN, record, needed)?;
        header.needs(&["credential_id", "kind"], needed)?;
        match (header.place("seed_base32"), header.place("seed_hex")) {
            (None, None) => Err(wrong("there is neither a column seed_base32 nor a column seed_hex", needed)),
            (Some(_), Some(_)) => Err(wrong(
                "there are both seed_base32 and seed_hex",
                "keep the one that the seeds are written in",
            )),
            _ => Ok(header),
        }
    }

    /// Reads the first record of a file of Entra ID, if it has one.
    pub(super) fn entra(record: Option<&ByteRecord>) -> Result<Self, RowError> {
        let needed = "the first line must be upn,serial number,secret key,time interval,manufacturer,model";
        let header = Self::read(&ENTRA, record, needed)?;
        header.needs(&["serial number", "secret key", "time interval"], needed)?;
        Ok(header)
    }

    /// The columns of a format without a header, of which a row may leave out the last.
    pub(super) fn positional(columns: &'static [&'static str], width: usize) -> Self {
        let mut places = [None; OWN.len()];
        places.iter_mut().enumerate().take(columns.len()).for_each(|(at, place)| *place = Some(at));
        Self { columns, places, width }
    }

    fn read(
        columns: &'static [&'static str],
        record: Option<&ByteRecord>,
        needed: &str,
    ) -> Result<Self, RowError> {
        let Some(record) = record else { return Err(wrong("the file is empty", needed)) };
        let mut header = Self { columns, places: [None; OWN.len()], width: record.len() };
        for (place, name) in record.iter().enumerate() {
            let column = std::str::from_utf8(name)
                .ok()
                .and_then(|name| columns.iter().position(|column| name.eq_ignore_ascii_case(column)));
            let Some(column) = column else { return Err(unknown(place, name, columns)) };
            if header.places[column].replace(place).is_some() {
                let what = format!("the column {} is there twice", columns[column]);
                return Err(wrong(&what, "remove one of the two"));
            }
        }
        Ok(header)
    }

    fn needs(&self, columns: &[&str], needed: &str) -> Result<(), RowError> {
        match columns.iter().find(|column| self.place(column).is_none()) {
            Some(column) => Err(wrong(&format!("the column {column} is missing"), needed)),
            None => Ok(()),
        }
    }

    /// Where a column stands, from 0.
    pub(super) fn place(&self, column: &str) -> Option<usize> {
        let index = self.columns.iter().position(|name| *name == column)?;
        self.places[index]
    }
}

fn unknown(place: usize, name: &[u8], columns: &[&str]) -> RowError {
    let tame = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b' ' | b'-');
    let what = match std::str::from_utf8(name) {
        Ok(_) if name.contains(&b';') || name.contains(&b'\t') => {
            return wrong("the columns are not separated by commas", "separate them with commas");
        }
        Ok("") => format!("column {} has no name", place + 1),
        Ok(text) if name.len() <= REPEATED && name.iter().all(tame) => {
            format!("the column \"{text}\" is unknown")
        }
        Ok(_) => format!("column {} has no name that is known", place + 1),
        Err(_) => "the file is not UTF-8".to_owned(),
    };
    let fix = format!("the first line must name the columns; there are {}", columns.join(", "));
    wrong(&what, &fix)
}

fn wrong(what: &str, fix: &str) -> RowError {
    RowError::row(1, what, fix)
}
