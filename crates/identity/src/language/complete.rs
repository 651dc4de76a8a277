//! Whether catalogues say the same things.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

use super::Language;

/// What one language's sources have: each message, term and attribute with the values it takes.
type Said = BTreeMap<String, BTreeSet<String>>;

/// What is wrong with catalogues, each time with the language and the key: a message, term or attribute that
/// another language has and this one lacks (`key`, `-key`, `key.attribute`), a value that it doesn't use though
/// another does (`key ($value)`), a key that it has twice (`key twice`), text that isn't Fluent (`not Fluent:
/// …`). A test wants the list empty.
#[must_use]
pub fn missing_keys(sources: &[(Language, &str)]) -> Vec<(Language, String)> {
    let mut wrong = Vec::new();
    let mut said: Vec<(Language, Said)> = Language::ALL.map(|language| (language, Said::new())).into();
    for (language, said) in &mut said {
        for (_, source) in sources.iter().filter(|(of, _)| of == language) {
            read(source, said, |fault| wrong.push((*language, fault)));
        }
    }
    let mut all = Said::new();
    for (_, said) in &said {
        for (key, values) in said {
            all.entry(key.clone()).or_default().extend(values.iter().cloned());
        }
    }
    for (language, said) in &said {
        for (key, values) in &all {
            match said.get(key) {
                None => wrong.push((*language, key.clone())),
                Some(used) => {
                    let unused = values.difference(used);
                    wrong.extend(unused.map(|value| (*language, format!("{key} (${value})"))));
                }
            }
        }
    }
    wrong
}

fn read(source: &str, said: &mut Said, mut fault: impl FnMut(String)) {
    let resource = match parse(source) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    for entry in &resource.body {
        let (key, value, attributes) = match entry {
            Entry::Message(message) => {
                (message.id.name.to_owned(), message.value.as_ref(), &message.attributes)
            }
            Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value), &term.attributes),
            Entry::Junk { content } => {
                fault(format!("not Fluent: {}", content.lines().next().unwrap_or_default()));
                continue;
            }
            Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
        };
        let named = attributes.iter().map(|a| (format!("{key}.{}", a.id.name), Some(&a.value)));
        for (key, pattern) in std::iter::once((key.clone(), value)).chain(named) {
            let mut values = BTreeSet::new();
            if let Some(pattern) = pattern {
                collect(pattern, &mut values);
            }
            if said.insert(key.clone(), values).is_some() {
                fault(format!("{key} twice"));
            }
        }
    }
}

/// The values that a pattern uses.
fn collect(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_expression(expression, values);
        }
    }
}

fn collect_expression(expression: &Expression<&str>, values: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => collect_inline(inline, values),
        Expression::Select { selector, variants } => {
            collect_inline(selector, values);
            for variant in variants {
                collect(&variant.value, values);
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, values: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            values.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => collect_expression(expression, values),
        InlineExpression::FunctionReference { arguments, .. }
        | InlineExpression::TermReference { arguments: Some(arguments), .. } => {
            for argument in
                arguments.positional.iter().chain(arguments.named.iter().map(|named| &named.value))
            {
                collect_inline(argument, values);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::{Catalogue, FluentValue};
    use Language::{English, Japanese};

    /// The catalogue of the mails.
    const MAIL: [(Language, &str); 2] = [
        (English, include_str!("../../locales/en/mail.ftl")),
        (Japanese, include_str!("../../locales/ja/mail.ftl")),
    ];

    fn wrong(english: &str, japanese: &str) -> Vec<(Language, String)> {
        missing_keys(&[(English, english), (Japanese, japanese)])
    }

    #[test]
    fn the_mail_catalogues_are_complete() {
        assert_eq!(missing_keys(&MAIL), []);
    }

    #[test]
    fn every_mail_has_a_subject_of_one_line_and_a_body_that_takes_its_values() {
        let catalogue = Catalogue::new(&MAIL);
        let values = ["portal", "email", "password", "contact", "url", "token", "time"];
        for mail in [
            "new-user",
            "forgot-password",
            "register-credential",
            "has-login",
            "password-changed",
            "credential-registered",
            "credential-locked",
        ] {
            for language in Language::ALL {
                let mut arguments =
                    values.map(|name| (name, FluentValue::from(format!("<{name}>")))).to_vec();
                arguments.push(("minutes", 60.into()));
                let text = |part: &str| catalogue.text_with(language, &format!("{mail}-{part}"), &arguments);
                let (subject, body) = (text("subject"), text("body"));
                assert!(!subject.ends_with("-subject") && !subject.contains('\n'), "{subject}");
                assert!(body.contains("\n\n") && body.contains("<portal>"), "{body}");
                assert!(!body.contains(['{', '$']), "{body}");
                let temporary = matches!(mail, "new-user" | "forgot-password" | "register-credential");
                assert_eq!(body.contains("\n\n<password>\n\n"), temporary, "{mail} {language:?}");
                assert_eq!(body.contains("60"), temporary, "{mail} {language:?}");
            }
        }
    }

    #[test]
    fn what_one_language_lacks_is_found() {
        assert_eq!(wrong("a = A\n", "a = あ\n"), []);
        assert_eq!(wrong("a = A\nb = B\n", "a = あ\n"), [(Japanese, "b".to_owned())]);
        assert_eq!(wrong("a = A\n", "a = あ\nb = い\n"), [(English, "b".to_owned())]);
        assert_eq!(wrong("a = A\n    .hint = H\n", "a = あ\n"), [(Japanese, "a.hint".to_owned())]);
        assert_eq!(wrong("a = A\n-t = T\n", "a = あ\n"), [(Japanese, "-t".to_owned())]);
        assert_eq!(wrong("a = { $x }\n", "a = あ\n"), [(Japanese, "a ($x)".to_owned())]);
        assert_eq!(wrong("a = A\n", "a = { NUMBER($x) }\n"), [(English, "a ($x)".to_owned())]);
        let select = "a = { $n ->\n    [one] { $x }\n   *[other] { $n }\n}\n";
        assert_eq!(wrong(select, "a = { $n }\n"), [(Japanese, "a ($x)".to_owned())]);
        assert_eq!(wrong("a = A\na = B\n", "a = あ\n"), [(English, "a twice".to_owned())]);
        assert_eq!(wrong("a = A\n", "a = あ\nb {\n"), [(Japanese, "not Fluent: b {".to_owned())]);
        assert_eq!(missing_keys(&[(English, "a = A\n")]), [(Japanese, "a".to_owned())]);
    }
}
