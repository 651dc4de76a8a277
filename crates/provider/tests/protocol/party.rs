//! An application that this server tells of a logout.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use tokio::task::JoinHandle;

/// An application that is told, and answers as the test wants it; 200 when that says nothing.
pub struct Party {
    /// Where it is told.
    pub uri: String,
    heard: Arc<Heard>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct Heard {
    bodies: Mutex<Vec<(String, String)>>,
    answers: Mutex<VecDeque<u16>>,
}

async fn hear(State(heard): State<Arc<Heard>>, headers: HeaderMap, body: String) -> StatusCode {
    let kind = headers["content-type"].to_str().unwrap().to_owned();
    heard.bodies.lock().unwrap().push((kind, body));
    let answer = heard.answers.lock().unwrap().pop_front();
    StatusCode::from_u16(answer.unwrap_or(200)).unwrap()
}

impl Party {
    /// One that answers so, one answer after the other.
    pub async fn open(answers: &[u16]) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/logout", listener.local_addr().unwrap());
        let heard = Arc::new(Heard { answers: Mutex::new(answers.to_vec().into()), ..Heard::default() });
        let router = Router::new().route("/logout", post(hear)).with_state(heard.clone());
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { uri, heard, task }
    }

    /// The tokens it was posted, each alone in its form.
    pub fn tokens(&self) -> Vec<String> {
        let heard = self.heard.bodies.lock().unwrap();
        let token = |(kind, body): &(String, String)| {
            assert_eq!(kind, "application/x-www-form-urlencoded");
            let token = body.strip_prefix("logout_token=").unwrap();
            assert!(!token.contains('&'), "{body}");
            token.to_owned()
        };
        heard.iter().map(token).collect()
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        self.task.abort();
    }
}
