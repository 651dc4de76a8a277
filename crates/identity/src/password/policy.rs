//! Which passwords are good enough.
//!
//! Long ones: 15 characters or more, of whatever kind (NIST SP 800-63B-4 §3.1.1.2, which wants no rules of
//! composition). Of those, the ones a guesser tries first are refused, with the reason: common words and
//! phrases, rows of the keyboard, repetitions, and words that everybody here would think of.

mod guess;

use secrecy::SecretString;
use thiserror::Error;
use zeroize::Zeroizing;

use super::normalized;
use crate::address::Address;
use guess::{Part, cheapest};

/// The fewest characters (Unicode code points in NFC) a password has.
pub const MIN_CHARACTERS: usize = 15;

/// The most.
pub const MAX_CHARACTERS: usize = 128;

/// How many characters must be left of a password without the words of its context.
const OWN_CHARACTERS: usize = 8;

/// Tenths of a bit that a guesser must need at least. It is well below what people choose who choose freely:
/// what falls under it is three common words, or a row of keys and a year.
const MIN_EFFORT: u32 = 360;

/// Words that everybody who knows this portal would try.
const HOUSE: [&str; 14] = [
    "managed security services",
    "managed services portal",
    "managed services",
    "countersign",
    "monitored security",
    "cyber security",
    "intelligence",
    "deepsight",
    "symantec",
    "broadcom",
    "welcome",
    "portal",
    "mss",
    "vip",
];

/// Why a password is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It has too few characters.
    #[error("it has {have} characters; it needs {need}")]
    TooShort {
        /// Characters it has.
        have: usize,
        /// Characters it needs.
        need: usize,
    },
    /// It has too many characters.
    #[error("it has more than {limit} characters")]
    TooLong {
        /// Characters it may have.
        limit: usize,
    },
    /// It is, or is made of, words and phrases that are tried first.
    #[error("it is made of common words and would be guessed")]
    Common,
    /// It is little else than a word that belongs to the person or the portal.
    #[error("it is little else than the word \"{word}\", which belongs to this login")]
    Context {
        /// The word.
        word: String,
    },
    /// It is a row of keys, a count, or something short again and again.
    #[error("it repeats itself or follows the keyboard")]
    Repetitive,
    /// It is the temporary password.
    #[error("it is the temporary password")]
    SameAsTemporary,
}

/// What surrounds a choice of password.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The login it is for.
    pub address: &'a Address,
    /// The names of the person's organizations, and other words of the operator's.
    pub words: &'a [&'a str],
    /// Whether it is the temporary password that was mailed: the caller has its digest.
    pub is_temporary: bool,
}

/// Judges a new password.
///
/// # Errors
/// [`Refusal`] says why not.
pub fn judge(password: &SecretString, context: Context<'_>) -> Result<(), Refusal> {
    if context.is_temporary {
        return Err(Refusal::SameAsTemporary);
    }
    let Some(text) = normalized(password) else { return Err(Refusal::TooLong { limit: MAX_CHARACTERS }) };
    let have = text.chars().count();
    if have < MIN_CHARACTERS {
        return Err(Refusal::TooShort { have, need: MIN_CHARACTERS });
    }
    if have > MAX_CHARACTERS {
        return Err(Refusal::TooLong { limit: MAX_CHARACTERS });
    }
    let bare = Zeroizing::new(bare(&text));
    let words = words(context);
    if let Some(word) = bulk(&bare, &words) {
        return Err(Refusal::Context { word });
    }
    let guess = cheapest(&bare, &words.iter().map(|word| word.bare.as_str()).collect::<Vec<_>>());
    if guess.effort >= MIN_EFFORT {
        return Ok(());
    }
    match guess.parts.iter().find(|part| matches!(part, Part::Common | Part::Context)) {
        Some(_) => Err(Refusal::Common),
        None => Err(Refusal::Repetitive),
    }
}

/// The letters and signs of a text in lower case, without what stands between words.
fn bare(text: &str) -> String {
    let between = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | ',' | ';' | ':');
    text.chars().filter(|c| !between(*c)).flat_map(char::to_lowercase).collect()
}

/// A word of the context.
struct Word {
    /// As [`bare`] makes it.
    bare: String,
    /// As it is written.
    shown: String,
}

/// The context's words of three letters and more, the longest first.
fn words(context: Context<'_>) -> Vec<Word> {
    let local = context.address.local().split('+').next().unwrap_or_default();
    let names = context.words.iter().copied().chain([local, context.address.domain()]);
    let pieces = names.flat_map(|name| name.split(|c: char| !c.is_alphanumeric()).chain([name]));
    let mut words: Vec<Word> =
        pieces.chain(HOUSE).map(|word| Word { bare: bare(word), shown: word.to_owned() }).collect();
    words.retain(|word| word.bare.chars().count() >= 3);
    words.sort_by_cached_key(|word| (std::cmp::Reverse(word.bare.chars().count()), word.bare.clone()));
    words.dedup_by(|a, b| a.bare == b.bare);
    words
}

/// The word that makes up the bulk of a password: without it, and without the others, too little is left.
fn bulk(bare: &str, words: &[Word]) -> Option<String> {
    let mut rest = Zeroizing::new(bare.to_owned());
    let mut found = None;
    for word in words {
        if rest.contains(&word.bare) {
            rest = Zeroizing::new(rest.replace(&word.bare, ""));
            found.get_or_insert(word);
        }
    }
    found.filter(|_| rest.chars().count() < OWN_CHARACTERS).map(|word| word.shown.clone())
}

#[cfg(test)]
mod tests;
