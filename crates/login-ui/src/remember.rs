//! Remember Me: the address and the language, sealed in a cookie. It fills in a form and nothing else.

use countersign_identity::language::Language;
use countersign_store::Keyring;
use serde::{Deserialize, Serialize};

const PURPOSE: &str = "remember me";

/// What this browser remembers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The address typed last.
    pub email: String,
    /// The language chosen with it.
    pub language: Option<Language>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    e: String,
    l: Option<String>,
}

impl Remembered {
    /// Opens a cookie. One we did not seal remembers nothing.
    #[must_use]
    pub fn open(keyring: &Keyring, sealed: &str) -> Self {
        let kept = keyring.open_text(PURPOSE, sealed).ok();
        let kept = kept.and_then(|plain| serde_json::from_slice::<Kept>(&plain).ok());
        kept.map_or_else(Self::default, |kept| Self {
            email: kept.e,
            language: kept.l.as_deref().and_then(Language::parse),
        })
    }

    /// The cookie's value. Long addresses are not remembered: a browser drops cookies over 4 KiB.
    #[must_use]
    pub fn seal(&self, keyring: &Keyring) -> Option<String> {
        let kept = Kept { e: self.email.clone(), l: self.language.map(|language| language.tag().to_owned()) };
        let plain = serde_json::to_vec(&kept).ok().filter(|plain| plain.len() < 1024)?;
        Some(keyring.seal_text(PURPOSE, &plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_only_what_it_sealed() {
        let (keyring, _) = Keyring::generate();
        let remembered = Remembered { email: "a@b.example".into(), language: Some(Language::Japanese) };
        let sealed = remembered.seal(&keyring).unwrap();
        assert!(!sealed.contains("b.example"));
        assert_eq!(Remembered::open(&keyring, &sealed), remembered);
        assert_eq!(Remembered::open(&Keyring::generate().0, &sealed), Remembered::default());
        assert_eq!(Remembered::open(&keyring, "rubbish"), Remembered::default());
    }
}
