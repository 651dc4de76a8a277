//! Runs an OpenID conformance suite's plans against the program as it was built: our configuration, our people,
//! Chromium for the pages.
//!
//! `CONFORMANCE_SERVER=https://… cargo run -p conformance-tests --bin oidf -- --ca FILE [--plan NAME]…`
//!
//! | module | does |
//! | --- | --- |
//! | [`arguments`] | the command line |
//! | [`plans`] | which plans |
//! | [`provider`] | the program, its people, clients registered beforehand |
//! | [`suite`], [`https`] | the suite's API |
//! | [`run`] | a run of one module: waits, visits, rotates keys |
//! | [`walk`] | one visit: answers our pages, photographs those the suite wants to see |
//! | [`report`], [`markdown`] | what was found |
//!
//! The suite itself is not ours and not in this repository: `conformance-tests/oidf/README.md` says what it needs.
//! The exit status is 0 when every module passed, may be reviewed, or needed the algorithm `none`; 1 otherwise.

mod arguments;
mod https;
mod markdown;
mod plans;
mod provider;
mod report;
mod run;
mod suite;
mod walk;

use std::collections::VecDeque;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser as _;
use conformance_tests::cast::Human;
use countersign_store::Clock;
use tokio::sync::Mutex;
use url::Url;

use crate::arguments::{Arguments, Who};
use crate::https::{Failure, Https};
use crate::plans::Wanted;
use crate::provider::Provider;
use crate::report::Finding;
use crate::run::{Outcome, Stage, is_alone};
use crate::suite::{Module, Plan, Suite};

#[tokio::main]
async fn main() -> ExitCode {
    match run_all(Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("oidf: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run_all(arguments: Arguments) -> Result<bool, Failure> {
    let base = std::env::var("CONFORMANCE_SERVER");
    let base = base.map_err(|_| "set CONFORMANCE_SERVER to the URL of a suite that is running".to_owned())?;
    let base = Url::parse(&base).map_err(|error| format!("CONFORMANCE_SERVER: {error}"))?;
    let token = std::env::var("CONFORMANCE_TOKEN").ok();
    let suite = Suite::new(Https::new(base.clone(), arguments.ca.as_deref(), token)?);
    let mut wanted = plans::choose(include_str!("../../../oidf/plans.json"), &arguments.plans)?;
    if let Some(who) = arguments.person {
        wanted.iter_mut().for_each(|plan| plan.person = who);
    }
    let version = suite.version().await?;
    let stage = Stage { suite, provider: Arc::new(Provider::start(&arguments, base.as_str())) };
    let mut company = Company { stage: stage.clone(), arguments, people: Vec::new() };
    let mut findings = Vec::new();
    for plan in wanted {
        findings.push(company.run(plan).await);
    }
    let fine = report::close(&findings);
    if let Some(file) = &company.arguments.write {
        let date =
            chrono::DateTime::from_timestamp(Clock::System.now(), 0).unwrap_or_default().format("%Y-%m-%d");
        let heading = format!(
            "Run on {date}: {}, suite {version} at commit `{}`.",
            stage.provider.version(),
            company.arguments.suite_commit
        );
        markdown::write(file, &heading, &findings)?;
    }
    Ok(fine)
}

/// Those who run modules side by side.
struct Company {
    stage: Stage,
    arguments: Arguments,
    /// One person a browser, for each of the two kinds once it is needed.
    people: Vec<(Who, Vec<Arc<Mutex<Human>>>)>,
}

impl Company {
    /// Runs a plan.
    async fn run(&mut self, wanted: Wanted) -> Finding {
        println!("\n{wanted} as {:?}", wanted.person);
        let people = self.people(wanted.person).await;
        let config = self.stage.provider.plan(&wanted);
        let mut finding = Finding { wanted, outcomes: Vec::new(), failure: None };
        let plan = self.stage.suite.plan(&finding.wanted.plan, &finding.wanted.variant, &config).await;
        let plan = match plan {
            Ok(plan) => plan,
            Err(failure) => {
                println!("  not run: {failure}");
                finding.failure = Some(failure);
                return finding;
            }
        };
        let (alone, together): (Vec<_>, Vec<_>) = plan
            .modules
            .iter()
            .cloned()
            .enumerate()
            .filter(|(_, module)| self.is_wanted(module))
            .partition(|(_, module)| is_alone(module));
        let side_by_side = if finding.wanted.is_static() { &people[..1] } else { &people[..] };
        let mut outcomes = self.work(&plan, together, side_by_side).await;
        outcomes.extend(self.work(&plan, alone, &people[..1]).await);
        outcomes.sort_by_key(|(place, _)| *place);
        finding.outcomes = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        finding
    }

    /// Runs modules, as many at a time as there are people.
    async fn work(
        &self,
        plan: &Plan,
        modules: Vec<(usize, Module)>,
        people: &[Arc<Mutex<Human>>],
    ) -> Vec<(usize, Outcome)> {
        let queue = Arc::new(Mutex::new(VecDeque::from(modules)));
        let mut workers = tokio::task::JoinSet::new();
        for human in people {
            let (stage, plan, queue, human) =
                (self.stage.clone(), plan.clone(), queue.clone(), human.clone());
            workers.spawn(async move {
                let mut outcomes = Vec::new();
                loop {
                    let Some((place, module)) = queue.lock().await.pop_front() else { return outcomes };
                    let outcome = stage.run(&plan, module, human.clone()).await;
                    report::line(&outcome);
                    outcomes.push((place, outcome));
                }
            });
        }
        workers.join_all().await.into_iter().flatten().collect()
    }

    fn is_wanted(&self, module: &Module) -> bool {
        let named = &self.arguments.modules;
        named.is_empty() || named.iter().any(|name| module.name.contains(name.as_str()))
    }

    async fn people(&mut self, who: Who) -> Vec<Arc<Mutex<Human>>> {
        if let Some((_, people)) = self.people.iter().find(|(known, _)| *known == who) {
            return people.clone();
        }
        let people = self.stage.provider.people(who, self.arguments.parallel.max(1)).await;
        self.people.push((who, people.clone()));
        people
    }
}
