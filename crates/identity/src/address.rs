//! Email addresses: the login names.
//!
//! An address has one canonical [key](Address::key), by which people are found, and the
//! [spelling](Address::spelling) it came in, to which mail goes. Two spellings that a person could take for
//! one another have the same key, or one of them is refused.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use thiserror::Error;
use unicode_security::{RestrictionLevel, RestrictionLevelDetection as _, skeleton};

/// The longest address, in bytes: RFC 5321 §4.5.3.1.3's path of 256 less its angle brackets.
const MAX_BYTES: usize = 254;

/// An email address that names at most one person.
#[derive(Debug, Clone)]
pub struct Address {
    spelling: String,
    key: String,
    /// Where the `@` stands in the key, and in the spelling as well: what precedes it is as long in both.
    at: usize,
}

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    /// It isn't `name@domain`.
    #[error("an email address has the form name@domain.example")]
    Form,
    /// It has more than 254 bytes, or more than 64 before the `@`.
    #[error("the email address is too long")]
    TooLong,
    /// What precedes the `@` has a character, or an order of them, that is not taken. Letters other than
    /// A to Z are among them: some look like those.
    #[error("the part before the @ may have letters A to Z, digits, and . _ - + and the like, unquoted")]
    Local,
    /// What follows the `@` is no domain name of two labels or more.
    #[error("the part after the @ is no domain name")]
    Domain,
    /// The domain is one that could be taken for another.
    #[error("the part after the @ could be taken for another domain name")]
    LooksAlike,
}

impl Address {
    /// Reads an address as typed, without the white space around it.
    ///
    /// # Errors
    /// [`AddressError`] says what is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, AddressError> {
        let spelling = typed.trim();
        if spelling.len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        let (local, domain) = spelling.split_once('@').ok_or(AddressError::Form)?;
        if local.is_empty() || domain.is_empty() || domain.contains('@') {
            return Err(AddressError::Form);
        }
        if local.len() > 64 {
            return Err(AddressError::TooLong);
        }
        if !is_dot_atom(local) {
            return Err(AddressError::Local);
        }
        let domain = ascii_domain(domain)?;
        let key = format!("{}@{domain}", local.to_ascii_lowercase());
        if key.len() > MAX_BYTES {
            return Err(AddressError::TooLong);
        }
        Ok(Self { at: local.len(), spelling: spelling.to_owned(), key })
    }

    /// The canonical form: the part before the `@` in ASCII lower case, the domain in its ASCII form.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The address as it was typed.
    #[must_use]
    pub fn spelling(&self) -> &str {
        &self.spelling
    }

    /// The form mail is addressed to: the spelling, its domain in the ASCII form that every mail server takes.
    #[must_use]
    pub fn deliverable(&self) -> String {
        format!("{}@{}", &self.spelling[..self.at], self.domain())
    }

    /// The part of the key before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.key[..self.at]
    }

    /// The part of the key after the `@`.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.key[self.at + 1..]
    }
}

/// Two addresses are one if their keys are.
impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Address {}

impl std::hash::Hash for Address {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.spelling)
    }
}

/// RFC 5322 §3.2.3: a dot-atom, which needs no quotes. Nothing beyond ASCII: `K` (the Kelvin sign) and `ſ`
/// are letters k and s to a lower-casing comparison, `ı` and `а` to the eye.
fn is_dot_atom(local: &str) -> bool {
    let atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atext))
}

/// The ASCII form of a domain name of at least two labels, in lower case.
fn ascii_domain(domain: &str) -> Result<Cow<'_, str>, AddressError> {
    // UTS 46 drops some of these silently: two spellings would differ by what nobody sees.
    if domain.chars().any(is_unseen) {
        return Err(AddressError::Domain);
    }
    let uts46 = Uts46::new();
    let ascii = uts46
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| AddressError::Domain)?;
    let (_, top) = ascii.rsplit_once('.').ok_or(AddressError::Domain)?;
    // A name that ends in a number is an IP address, or will be taken for one.
    if top.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(AddressError::Domain);
    }
    let (unicode, _) = uts46.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast);
    if unicode.split('.').any(looks_alike) {
        return Err(AddressError::LooksAlike);
    }
    Ok(ascii)
}

/// Controls, and characters without a width.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a label could be taken for another: letters of scripts that don't go together (UTS 39 §5.2), or
/// letters that all look like ASCII ones (UTS 39 §4).
fn looks_alike(label: &str) -> bool {
    let together = || label.check_restriction_level(RestrictionLevel::HighlyRestrictive);
    !label.is_ascii() && (!together() || skeleton(label).all(|c| c.is_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_have_one_key() {
        for (typed, key) in [
            ("mss@example.com", "mss@example.com"),
            ("  MSS@Example.COM\t", "mss@example.com"),
            ("\u{3000}mss@example.com\u{a0}", "mss@example.com"),
            ("O'Brien+portal@example.com", "o'brien+portal@example.com"),
            ("first.last@mail.example.co.uk", "first.last@mail.example.co.uk"),
            // Full-width letters and dots, the ideographic full stop, the Kelvin sign: one domain.
            ("mss@ｅｘａｍｐｌｅ.com", "mss@example.com"),
            ("mss@example．com", "mss@example.com"),
            ("mss@example。com", "mss@example.com"),
            ("mss@\u{212a}ey.example", "mss@key.example"),
            ("mss@mi\u{17f}s.example", "mss@miss.example"),
            // Composed, decomposed, upper case, ASCII form.
            ("a@bücher.example", "a@xn--bcher-kva.example"),
            ("a@bu\u{308}cher.example", "a@xn--bcher-kva.example"),
            ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
            ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example"),
            // Non-transitional: ß is a letter of its own.
            ("a@straße.example", "a@xn--strae-oqa.example"),
            ("a@日本語.jp", "a@xn--wgv71a119e.jp"),
            ("a@日本のabc.jp", "a@xn--abc-kc4b805ycvb.jp"),
            ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ] {
            assert_eq!(Address::parse(typed).map(|a| a.key().to_owned()).as_deref(), Ok(key), "{typed:?}");
        }
    }

    #[test]
    fn what_could_be_taken_for_another_address_is_refused() {
        use AddressError::{Domain, Form, Local, LooksAlike, TooLong};
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_domain = format!("a@{}.com", "a.".repeat(126));
        for (typed, error) in [
            ("", Form),
            ("mss", Form),
            ("@example.com", Form),
            ("mss@", Form),
            ("a@b@example.com", Form),
            ("mss＠example.com", Form),
            (&long_local, TooLong),
            (&long_domain, TooLong),
            // Before the @: the Kelvin sign, dotless i, long s, Cyrillic а, full width, composed letters.
            ("\u{212a}ey@example.com", Local),
            ("m\u{131}ss@example.com", Local),
            ("mi\u{17f}s@example.com", Local),
            ("m\u{430}x@example.com", Local),
            ("ｍｓｓ@example.com", Local),
            ("josé@example.com", Local),
            ("m\u{200b}ss@example.com", Local),
            ("\u{feff}mss@example.com", Local),
            ("\"mss\"@example.com", Local),
            ("\"a b\"@example.com", Local),
            ("m ss@example.com", Local),
            ("mss\0@example.com", Local),
            (".mss@example.com", Local),
            ("mss.@example.com", Local),
            ("m..ss@example.com", Local),
            ("mss(comment)@example.com", Local),
            ("Name <mss@example.com>", Local),
            // After it.
            ("mss@localhost", Domain),
            ("mss@example.com.", Domain),
            ("mss@.example.com", Domain),
            ("mss@example..com", Domain),
            ("mss@-example.com", Domain),
            ("mss@example-.com", Domain),
            ("mss@exa_mple.com", Domain),
            ("mss@exam ple.com", Domain),
            ("mss@127.0.0.1", Domain),
            ("mss@[127.0.0.1]", Domain),
            ("mss@example.com>", Domain),
            ("mss@example.com\r\nBcc: x", Domain),
            ("mss@exa\u{ad}mple.com", Domain),
            ("mss@exa\u{200b}mple.com", Domain),
            ("mss@exa\u{200d}mple.com", Domain),
            ("mss@example.com\u{202e}", Domain),
            ("mss@xn--a.example", Domain),
            // Cyrillic а among Latin letters, Cyrillic alone that looks Latin, Greek omicron, dotless i.
            ("mss@ex\u{430}mple.com", LooksAlike),
            ("mss@\u{430}\u{440}\u{440}\u{4cf}\u{435}.com", LooksAlike),
            ("mss@\u{3bf}.com", LooksAlike),
            ("mss@m\u{131}ss.example", LooksAlike),
            ("mss@xn--80ak6aa92e.com", LooksAlike),
        ] {
            assert_eq!(Address::parse(typed).err(), Some(error), "{typed:?}");
        }
    }

    #[test]
    fn mail_goes_to_the_spelling() {
        let address = Address::parse(" First.Last@BÜCHER.example ").unwrap();
        assert_eq!(address.spelling(), "First.Last@BÜCHER.example");
        assert_eq!(address.to_string(), address.spelling());
        assert_eq!(address.deliverable(), "First.Last@xn--bcher-kva.example");
        assert_eq!((address.local(), address.domain()), ("first.last", "xn--bcher-kva.example"));
        assert_eq!(address, Address::parse("first.last@bücher.example").unwrap());
    }

    #[test]
    fn the_key_of_a_key_is_itself() {
        for typed in ["A@BÜCHER.example", "a.b+c@日本語.jp", "x@ｅｘ.com"] {
            let key = Address::parse(typed).unwrap().key;
            assert_eq!(Address::parse(&key).unwrap().key, key);
        }
    }

    #[test]
    fn lengths_are_counted_at_their_edges() {
        assert!(Address::parse(&format!("{}@example.com", "a".repeat(64))).is_ok());
        let label = "b".repeat(63);
        let domain = format!("{label}.{label}.{label}.example");
        let address = |length: usize| format!("{}@{domain}", "a".repeat(length - domain.len() - 1));
        assert!(Address::parse(&address(254)).is_ok());
        assert_eq!(Address::parse(&address(255)).err(), Some(AddressError::TooLong));
        assert_eq!(Address::parse(&format!("a@{label}b.example")).err(), Some(AddressError::Domain));
    }
}
