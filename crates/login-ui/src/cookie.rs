//! The cookies: their names, and how they are set, cleared and read.

use axum::http::{HeaderMap, HeaderValue, header};

/// One of our cookies. None but the state is readable by scripts, and none is sent with another site's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    /// A random name of the browser, to which a pending request is bound. Ends with the browser.
    Browser,
    /// The sign-in that has begun with a right password. Ends with the browser.
    SignIn,
    /// The session. Ends with the browser; its limits are the server's.
    Session,
    /// The sealed address and language of Remember Me.
    Remember,
    /// The sealed proof that this browser has signed in for an address before.
    Known,
    /// Another value for every session: for a frame of ours in pages of other sites, and its script. It proves nothing.
    State,
}

impl Cookie {
    const fn label(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::SignIn => "sign-in",
            Self::Session => "session",
            Self::Remember => "remember",
            Self::Known => "known",
            Self::State => "state",
        }
    }

    /// How long the browser keeps it, in seconds; `None` until the browser is closed.
    const fn lifetime(self) -> Option<u32> {
        match self {
            Self::Browser | Self::SignIn | Self::Session | Self::State => None,
            Self::Remember | Self::Known => Some(180 * 24 * 60 * 60),
        }
    }
}

/// How this server names and marks its cookies.
#[derive(Clone, Debug)]
pub struct CookiePolicy {
    /// Whether the issuer is HTTPS: then the names begin with `__Host-` and the cookies are `Secure`.
    pub secure: bool,
    /// What the names begin with after that. Ports share cookies, so servers on one host need their own.
    pub prefix: String,
    /// Whether browsers get a [`Cookie::State`].
    pub state: bool,
}

impl CookiePolicy {
    /// The policy of a server whose issuer is HTTPS or is not.
    #[must_use]
    pub fn new(secure: bool) -> Self {
        Self { secure, prefix: "countersign".into(), state: false }
    }

    /// The cookie's full name.
    #[must_use]
    pub fn name(&self, cookie: Cookie) -> String {
        // RFC 6265bis §4.1.3.2: a `__Host-` name is kept only if it came over TLS, for Path=/ and no Domain,
        // so no neighbouring host can plant one.
        let host = if self.secure { "__Host-" } else { "" };
        format!("{host}{}-{}", self.prefix, cookie.label())
    }

    /// The `Set-Cookie` value that gives the browser this cookie. `None` when browsers don't get it here, or the value
    /// holds anything but base64url characters and dots, which ours never do.
    #[must_use]
    pub fn set(&self, cookie: Cookie, value: &str) -> Option<HeaderValue> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let given = cookie != Cookie::State || self.state;
        if !given || value.is_empty() || !value.bytes().all(plain) {
            return None;
        }
        self.header(cookie, value, cookie.lifetime())
    }

    /// The `Set-Cookie` value that takes this cookie away.
    #[must_use]
    pub fn clear(&self, cookie: Cookie) -> Option<HeaderValue> {
        self.header(cookie, "", Some(0))
    }

    fn header(&self, cookie: Cookie, value: &str, lifetime: Option<u32>) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let age = lifetime.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
        let name = self.name(cookie);
        let reach = match cookie {
            // Browsers take SameSite=None only together with Secure.
            Cookie::State if self.secure => "SameSite=None",
            Cookie::State => "SameSite=Lax",
            _ => "HttpOnly; SameSite=Lax",
        };
        HeaderValue::from_str(&format!("{name}={value}; Path=/; {reach}{secure}{age}")).ok()
    }

    /// The cookie the browser sent. `None` when it sent none, an empty one, or the name more than once: one of
    /// the two was then planted, and there is no telling which.
    #[must_use]
    pub fn read<'a>(&self, headers: &'a HeaderMap, cookie: Cookie) -> Option<&'a str> {
        let name = self.name(cookie);
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(sent, _)| *sent == name)
            .map(|(_, value)| value);
        let value = found.next()?;
        (found.next().is_none() && !value.is_empty()).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(lines: &[&str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_str(line).unwrap())).collect()
    }

    #[test]
    fn https_cookies_are_host_bound_and_secure_and_plain_ones_are_not() {
        let text =
            |policy: CookiePolicy| policy.set(Cookie::Session, "abc").unwrap().to_str().unwrap().to_owned();
        assert_eq!(
            text(CookiePolicy::new(true)),
            "__Host-countersign-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert_eq!(text(CookiePolicy::new(false)), "countersign-session=abc; Path=/; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn the_state_alone_is_for_scripts_and_frames_and_only_where_it_is_wanted() {
        assert!(CookiePolicy::new(true).set(Cookie::State, "abc").is_none());
        let wanted = |secure| CookiePolicy { state: true, ..CookiePolicy::new(secure) };
        let text = |secure| wanted(secure).set(Cookie::State, "abc").unwrap().to_str().unwrap().to_owned();
        assert_eq!(text(true), "__Host-countersign-state=abc; Path=/; SameSite=None; Secure");
        assert_eq!(text(false), "countersign-state=abc; Path=/; SameSite=Lax");
    }

    #[test]
    fn remember_me_stays_and_the_session_does_not() {
        let policy = CookiePolicy::new(true);
        let remember = policy.set(Cookie::Remember, "abc").unwrap();
        assert!(remember.to_str().unwrap().ends_with("Max-Age=15552000"));
        assert!(policy.clear(Cookie::Session).unwrap().to_str().unwrap().ends_with("Max-Age=0"));
    }

    #[test]
    fn a_value_cannot_carry_attributes() {
        for value in ["", "a; Domain=example.com", "a b", "a\r\nb", "é", "a,b"] {
            assert!(CookiePolicy::new(true).set(Cookie::Known, value).is_none(), "{value:?}");
        }
    }

    #[test]
    fn reads_its_own_cookie_among_others() {
        let policy = CookiePolicy::new(false);
        let headers =
            sent(&["other=1; countersign-session=abc; countersign-session-x=2", "countersign-known=k"]);
        assert_eq!(policy.read(&headers, Cookie::Session), Some("abc"));
        assert_eq!(policy.read(&headers, Cookie::Known), Some("k"));
        assert_eq!(policy.read(&headers, Cookie::SignIn), None);
        assert_eq!(CookiePolicy::new(true).read(&headers, Cookie::Session), None);
    }

    #[test]
    fn a_doubled_cookie_is_no_cookie() {
        let policy = CookiePolicy::new(false);
        let one_line = sent(&["countersign-session=a; countersign-session=a"]);
        let two_lines = sent(&["countersign-session=a", "countersign-session=b"]);
        assert_eq!(policy.read(&one_line, Cookie::Session), None);
        assert_eq!(policy.read(&two_lines, Cookie::Session), None);
        assert_eq!(policy.read(&sent(&["countersign-session="]), Cookie::Session), None);
    }
}
