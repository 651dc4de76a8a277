//! A relying party with pages of its own, for browsers that meet `countersign serve`: `/login`, `/callback`,
//! `/claims.json` and `/logout`, as the demo's applications have them.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use countersign_store::secret;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use url::Url;

use crate::house::House;
use crate::relying_party::{Attempt, RelyingParty};

/// A running application; it ends when this is dropped.
#[derive(Debug)]
pub struct App {
    /// Where it is.
    pub base: String,
    /// Its registration.
    pub client: RelyingParty,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    base: String,
    client: RelyingParty,
    attempts: Mutex<HashMap<String, Attempt>>,
    sessions: Mutex<HashMap<String, (Value, String)>>,
}

impl App {
    /// Registers an application of `service`, with further options of `client add`, and starts it.
    ///
    /// # Panics
    /// When it cannot listen.
    pub async fn start(house: &House, service: &str, more: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let after = format!("{base}/");
        let more = [&["--post-logout-redirect-uri", &after], more].concat();
        let client = RelyingParty::register_at(house, service, &format!("{base}/callback"), &more);
        let inner = Inner {
            base: base.clone(),
            client: client.clone(),
            attempts: Mutex::default(),
            sessions: Mutex::default(),
        };
        let router = Router::new()
            .route("/", get(async || "Logged out"))
            .route("/login", get(login))
            .route("/callback", get(callback))
            .route("/claims.json", get(claims))
            .route("/logout", get(logout))
            .with_state(Arc::new(inner));
        let task = tokio::spawn(async move {
            drop(axum::serve(listener, router).await);
        });
        Self { base, client, task }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn login(State(app): State<Arc<Inner>>) -> Redirect {
    let attempt = app.client.begin(&[]);
    let to = attempt.url.to_string();
    app.attempts.lock().await.insert(attempt.state.clone(), attempt);
    Redirect::to(&to)
}

async fn callback(State(app): State<Arc<Inner>>, OriginalUri(uri): OriginalUri) -> Response {
    let url = Url::parse(&format!("{}{uri}", app.base)).expect("a request has a URL");
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned());
    let attempt = app.attempts.lock().await.get(&state.unwrap_or_default()).cloned();
    let Some(attempt) = attempt else { return StatusCode::BAD_REQUEST.into_response() };
    match app.client.code(&url, &attempt) {
        Ok(_) => {
            let (answer, claims) = app.client.tokens(&url, &attempt).await;
            let id = secret::id();
            let kept = (claims.0, answer.text("id_token").to_owned());
            app.sessions.lock().await.insert(id.clone(), kept);
            let port = app.base.rsplit(':').next().unwrap_or_default().to_owned();
            let cookie = format!("app-{port}={id}; Path=/; HttpOnly; SameSite=Lax");
            ([(header::SET_COOKIE, cookie)], Redirect::to("/claims.json")).into_response()
        }
        Err(error) => format!("The sign-in ended with {error}").into_response(),
    }
}

/// What the cookie of this browser stands for.
async fn session(app: &Inner, headers: &HeaderMap) -> Option<(String, (Value, String))> {
    let port = app.base.rsplit(':').next().unwrap_or_default();
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let own = format!("app-{port}=");
    let id = cookies.split("; ").find_map(|cookie| cookie.strip_prefix(&own))?;
    Some((id.to_owned(), app.sessions.lock().await.get(id)?.clone()))
}

async fn claims(State(app): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    match session(&app, &headers).await {
        Some((_, (claims, _))) => axum::Json(claims).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn logout(State(app): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    let Some((id, (_, token))) = session(&app, &headers).await else {
        return Redirect::to("/").into_response();
    };
    app.sessions.lock().await.remove(&id);
    let mut url = app.client.begin(&[]).url;
    url.set_path("/logout");
    let after = format!("{}/", app.base);
    url.query_pairs_mut()
        .clear()
        .append_pair("id_token_hint", &token)
        .append_pair("post_logout_redirect_uri", &after);
    Redirect::to(url.as_str()).into_response()
}
