//! What encrypted values are opened with: RFC 6030 §6.

use aes::cipher::block_padding::Pkcs7;
use aes::cipher::{BlockModeDecrypt as _, KeyIvInit as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::element::Element;
use crate::seed_file::{RowError, decode};

type Bytes = Zeroizing<Vec<u8>>;

/// The most rounds of PBKDF2 that a file may ask for.
const ITERATIONS: u32 = 1_000_000;
/// Bytes of an AES block, and of the initialization vector before the ciphertext.
const BLOCK: usize = 16;
/// The longest encrypted value, in bytes.
const LONGEST: usize = 1024;

/// What an encrypted file is opened with.
#[derive(Clone)]
pub enum FileKey {
    /// The key that the maker agreed on with us.
    PreShared(Zeroizing<Vec<u8>>),
    /// The password that the key is made from.
    Password(Zeroizing<String>),
}

impl FileKey {
    /// Reads a key of 128, 192 or 256 bits in hexadecimal or, when it isn't that, base64.
    #[must_use]
    pub fn pre_shared(text: &str) -> Option<Self> {
        let fits = |key: &Bytes| matches!(key.len(), 16 | 24 | 32);
        let hexadecimal = decode::hex(text.trim()).filter(fits);
        hexadecimal.or_else(|| decode::base64(text).filter(fits)).map(Self::PreShared)
    }
}

impl std::fmt::Debug for FileKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::PreShared(_) => "PreShared(…)",
            Self::Password(_) => "Password(…)",
        })
    }
}

/// The hash that a MAC or a key's derivation is made with.
#[derive(Clone, Copy, PartialEq)]
enum Hash {
    Sha1,
    Sha256,
}

/// How the values of a file are protected, as far as its head said so.
#[derive(Default)]
pub(super) struct Protection {
    key: Option<Bytes>,
    mac: Option<(Hash, Bytes)>,
}

impl Protection {
    /// Takes in `EncryptionKey`.
    pub(super) fn encryption_key(
        &mut self,
        element: &Element,
        key: Option<&FileKey>,
    ) -> Result<(), RowError> {
        if self.key.is_some() {
            return Err(RowError::row(element.line, "there are two keys", "have one file made for each key"));
        }
        if let Some(derived) = element.find(&["DerivedKey"]) {
            let Some(FileKey::Password(password)) = key else {
                let fix = "give the password with --password-file";
                return Err(RowError::row(element.line, "the file is encrypted with a password", fix));
            };
            self.key = Some(derive(derived, password)?);
        } else if element.children().is_empty() || element.find(&["KeyName"]).is_some() {
            let Some(FileKey::PreShared(key)) = key else {
                let fix = "give the key with --key-file";
                return Err(RowError::row(element.line, "the file is encrypted with a pre-shared key", fix));
            };
            self.key = Some(key.clone());
        } else {
            let fix = "have it made with a pre-shared key or a password";
            return Err(RowError::row(element.line, "the file is encrypted in a way that is not taken", fix));
        }
        Ok(())
    }

    /// Takes in `MACMethod`.
    pub(super) fn mac_method(&mut self, element: &Element) -> Result<(), RowError> {
        let Some(key) = &self.key else { return Ok(()) };
        let hash = element.attribute("Algorithm").and_then(hash).ok_or_else(|| {
            let fix = "have the file made with HMAC-SHA1 or HMAC-SHA256";
            RowError::row(element.line, "its MAC algorithm is not taken", fix)
        })?;
        // §6.1.1: without a MACKey the encryption key is the MAC's as well.
        let mac = match element.find(&["MACKey"]) {
            None => key.clone(),
            Some(value) => cipher(value, key).and_then(|text| decrypt(key, &text)).ok_or_else(|| {
                let fix = "give the key or password that the file was made with";
                RowError::row(value.line, "its MAC key does not open", fix)
            })?,
        };
        self.mac = Some((hash, mac));
        Ok(())
    }

    /// The bytes of a value that holds an `EncryptedValue`; its MAC is checked first.
    pub(super) fn open(&self, value: &Element, line: u64, name: &'static str) -> Result<Bytes, RowError> {
        let wrong = |what: &str, fix: &str| RowError::value(line, name, what, fix);
        let again = "have the file made again, as RFC 6030 has it";
        let Some(key) = &self.key else {
            return Err(wrong("this is encrypted, but the file names no key", again));
        };
        let Some((hash, mac_key)) = &self.mac else {
            return Err(wrong("this is encrypted, but the file has no MAC method", again));
        };
        let text = value.find(&["EncryptedValue"]).and_then(|encrypted| cipher(encrypted, key));
        let text = text
            .ok_or_else(|| wrong("this is not encrypted with AES-CBC under a key of that length", again))?;
        let tag = value.text_of(&["ValueMAC"]).and_then(decode::base64);
        let tag = tag.ok_or_else(|| wrong("this has no MAC", again))?;
        // §6.1.1: the MAC is of the initialization vector and the ciphertext. It is checked first, so that nobody
        // learns from how a changed ciphertext fails to decrypt.
        if !authentic(*hash, mac_key, &text, &tag) {
            let fix = "give the key or password that the file was made with, or have the file sent again";
            return Err(wrong("this was encrypted with another key, or changed", fix));
        }
        decrypt(key, &text).ok_or_else(|| wrong("this does not open", again))
    }
}

/// The initialization vector and ciphertext of an encrypted value, if its algorithm is the key's.
fn cipher(value: &Element, key: &Bytes) -> Option<Vec<u8>> {
    let bits = key.len() * 8;
    let algorithm = value.find(&["EncryptionMethod"])?.attribute("Algorithm")?;
    if algorithm != format!("http://www.w3.org/2001/04/xmlenc#aes{bits}-cbc") {
        return None;
    }
    let text = decode::base64(value.text_of(&["CipherData", "CipherValue"])?)?;
    (text.len() <= LONGEST).then(|| text.to_vec())
}

fn authentic(hash: Hash, key: &[u8], text: &[u8], tag: &[u8]) -> bool {
    match hash {
        Hash::Sha1 => Hmac::<Sha1>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(tag).is_ok()),
        Hash::Sha256 => Hmac::<Sha256>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(tag).is_ok()),
    }
}

fn decrypt(key: &[u8], text: &[u8]) -> Option<Bytes> {
    let (vector, text) = text.split_at_checked(BLOCK)?;
    if text.is_empty() || text.len() % BLOCK != 0 {
        return None;
    }
    let mut plain = Zeroizing::new(text.to_vec());
    let length = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, vector)
            .ok()?
            .decrypt_padded::<Pkcs7>(&mut plain),
        24 => cbc::Decryptor::<aes::Aes192>::new_from_slices(key, vector)
            .ok()?
            .decrypt_padded::<Pkcs7>(&mut plain),
        _ => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, vector)
            .ok()?
            .decrypt_padded::<Pkcs7>(&mut plain),
    }
    .ok()?
    .len();
    plain.truncate(length);
    Some(plain)
}

/// The key made from a password: PBKDF2, RFC 8018 §5.2.
fn derive(derived: &Element, password: &str) -> Result<Bytes, RowError> {
    let wrong = |what: String| RowError::row(derived.line, what, "have the file made again with PBKDF2");
    let method = derived.find(&["KeyDerivationMethod"]);
    let method =
        method.filter(|method| method.attribute("Algorithm").is_some_and(|uri| uri.ends_with("#pbkdf2")));
    let parameters = method.and_then(|method| method.find(&["PBKDF2-params"]));
    let parameters = parameters.ok_or_else(|| wrong("its key is not made with PBKDF2".into()))?;
    let number = |name: &str| parameters.text_of(&[name]).and_then(|text| text.parse::<u32>().ok());
    let salt = parameters.text_of(&["Salt", "Specified"]).and_then(decode::base64);
    let salt = salt.filter(|salt| !salt.is_empty()).ok_or_else(|| wrong("its key has no salt".into()))?;
    let rounds = number("IterationCount").filter(|rounds| (1..=ITERATIONS).contains(rounds));
    let rounds = rounds.ok_or_else(|| wrong(format!("its iterations are not 1 to {ITERATIONS}")))?;
    let length = number("KeyLength").unwrap_or(16);
    let mut key = match length {
        16 | 24 | 32 => Zeroizing::new(vec![0; usize::try_from(length).unwrap_or(16)]),
        _ => return Err(wrong("its key has not 16, 24 or 32 bytes".into())),
    };
    let function = parameters.find(&["PRF"]);
    let name = function
        .and_then(|prf| prf.attribute("Algorithm").or(Some(prf.text()).filter(|text| !text.is_empty())));
    // RFC 8018 §A.2: the function is HMAC-SHA-1 when none is named.
    match name.map_or(Some(Hash::Sha1), hash) {
        Some(Hash::Sha1) => pbkdf2::pbkdf2_hmac::<Sha1>(password.as_bytes(), &salt, rounds, &mut key),
        Some(Hash::Sha256) => pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, rounds, &mut key),
        None => return Err(wrong("its key is made with a function that is not taken".into())),
    }
    Ok(key)
}

/// The hash of an HMAC's URI, in any of the name spaces that have one.
fn hash(uri: &str) -> Option<Hash> {
    let name = uri.rsplit(['#', ':']).next().unwrap_or(uri);
    match () {
        () if name.eq_ignore_ascii_case("hmac-sha1") => Some(Hash::Sha1),
        () if name.eq_ignore_ascii_case("hmac-sha256") => Some(Hash::Sha256),
        () => None,
    }
}
