//! Access and refresh tokens: sealed under the master key, so nothing of them is stored. Each kind has its own
//! purpose; one never opens as the other. A client may have JWTs for access tokens instead: [`jwt_access`].

use countersign_store::Keyring;

use super::jwt_access;
use crate::scope::Scopes;
use crate::state::Provider;

/// How long an access token is good, in seconds.
pub const ACCESS_LIFETIME: i64 = 10 * 60;
const ACCESS: &str = "access token";
const REFRESH: &str = "refresh token";
const ID: usize = 16;
/// No sealed token is nearly as long, in characters: longer ones are not even decoded.
const LONGEST: usize = 256;

/// What an access token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// The grant.
    pub grant_id: String,
    /// From when on it is not good, in seconds since 1970.
    pub expires_at: i64,
    /// Its scopes: the grant's, or fewer.
    pub scope: Scopes,
}

impl Access {
    /// The token.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring) -> String {
        let mut plain = id_bytes(&self.grant_id).unwrap_or_default().to_vec();
        plain.extend_from_slice(&self.expires_at.to_be_bytes());
        plain.push(self.scope.bits());
        keyring.seal_text(ACCESS, &plain)
    }

    /// Reads a token of either form.
    pub(crate) fn read(provider: &Provider, token: &str) -> Option<Self> {
        // A sealed one has no dot in it, a JWT has two.
        match token.contains('.') {
            true => jwt_access::open(&provider.keys(), provider.issuer(), token),
            false => Self::open(provider.identity().keyring(), token),
        }
    }

    /// Opens a token; none for anything we did not seal as one.
    #[must_use]
    pub fn open(keyring: &Keyring, token: &str) -> Option<Self> {
        let plain = opened(keyring, ACCESS, token)?;
        let (id, rest) = plain.split_at_checked(ID)?;
        let (expires_at, scope) = rest.split_at_checked(8)?;
        let [scope] = scope else { return None };
        let expires_at = i64::from_be_bytes(expires_at.try_into().ok()?);
        Some(Self { grant_id: id_text(id), expires_at, scope: Scopes::from_bits(*scope) })
    }
}

/// What a refresh token holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refresh {
    /// The grant.
    pub grant_id: String,
    /// How often the grant had been refreshed when this token was made: the newest alone works.
    pub generation: i64,
}

impl Refresh {
    /// The token.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring) -> String {
        let mut plain = id_bytes(&self.grant_id).unwrap_or_default().to_vec();
        plain.extend_from_slice(&self.generation.to_be_bytes());
        keyring.seal_text(REFRESH, &plain)
    }

    /// Opens a token; none for anything we did not seal as one.
    #[must_use]
    pub fn open(keyring: &Keyring, token: &str) -> Option<Self> {
        let plain = opened(keyring, REFRESH, token)?;
        let (id, generation) = plain.split_at_checked(ID)?;
        let generation = i64::from_be_bytes(generation.try_into().ok()?);
        Some(Self { grant_id: id_text(id), generation })
    }
}

fn opened(keyring: &Keyring, purpose: &str, token: &str) -> Option<impl std::ops::Deref<Target = Vec<u8>>> {
    (token.len() <= LONGEST).then(|| keyring.open_text(purpose, token).ok())?
}

/// Ids are 32 hex digits.
fn id_bytes(id: &str) -> Option<[u8; ID]> {
    u128::from_str_radix(id, 16).ok().map(u128::to_be_bytes)
}

fn id_text(bytes: &[u8]) -> String {
    let number = bytes.try_into().map_or(0, u128::from_be_bytes);
    format!("{number:032x}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_store::secret;

    #[test]
    fn each_kind_opens_as_itself_alone() {
        let (keyring, _) = Keyring::generate();
        let access =
            Access { grant_id: secret::id(), expires_at: 1_600, scope: Scopes::parse("openid email") };
        let refresh = Refresh { grant_id: secret::id(), generation: 7 };
        let (a, r) = (access.seal(&keyring), refresh.seal(&keyring));
        assert_eq!(Access::open(&keyring, &a), Some(access));
        assert_eq!(Refresh::open(&keyring, &r), Some(refresh));
        assert_eq!(Access::open(&keyring, &r), None);
        assert_eq!(Refresh::open(&keyring, &a), None);
    }

    #[test]
    fn nothing_else_opens() {
        let (keyring, _) = Keyring::generate();
        let token = Refresh { grant_id: secret::id(), generation: 0 }.seal(&keyring);
        for text in [
            "",
            "x",
            &token[..token.len() - 1],
            &format!("{token}A"),
            &token.to_lowercase(),
            &format!(" {token}"),
            &"A".repeat(1 << 20),
        ] {
            assert_eq!(Refresh::open(&keyring, text), None, "{text}");
        }
        assert_eq!(Refresh::open(&Keyring::generate().0, &token), None);
    }
}
