//! A run of one module, from its beginning to its result.

use std::sync::Arc;
use std::time::{Duration, Instant};

use conformance_tests::browser::Browser;
use conformance_tests::cast::Human;
use tokio::sync::Mutex;

use crate::https::Failure;
use crate::provider::Provider;
use crate::suite::{Module, Plan, Suite};
use crate::walk::Walk;

/// Longest that any module has been seen to wait, several times over.
const PATIENCE: Duration = Duration::from_secs(300);
/// The module that begins only once our keys have been rotated.
const ROTATES_KEYS: &str = "oidcc-server-rotate-keys";

/// How a module went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which it was.
    pub module: Module,
    /// The suite's word, or `ERROR` when it could not be run to its end.
    pub result: String,
    /// What the suite objected to, and what went wrong here.
    pub objections: Vec<String>,
    /// Its number in the suite.
    pub run: String,
    /// Seconds it took.
    pub seconds: f64,
}

/// What every module needs.
#[derive(Clone)]
pub struct Stage {
    /// The suite.
    pub suite: Suite,
    /// We.
    pub provider: Arc<Provider>,
}

/// Whether a module must be alone: tokens signed with a new key are not understood by modules that have read the
/// old ones.
pub fn is_alone(module: &Module) -> bool {
    module.name == ROTATES_KEYS
}

impl Stage {
    /// Runs a module as this person.
    pub async fn run(&self, plan: &Plan, module: Module, human: Arc<Mutex<Human>>) -> Outcome {
        let began = Instant::now();
        let mut outcome = Outcome {
            module,
            result: "ERROR".to_owned(),
            objections: Vec::new(),
            run: String::new(),
            seconds: 0.0,
        };
        match self.suite.module(plan, &outcome.module).await {
            Ok(run) => outcome.run = run,
            Err(failure) => outcome.objections.push(failure),
        }
        if !outcome.run.is_empty() {
            // A browser that finds a page other than it should be panics: that ends the module, not the plan.
            let driven =
                tokio::spawn(drive(self.clone(), outcome.run.clone(), outcome.module.clone(), human));
            let ended = driven.await.unwrap_or_else(|panic| Err(said(panic)));
            if let Err(failure) = ended {
                outcome.objections.push(failure);
                drop(self.suite.cancel(&outcome.run).await);
            } else {
                self.read(&mut outcome).await;
            }
        }
        outcome.seconds = began.elapsed().as_secs_f64();
        outcome
    }

    async fn read(&self, outcome: &mut Outcome) {
        match self.suite.result(&outcome.run).await {
            Ok(result) => outcome.result = result,
            Err(failure) => outcome.objections.push(failure),
        }
        if !matches!(outcome.result.as_str(), "PASSED" | "REVIEW") {
            match self.suite.objections(&outcome.run).await {
                Ok(objections) => outcome.objections.extend(objections),
                Err(failure) => outcome.objections.push(failure),
            }
        }
    }
}

/// Does whatever the run waits for until it is over. A browser is opened when the first address is named.
async fn drive(stage: Stage, run: String, module: Module, human: Arc<Mutex<Human>>) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    let mut human = human.lock().await;
    let mut browser = None;
    let mut rotated = false;
    while Instant::now() < until {
        let state = stage.suite.state(&run).await?.unwrap_or_default();
        let visits = match state.as_str() {
            "FINISHED" | "INTERRUPTED" => {
                if let Some(browser) = browser {
                    Browser::close(browser).await;
                }
                return Ok(());
            }
            "CONFIGURED" if is_alone(&module) && !rotated => {
                stage.provider.rotate_keys().await;
                stage.suite.start(&run).await?;
                rotated = true;
                continue;
            }
            "WAITING" => stage.suite.visits(&run).await?,
            _ => Vec::new(),
        };
        if visits.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        for visit in visits {
            if browser.is_none() {
                browser = Some(Browser::open_for_frames().await);
            }
            let Some(browser) = &browser else { continue };
            let only_picture = module.name.starts_with("oidcc-registration-");
            let (suite, issuer) = (&stage.suite, stage.provider.issuer.as_str());
            let walk = Walk { suite, run: &run, issuer, browser, only_picture };
            walk.go(&visit, &mut human).await?;
        }
    }
    Err(format!("not over after {} s", PATIENCE.as_secs()))
}

/// What a panic said.
fn said(error: tokio::task::JoinError) -> Failure {
    let Ok(panic) = error.try_into_panic() else { return "the module's task was ended".to_owned() };
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
