//! The configuration in force, fit to be shown: passwords inside URLs are blotted out.

use super::source::Entry;

/// A value without what must stay secret in it: the password of a URL's user part, or a URL that cannot be
/// read at all.
#[must_use]
pub fn redacted(entry: &Entry) -> String {
    if !matches!(entry.key.as_str(), "database.url" | "mail.url") || entry.value.starts_with("sqlite:") {
        return entry.value.clone();
    }
    match url::Url::parse(&entry.value) {
        Ok(mut url) => {
            if url.password().is_some() && url.set_password(Some("REDACTED")).is_err() {
                return "(redacted)".to_owned();
            }
            // Drivers take passwords in the query as well.
            let query = url.query().is_some();
            if query {
                url.set_query(Some("REDACTED"));
            }
            url.to_string()
        }
        Err(_) => "(redacted)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(key: &str, value: &str) -> String {
        redacted(&Entry { key: key.into(), value: value.into(), source: String::new() })
    }

    #[test]
    fn passwords_are_blotted_out_and_nothing_else() {
        assert_eq!(shown("database.url", "postgres://u:hunter2@h/d"), "postgres://u:REDACTED@h/d");
        assert_eq!(shown("database.url", "sqlite://countersign.db"), "sqlite://countersign.db");
        assert!(!shown("mail.url", "smtps://h?password=hunter2").contains("hunter2"));
        assert!(!shown("mail.url", "hunter2 at nowhere").contains("hunter2"));
        assert_eq!(shown("listen", "127.0.0.1:8080"), "127.0.0.1:8080");
    }
}
