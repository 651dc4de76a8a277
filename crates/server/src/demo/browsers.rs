//! What a demonstration application remembers of its visitors, within bounds.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use countersign_store::Secret;
use openidconnect::core::CoreIdToken;
use openidconnect::{Nonce, PkceCodeVerifier};
use serde_json::Value;

/// Browsers remembered at once; the one seen first is forgotten first.
const BROWSERS: usize = 1000;
/// Sign-ins a browser may have under way: tabs.
const TABS: usize = 8;

/// A sign-in under way.
pub struct Begun {
    /// The `state` it went out with.
    pub state: String,
    /// What its ID token must carry.
    pub nonce: Nonce,
    /// What its code is redeemed with.
    pub verifier: PkceCodeVerifier,
}

/// Somebody signed in.
pub struct SignedIn {
    /// The ID token's claims, as the provider wrote them, after the signature was verified.
    pub claims: Value,
    /// The ID token, for signing out.
    pub id_token: CoreIdToken,
    /// The address, as the userinfo endpoint gave it.
    pub email: Option<String>,
}

#[derive(Default)]
struct Browser {
    begun: VecDeque<Begun>,
    signed_in: Option<Arc<SignedIn>>,
}

/// The browsers, by cookie.
#[derive(Default)]
pub struct Browsers(Mutex<Known>);

#[derive(Default)]
struct Known {
    by_cookie: HashMap<String, Browser>,
    order: VecDeque<String>,
}

impl Browsers {
    fn lock(&self) -> MutexGuard<'_, Known> {
        // A panic elsewhere leaves whole entries behind: nothing here is half-done between two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a sign-in that begins in the browser of that cookie, or in a new one. Returns the cookie.
    pub fn begin(&self, cookie: Option<&str>, begun: Begun) -> String {
        let mut known = self.lock();
        let cookie = match cookie.filter(|cookie| known.by_cookie.contains_key(*cookie)) {
            Some(cookie) => cookie.to_owned(),
            None => known.add(Browser::default()),
        };
        if let Some(browser) = known.by_cookie.get_mut(&cookie) {
            browser.begun.push_back(begun);
            if browser.begun.len() > TABS {
                browser.begun.pop_front();
            }
        }
        cookie
    }

    /// Takes back the sign-in of that state, once, and only in the browser that began it.
    pub fn take(&self, cookie: &str, state: &str) -> Option<Begun> {
        let mut known = self.lock();
        let browser = known.by_cookie.get_mut(cookie)?;
        let place = browser.begun.iter().position(|begun| begun.state == state)?;
        browser.begun.remove(place)
    }

    /// Signs in under a new cookie, which is returned.
    pub fn sign_in(&self, cookie: &str, signed_in: SignedIn) -> String {
        let mut known = self.lock();
        let begun = known.remove(cookie).map(|browser| browser.begun).unwrap_or_default();
        known.add(Browser { begun, signed_in: Some(Arc::new(signed_in)) })
    }

    /// Who is signed in there.
    pub fn signed_in(&self, cookie: &str) -> Option<Arc<SignedIn>> {
        self.lock().by_cookie.get(cookie)?.signed_in.clone()
    }

    /// Forgets the browser. Returns who was signed in.
    pub fn sign_out(&self, cookie: &str) -> Option<Arc<SignedIn>> {
        self.lock().remove(cookie)?.signed_in
    }
}

impl Known {
    fn add(&mut self, browser: Browser) -> String {
        let cookie = Secret::new().text();
        if self.order.len() >= BROWSERS
            && let Some(oldest) = self.order.pop_front()
        {
            self.by_cookie.remove(&oldest);
        }
        self.order.push_back(cookie.clone());
        self.by_cookie.insert(cookie.clone(), browser);
        cookie
    }

    fn remove(&mut self, cookie: &str) -> Option<Browser> {
        let browser = self.by_cookie.remove(cookie)?;
        self.order.retain(|known| known != cookie);
        Some(browser)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(state: &str) -> Begun {
        Begun {
            state: state.into(),
            nonce: Nonce::new("n".into()),
            verifier: PkceCodeVerifier::new("v".repeat(43)),
        }
    }

    #[test]
    fn a_sign_in_is_taken_once_and_in_its_own_browser() {
        let browsers = Browsers::default();
        let mine = browsers.begin(None, begun("a"));
        assert_eq!(browsers.begin(Some(&mine), begun("b")), mine);
        let other = browsers.begin(Some("made up"), begun("c"));
        assert_ne!(other, "made up");
        assert!(browsers.take(&other, "a").is_none());
        assert!(browsers.take(&mine, "a").is_some());
        assert!(browsers.take(&mine, "a").is_none());
    }

    #[test]
    fn memory_is_bounded() {
        let browsers = Browsers::default();
        let first = browsers.begin(None, begun("0"));
        for _ in 0..BROWSERS {
            browsers.begin(None, begun("x"));
        }
        assert!(browsers.take(&first, "0").is_none());
        assert_eq!(browsers.lock().by_cookie.len(), BROWSERS);
        let tabs = browsers.begin(None, begun("first"));
        for _ in 0..TABS {
            browsers.begin(Some(&tabs), begun("next"));
        }
        assert!(browsers.take(&tabs, "first").is_none());
    }
}
