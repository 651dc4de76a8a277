//! Redirect URIs: how a registered one is recognised, and what may be registered.

use url::{Host, Url};

/// Whether `asked` is the `registered` URI, character by character.
///
/// `any_port` is for native apps: RFC 8252 §7.3 lets them take whatever port the system gives them on the
/// loopback interface, so there, and only there, the port alone may differ.
#[must_use]
pub fn matches(registered: &str, asked: &str, any_port: bool) -> bool {
    // RFC 9700 §2.1: exact string comparison; nothing is normalized.
    if registered == asked {
        return true;
    }
    any_port
        && LOOPBACK.iter().any(|host| match (registered.strip_prefix(host), asked.strip_prefix(host)) {
            (Some(registered), Some(asked)) => {
                matches!((after_port(registered), after_port(asked)), (Some(a), Some(b)) if a == b)
            }
            _ => false,
        })
}

/// The loopback interface by address. Never by name: `localhost` is whatever a resolver says (RFC 8252 §8.3).
const LOOPBACK: [&str; 2] = ["http://127.0.0.1", "http://[::1]"];

/// What follows an optional port; none when what follows the host is neither port, path nor query.
fn after_port(rest: &str) -> Option<&str> {
    let rest = match rest.strip_prefix(':') {
        Some(port) => {
            let end = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
            let (digits, rest) = port.split_at(end);
            let plain = !digits.starts_with('0') && digits.parse::<u16>().is_ok();
            plain.then_some(rest)?
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with('/') || rest.starts_with('?')).then_some(rest)
}

/// Why a URI can't be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// Not an absolute URI, or one that a parser would rewrite in part.
    #[error("it is not an absolute URI in its plain form")]
    Syntax,
    /// It carries a fragment (RFC 6749 §3.1.2).
    #[error("it must not have a fragment")]
    Fragment,
    /// It carries a user name.
    #[error("it must not carry a user name")]
    UserInfo,
    /// It has a wildcard.
    #[error("wildcards are not supported: register each URI")]
    Wildcard,
    /// Plain HTTP to somewhere else than this machine.
    #[error("http is only for 127.0.0.1 and [::1]: use https")]
    PlainHttp,
    /// A scheme that no client can own, or that a browser runs.
    #[error(
        "its scheme is neither https nor, for a public client, a private one with a dot (com.example.app)"
    )]
    Scheme,
    /// Longer than a request may carry.
    #[error("it is longer than 1000 characters")]
    Long,
}

/// Checks a redirect or post-logout redirect URI before it is registered. `public` clients may use private
/// schemes (RFC 8252 §7.1).
///
/// # Errors
/// [`Unfit`].
pub fn check(uri: &str, public: bool) -> Result<(), Unfit> {
    if uri.len() > 1000 {
        return Err(Unfit::Long);
    }
    if uri.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'\\' | b'"' | b'<' | b'>')) {
        return Err(Unfit::Syntax);
    }
    if uri.contains('*') {
        return Err(Unfit::Wildcard);
    }
    let url = Url::parse(uri).map_err(|_| Unfit::Syntax)?;
    if url.fragment().is_some() {
        return Err(Unfit::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() || authority(uri).contains('@') {
        return Err(Unfit::UserInfo);
    }
    match url.scheme() {
        "https" => plain(uri, &url),
        "http" => match url.host() {
            Some(Host::Ipv4(ip)) if ip == std::net::Ipv4Addr::LOCALHOST => plain(uri, &url),
            Some(Host::Ipv6(ip)) if ip == std::net::Ipv6Addr::LOCALHOST => plain(uri, &url),
            _ => Err(Unfit::PlainHttp),
        },
        // RFC 8252 §7.1: private schemes are reverse domain names, so they hold a dot; that excludes
        // javascript, data, vbscript, file and blob with all their kind.
        scheme if public && scheme.contains('.') && uri.starts_with(scheme) => Ok(()),
        _ => Err(Unfit::Scheme),
    }
}

fn authority(uri: &str) -> &str {
    let rest = uri.split_once("//").map_or("", |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default()
}

/// What is registered is what a browser will make of it: no upper-case host, no `/../`, no `:443`.
fn plain(uri: &str, url: &Url) -> Result<(), Unfit> {
    let bare = url.path() == "/" && url.as_str().strip_suffix('/') == Some(uri);
    let query = url.path() == "/" && url.as_str().replacen("/?", "?", 1) == uri;
    if url.as_str() == uri || bare || query { Ok(()) } else { Err(Unfit::Syntax) }
}

/// The source expression for `form-action` in a page whose form ends, through redirects, at this URI: its
/// origin, or its scheme alone where it has none.
#[must_use]
pub fn origin(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    match url.origin() {
        url::Origin::Tuple(..) => Some(url.origin().ascii_serialization()),
        url::Origin::Opaque(_) => Some(format!("{}:", url.scheme())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc9700_2_1_redirect_uris_are_compared_exactly() {
        let registered = "https://app.example/cb";
        assert!(matches(registered, registered, true));
        for asked in [
            "",
            "https://app.example/cb/",
            "https://app.example/CB",
            "https://APP.example/cb",
            "HTTPS://app.example/cb",
            "https://app.example:443/cb",
            "https://app.example/cb?",
            "https://app.example/cb?x=1",
            "https://app.example/cb#",
            "https://app.example/./cb",
            "https://app.example/x/../cb",
            "https://app.example/cb/..;/",
            "https://app.example/%63b",
            "https://app.example/%2563b",
            "https://app.example//cb",
            "https://app.example\\cb",
            "https://app.example./cb",
            "https://app.example@evil.example/cb",
            "https://x@app.example/cb",
            "https://a@b@app.example/cb",
            "https://app.example.evil.example/cb",
            "https://evilapp.example/cb",
            "https:app.example/cb",
            "//app.example/cb",
            "/cb",
            "http://app.example/cb",
            " https://app.example/cb",
            "https://app.example/cb ",
            "https://app.example/cb\n",
            "https://app.example/cb\t",
            "https://app.example/cb%0a",
            "javascript:alert(1)",
            "https://app.example/cb*",
            "https://аpp.example/cb",
            "https://app\u{ff0e}example/cb",
        ] {
            assert!(!matches(registered, asked, true), "{asked}");
        }
    }

    #[test]
    fn rfc8252_7_3_a_native_app_may_use_any_loopback_port() {
        for registered in ["http://127.0.0.1/cb", "http://127.0.0.1:3000/cb"] {
            for asked in ["http://127.0.0.1/cb", "http://127.0.0.1:1/cb", "http://127.0.0.1:65535/cb"] {
                assert!(matches(registered, asked, true), "{registered} {asked}");
            }
        }
        assert!(matches("http://[::1]/cb?a=1", "http://[::1]:9/cb?a=1", true));
        assert!(!matches("http://127.0.0.1:3000/cb", "http://127.0.0.1:3001/cb", false));
    }

    #[test]
    fn rfc8252_7_3_only_the_port_may_differ() {
        let registered = "http://127.0.0.1:3000/cb";
        for asked in [
            "http://127.0.0.1:65536/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:03000/cb",
            "http://127.0.0.1:-1/cb",
            "http://127.0.0.1:3000/cb/",
            "http://127.0.0.1:3000/cb?x",
            "http://127.0.0.1:3000",
            "http://localhost:3000/cb",
            "http://127.0.0.1:3000@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.10/cb",
            "https://127.0.0.1:3000/cb",
            "http://[::1]:3000/cb",
            "http://127.0.0.1:3000#/cb",
            "http://127.0.0.1:3000evil/cb",
            "http://127.0.0.2:3000/cb",
            "http://127.1:3000/cb",
            "http://127.0.0.1:1:2/cb",
        ] {
            assert!(!matches(registered, asked, true), "{asked}");
        }
        // The exception is for the loopback interface alone.
        assert!(!matches("https://app.example:1/cb", "https://app.example:2/cb", true));
    }

    #[test]
    fn uris_that_may_be_registered() {
        for uri in [
            "https://app.example/cb",
            "https://app.example",
            "https://app.example/",
            "https://app.example:8443/cb?a=b",
            "https://app.example?a=b",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:8081/cb",
            "http://[::1]:8081/cb",
            "https://localhost:8443/test/a/x/callback?dummy1=lorem&dummy2=ipsum",
        ] {
            assert_eq!(check(uri, false), Ok(()), "{uri}");
        }
        assert_eq!(check("com.example.app:/cb", true), Ok(()));
        assert_eq!(check("com.example.app://cb", true), Ok(()));
    }

    #[test]
    fn uris_that_may_not_be_registered() {
        for (uri, why) in [
            ("javascript:alert(1)", Unfit::Scheme),
            ("JaVaScRiPt:alert(1)", Unfit::Scheme),
            ("data:text/html,x", Unfit::Scheme),
            ("vbscript:x", Unfit::Scheme),
            ("file:///etc/passwd", Unfit::Scheme),
            ("blob:https://a.example/x", Unfit::Scheme),
            ("myapp:/cb", Unfit::Scheme),
            ("com.Example.app:/cb", Unfit::Scheme),
            ("ftp://a.example/", Unfit::Scheme),
            ("http://app.example/cb", Unfit::PlainHttp),
            ("http://localhost:3000/cb", Unfit::PlainHttp),
            ("http://127.0.0.2/cb", Unfit::PlainHttp),
            ("https://app.example/cb#x", Unfit::Fragment),
            ("https://app.example/cb#", Unfit::Fragment),
            ("https://u@app.example/cb", Unfit::UserInfo),
            ("https://u:p@app.example/cb", Unfit::UserInfo),
            ("https://@app.example/cb", Unfit::UserInfo),
            ("https://*.example/cb", Unfit::Wildcard),
            ("https://app.example/*", Unfit::Wildcard),
            ("/cb", Unfit::Syntax),
            ("", Unfit::Syntax),
            (" https://app.example/cb", Unfit::Syntax),
            ("https://app.example/c b", Unfit::Syntax),
            ("https://app.example/x/../cb", Unfit::Syntax),
            ("https://APP.example/cb", Unfit::Syntax),
            ("https:app.example/cb", Unfit::Syntax),
            ("https://app.example:443/cb", Unfit::Syntax),
            ("https://app.example\\cb", Unfit::Syntax),
            ("java\tscript:alert(1)", Unfit::Syntax),
        ] {
            assert_eq!(check(uri, true), Err(why), "{uri}");
        }
        assert_eq!(check("com.example.app:/cb", false), Err(Unfit::Scheme));
    }

    #[test]
    fn the_origin_a_form_may_end_at() {
        assert_eq!(origin("https://app.example/cb").as_deref(), Some("https://app.example"));
        assert_eq!(origin("http://127.0.0.1:8081/cb?x").as_deref(), Some("http://127.0.0.1:8081"));
        assert_eq!(origin("com.example.app:/cb").as_deref(), Some("com.example.app:"));
    }
}
