//! A URL that somebody else chose, read so that there is one way to read it.

use std::net::IpAddr;

use url::{Host, Url};

use super::address::{self, Listed};
use super::refused::Refused;

/// The longest URL, in bytes.
const LONGEST: usize = 2_048;

/// Where a request goes.
#[derive(Clone, Debug)]
pub(super) struct Target {
    /// The URL without its fragment, as the parser spells it.
    pub url: Url,
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// Whether to speak TLS.
    pub tls: bool,
}

impl Target {
    /// Reads a URL and checks all that can be known of it before its name is resolved.
    pub fn parse(text: &str, allow: &[Listed]) -> Result<Self, Refused> {
        // What the parser would repair, another reader would read in another way: it is refused.
        if text.len() > LONGEST || text.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7f) {
            return Err(Refused::Url);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Refused::Url)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() || authority.contains('@') {
            return Err(Refused::Url);
        }
        let mut url = Url::parse(text).map_err(|_| Refused::Url)?;
        // The parser has turned 0x7f.1, 2130706433 and their like into addresses.
        let host = url.host().ok_or(Refused::Url)?.to_owned();
        let listed = match &host {
            Host::Domain(name) if name.is_empty() || name.ends_with('.') => return Err(Refused::Url),
            Host::Domain(name) => address::lists_name(allow, name),
            literal => {
                let address = literal_address(literal).ok_or(Refused::Url)?;
                let listed = address::lists_address(allow, address);
                if !listed && !address::is_public(address) {
                    return Err(Refused::Address);
                }
                listed
            }
        };
        let tls = match url.scheme() {
            "https" => true,
            // For an application on the operator's own machine, in tests above all.
            "http" if listed => false,
            _ => return Err(Refused::Scheme),
        };
        if !scheme.eq_ignore_ascii_case(url.scheme()) {
            return Err(Refused::Url);
        }
        url.set_fragment(None);
        let port = url.port_or_known_default().filter(|port| *port != 0).ok_or(Refused::Url)?;
        Ok(Self { url, host, port, tls })
    }

    /// Path and query, as the request line has them.
    pub fn path(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// Host and port, as the `Host` header has them.
    pub fn authority(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.to_string(),
        }
    }
}

/// The address a host is, when it is no name.
pub(super) fn literal_address(host: &Host) -> Option<IpAddr> {
    match host {
        Host::Ipv4(address) => Some(IpAddr::V4(*address)),
        Host::Ipv6(address) => Some(IpAddr::V6(*address)),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> Refused {
        Target::parse(text, &[]).map(|target| target.url).expect_err(text)
    }

    #[test]
    fn a_public_url_is_read_without_its_fragment() {
        let target = Target::parse("https://App.Example:8443/a%20b?c=d&e#f", &[]).unwrap();
        assert_eq!(target.url.as_str(), "https://app.example:8443/a%20b?c=d&e");
        assert_eq!(
            (target.path().as_str(), target.authority().as_str()),
            ("/a%20b?c=d&e", "app.example:8443")
        );
        assert_eq!((target.port, target.tls), (8443, true));
        let target = Target::parse("https://app.example", &[]).unwrap();
        assert_eq!(
            (target.path().as_str(), target.authority().as_str(), target.port),
            ("/", "app.example", 443)
        );
        let target = Target::parse("https://[2606:4700::1111]/", &[]).unwrap();
        assert_eq!(target.authority(), "[2606:4700::1111]");
    }

    #[test]
    fn loopback_is_refused_in_every_spelling() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.0.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "127.0.0.1.",
            "127.%30.0.1",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "127。0。0。1",
            "127.0.0.1:8080",
            "0",
            "0.0.0.0",
            "0x0",
            "[::1]",
            "[::]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[fe80::1]",
            "[fd00::1]",
            "169.254.169.254",
            "2852039166",
            "0xa9fea9fe",
            "0251.0376.0251.0376",
            "10.0.0.1",
            "192.168.0.1",
            "①②⑦.0.0.1",
        ] {
            assert_eq!(refusal(&format!("https://{host}/")), Refused::Address, "{host}");
        }
    }

    #[test]
    fn what_two_readers_could_read_in_two_ways_is_refused() {
        for text in [
            "",
            "app.example",
            "//app.example/",
            "https:app.example",
            "https:/app.example",
            "https://",
            "https:///a",
            "https://user@app.example/",
            "https://user:pass@app.example/",
            "https://@app.example/",
            "https://app.example@127.0.0.1/",
            "https://127.0.0.1@app.example/",
            "https://a@b@app.example/",
            "https:\\\\app.example/",
            "https://app.example\\@127.0.0.1/",
            "https://app.example /",
            " https://app.example/",
            "https://app.example/\n",
            "https://app.exa\tmple/",
            "https://app.example/a b",
            "https://app.example:0/",
            "https://app.example:99999/",
            "https://app.example:x/",
            "https://app.example./",
            "https://localhost./",
            "https://[::1",
            "https://[fe80::1%25eth0]/",
            "https://a..b%00/",
            "https://app.ex%2Fample/",
            "https://256.256.256.256/",
            "https://1.2.3.4.5/",
        ] {
            assert_eq!(refusal(text), Refused::Url, "{text}");
        }
        assert_eq!(refusal(&format!("https://app.example/{}", "a".repeat(2_048))), Refused::Url);
    }

    #[test]
    fn other_schemes_are_refused() {
        for scheme in ["http", "ftp", "gopher", "ws", "wss", "dict"] {
            let refused = refusal(&format!("{scheme}://app.example/"));
            assert!(matches!(refused, Refused::Scheme | Refused::Url), "{scheme}");
        }
        for text in [
            "file:///etc/passwd",
            "data:text/plain,x",
            "javascript:alert(1)",
            "unix:///run/x",
            "jar:https://a!/",
        ] {
            assert!(matches!(refusal(text), Refused::Scheme | Refused::Url), "{text}");
        }
    }

    #[test]
    fn plain_http_is_for_hosts_the_operator_lists() {
        let allow = ["127.0.0.1".parse().unwrap(), "app.internal".parse().unwrap()];
        for text in ["http://127.0.0.1:8080/", "http://app.internal/", "https://127.1/"] {
            assert!(Target::parse(text, &allow).is_ok(), "{text}");
        }
        for text in ["http://app.example/", "http://127.0.0.2/", "http://8.8.8.8/"] {
            assert!(Target::parse(text, &allow).is_err(), "{text}");
        }
    }
}
