//! The words of the pages in one language, with the operator's names filled in.

use countersign_identity::language::{Catalogue, FluentValue, Language};
use std::sync::LazyLock;

use crate::brand::Brand;
use crate::key::Key;

/// The pages' messages in every language.
static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    Catalogue::new(&[
        (Language::English, include_str!("../locales/en/pages.ftl")),
        (Language::Japanese, include_str!("../locales/ja/pages.ftl")),
    ])
});

/// The messages of the pages, in one language and under one brand.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    language: Language,
    brand: &'a Brand,
}

impl<'a> Words<'a> {
    /// The words in that language.
    #[must_use]
    pub fn new(language: Language, brand: &'a Brand) -> Self {
        Self { language, brand }
    }

    /// The language they are in.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The names they are filled with.
    #[must_use]
    pub fn brand(&self) -> &'a Brand {
        self.brand
    }

    /// A message.
    #[must_use]
    pub fn text(&self, key: Key) -> String {
        self.with(key, &[])
    }

    /// A message with values of its own beside the operator's names. The values are text, never markup.
    #[must_use]
    pub fn with(&self, key: Key, values: &[(&str, &str)]) -> String {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        self.filled(key, values)
    }

    /// A message whose wording depends on a number.
    #[must_use]
    pub fn counted(&self, key: Key, name: &str, number: i64) -> String {
        self.filled(key, vec![(name, number.into())])
    }

    fn filled<'v>(&'v self, key: Key, mut values: Vec<(&'v str, FluentValue<'v>)>) -> String {
        values.push(("vendor", self.brand.vendor.as_str().into()));
        values.push(("portal", self.brand.portal_name.as_str().into()));
        CATALOGUE.text_with(self.language, key.name(), &values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key;
    use std::collections::BTreeSet;

    const CATALOGUES: [(&str, &str); 2] =
        [("en", include_str!("../locales/en/pages.ftl")), ("ja", include_str!("../locales/ja/pages.ftl"))];

    /// The message names of a catalogue, and each message's `$values`.
    fn messages(text: &str) -> Vec<(String, BTreeSet<String>)> {
        let mut found: Vec<(String, BTreeSet<String>)> = Vec::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(char::is_whitespace))
            {
                found.push((name.to_owned(), BTreeSet::new()));
            }
            let values = line.split('$').skip(1).map(|rest| {
                rest.chars()
                    .take_while(|char| char.is_ascii_alphanumeric() || *char == '_')
                    .collect::<String>()
            });
            if let Some((_, all)) = found.last_mut() {
                all.extend(values);
            }
        }
        found
    }

    #[test]
    fn every_catalogue_holds_each_message_once_and_no_other() {
        let wanted: BTreeSet<&str> = key::ALL.iter().map(|key| key.name()).collect();
        assert_eq!(wanted.len(), key::ALL.len(), "a message is named twice");
        for (tag, text) in CATALOGUES {
            let found = messages(text);
            let names: BTreeSet<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names.len(), found.len(), "{tag}: a message is there twice");
            assert_eq!(names, wanted, "{tag}");
        }
    }

    #[test]
    fn translations_use_the_same_values() {
        let operators = ["vendor", "portal"];
        let own = |text: &str| -> Vec<(String, Vec<String>)> {
            let keep = |values: BTreeSet<String>| {
                values.into_iter().filter(|value| !operators.contains(&value.as_str())).collect()
            };
            let mut all: Vec<_> =
                messages(text).into_iter().map(|(name, values)| (name, keep(values))).collect();
            all.sort();
            all
        };
        assert_eq!(own(CATALOGUES[0].1), own(CATALOGUES[1].1));
    }

    #[test]
    fn names_are_filled_in_without_invisible_marks() {
        let brand = Brand { vendor: "Acme".into(), ..Brand::default() };
        let words = Words::new(Language::English, &brand);
        assert_eq!(words.text(key::REGISTER_ID), "Acme Credential ID");
        assert_eq!(words.counted(key::THROTTLED_SECONDS, "seconds", 1), "Try again in 1 second.");
        assert_eq!(words.counted(key::THROTTLED_MINUTES, "minutes", 5), "Try again in 5 minutes.");
        let japanese = Words::new(Language::Japanese, &brand);
        assert_eq!(japanese.text(key::REGISTER_ID), "Acme クレデンシャル ID");
    }

    #[test]
    fn no_message_of_any_language_fails_to_format() {
        let brand = Brand::default();
        let mut names =
            vec!["service", "email", "client", "host", "scope", "least", "most", "word", "seconds"];
        names.extend(["left", "token", "url", "id", "login", "login_button", "new_user", "enter"]);
        names.extend(["email_field", "password", "language", "remember", "new_password", "confirm"]);
        names.extend(["confirm_button", "register", "register_button", "id_field", "code1", "code2"]);
        names.extend(["name_field", "vip"]);
        let values: Vec<(&str, &str)> = names.into_iter().map(|name| (name, "VALUE")).collect();
        for language in Language::ALL {
            let words = Words::new(language, &brand);
            for key in key::ALL.iter().filter(|key| !key.name().starts_with("throttled-")) {
                let text = words.with(*key, &values);
                assert!(
                    !text.is_empty() && !text.contains(['{', '$']),
                    "{} {}: {text}",
                    language.tag(),
                    key.name()
                );
            }
        }
    }
}
