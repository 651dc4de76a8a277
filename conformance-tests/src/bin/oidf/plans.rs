//! Which plans are run: those that `conformance-tests/oidf/plans.json` lists, or what the command line names.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::arguments::Who;
use crate::https::Failure;

/// A plan as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The suite's name for it.
    pub plan: String,
    /// The variants to choose; those that the plan fixes must not be among them.
    #[serde(default)]
    pub variant: BTreeMap<String, String>,
    /// Who signs in.
    #[serde(default)]
    pub person: Who,
}

impl Wanted {
    /// The plan's name without what all of them have in common.
    pub fn short(&self) -> &str {
        let name = self.plan.strip_prefix("oidcc-").unwrap_or(&self.plan);
        name.strip_suffix("-certification-test-plan").unwrap_or(name)
    }

    /// Whether its clients are registered beforehand, by us. They come back to addresses under one name, so its
    /// modules run one after the other.
    pub fn is_static(&self) -> bool {
        self.variant.get("client_registration").is_some_and(|how| how == "static_client")
    }
}

/// As the suite's own scripts write it.
impl fmt::Display for Wanted {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.plan)?;
        self.variant.iter().try_for_each(|(name, value)| write!(to, "[{name}={value}]"))
    }
}

/// The plans to run. Each of `named` is a part of the name of plans in `listed`, or a plan of its own with its
/// variants in brackets; when nothing is named, all that are listed.
///
/// # Errors
/// When `listed` is not as it should be, or nothing has such a name.
pub fn choose(listed: &str, named: &[String]) -> Result<Vec<Wanted>, Failure> {
    let listed: Vec<Wanted> = serde_json::from_str(listed).map_err(|error| format!("plans.json: {error}"))?;
    if named.is_empty() {
        return Ok(listed);
    }
    let mut chosen = Vec::new();
    for name in named {
        if name.contains('[') {
            chosen.push(written(name)?);
            continue;
        }
        // `basic` is the plan of that name; where there is none, whatever has it in its name.
        let exact = listed.iter().any(|plan| plan.short() == name);
        let is_meant = |plan: &&Wanted| if exact { plan.short() == name } else { plan.plan.contains(name) };
        let meant: Vec<&Wanted> = listed.iter().filter(is_meant).collect();
        let news = meant.iter().filter(|plan| !chosen.contains(**plan));
        chosen.extend(news.map(|plan| (*plan).clone()).collect::<Vec<_>>());
        if meant.is_empty() {
            return Err(format!("{name}: plans.json lists no such plan; write NAME[KEY=VALUE] for another"));
        }
    }
    Ok(chosen)
}

fn written(text: &str) -> Result<Wanted, Failure> {
    let mut parts = text.split('[');
    let plan = parts.next().unwrap_or_default().to_owned();
    let mut variant = BTreeMap::new();
    for part in parts {
        let pair = part.strip_suffix(']').and_then(|pair| pair.split_once('='));
        let (name, value) = pair.ok_or_else(|| format!("{text}: [{part} is not [KEY=VALUE]"))?;
        variant.insert(name.to_owned(), value.to_owned());
    }
    Ok(Wanted { plan, variant, person: Who::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = include_str!("../../../oidf/plans.json");

    #[test]
    fn a_plan_is_written_as_the_suites_scripts_write_it() {
        let text = "oidcc-dynamic-certification-test-plan[a=b][response_type=code id_token]";
        let plans = choose(LISTED, &[text.to_owned()]).unwrap();
        assert_eq!(plans[0].to_string(), text);
        assert_eq!(plans[0].short(), "dynamic");
    }

    #[test]
    fn what_nobody_listed_is_said() {
        for wrong in ["surely-not", "plan[a]", "plan[a=b"] {
            assert!(choose(LISTED, &[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_certification_profile_is_listed() {
        let plans = choose(LISTED, &[]).unwrap();
        let count = |short: &str| plans.iter().filter(|plan| plan.short() == short).count();
        for profile in ["basic", "implicit", "hybrid", "config", "formpost-basic", "formpost-implicit"] {
            assert!(count(profile) >= 1, "{profile}");
        }
        for profile in ["formpost-hybrid", "3rdparty-init-login", "rp-initiated-logout", "session-management"]
        {
            assert!(count(profile) >= 1, "{profile}");
        }
        assert_eq!(count("frontchannel-rp-initiated-logout") + count("backchannel-rp-initiated-logout"), 2);
        // One for each response type, and one for each way a client may prove itself.
        assert_eq!((count("dynamic"), count("test-plan")), (6, 4));
        assert!(plans.iter().any(|plan| plan.person == Who::Mss));
    }
}
