//! A provider with TLS of its own, and people who have enrolled there.

use conformance_tests::backend::Backend;
use conformance_tests::cast::{Cast, Human};
use conformance_tests::house::House;
use conformance_tests::relying_party::RelyingParty;
use serde_json::{Value, json};

/// Where people go from a logout.
pub const AFTER: &str = "https://app.example.test/after";

/// The provider and its people.
#[derive(Debug)]
pub struct Scene {
    /// The provider.
    pub cast: Cast,
    /// Its people.
    pub guests: Vec<Guest>,
}

/// Somebody who signs in.
#[derive(Debug)]
pub struct Guest {
    /// Who.
    pub human: Human,
    /// The service of the application they use.
    pub service: &'static str,
    /// What they prove there.
    pub level: &'static str,
}

impl Scene {
    /// Sets it up, and enrols the people.
    pub async fn open(backend: Backend) -> Self {
        let cast = Cast::new(House::serve_tls(backend));
        let mut guests = Vec::new();
        for (email, accounts, service, level) in [
            ("mss@parties.test", &["mss:acme"][..], "mss", "vip"),
            ("deepsight@parties.test", &["deepsight:acme"], "deepsight", "password"),
            // The address decides, not the application.
            ("both@parties.test", &["mss:acme", "deepsight:acme"], "deepsight", "vip"),
        ] {
            guests.push(Guest { human: cast.enrolled(email, accounts).await, service, level });
        }
        Self { cast, guests }
    }
}

/// Registers an application of a service: with a secret for MSS, public for DeepSight.
pub fn client(house: &House, service: &str) -> RelyingParty {
    let more = ["--post-logout-redirect-uri", AFTER, "--public"];
    let public = service == "deepsight";
    let client = RelyingParty::register(house, service, if public { &more } else { &more[..2] });
    assert_eq!(client.secret.is_none(), public, "a public client has no secret, another has one");
    client
}

/// What a program in `relying-parties/` is told: who it is to be, and who signs in.
pub fn given(house: &House, client: &RelyingParty, email: &str, level: &str) -> Value {
    json!({
        "issuer": house.issuer,
        "client_id": client.id,
        "client_secret": client.secret,
        "redirect_uri": client.redirect_uri,
        "post_logout_redirect_uri": AFTER,
        "email": email,
        "level": level,
    })
}
