//! Encryption at rest under the master key.
//!
//! A sealed value is `version ‖ key id ‖ nonce ‖ ciphertext`, XChaCha20-Poly1305 with a random 192-bit nonce.
//! The purpose ("seed of credential AVT1…") is authenticated with it, so a value moved to another row or
//! column does not open.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use std::sync::Arc;
use zeroize::Zeroizing;

use crate::{Error, Result, secret};

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;
const HEADER: usize = 1 + KEY_ID + NONCE;

/// The master keys this process holds: the first seals, all open.
#[derive(Clone)]
pub struct Keyring(Arc<Vec<MasterKey>>);

struct MasterKey {
    id: [u8; KEY_ID],
    bytes: Zeroizing<[u8; 32]>,
    cipher: XChaCha20Poly1305,
}

impl Keyring {
    /// A keyring of one new random key, and that key's text for its file.
    #[must_use]
    pub fn generate() -> (Self, Zeroizing<String>) {
        let bytes = Zeroizing::new(secret::random::<32>());
        let text = Zeroizing::new(format!("{}\n", URL_SAFE_NO_PAD.encode(bytes.as_slice())));
        (Self(Arc::new(vec![MasterKey::new(bytes)])), text)
    }

    /// Reads keys from the text of a master-key file: one a line, 32 bytes in base64url; the first seals.
    ///
    /// # Errors
    /// [`Error::Settings`] when a line is not a key, or there is none. The message never shows the line.
    pub fn parse(text: &str) -> Result<Self> {
        let mut keys = Vec::new();
        let lines = text.lines().enumerate().map(|(at, line)| (at, line.trim()));
        for (at, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let mut bytes = Zeroizing::new([0; 32]);
            match URL_SAFE_NO_PAD.decode_slice(line.trim_end_matches('='), bytes.as_mut_slice()) {
                Ok(32) => keys.push(MasterKey::new(bytes)),
                _ => {
                    return Err(Error::Settings(format!(
                        "line {} of the master key is not 32 bytes in base64url (43 characters)",
                        at + 1
                    )));
                }
            }
        }
        if keys.is_empty() {
            return Err(Error::Settings("the master key is empty".into()));
        }
        Ok(Self(Arc::new(keys)))
    }

    /// The name of the key that seals: eight hex digits, safe to show.
    #[must_use]
    pub fn active_id(&self) -> String {
        self.0[0].id.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Whether that was sealed with the key that seals now.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.get(1..=KEY_ID).is_some_and(|id| id == self.0[0].id)
    }

    /// Whether a key of that name is held.
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.iter().map(|byte| format!("{byte:02x}")).collect::<String>() == id)
    }

    /// Seals `plain` for `purpose`.
    #[must_use]
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Vec<u8> {
        let key = &self.0[0];
        let nonce = secret::random::<NONCE>();
        let payload = Payload { msg: plain, aad: purpose.as_bytes() };
        // The cipher's only error is a plaintext of more than 256 GiB.
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        let mut out = Vec::with_capacity(HEADER + sealed.len());
        out.push(VERSION);
        out.extend_from_slice(&key.id);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose.
    ///
    /// # Errors
    /// [`Error::Unsealable`] for anything else.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        if sealed.len() < HEADER || sealed[0] != VERSION {
            return Err(Error::Unsealable);
        }
        let key = self.0.iter().find(|key| sealed[1..=KEY_ID] == key.id).ok_or(Error::Unsealable)?;
        let nonce: [u8; NONCE] = sealed[1 + KEY_ID..HEADER]
            .try_into()
            .map_err(|_: std::array::TryFromSliceError| Error::Unsealable)?;
        let payload = Payload { msg: &sealed[HEADER..], aad: purpose.as_bytes() };
        let plain = key.cipher.decrypt(&XNonce::from(nonce), payload).map_err(|_| Error::Unsealable)?;
        Ok(Zeroizing::new(plain))
    }

    /// Seals into base64url text, for cookies, URLs and bearer tokens.
    #[must_use]
    pub fn seal_text(&self, purpose: &str, plain: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal(purpose, plain))
    }

    /// Opens what [`seal_text`](Self::seal_text) made. Every other spelling of the same bytes is refused.
    ///
    /// # Errors
    /// [`Error::Unsealable`] for anything else.
    pub fn open_text(&self, purpose: &str, text: &str) -> Result<Zeroizing<Vec<u8>>> {
        let sealed = URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::Unsealable)?;
        self.open(purpose, &sealed)
    }

    /// HMAC-SHA-256 of `data` for `purpose` under a key made from the *oldest* master key, so that it stays
    /// the same while a new key is being brought in.
    #[must_use]
    pub fn mac(&self, purpose: &str, data: &[u8]) -> [u8; 32] {
        let key = &self.0[self.0.len() - 1];
        let derived = hmac(key.bytes.as_slice(), &[b"countersign ", purpose.as_bytes()]);
        hmac(&derived, &[data])
    }
}

impl MasterKey {
    fn new(bytes: Zeroizing<[u8; 32]>) -> Self {
        let digest = hmac(bytes.as_slice(), &[b"countersign master key id"]);
        let cipher = XChaCha20Poly1305::new(&(*bytes).into());
        Self { id: [digest[0], digest[1], digest[2], digest[3]], bytes, cipher }
    }
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes a key of any length, so this cannot fail.
    let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key) else { return [0; 32] };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keyring({} keys, sealing with {})", self.0.len(), self.active_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_what_it_sealed_for_the_same_purpose_only() {
        let (keys, _) = Keyring::generate();
        let sealed = keys.seal("seed of AVT1", b"12345678901234567890");
        assert_eq!(keys.open("seed of AVT1", &sealed).unwrap().as_slice(), b"12345678901234567890");
        assert!(keys.open("seed of AVT2", &sealed).is_err());
        assert!(Keyring::generate().0.open("seed of AVT1", &sealed).is_err());
    }

    #[test]
    fn every_changed_bit_and_every_prefix_is_refused() {
        let (keys, _) = Keyring::generate();
        let sealed = keys.seal("p", b"value");
        for at in 0..sealed.len() {
            assert!(keys.open("p", &sealed[..at]).is_err());
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(keys.open("p", &changed).is_err());
        }
        let text = keys.seal_text("p", b"value");
        assert!(keys.open_text("p", &format!("{text}A")).is_err());
        assert!(keys.open_text("p", &format!("{text}=")).is_err());
    }

    #[test]
    fn a_file_of_two_keys_opens_both_and_seals_with_the_first() {
        let (old, old_text) = Keyring::generate();
        let (new, new_text) = Keyring::generate();
        let both = Keyring::parse(&format!("# rotated\n{}{}", *new_text, *old_text)).unwrap();
        assert_eq!(both.active_id(), new.active_id());
        assert!(both.open("p", &old.seal("p", b"x")).is_ok());
        assert!(new.open("p", &both.seal("p", b"x")).is_ok());
        assert!(both.holds(&old.active_id()));
        assert_eq!(both.mac("m", b"d"), old.mac("m", b"d"));
    }

    #[test]
    fn a_bad_key_file_says_which_line_and_not_what_is_in_it() {
        let error = Keyring::parse("# a\nhunter2\n").unwrap_err().to_string();
        assert!(error.contains("line 2") && !error.contains("hunter2"), "{error}");
        assert!(Keyring::parse("").is_err());
    }
}
