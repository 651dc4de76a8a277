//! An application that hears of logouts, on a port of loopback.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Html;
use axum::routing::{get, post};
use conformance_tests::house::House;
use conformance_tests::relying_party::RelyingParty;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running application; it ends when this is dropped.
pub struct Listener {
    /// Where it is.
    pub base: String,
    heard: Arc<Heard>,
    task: JoinHandle<()>,
}

/// What it was told, and how it is to answer.
#[derive(Default)]
struct Heard {
    posted: Mutex<Vec<String>>,
    loaded: Mutex<Vec<String>>,
    answers: Mutex<VecDeque<u16>>,
    watch: Mutex<String>,
}

impl Listener {
    /// Starts it.
    pub async fn open() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", socket.local_addr().expect("an address"));
        let heard = Arc::<Heard>::default();
        let router = Router::new()
            .route("/told", post(told))
            .route("/forget", get(forget))
            .route("/callback", get(callback))
            .route("/out", get(async || Html("<h1>Out</h1>")))
            .with_state(heard.clone());
        let task = tokio::spawn(async move { drop(axum::serve(socket, router).await) });
        Self { base, heard, task }
    }

    /// Registers it, with its address under `path` as the value of `option`.
    pub fn register(&self, house: &House, option: &str, path: &str) -> RelyingParty {
        let [back, address, out] = ["/callback", path, "/out"].map(|path| format!("{}{path}", self.base));
        let more = [option, address.as_str(), "--post-logout-redirect-uri", out.as_str()];
        RelyingParty::register_at(house, "", &back, &more)
    }

    /// From now on its page watches the session through the provider's frame.
    pub fn watch(&self, issuer: &str, client: &str) {
        *self.heard.watch.lock().expect("mine") = WATCH.replace("ISSUER", issuer).replace("CLIENT", client);
    }

    /// Answers so, one answer after the other, and then 200.
    pub fn answer(&self, statuses: &[u16]) {
        *self.heard.answers.lock().expect("mine") = statuses.to_vec().into();
    }

    /// The logout tokens posted to it, each alone in its form.
    pub fn tokens(&self) -> Vec<String> {
        let posted = self.heard.posted.lock().expect("mine");
        let token = |body: &String| {
            let token = body.strip_prefix("logout_token=").unwrap_or_else(|| panic!("{body}"));
            assert!(!token.contains('&'), "{body}");
            token.to_owned()
        };
        posted.iter().map(token).collect()
    }

    /// The queries its front-channel address was loaded with.
    pub fn loaded(&self) -> Vec<String> {
        self.heard.loaded.lock().expect("mine").clone()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn told(State(heard): State<Arc<Heard>>, body: String) -> StatusCode {
    heard.posted.lock().expect("mine").push(body);
    let answer = heard.answers.lock().expect("mine").pop_front().unwrap_or(200);
    StatusCode::from_u16(answer).expect("a status")
}

async fn forget(State(heard): State<Arc<Heard>>, RawQuery(query): RawQuery) -> Html<&'static str> {
    heard.loaded.lock().expect("mine").push(query.unwrap_or_default());
    Html("forgotten")
}

async fn callback(State(heard): State<Arc<Heard>>) -> Html<String> {
    Html(format!("<h1>In</h1>{}", heard.watch.lock().expect("mine")))
}

/// OpenID Connect Session Management 1.0 §3.1: what a relying party's frame does.
const WATCH: &str = r#"
<p id="answer"></p><p id="errors">0</p>
<iframe id="op" hidden src="ISSUER/session/check"></iframe>
<script>
  const answer = document.getElementById("answer");
  const state = new URLSearchParams(location.search).get("session_state");
  addEventListener("message", (event) => {
    if (event.origin !== "ISSUER") return;
    const errors = document.getElementById("errors");
    if (event.data === "error") errors.textContent = Math.min(Number(errors.textContent) + 1, 3);
    else answer.textContent = event.data;
  });
  const op = document.getElementById("op");
  const ask = (message) => op.contentWindow.postMessage(message, "ISSUER");
  op.addEventListener("load", () => {
    ask("CLIENT");
    setInterval(() => ask("CLIENT " + state), 100);
  });
</script>"#;
