//! A server on loopback that nobody must connect to: it counts who does.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A listening port, on every address of this machine where it can be.
#[derive(Debug)]
pub struct Trap {
    /// The port.
    pub port: u16,
    connections: Arc<AtomicUsize>,
}

impl Trap {
    /// Begins to listen.
    ///
    /// # Panics
    /// When it cannot.
    #[must_use]
    pub fn set() -> Self {
        let connections = Arc::new(AtomicUsize::new(0));
        let first = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0)).expect("a port");
        let port = first.local_addr().expect("its address").port();
        // A machine without IPv6 cannot be reached by it.
        let second = TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, port))).ok();
        for listener in [Some(first), second].into_iter().flatten() {
            let connections = Arc::clone(&connections);
            std::thread::spawn(move || {
                for _stream in listener.incoming().filter(Result::is_ok) {
                    connections.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        Self { port, connections }
    }

    /// How many connections there have been. One that the system has taken but nobody here has seen yet is counted:
    /// another is made after it, and waited for.
    ///
    /// # Panics
    /// When it cannot be connected to itself: then it would have counted nothing.
    #[must_use]
    pub fn connections(&self) -> usize {
        let before = self.connections.load(Ordering::SeqCst);
        let own = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the trap is set");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while self.connections.load(Ordering::SeqCst) == before {
            assert!(std::time::Instant::now() < until, "the trap counts nothing");
            std::thread::yield_now();
        }
        drop(own);
        self.connections.fetch_sub(1, Ordering::SeqCst) - 1
    }
}
