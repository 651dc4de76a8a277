//! How often a password may be tried for an address: those who have signed in from a browser before have tries of their
//! own there, so that strangers cannot lock them out.

use countersign_store::{secret, throttle};

use crate::throttle::{Kind, bucket};
use crate::{Identity, Result};

impl Identity {
    pub(super) async fn count_address(&self, bucket: i64) -> Result<bool> {
        let (rate, now) = (self.settings().address_rate, self.clock().now_millis());
        let counted = self
            .store()
            .statement(move |db| Box::pin(async move { throttle::count(&db, bucket, rate, now).await }));
        Ok(counted.await?)
    }

    pub(super) fn address_bucket(&self, key: &str, known: Option<&str>) -> i64 {
        match known.filter(|cookie| self.is_known_browser(cookie, key)) {
            Some(cookie) => bucket(self.keyring(), Kind::KnownBrowser, &format!("{key}\0{cookie}")),
            None => bucket(self.keyring(), Kind::Address, key),
        }
    }

    /// The value of the cookie that remembers that this browser has signed in for this address.
    #[must_use]
    pub fn known_browser(&self, email_key: &str) -> String {
        let tag = self.keyring().mac("known browser", email_key.as_bytes());
        self.keyring().seal_text("known browser", &tag)
    }

    fn is_known_browser(&self, cookie: &str, key: &str) -> bool {
        let tag = self.keyring().mac("known browser", key.as_bytes());
        self.keyring().open_text("known browser", cookie).is_ok_and(|sealed| secret::equal(&sealed, &tag))
    }
}
