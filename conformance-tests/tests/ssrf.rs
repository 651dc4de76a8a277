//! URLs that lead back into this machine or its network: nothing is connected to.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance_tests::trap::Trap;
use countersign_provider::outbound::{Outbound, OutboundSettings, Refused};

/// What a client could register as the address of its keys, with `PORT` where the trap listens.
const PAYLOADS: [&str; 48] = [
    "http://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/",
    "https://127.0.0.1:PORT/.well-known/jwks.json?a=b#c",
    "https://127.1:PORT/",
    "https://127.0.1:PORT/",
    "https://127.255.255.254:PORT/",
    "https://0:PORT/",
    "https://0.0.0.0:PORT/",
    "https://0x7f.1:PORT/",
    "https://0x7f000001:PORT/",
    "https://0X7F000001:PORT/",
    "https://2130706433:PORT/",
    "https://017700000001:PORT/",
    "https://0177.0.0.01:PORT/",
    "https://0177.0.0.0x1:PORT/",
    "https://127.0.0.1.:PORT/",
    "https://127.%30.0.1:PORT/",
    "https://%31%32%37.0.0.1:PORT/",
    "https://１２７.0.0.1:PORT/",
    "https://127。0。0。1:PORT/",
    "https://①②⑦.⓪.⓪.①:PORT/",
    "https://localhost:PORT/",
    "https://LOCALHOST:PORT/",
    "https://localhost.:PORT/",
    "https://ＬＯＣＡＬＨＯＳＴ:PORT/",
    "https://loc%61lhost:PORT/",
    "https://[::1]:PORT/",
    "https://[::]:PORT/",
    "https://[0:0:0:0:0:0:0:1]:PORT/",
    "https://[::ffff:127.0.0.1]:PORT/",
    "https://[::ffff:7f00:1]:PORT/",
    "https://[::127.0.0.1]:PORT/",
    "https://[64:ff9b::127.0.0.1]:PORT/",
    "https://[2002:7f00:1::]:PORT/",
    "https://[::1%25lo]:PORT/",
    "https://app.example@127.0.0.1:PORT/",
    "https://user:password@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT\\@app.example/",
    "https://app.example\\@127.0.0.1:PORT/",
    "https://127.0.0.1:PORT#@app.example/",
    "https:127.0.0.1:PORT/",
    "https:/127.0.0.1:PORT/",
    "https:///127.0.0.1:PORT/",
    "//127.0.0.1:PORT/",
    " https://127.0.0.1:PORT/",
    "https://127.0.0.1\t:PORT/",
    "gopher://127.0.0.1:PORT/_GET%20/",
    "HTTP://127.0.0.1:PORT/",
];

fn client(allow: &[&str]) -> Outbound {
    let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
    Outbound::new(&OutboundSettings { allow, ..Default::default() }).unwrap()
}

#[tokio::test]
async fn no_payload_reaches_the_trap() {
    let trap = Trap::set();
    // What is listed for other hosts opens nothing here.
    for client in [client(&[]), client(&["10.0.0.0/8", "app.example", "127.0.0.0"])] {
        for payload in PAYLOADS {
            let url = payload.replace("PORT", &trap.port.to_string());
            assert!(client.get_fresh(&url, &["application/json"]).await.is_err(), "{url}");
            assert!(client.post_form(&url, "logout_token=x".to_owned()).await.is_err(), "{url}");
        }
    }
    assert_eq!(trap.connections(), 0);
}

#[tokio::test]
async fn the_trap_would_have_been_reached() {
    let trap = Trap::set();
    let url = format!("https://127.0.0.1:{}/", trap.port);
    assert!(client(&["127.0.0.1"]).get_fresh(&url, &[]).await.is_err(), "it does not speak TLS");
    assert_eq!(trap.connections(), 1);
}

/// A host that the operator lists, and that sends whoever asks on to the trap.
#[tokio::test]
async fn a_listed_host_that_redirects_reaches_nothing() {
    let trap = Trap::set();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let here = listener.local_addr().unwrap();
    let (counted, there) = (Arc::new(AtomicUsize::new(0)), trap.port);
    let counter = Arc::clone(&counted);
    std::thread::spawn(move || {
        for (mut stream, status) in
            listener.incoming().flatten().zip([301, 302, 303, 307, 308].into_iter().cycle())
        {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4_096]);
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nlocation: http://127.0.0.1:{there}/\r\nrefresh: 0;url=http://127.0.0.1:{there}/\r\n\
                 content-length: 0\r\n\r\n"
            );
        }
    });
    let client = client(&["127.0.0.1"]);
    for _ in 0..5 {
        assert_eq!(client.get_fresh(&format!("http://{here}/"), &[]).await, Err(Refused::Redirect));
    }
    assert_eq!((counted.load(Ordering::SeqCst), trap.connections()), (5, 0));
}
