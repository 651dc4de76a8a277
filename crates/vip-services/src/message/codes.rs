//! What identifies a request, and what proves possession of a token.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// What an answer must repeat: 4 to 40 of 0-9, A-Z, a-z and underscores.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// One of 128 random bits, without the hyphens that the service does not take.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(format!("R_{}", hex::encode(random)))
    }

    /// Reads one. `None` for what can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (plain && (4..=40).contains(&text.len())).then(|| Self(text.to_owned()))
    }

    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A security code: text, for its zeros count. Never printed.
#[derive(Clone, Debug)]
pub struct SecurityCode(SecretString);

impl SecurityCode {
    /// Reads a code as typed, spaces left out. `None` for what the service would not take: other than 6 to 10 of
    /// 0-9, A-Z and a-z.
    #[must_use]
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 64 {
            return None;
        }
        let code: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (plain && (6..=10).contains(&code.len())).then(|| Self(code.into()))
    }

    /// The code itself, to be sent or compared.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
