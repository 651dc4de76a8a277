//! What was found, on the terminal.

use crate::plans::Wanted;
use crate::run::Outcome;

/// Modules about unsigned tokens and request objects, which a provider without the algorithm `none` cannot run.
/// The suite skips them.
const UNSIGNED: [&str; 4] = [
    "oidcc-idtoken-unsigned",
    "oidcc-request-uri-unsigned",
    "oidcc-unsigned-request-object-",
    "oidcc-ensure-request-object-with-redirect-uri",
];

/// How a plan went.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The plan.
    pub wanted: Wanted,
    /// Its modules, in their order.
    pub outcomes: Vec<Outcome>,
    /// Why it could not be run.
    pub failure: Option<String>,
}

/// How many modules ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub all: usize,
    /// Passed.
    pub passed: usize,
    /// Passed, and a person should look at the picture.
    pub review: usize,
    /// Skipped as they must be.
    pub skipped: usize,
    /// Warned about.
    pub warning: usize,
    /// Failed, not run to the end, or skipped without need.
    pub failed: usize,
}

/// What a result means for us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// As it should be, with a picture to look at.
    Review,
    /// Skipped, as it must be without `none`.
    Skipped,
    /// A warning.
    Warning,
    /// Anything else.
    Failed,
}

impl Outcome {
    /// What its result means for us.
    pub fn verdict(&self) -> Verdict {
        match self.result.as_str() {
            "PASSED" => Verdict::Passed,
            "REVIEW" => Verdict::Review,
            "SKIPPED" if UNSIGNED.iter().any(|name| self.module.name.starts_with(name)) => Verdict::Skipped,
            "WARNING" => Verdict::Warning,
            _ => Verdict::Failed,
        }
    }
}

impl Counts {
    /// The sums over these.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.all += 1;
            *match outcome.verdict() {
                Verdict::Passed => &mut counts.passed,
                Verdict::Review => &mut counts.review,
                Verdict::Skipped => &mut counts.skipped,
                Verdict::Warning => &mut counts.warning,
                Verdict::Failed => &mut counts.failed,
            } += 1;
        }
        counts
    }
}

/// Prints the line of a module that is over, and what the suite objected to.
pub fn line(outcome: &Outcome) {
    let variant: Vec<&str> = outcome.module.variant.values().map(String::as_str).collect();
    let (result, name, seconds) = (&outcome.result, &outcome.module.name, outcome.seconds);
    println!("  {result:8} {seconds:5.1} s  {name}  [{}]  {}", variant.join("; "), outcome.run);
    if !matches!(outcome.verdict(), Verdict::Passed | Verdict::Review | Verdict::Skipped) {
        for objection in &outcome.objections {
            println!("      {objection}");
        }
    }
}

/// Prints the closing table. Returns whether everything was as it should be.
pub fn close(findings: &[Finding]) -> bool {
    println!("\nmodules  passed  review  skipped  warning  failed  plan");
    let print = |counts: Counts, name: &str| {
        let Counts { all, passed, review, skipped, warning, failed } = counts;
        println!("{all:7}  {passed:6}  {review:6}  {skipped:7}  {warning:7}  {failed:6}  {name}");
    };
    for finding in findings {
        print(Counts::of(&finding.outcomes), &format!("{} as {:?}", finding.wanted, finding.wanted.person));
        if let Some(failure) = &finding.failure {
            println!("         not run: {failure}");
        }
    }
    let all = Counts::of(findings.iter().flat_map(|finding| &finding.outcomes));
    print(all, "all");
    all.all > 0 && all.warning + all.failed == 0 && findings.iter().all(|finding| finding.failure.is_none())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::suite::Module;

    fn outcome(name: &str, result: &str) -> Outcome {
        let module = Module { name: name.to_owned(), variant: BTreeMap::new() };
        let (objections, run) = (Vec::new(), String::new());
        Outcome { module, result: result.to_owned(), objections, run, seconds: 0.0 }
    }

    #[test]
    fn only_what_needs_none_may_be_skipped() {
        for (name, result, verdict) in [
            ("oidcc-server", "PASSED", Verdict::Passed),
            ("oidcc-prompt-login", "REVIEW", Verdict::Review),
            ("oidcc-idtoken-unsigned", "SKIPPED", Verdict::Skipped),
            ("oidcc-refresh-token", "SKIPPED", Verdict::Failed),
            ("oidcc-server", "WARNING", Verdict::Warning),
            ("oidcc-server", "UNKNOWN", Verdict::Failed),
            ("oidcc-server", "ERROR", Verdict::Failed),
        ] {
            assert_eq!(outcome(name, result).verdict(), verdict, "{name} {result}");
        }
    }
}
