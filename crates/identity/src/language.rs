//! Languages: which one a person reads, and the messages in it.

mod catalogue;
mod complete;

pub use catalogue::Catalogue;
pub use complete::missing_keys;
pub use fluent_bundle::FluentValue;

/// The longest list of languages that is looked at, in bytes.
const MAX_LIST: usize = 1024;

/// The most entries of such a list that are looked at.
const MAX_ENTRIES: usize = 32;

/// A language that every catalogue is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// English, which stands in where another is not to be had.
    #[default]
    English,
    /// Japanese.
    Japanese,
}

impl Language {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::English, Self::Japanese];

    /// Its BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Japanese => "ja",
        }
    }

    /// What its speakers call it.
    #[must_use]
    pub fn endonym(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Japanese => "日本語",
        }
    }

    /// The language that a BCP 47 tag asks for, whatever its region: `ja` and `ja-JP` are one here.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }

    /// The first language of `ui_locales` that there is.
    #[must_use]
    pub fn from_ui_locales(list: &str) -> Option<Self> {
        // OIDC Core §3.1.2.1: a space-separated list of BCP 47 tags, ordered by preference. An error SHOULD
        // NOT result if some or all are not supported.
        bounded(list).split_ascii_whitespace().take(MAX_ENTRIES).find_map(Self::parse)
    }

    /// The language that `Accept-Language` prefers among those there are.
    #[must_use]
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let ranges: Vec<(&str, u16)> =
            bounded(header).split(',').take(MAX_ENTRIES).filter_map(weighted).collect();
        let named =
            |language: Self| ranges.iter().filter(move |(range, _)| Self::parse(range) == Some(language));
        // A range that names a language counts before `*`, which stands for all that are not named.
        let any = ranges.iter().position(|(range, _)| *range == "*");
        let weight = |language: Self| {
            let best = named(language).map(|(_, weight)| *weight).max();
            let place = ranges.iter().position(|(range, _)| Self::parse(range) == Some(language)).or(any)?;
            Some((best.unwrap_or(ranges[place].1), std::cmp::Reverse(place)))
        };
        let rated = Self::ALL.into_iter().filter_map(|language| Some((weight(language)?, language)));
        // RFC 9110 §12.4.2: a value of 0 means "not acceptable". Of equal ones the first in the list, and of
        // those that `*` stands for the first of ours.
        let best = rated.filter(|((weight, _), _)| *weight > 0).rev().max_by_key(|(rating, _)| *rating);
        best.map(|(_, language)| language)
    }

    /// The language of a page before the person has chosen one on it: what the client asked for, what the
    /// person chose once, what the browser prefers.
    #[must_use]
    pub fn negotiate(ui_locales: Option<&str>, stored: Option<Self>, accept_language: Option<&str>) -> Self {
        ui_locales
            .and_then(Self::from_ui_locales)
            .or(stored)
            .or_else(|| accept_language.and_then(Self::from_accept_language))
            .unwrap_or_default()
    }
}

/// As much of a list as is looked at.
fn bounded(list: &str) -> &str {
    let end = (0..=MAX_LIST.min(list.len())).rev().find(|end| list.is_char_boundary(*end));
    &list[..end.unwrap_or(0)]
}

/// A language range and its weight in thousandths.
fn weighted(entry: &str) -> Option<(&str, u16)> {
    let mut parts = entry.split(';').map(str::trim);
    let range = parts.next().filter(|range| !range.is_empty())?;
    let Some(parameter) = parts.next() else { return Some((range, 1000)) };
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    // RFC 9110 §12.4.2: qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
    let (whole, decimals) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{decimals:0<3}").parse().ok()?;
    match (whole, thousandths) {
        ("0", _) => Some((range, thousandths)),
        ("1", 0) => Some((range, 1000)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Japanese};

    #[test]
    fn tags_are_read_whatever_their_region_and_case() {
        for (tag, language) in [
            ("en", Some(English)),
            ("EN-gb", Some(English)),
            ("ja", Some(Japanese)),
            ("ja-JP", Some(Japanese)),
            ("ja_JP", Some(Japanese)),
            (" ja ", Some(Japanese)),
            ("", None),
            ("jav", None),
            ("de-JA", None),
            ("*", None),
        ] {
            assert_eq!(Language::parse(tag), language, "{tag:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::parse(language.tag()), Some(language));
            assert!(!language.endonym().is_empty());
        }
    }

    #[test]
    fn core_3_1_2_1_ui_locales_gives_the_first_language_there_is() {
        assert_eq!(Language::from_ui_locales("fr-CA fr ja en"), Some(Japanese));
        assert_eq!(Language::from_ui_locales("fr de"), None);
        assert_eq!(Language::from_ui_locales(""), None);
        assert_eq!(Language::from_ui_locales(&format!("{} ja", "fr ".repeat(32))), None);
        assert_eq!(Language::from_ui_locales(&"é".repeat(10_000)), None);
    }

    #[test]
    fn rfc_9110_12_5_4_accept_language_weighs_its_ranges() {
        for (header, language) in [
            ("ja", Some(Japanese)),
            ("ja-JP,ja;q=0.9,en;q=0.8", Some(Japanese)),
            ("en;q=0.8, ja;q=0.9", Some(Japanese)),
            ("en, ja", Some(English)),
            ("ja, en", Some(Japanese)),
            ("ja;q=0.5, en;q=0.5", Some(Japanese)),
            ("fr, de;q=0.9", None),
            ("fr, ja;q=0.1", Some(Japanese)),
            ("ja;q=0, en", Some(English)),
            ("ja;q=0", None),
            ("*", Some(English)),
            ("fr, *;q=0.5", Some(English)),
            ("en;q=0, *", Some(Japanese)),
            ("ja;q=0.3, *;q=0.5", Some(English)),
            ("*;q=0", None),
            ("ja ; Q = 0.7 , en ; q = 0.6", Some(Japanese)),
            ("ja;q=0.123", Some(Japanese)),
            ("ja;q=1.000, en", Some(Japanese)),
            ("ja;q=1.5", None),
            ("ja;q=0.1234", None),
            ("ja;q=-1", None),
            ("ja;q=", None),
            ("ja;level=1", None),
            ("", None),
            (",;,=,q", None),
        ] {
            assert_eq!(Language::from_accept_language(header), language, "{header:?}");
        }
        assert_eq!(Language::from_accept_language(&format!("{}ja", "fr,".repeat(100_000))), None);
    }

    #[test]
    fn the_client_then_the_stored_choice_then_the_browser_decide() {
        let all = Language::negotiate;
        assert_eq!(all(Some("ja"), Some(English), Some("en")), Japanese);
        assert_eq!(all(Some("fr"), Some(Japanese), Some("en")), Japanese);
        assert_eq!(all(None, None, Some("ja")), Japanese);
        assert_eq!(all(None, None, Some("fr")), English);
        assert_eq!(all(None, None, None), English);
    }
}
