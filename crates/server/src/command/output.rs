//! What commands print.

use std::io::{self, Write as _};

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value};

use super::Failure;

/// Prints tables or JSON on standard output.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    json: bool,
}

impl Output {
    /// JSON, or tables.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether programs read it.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// A list: a table with these columns, or an array of objects with these members.
    ///
    /// # Errors
    /// When standard output cannot be written to.
    pub fn list(&self, columns: &[&str], rows: &[Vec<Value>]) -> Result<(), Failure> {
        if self.json {
            let object = |row: &Vec<Value>| {
                Value::Object(
                    columns.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned()).collect(),
                )
            };
            return print(&pretty(&Value::Array(rows.iter().map(object).collect())));
        }
        if rows.is_empty() {
            return print("none\n");
        }
        print(&table(columns, rows))
    }

    /// One thing: a line for each member, or an object. Members without a value are left out of the lines.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn object(&self, members: &[(&str, Value)]) -> Result<(), Failure> {
        if self.json {
            let object: Map<_, _> =
                members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            return print(&pretty(&Value::Object(object)));
        }
        let width = members.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut lines = String::new();
        for (name, value) in members.iter().filter(|(_, value)| !value.is_null()) {
            let mut name = name.replace('_', " ");
            let several = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in several {
                lines.push_str(&format!("{name:width$}  {}\n", cell(value)));
                name.clear();
            }
        }
        print(&lines)
    }

    /// One thing whose members are all text.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn record(&self, members: &[(&str, String)]) -> Result<(), Failure> {
        let members: Vec<_> =
            members.iter().map(|(name, text)| (*name, Value::from(text.as_str()))).collect();
        self.object(&members)
    }

    /// What was done: a sentence for people, an object for programs.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn done(&self, sentence: &str, members: &[(&str, Value)]) -> Result<(), Failure> {
        if self.json { self.object(members) } else { print(&format!("{}\n", plain(sentence))) }
    }

    /// What was done, in several lines for people.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn lines(&self, lines: &str, members: &[(&str, Value)]) -> Result<(), Failure> {
        if self.json {
            return self.object(members);
        }
        print(&lines.lines().map(|line| format!("{}\n", plain(line))).collect::<String>())
    }
}

/// A time as people and programs read it (RFC 3339, UTC).
#[must_use]
pub fn time(seconds: Option<i64>) -> Value {
    let time = seconds.and_then(|seconds| DateTime::from_timestamp(seconds, 0));
    time.map_or(Value::Null, |time| time.to_rfc3339_opts(SecondsFormat::Secs, true).into())
}

/// Prints a text of our own for people.
///
/// # Errors
/// When standard output cannot be written to.
pub fn text(text: &str) -> Result<(), Failure> {
    print(text)
}

/// Says on standard error why a command failed.
pub fn failure(failure: &Failure) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(io::stderr().lock(), "countersign: {}", plain(&failure.0));
}

fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        // A reader that has seen enough (`| head`) is no failure.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure(format!("standard output cannot be written to: {error}")))
        }
        _ => Ok(()),
    }
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Value::Object(members) => members.values().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Text that leaves a terminal as it is: names come from files and people.
fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

fn table(columns: &[&str], rows: &[Vec<Value>]) -> String {
    let heads = columns.iter().map(|name| name.replace('_', " ").to_uppercase()).collect::<Vec<_>>();
    let lines = std::iter::once(heads).chain(rows.iter().map(|row| row.iter().map(cell).collect()));
    let lines: Vec<Vec<String>> = lines.collect();
    let width =
        |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    lines.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_table_lines_up_and_disarms_what_it_shows() {
        let rows = vec![vec![json!("acme"), json!("Acme\u{1b}[31m")], vec![json!("b"), Value::Null]];
        assert_eq!(table(&["id", "full_name"], &rows), "ID    FULL NAME\nacme  Acme\u{fffd}[31m\nb     -\n");
    }
}
