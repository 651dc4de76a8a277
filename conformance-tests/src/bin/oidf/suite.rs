//! The conformance suite's own API.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hyper::{Method, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::https::{Failure, Https};

/// A running suite.
#[derive(Clone)]
pub struct Suite {
    http: Https,
}

/// A module of a plan, with the variants that the plan fixes for it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Module {
    /// Its name, `oidcc-server` for example.
    #[serde(rename = "testModule")]
    pub name: String,
    /// What is particular to this run of it.
    #[serde(default)]
    pub variant: BTreeMap<String, String>,
}

/// A plan that was made in the suite.
#[derive(Clone, Debug, Deserialize)]
pub struct Plan {
    /// Its number in the suite.
    pub id: String,
    /// Its modules in their order.
    pub modules: Vec<Module>,
}

/// An address that a module wants a browser to visit.
#[derive(Clone, Debug, Deserialize)]
pub struct Visit {
    /// The address.
    pub url: String,
    /// `GET`, or `POST` with the query as a form.
    pub method: String,
}

impl Suite {
    /// The suite behind `http`.
    pub fn new(http: Https) -> Self {
        Self { http }
    }

    /// The version it states.
    ///
    /// # Errors
    /// When it does not answer: it is not running, or not there.
    pub async fn version(&self) -> Result<String, Failure> {
        let server = self.get("api/server").await?;
        Ok(server["version"].as_str().unwrap_or("unknown").to_owned())
    }

    /// Makes a plan.
    ///
    /// # Errors
    /// When the suite refuses it: an unknown name, or variants that are not the plan's.
    pub async fn plan(
        &self,
        name: &str,
        variant: &BTreeMap<String, String>,
        config: &Value,
    ) -> Result<Plan, Failure> {
        let mut path = format!("api/plan?planName={}", encoded(name));
        if !variant.is_empty() {
            let _ = write!(path, "&variant={}", encoded(&Value::from_iter(variant.clone()).to_string()));
        }
        let made = self.ask(Method::POST, &path, ("application/json", config.to_string())).await?;
        serde_json::from_value(made).map_err(|error| format!("{name}: {error}"))
    }

    /// Makes a run of a module, which begins by itself in all cases but that of the key rotation. Returns its number.
    ///
    /// # Errors
    /// When the suite refuses it.
    pub async fn module(&self, plan: &Plan, module: &Module) -> Result<String, Failure> {
        let variant = Value::from_iter(module.variant.clone()).to_string();
        let (name, variant) = (encoded(&module.name), encoded(&variant));
        let path = format!("api/runner?test={name}&plan={}&variant={variant}", plan.id);
        let made = self.ask(Method::POST, &path, ("application/json", String::new())).await?;
        text(&made, "id")
    }

    /// Lets a configured run begin.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn start(&self, run: &str) -> Result<(), Failure> {
        self.ask(Method::POST, &format!("api/runner/{run}"), ("", String::new())).await.map(drop)
    }

    /// Ends a run.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn cancel(&self, run: &str) -> Result<(), Failure> {
        self.ask(Method::DELETE, &format!("api/runner/{run}"), ("", String::new())).await.map(drop)
    }

    /// Waits up to two seconds for a state in which there is something to do or nothing more to come.
    ///
    /// # Errors
    /// When the suite does not know the run.
    pub async fn state(&self, run: &str) -> Result<Option<String>, Failure> {
        let states = "FINISHED,INTERRUPTED,WAITING,CONFIGURED";
        let path = format!("api/runner/{run}/wait-state?states={states}&timeoutMs=2000");
        Ok(self.get(&path).await?["state"].as_str().map(str::to_owned))
    }

    /// Where a run wants a browser to go now.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn visits(&self, run: &str) -> Result<Vec<Visit>, Failure> {
        let mut run = self.get(&format!("api/runner/{run}")).await?;
        match run["browser"]["urlsWithMethod"].take() {
            Value::Null => Ok(Vec::new()),
            visits => serde_json::from_value(visits).map_err(|error| error.to_string()),
        }
    }

    /// Tells a run that its address is being visited.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn visiting(&self, run: &str, url: &str) -> Result<(), Failure> {
        let path = format!("api/runner/browser/{run}/visit?url={}", encoded(url));
        self.ask(Method::POST, &path, ("", String::new())).await.map(drop)
    }

    /// The pictures that a run still waits for, by the names of their places.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn pictures_wanted(&self, run: &str) -> Result<Vec<String>, Failure> {
        let images = self.get(&format!("api/log/{run}/images")).await?;
        let wanted = images.as_array().into_iter().flatten().filter_map(|entry| entry["upload"].as_str());
        Ok(wanted.map(str::to_owned).collect())
    }

    /// Hands in a picture, as a `data:` URL of 500 KB at most.
    ///
    /// # Errors
    /// When the suite does not take it.
    pub async fn picture(&self, run: &str, place: &str, data: String) -> Result<(), Failure> {
        self.ask(Method::POST, &format!("api/log/{run}/images/{place}"), ("text/plain", data)).await.map(drop)
    }

    /// How a run ended: `PASSED`, `REVIEW`, `WARNING`, `FAILED`, `SKIPPED`, or `UNKNOWN`.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn result(&self, run: &str) -> Result<String, Failure> {
        let info = self.get(&format!("api/info/{run}")).await?;
        Ok(info["result"].as_str().unwrap_or("UNKNOWN").to_owned())
    }

    /// What a run had to object to, a line each.
    ///
    /// # Errors
    /// When the suite does not know it.
    pub async fn objections(&self, run: &str) -> Result<Vec<String>, Failure> {
        let log = self.get(&format!("api/log/{run}")).await?;
        let told = |entry: &&Value| {
            matches!(entry["result"].as_str(), Some("FAILURE" | "WARNING" | "INTERRUPTED" | "SKIPPED"))
        };
        Ok(log.as_array().into_iter().flatten().filter(told).map(objection).collect())
    }

    async fn get(&self, path: &str) -> Result<Value, Failure> {
        self.ask(Method::GET, path, ("", String::new())).await
    }

    async fn ask(&self, method: Method, path: &str, body: (&str, String)) -> Result<Value, Failure> {
        let said = format!("{method} {}", path.split('?').next().unwrap_or_default());
        let (status, body) = self.http.send(method, path, body).await?;
        if !status.is_success() {
            let body: String = String::from_utf8_lossy(&body).chars().take(500).collect();
            return Err(format!("{said}: {status}: {body}"));
        }
        if body.is_empty() || status == StatusCode::NO_CONTENT {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| format!("{said}: {error}"))
    }
}

/// One entry of a log: the condition, what it said, and what it found.
fn objection(entry: &Value) -> String {
    let member = |name: &str| entry[name].as_str().unwrap_or_default();
    let mut line = format!("{} {}: {}", member("result"), member("src"), member("msg"));
    let known = [
        "_id",
        "testId",
        "testOwner",
        "src",
        "time",
        "msg",
        "result",
        "requirements",
        "blockId",
        "stacktrace",
    ];
    for (name, value) in entry.as_object().into_iter().flatten() {
        if !known.contains(&name.as_str()) {
            let value: String = value.to_string().chars().take(400).collect();
            let _ = write!(line, "\n        {name}: {value}");
        }
    }
    line
}

fn text(from: &Value, name: &str) -> Result<String, Failure> {
    from[name].as_str().map(str::to_owned).ok_or_else(|| format!("no {name:?} in {from}"))
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
