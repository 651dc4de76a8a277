//! The only maker of randomness, and the secrets made of it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Fills an array from the operating system's generator.
///
/// # Panics
/// When the operating system has no randomness to give: nothing secret can be made then, and going on would
/// be worse than stopping.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that makes randomness")]
#[expect(clippy::expect_used, reason = "without randomness no secret may be made")]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// A new row id: 128 random bits in lower hex. An id names a thing; it proves nothing.
#[must_use]
pub fn id() -> String {
    use std::fmt::Write as _;
    random::<16>().iter().fold(String::with_capacity(32), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of a bearer value: what the database keeps of it.
#[must_use]
pub fn digest(value: &[u8]) -> Vec<u8> {
    Sha256::digest(value).to_vec()
}

/// Whether two byte strings are equal, in time that depends on their lengths alone.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// A bearer secret of 256 bits. Its text goes to the holder once; the database sees only its digest.
#[derive(Clone)]
pub struct Secret(Zeroizing<[u8; 32]>);

impl Secret {
    /// A new random secret.
    #[must_use]
    pub fn new() -> Self {
        Self(Zeroizing::new(random()))
    }

    /// A secret made elsewhere of 32 bytes, such as one derived from another under the master key.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the text form back. `None` for anything but exactly that form: a changed, longer, shorter or
    /// re-encoded text is not a secret.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 43 {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        let length = URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut_slice()).ok()?;
        (length == 32).then_some(Self(bytes))
    }

    /// The text form: 43 characters of base64url.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_slice())
    }

    /// What the database keeps.
    #[must_use]
    pub fn digest(&self) -> Vec<u8> {
        digest(self.0.as_slice())
    }

    /// The bytes, for deriving another secret.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }
}

impl Default for Secret {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The alphabet of typed secrets: no letter or digit that is read as another.
const TYPED: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// A secret a person types: `length` characters of an alphabet of 32, five bits each.
#[must_use]
pub fn typed(length: usize) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(length));
    while text.len() < length {
        for byte in random::<32>() {
            if text.len() < length {
                // 256 is a multiple of 32, so no character is more likely than another.
                text.push(char::from(TYPED[usize::from(byte % 32)]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_only_in_its_own_form() {
        let secret = Secret::new();
        let text = secret.text();
        assert_eq!(Secret::parse(&text).map(|s| s.digest()), Some(secret.digest()));
        assert!(Secret::parse(&text[..42]).is_none());
        assert!(Secret::parse(&format!("{text}A")).is_none());
        assert!(Secret::parse(&format!("{text}=")).is_none());
        // The last character carries two spare bits that must be zero.
        let spare = format!("{}{}", &text[..42], if text.ends_with('B') { 'C' } else { 'B' });
        assert!(Secret::parse(&spare).is_none());
    }

    #[test]
    fn a_secret_does_not_print_itself() {
        let secret = Secret::new();
        assert!(!format!("{secret:?}").contains(&secret.text()));
    }

    #[test]
    fn typed_secrets_have_the_length_and_alphabet_promised() {
        let text = typed(20);
        assert_eq!(text.len(), 20);
        assert!(text.bytes().all(|byte| TYPED.contains(&byte)));
        assert_ne!(*text, *typed(20));
    }

    #[test]
    fn ids_are_32_hex_digits_and_differ() {
        assert_eq!(id().len(), 32);
        assert_ne!(id(), id());
    }
}
