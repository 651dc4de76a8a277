//! The client against servers of its own on loopback.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that answers every request with the same bytes and remembers what it was asked.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answer: impl Into<Vec<u8>>) -> Self {
        Self::start_with(answer, true).await
    }

    async fn start_with(answer: impl Into<Vec<u8>>, closes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (asked, answer) = (Arc::new(Mutex::new(Vec::new())), answer.into());
        let seen = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (seen, answer) = (seen.clone(), answer.clone());
                tokio::spawn(async move {
                    let mut request = vec![0; 8_192];
                    let read = stream.read(&mut request).await.unwrap_or(0);
                    seen.lock().unwrap().push(String::from_utf8_lossy(&request[..read]).into_owned());
                    let _ = stream.write_all(&answer).await;
                    if !closes {
                        std::future::pending::<()>().await;
                    }
                });
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn client(allow: &[&str]) -> Outbound {
    let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
    let settings = OutboundSettings { allow, timeout: Duration::from_millis(1_500), ..Default::default() };
    Outbound::new(&settings).unwrap()
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\ncache-control: max-age=120\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn a_get_says_what_it_wants_and_nothing_about_anybody() {
    let server = Server::start(ok("{}")).await;
    let url = format!("{}/keys?a=b#fragment", server.base);
    let fetched =
        client(&["127.0.0.1"]).get(&url, &["application/jwk-set+json", "application/json"]).await.unwrap();
    assert_eq!((fetched.body.as_ref(), fetched.fresh_for), (&b"{}"[..], Duration::from_secs(120)));
    let asked = server.asked().remove(0).to_lowercase();
    let mut lines: Vec<&str> = asked.trim_end().split("\r\n").collect();
    assert_eq!(lines.remove(0), "get /keys?a=b http/1.1");
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "accept-encoding: identity",
            "accept: application/jwk-set+json, application/json",
            "connection: close",
            &format!("host: {}", server.base.trim_start_matches("http://")),
            &format!("user-agent: countersign/{}", env!("CARGO_PKG_VERSION")),
        ]
    );
}

#[tokio::test]
async fn a_form_is_posted_and_the_status_comes_back() {
    for (status, line) in
        [(200, "200 OK"), (204, "204 No Content"), (400, "400 Bad Request"), (302, "302 Found")]
    {
        let head = format!("HTTP/1.1 {line}\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n");
        let server = Server::start(head).await;
        let posted = client(&["127.0.0.1"]).post_form(&server.base, "logout_token=x".into()).await;
        assert_eq!(posted, Ok(status));
        let asked = server.asked().remove(0).to_lowercase();
        assert!(
            asked.starts_with("post / http/1.1\r\n") && asked.ends_with("\r\n\r\nlogout_token=x"),
            "{asked}"
        );
        assert!(asked.contains("content-type: application/x-www-form-urlencoded\r\n"), "{asked}");
    }
}

#[tokio::test]
async fn only_200_is_fetched_and_redirects_are_not_followed() {
    let there = Server::start(ok("{}")).await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} X\r\nlocation: {}/\r\ncontent-length: 0\r\n\r\n", there.base);
        let here = Server::start(head).await;
        assert_eq!(client(&["127.0.0.1"]).get(&here.base, &[]).await, Err(Refused::Redirect));
    }
    assert!(there.asked().is_empty());
    for status in [201, 204, 404, 500] {
        let server = Server::start(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await;
        assert_eq!(client(&["127.0.0.1"]).get(&server.base, &[]).await, Err(Refused::Status(status)));
    }
}

#[tokio::test]
async fn an_answer_ends_at_64_kib_whatever_its_head_says() {
    let fits = "x".repeat(64 * 1024);
    let server = Server::start(ok(&fits)).await;
    assert_eq!(client(&["127.0.0.1"]).get(&server.base, &[]).await.unwrap().body.len(), 64 * 1024);
    let over = "x".repeat(64 * 1024 + 1);
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{over}\r\n0\r\n\r\n",
        over.len()
    );
    let endless = format!("HTTP/1.1 200 OK\r\n\r\n{over}");
    for answer in [ok(&over), chunked, endless] {
        let server = Server::start_with(answer, false).await;
        assert_eq!(client(&["127.0.0.1"]).get(&server.base, &[]).await, Err(Refused::Long));
    }
}

#[tokio::test]
async fn what_is_not_http_or_ends_early_is_refused() {
    let heads = "HTTP/1.1 200 OK\r\nx: ".to_owned() + &"y".repeat(100_000);
    let many = "HTTP/1.1 200 OK\r\n".to_owned() + &"a: b\r\n".repeat(1_000);
    for answer in ["", "SSH-2.0-x\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}", &heads, &many] {
        let server = Server::start(answer).await;
        assert_eq!(client(&["127.0.0.1"]).get(&server.base, &[]).await, Err(Refused::Http), "{answer:.40}");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_given_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n{}";
    for answer in ["", "HTTP/1.1 200 OK\r\n", head] {
        let server = Server::start_with(answer, false).await;
        assert_eq!(client(&["127.0.0.1"]).get(&server.base, &[]).await, Err(Refused::Time));
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert_eq!(client(&["127.0.0.1"]).get(&format!("http://{nobody}/"), &[]).await, Err(Refused::Connection));
}

#[tokio::test]
async fn what_was_fetched_lately_is_not_asked_for_again() {
    let server = Server::start(ok("{}")).await;
    let client = client(&["127.0.0.1"]);
    for _ in 0..5 {
        client.get(&server.base, &[]).await.unwrap();
    }
    assert_eq!(server.asked().len(), 1);
    client.get_fresh(&server.base, &[]).await.unwrap();
    client.get(&server.base, &[]).await.unwrap();
    assert_eq!(server.asked().len(), 2);
    // OIDC Core §6.2: another fragment says that the content is another one.
    client.get(&format!("{}#2", server.base), &[]).await.unwrap();
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn nothing_listens_that_is_not_listed() {
    let server = Server::start(ok("{}")).await;
    let port = server.base.rsplit(':').next().unwrap();
    for client in [client(&[]), client(&["127.0.0.2", "10.0.0.0/8", "app.internal"])] {
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                assert!(
                    client.get(&url, &[]).await.is_err()
                        && client.check(&url).is_err() | (host == "localhost")
                );
                assert!(client.post_form(&url, String::new()).await.is_err());
            }
        }
    }
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn a_name_that_changes_its_address_is_connected_to_where_it_was_checked() {
    let server = Server::start(ok("{}")).await;
    let port = server.base.rsplit(':').next().unwrap();
    let (lookups, mut client) = (Arc::new(AtomicUsize::new(0)), client(&["127.0.0.2", "rebind.example"]));
    client.allow.retain(|listed| matches!(listed, Listed::Network(_)));
    let counted = lookups.clone();
    // 127.0.0.2 is allowed and silent; 127.0.0.1 is what a second look would find.
    client.resolver = Resolver::with(move |_, port| {
        let first = counted.fetch_add(1, Ordering::Relaxed) == 0;
        Ok(vec![([127, 0, 0, if first { 2 } else { 1 }], port).into()])
    });
    let url = format!("https://rebind.example:{port}/");
    assert_eq!(client.get(&url, &[]).await, Err(Refused::Connection));
    assert_eq!(lookups.load(Ordering::Relaxed), 1);
    assert_eq!(client.get_fresh(&url, &[]).await, Err(Refused::Address));
    assert!(server.asked().is_empty());
}
