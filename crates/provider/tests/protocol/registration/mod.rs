//! `/register`: clients that register themselves, and manage what they registered.

mod admission;
mod management;
mod metadata;
mod sector;

use axum::http::{Method, StatusCode};
use countersign_provider::ProviderSettings;
use countersign_provider::authorize::response::ResponseType;
use countersign_provider::registration::policy::RegistrationPolicy;
use countersign_store::client;
use serde_json::{Value, json};

use crate::house::{Answer, App, House, form};

/// A house where anybody may register a client.
async fn open_house(change: impl FnOnce(&mut RegistrationPolicy)) -> House {
    let mut policy = RegistrationPolicy { needs_token: false, ..RegistrationPolicy::default() };
    change(&mut policy);
    house_with(policy).await
}

async fn house_with(policy: RegistrationPolicy) -> House {
    House::open_with(settings(policy)).await
}

/// A server that allows every response type, and registration by that policy.
fn settings(policy: RegistrationPolicy) -> ProviderSettings {
    let response_types = ResponseType::ALL.iter().filter_map(|text| ResponseType::parse(text)).collect();
    ProviderSettings { response_types, registration: Some(policy), ..ProviderSettings::default() }
}

async fn register(house: &House, body: &Value) -> Answer {
    house.json(Method::POST, "/register", "", Some(body)).await
}

fn plain() -> Value {
    json!({"redirect_uris": ["https://rp.example/cb"]})
}

/// The plain metadata with more or other members.
fn with(more: &Value) -> Value {
    let mut body = plain();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// A client that registered itself.
struct Registered {
    told: Value,
}

impl Registered {
    async fn at(house: &House, more: &Value) -> Self {
        let answer = register(house, &with(more)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        Self { told: answer.json() }
    }

    fn text(&self, name: &str) -> &str {
        self.told[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", self.told))
    }

    async fn manage(&self, house: &House, method: Method, body: Option<&Value>) -> Answer {
        let (uri, token) = (self.text("registration_client_uri"), self.text("registration_access_token"));
        house.json(method, uri, token, body).await
    }

    /// An update to the plain metadata with more or other members.
    async fn update(&self, house: &House, more: &Value) -> Answer {
        let mut body = with(more);
        body.as_object_mut().unwrap().entry("client_id").or_insert_with(|| self.told["client_id"].clone());
        self.manage(house, Method::PUT, Some(&body)).await
    }

    /// It, as the tests of the other endpoints know clients.
    async fn app(&self, house: &House) -> App {
        let row = client::find(house.identity.store().read(), self.text("client_id")).await.unwrap().unwrap();
        App { row, secret: self.told["client_secret"].as_str().map(str::to_owned) }
    }
}

#[track_caller]
fn refused(answer: &Answer, code: &str, member: &str) {
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["error"], code, "{body}");
    let description = body["error_description"].as_str().unwrap();
    assert!(description.starts_with(&format!("{member}: ")), "{description}");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[track_caller]
fn unauthorized(answer: &Answer, challenge: &str) {
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    assert_eq!(answer.header("www-authenticate"), format!(r#"Bearer realm="countersign"{challenge}"#));
    assert_eq!(answer.json()["error"], "invalid_token");
}

const INVALID: &str = r#", error="invalid_token""#;

/// A code for a client that its person is asked about, and allows.
async fn allowed_code(house: &House, app: &App, cookies: &str) -> String {
    let asked = house.get(&app.request(&[]), cookies).await;
    assert_eq!(asked.path(), "/consent");
    let page = house.get(asked.header("location"), cookies).await;
    let action = page.text.split("action=\"").nth(1).unwrap().split('"').next().unwrap();
    let onward = house.post(&action.replace("&amp;", "&"), cookies, form(&[("decision", "allow")])).await;
    house.get(onward.header("location"), cookies).await.code()
}
