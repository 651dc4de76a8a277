//! Messages by language and key.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::Language;

/// The messages of a part of the product in every language. Made once; read from any thread.
///
/// What a translation lacks is said in English, and what English lacks by the key itself: a page with an odd
/// word is better than none. [`missing_keys`](super::missing_keys) finds both in a test.
pub struct Catalogue(Vec<(Language, FluentBundle<FluentResource>)>);

impl Catalogue {
    /// Reads Fluent sources. Several of one language add up; a part that isn't Fluent is left out.
    #[must_use]
    pub fn new(sources: &[(Language, &str)]) -> Self {
        let mut bundles: Vec<(Language, FluentBundle<FluentResource>)> = Vec::new();
        for (language, source) in sources {
            let resource = match FluentResource::try_new((*source).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            let index = match bundles.iter().position(|(known, _)| known == language) {
                Some(index) => index,
                None => {
                    bundles.push((*language, bundle(*language)));
                    bundles.len() - 1
                }
            };
            bundles[index].1.add_resource_overriding(resource);
        }
        Self(bundles)
    }

    /// A message without values.
    #[must_use]
    pub fn text(&self, language: Language, key: &str) -> String {
        self.text_with::<&str>(language, key, &[])
    }

    /// A message with its values. They are text or numbers, never markup: the message comes out as text too.
    #[must_use]
    pub fn text_with<'v, V>(&self, language: Language, key: &str, values: &[(&'v str, V)]) -> String
    where
        V: Clone + Into<FluentValue<'v>>,
    {
        let arguments: FluentArgs<'_> =
            values.iter().map(|(name, value)| (*name, value.clone().into())).collect();
        let found = [language, Language::English].into_iter().find_map(|language| {
            let (_, bundle) = self.0.iter().find(|(known, _)| *known == language)?;
            let pattern = bundle.get_message(key)?.value()?;
            // A value that was not given shows as its name; the message is still of use.
            Some(bundle.format_pattern(pattern, Some(&arguments), &mut Vec::new()).into_owned())
        });
        found.unwrap_or_else(|| key.to_owned())
    }
}

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let locale = language.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![locale]);
    // The marks that isolate a value's direction would be copied along with it, into a password for one.
    bundle.set_use_isolating(false);
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Japanese};

    const EN: &str = "hello = Hello, { $name }\nonly = Only here\ncodes = { $n ->\n    [one] one code\n   *[other] { $n } codes\n}\n";
    const JA: &str = "hello = { $name } さん\ncodes = { $n } 個のコード\n";

    fn catalogue() -> Catalogue {
        Catalogue::new(&[(English, EN), (Japanese, JA)])
    }

    #[test]
    fn messages_come_in_the_language_with_their_values() {
        let catalogue = catalogue();
        assert_eq!(catalogue.text_with(English, "hello", &[("name", "Kim")]), "Hello, Kim");
        assert_eq!(catalogue.text_with(Japanese, "hello", &[("name", "Kim".to_owned())]), "Kim さん");
        assert_eq!(catalogue.text_with(English, "codes", &[("n", 1)]), "one code");
        assert_eq!(catalogue.text_with(English, "codes", &[("n", FluentValue::from(2000))]), "2000 codes");
        assert_eq!(catalogue.text_with(Japanese, "codes", &[("n", 1)]), "1 個のコード");
    }

    #[test]
    fn values_stay_text() {
        let value = "{ $name } <b>&amp;</b> \u{202e}";
        assert_eq!(catalogue().text_with(English, "hello", &[("name", value)]), format!("Hello, {value}"));
    }

    #[test]
    fn what_a_translation_lacks_is_said_in_english() {
        let catalogue = catalogue();
        assert_eq!(catalogue.text(Japanese, "only"), "Only here");
        assert_eq!(catalogue.text(Japanese, "nowhere"), "nowhere");
        assert_eq!(catalogue.text(English, ""), "");
        assert_eq!(Catalogue::new(&[]).text(English, "hello"), "hello");
    }

    #[test]
    fn several_sources_of_a_language_add_up() {
        let catalogue = Catalogue::new(&[(English, EN), (English, "more = More\nbroken {\nlast = Last\n")]);
        assert_eq!(catalogue.text(English, "only"), "Only here");
        assert_eq!(catalogue.text(English, "more"), "More");
        assert_eq!(catalogue.text(English, "last"), "Last");
    }

    #[test]
    fn a_catalogue_is_read_from_any_thread() {
        let catalogue = std::sync::Arc::new(catalogue());
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let catalogue = catalogue.clone();
                std::thread::spawn(move || catalogue.text_with(English, "codes", &[("n", n)]))
            })
            .collect();
        let texts: Vec<String> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(texts, ["0 codes", "one code", "2 codes", "3 codes"]);
    }
}
