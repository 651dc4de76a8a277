//! Signature algorithms.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256, Sha512};

/// How a token is signed. There is no `none` and no shared secret among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256: the default, and what every client must support.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Alg {
    /// What our own keys sign with, the default first.
    pub const OURS: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];
    /// What clients may sign with.
    pub const CLIENTS: [Self; 4] = [Self::Rs256, Self::Ps256, Self::Es256, Self::EdDsa];

    /// The name of RFC 7518, RFC 8037.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of exactly that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::CLIENTS.into_iter().find(|alg| alg.as_str() == name)
    }

    /// `at_hash` of an access token: the left half of the hash the algorithm uses (OIDC Core §3.1.3.6);
    /// Ed25519 uses SHA-512.
    #[must_use]
    pub fn left_half_hash(self, token: &str) -> String {
        match self {
            Self::Rs256 | Self::Ps256 | Self::Es256 => URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16]),
            Self::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc7518_3_1_names_are_exact() {
        for alg in Alg::CLIENTS {
            assert_eq!(Alg::parse(alg.as_str()), Some(alg));
        }
        for name in ["", "none", "None", "HS256", "rs256", "RS256 ", "RS384", "ES256K", "EDDSA"] {
            assert_eq!(Alg::parse(name), None, "{name}");
        }
    }

    #[test]
    fn core_3_1_3_6_at_hash() {
        // OIDC Core A.3.
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(Alg::Rs256.left_half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(Alg::EdDsa.left_half_hash(token).len(), 43);
    }
}
