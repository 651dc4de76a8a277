//! OAuth parameters as they came: names and percent-decoded values of a query or a form.
//!
//! A repeated name, a broken encoding and an oversize value are refused, never read one way or the other:
//! two readers that disagree about a request are how checks are passed by one value and acted on by another.

use std::collections::{BTreeMap, BTreeSet};

/// The most an authorization request may take before decoding, in bytes.
pub const AUTHORIZATION_REQUEST: usize = 8 * 1024;
/// The most a token or logout request may take before decoding, in bytes.
pub const FORM: usize = 32 * 1024;
/// The longest `state`, in bytes after decoding.
const STATE: usize = 2_000;
/// More names than this are not a request anybody sends.
const NAMES: usize = 64;

/// Why a request can't be read at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// More bytes or names than a request may have.
    #[error("the request is too long")]
    TooLong,
    /// A percent sign without two hex digits, or bytes that are not UTF-8.
    #[error("the request is not percent-encoded UTF-8")]
    Encoding,
}

/// Why a request that can be read is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// A name that came twice.
    #[error("a parameter is repeated")]
    Repeated(String),
    /// A value over its limit.
    #[error("a parameter is too long")]
    Oversize(String),
}

/// The parameters of one request. An empty value counts as absent (RFC 6749 §3.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
    oversize: BTreeSet<String>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes of at most `limit`.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn parse(raw: &[u8], limit: usize) -> Result<Self, Unreadable> {
        if raw.len() > limit {
            return Err(Unreadable::TooLong);
        }
        let mut params = Self::default();
        for pair in raw.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            let at = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
            let name = decode(&pair[..at])?;
            let value = decode(pair.get(at + 1..).unwrap_or_default())?;
            params.add(name, value)?;
        }
        params.values.retain(|_, value| !value.is_empty());
        Ok(params)
    }

    fn add(&mut self, name: String, value: String) -> Result<(), Unreadable> {
        // RFC 6749 §3.1: request parameters MUST NOT be included more than once.
        if self.repeated.contains(&name) {
            return Ok(());
        }
        if self.values.remove(&name).is_some() || self.oversize.contains(&name) {
            self.repeated.insert(name);
            return Ok(());
        }
        if self.values.len() >= NAMES {
            return Err(Unreadable::TooLong);
        }
        if value.len() > limit_of(&name) {
            self.oversize.insert(name);
            return Ok(());
        }
        self.values.insert(name, value);
        Ok(())
    }

    /// These parameters with `others`, decoded already, in the place of those of the same names. An empty one leaves
    /// none of its name.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn overlaid(mut self, others: Vec<(String, String)>) -> Result<Self, Unreadable> {
        for (name, value) in others {
            if name.contains('\0') || value.contains('\0') {
                return Err(Unreadable::Encoding);
            }
            self.values.remove(&name);
            self.add(name, value)?;
        }
        self.values.retain(|_, value| !value.is_empty());
        Ok(self)
    }

    /// These parameters without some.
    #[must_use]
    pub fn without(mut self, names: &[&str]) -> Self {
        self.values.retain(|name, _| !names.contains(&name.as_str()));
        self
    }

    /// The value of that name; none when absent, empty, repeated or oversize.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Whether nothing was repeated and nothing is oversize.
    ///
    /// # Errors
    /// [`Malformed`] with the name.
    pub fn check(&self) -> Result<(), Malformed> {
        if let Some(name) = self.repeated.first() {
            return Err(Malformed::Repeated(name.clone()));
        }
        self.oversize.first().map_or(Ok(()), |name| Err(Malformed::Oversize(name.clone())))
    }

    /// The parameters of those names alone, in the form [`parse`](Self::parse) reads.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> String {
        let kept = self.values.iter().filter(|(name, _)| names.contains(&name.as_str()));
        let mut text = url::form_urlencoded::Serializer::new(String::new());
        text.extend_pairs(kept);
        text.finish()
    }
}

fn limit_of(name: &str) -> usize {
    match name {
        "state" => STATE,
        "redirect_uri" | "post_logout_redirect_uri" => 2_000,
        "client_id" | "nonce" | "code" | "code_verifier" | "code_challenge" => 512,
        "login_hint" | "ui_locales" | "acr_values" | "scope" => 1_000,
        "claims" => 4_000,
        _ => 16 * 1024,
    }
}

/// Decodes one name or value, strictly.
fn decode(raw: &[u8]) -> Result<String, Unreadable> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next())? << 4 | hex(rest.next())?,
            other => other,
        });
    }
    // PostgreSQL takes no NUL in text, and nothing in the protocol has one.
    if bytes.contains(&0) {
        return Err(Unreadable::Encoding);
    }
    String::from_utf8(bytes).map_err(|_| Unreadable::Encoding)
}

fn hex(digit: Option<&u8>) -> Result<u8, Unreadable> {
    let value = digit.and_then(|&digit| char::from(digit).to_digit(16));
    value.and_then(|value| u8::try_from(value).ok()).ok_or(Unreadable::Encoding)
}

/// Decodes a user name or secret of HTTP Basic.
///
/// # Errors
/// [`Unreadable::Encoding`].
pub(crate) fn decode_credential(raw: &str) -> Result<String, Unreadable> {
    decode(raw.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Params {
        Params::parse(raw.as_bytes(), AUTHORIZATION_REQUEST).unwrap()
    }

    #[test]
    fn values_are_decoded_once() {
        let params = parse("state=a%2Bb+c%25%32%35&x=%E2%82%AC&novalue");
        assert_eq!(params.get("state"), Some("a+b c%25"));
        assert_eq!(params.get("x"), Some("€"));
        assert_eq!(params.get("novalue"), None);
    }

    #[test]
    fn rfc6749_3_1_an_empty_value_is_absent() {
        let params = parse("scope=&state=1");
        assert_eq!(params.get("scope"), None);
        assert_eq!(params.check(), Ok(()));
    }

    #[test]
    fn rfc6749_3_1_a_repeated_parameter_is_refused_and_has_no_value() {
        for raw in ["a=1&a=2", "a=1&b=2&a=1", "a=&a=1", "a=1&a=", "a=1&a=2&a=3", "%61=1&a=2", "a&a"] {
            let params = parse(raw);
            assert_eq!(params.get("a"), None, "{raw}");
            assert_eq!(params.check(), Err(Malformed::Repeated("a".into())), "{raw}");
        }
    }

    #[test]
    fn broken_encodings_are_refused() {
        for raw in ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%ff", "%c3=1", "a=%c0%80"] {
            assert_eq!(Params::parse(raw.as_bytes(), 100), Err(Unreadable::Encoding), "{raw}");
        }
    }

    #[test]
    fn oversize_values_are_refused_not_cut() {
        let fits = parse(&format!("state={}", "x".repeat(2_000)));
        assert_eq!(fits.get("state").map(str::len), Some(2_000));
        let over = parse(&format!("state={}", "x".repeat(2_001)));
        assert_eq!(over.get("state"), None);
        assert_eq!(over.check(), Err(Malformed::Oversize("state".into())));
        let twice = parse(&format!("state={}&state=1", "x".repeat(2_001)));
        assert_eq!(twice.get("state"), None);
    }

    #[test]
    fn a_request_has_an_end() {
        let long = format!("a={}", "x".repeat(AUTHORIZATION_REQUEST));
        assert_eq!(Params::parse(long.as_bytes(), AUTHORIZATION_REQUEST), Err(Unreadable::TooLong));
        let many: String = (0..100).map(|n| format!("n{n}=1&")).collect();
        assert_eq!(Params::parse(many.as_bytes(), AUTHORIZATION_REQUEST), Err(Unreadable::TooLong));
    }

    #[test]
    fn what_is_kept_reads_back_the_same() {
        let params = parse("client_id=c&state=%26%3D%25+%C3%A9&extra=1");
        let kept = parse(&params.only(&["client_id", "state"]));
        assert_eq!(kept.get("state"), Some("&=% é"));
        assert_eq!(kept.get("extra"), None);
    }
}
