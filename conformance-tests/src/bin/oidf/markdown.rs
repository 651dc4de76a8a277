//! What was found, as `docs/conformance.md` shows it: the counts of each plan, then a table for each kind of plan
//! with a row a module and a column a variant.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use crate::arguments::Who;
use crate::https::Failure;
use crate::report::{Counts, Finding, Verdict};
use crate::run::Outcome;

const BEGIN: &str = "<!-- results -->";
const END: &str = "<!-- end of results -->";

/// Replaces the part of `file` that is between the two marks.
///
/// # Errors
/// When the file cannot be read or written, or lacks a mark.
pub fn write(file: &Path, heading: &str, findings: &[Finding]) -> Result<(), Failure> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let text = std::fs::read_to_string(file).map_err(|error| at(&error))?;
    let marks = text.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = marks.ok_or_else(|| at(&format!("{BEGIN} and {END} are not both in it")))?;
    let text = format!("{before}{BEGIN}\n\n{heading}\n\n{}\n{END}{after}", tables(findings));
    std::fs::write(file, text).map_err(|error| at(&error))
}

/// All tables.
fn tables(findings: &[Finding]) -> String {
    let mut text = String::from(
        "| plan | variants | person | modules | passed | review | skipped | warning | failed |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for finding in findings {
        let variants: Vec<&str> = finding.wanted.variant.values().map(String::as_str).collect();
        let (plan, person) = (&finding.wanted.plan, person(finding.wanted.person));
        row(&mut text, &format!("`{plan}` | {} | {person}", variants.join(", ")), &finding.outcomes);
    }
    row(&mut text, "**all** | | ", findings.iter().flat_map(|finding| &finding.outcomes));
    let mut kinds: Vec<&str> = Vec::new();
    for finding in findings {
        if !kinds.contains(&finding.wanted.plan.as_str()) {
            kinds.push(&finding.wanted.plan);
        }
    }
    for kind in kinds {
        let of_kind = findings.iter().filter(|finding| finding.wanted.plan == kind);
        let _ = write!(text, "\n### `{kind}`\n\n{}", matrix(&of_kind.collect::<Vec<_>>()));
    }
    text
}

fn row<'a>(text: &mut String, first: &str, outcomes: impl IntoIterator<Item = &'a Outcome>) {
    let Counts { all, passed, review, skipped, warning, failed } = Counts::of(outcomes);
    let _ = writeln!(text, "| {first} | {all} | {passed} | {review} | {skipped} | {warning} | {failed} |");
}

/// One row a module, one column a combination of variants.
fn matrix(findings: &[&Finding]) -> String {
    let mut columns: Vec<BTreeMap<String, String>> = Vec::new();
    let mut rows: Vec<(&str, BTreeMap<usize, &Outcome>)> = Vec::new();
    for finding in findings {
        for outcome in &finding.outcomes {
            let mut column = finding.wanted.variant.clone();
            column.extend(outcome.module.variant.clone());
            column.insert("person".to_owned(), person(finding.wanted.person).to_owned());
            let place = columns.iter().position(|known| *known == column).unwrap_or_else(|| {
                columns.push(column);
                columns.len() - 1
            });
            let name = outcome.module.name.as_str();
            match rows.iter_mut().find(|(known, cells)| *known == name && !cells.contains_key(&place)) {
                Some((_, cells)) => drop(cells.insert(place, outcome)),
                None => rows.push((name, BTreeMap::from([(place, outcome)]))),
            }
        }
    }
    let mut text = String::from("| module |");
    for heading in headings(&columns) {
        let _ = write!(text, " {heading} |");
    }
    let _ = writeln!(text, "\n| --- |{}", " --- |".repeat(columns.len()));
    for (name, cells) in rows {
        let _ = write!(text, "| {} |", name.strip_prefix("oidcc-").unwrap_or(name));
        for place in 0..columns.len() {
            let _ = write!(text, " {} |", cells.get(&place).map_or("", |outcome| cell(outcome)));
        }
        text.push('\n');
    }
    text
}

/// What tells the columns apart; what they have in common is above.
fn headings(columns: &[BTreeMap<String, String>]) -> Vec<String> {
    let names: BTreeSet<&String> = columns.iter().flat_map(BTreeMap::keys).collect();
    let differs = |name: &str| columns.iter().any(|column| column.get(name) != columns[0].get(name));
    let names: Vec<&String> = names.into_iter().filter(|name| differs(name)).collect();
    let heading = |column: &BTreeMap<String, String>| {
        let told = names.iter().filter_map(|name| column.get(*name).map(String::as_str));
        let told = told.collect::<Vec<_>>().join(", ");
        if told.is_empty() { "result".to_owned() } else { told }
    };
    columns.iter().map(heading).collect()
}

fn cell(outcome: &Outcome) -> &str {
    match outcome.verdict() {
        Verdict::Passed => "passed",
        Verdict::Review => "review",
        Verdict::Skipped => "skipped",
        Verdict::Warning => "**warning**",
        Verdict::Failed => "**failed**",
    }
}

fn person(who: Who) -> &'static str {
    match who {
        Who::Mss => "MSS",
        Who::Deepsight => "DeepSight",
    }
}
