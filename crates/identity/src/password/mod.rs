//! Passwords: which are good enough ([`policy`]), and how they are kept ([`hash`]).

pub mod hash;
pub mod policy;

use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// The longest password that is looked at, in bytes of UTF-8 after normalization. The policy's 128 code
/// points never take more than half of it.
pub const MAX_BYTES: usize = 1024;

/// A password in the one form that is judged and hashed, NFC: two keyboards that compose `é` differently type
/// the same password. `None` when it is longer than [`MAX_BYTES`].
fn normalized(password: &SecretString) -> Option<Zeroizing<String>> {
    let typed = password.expose_secret();
    // NFC triples a text at most, and shrinks no text to less than a quarter.
    if typed.len() > 4 * MAX_BYTES {
        return None;
    }
    // Reserved at once: a string that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(3 * typed.len()));
    text.extend(typed.nfc());
    (text.len() <= MAX_BYTES).then_some(text)
}
