//! A provider with TLS of its own, and people who have enrolled there.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::relying_party::RelyingParty;

/// The provider and its people.
#[derive(Debug)]
pub struct Scene {
    /// The provider, its organizations, and the client of no service.
    pub cast: Cast,
    /// Has an MSS account.
    pub mss: Human,
    /// Has a DeepSight account.
    pub deepsight: Human,
    /// Has both.
    pub both: Human,
}

impl Scene {
    /// Sets it up, and enrols the people.
    pub async fn open(backend: Backend) -> Self {
        let cast = Cast::new(House::serve_tls(backend));
        let mss = cast.enrolled("mss@parties.test", &["mss:acme"]).await;
        let deepsight = cast.enrolled("deepsight@parties.test", &["deepsight:acme"]).await;
        let both = cast.enrolled("both@parties.test", &["mss:acme", "deepsight:acme"]).await;
        Self { cast, mss, deepsight, both }
    }

    /// Registers a client of `service`, public or with a secret, whose people go to `after` from a logout.
    pub fn client(&self, service: &str, redirect_uri: &str, after: &str, public: bool) -> RelyingParty {
        let more = ["--post-logout-redirect-uri", after, "--public"];
        let more = if public { &more[..] } else { &more[..2] };
        let client = RelyingParty::register_at(&self.cast.house, service, redirect_uri, more);
        assert_eq!(client.secret.is_none(), public, "a public client has no secret, another has one");
        client
    }
}
