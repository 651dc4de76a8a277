//! A kept connection that speaks as much HTTP/1.1 as the load needs. A real client library takes longer over a
//! request than the server does over the smallest ones, and a server that waits works differently.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A kept connection, and the cookies of the browser behind it.
#[derive(Debug)]
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
    host: String,
    /// By name.
    pub cookies: BTreeMap<String, String>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    head: String,
    /// The body, where it is text.
    pub body: String,
}

impl Answer {
    /// The headers of that name, which is given in lower case.
    pub fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        self.headers("location").next().unwrap_or_else(|| panic!("no redirect: {}\n{}", self.head, self.body))
    }

    /// A member of its JSON that is a text.
    pub fn text(&self, name: &str) -> String {
        let json: serde_json::Value = serde_json::from_str(&self.body).unwrap_or_default();
        let text = json[name].as_str().map(str::to_owned);
        text.unwrap_or_else(|| panic!("no {name}: {}\n{}", self.head, self.body))
    }
}

impl Wire {
    /// Connects to `address`, naming `host` in its requests.
    pub async fn open(address: &str, host: &str) -> Self {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        stream.set_nodelay(true).expect("a socket");
        Self {
            stream,
            received: Vec::with_capacity(32 * 1024),
            host: host.to_owned(),
            cookies: BTreeMap::new(),
        }
    }

    /// A request, ready to be sent any number of times.
    pub fn request(&self, line: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
        let mut text = format!("{line} HTTP/1.1\r\nhost: {}\r\n", self.host);
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            let form = "application/x-www-form-urlencoded";
            text.push_str(&format!("content-type: {form}\r\ncontent-length: {}\r\n", body.len()));
        }
        text.push_str("\r\n");
        text.push_str(body);
        text.into_bytes()
    }

    /// Sends a request, as a browser with its cookies does, and keeps the cookies of the answer.
    pub async fn browse(&mut self, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = cookies.join("; ");
        let mut all = vec![("accept", "text/html"), ("accept-language", "en")];
        all.extend(headers);
        if !cookies.is_empty() {
            all.push(("cookie", &cookies));
        }
        let request = self.request(line, &all, body);
        let answer = self.send(&request).await;
        for cookie in answer.headers("set-cookie") {
            let (name, rest) = cookie.split_once('=').expect("a cookie has a name");
            match rest.split(';').next().unwrap_or_default() {
                "" => self.cookies.remove(name),
                value => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        answer
    }

    /// Sends a request and reads its answer.
    pub async fn send(&mut self, request: &[u8]) -> Answer {
        let (status, head) = self.exchange(request).await;
        let body = String::from_utf8_lossy(&self.received[head..]).into_owned();
        let head = String::from_utf8_lossy(&self.received[..head]).into_owned();
        Answer { status, head, body }
    }

    /// Sends a request, and returns its status and where the head of its answer ends. The answer stays in the buffer
    /// until the next.
    pub async fn exchange(&mut self, request: &[u8]) -> (u16, usize) {
        self.stream.write_all(request).await.expect("the server reads");
        self.received.clear();
        let head = loop {
            let from = self.received.len().saturating_sub(3);
            self.read().await;
            let end = self.received[from..].windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break from + end + 4;
            }
        };
        let (status, length) = read_head(&self.received[..head]);
        while self.received.len() < head + length {
            self.read().await;
        }
        (status, head)
    }

    async fn read(&mut self) {
        let read = self.stream.read_buf(&mut self.received).await.expect("the server answers");
        assert!(read > 0, "the server hung up: {}", String::from_utf8_lossy(&self.received));
    }
}

/// The status and the length of the body.
fn read_head(head: &[u8]) -> (u16, usize) {
    let head = std::str::from_utf8(head).expect("a head is text");
    let status = head.get(9..12).and_then(|text| text.parse().ok()).expect("a status");
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    // 204 and 304 have neither a body nor a length.
    (status, length.unwrap_or(0))
}
