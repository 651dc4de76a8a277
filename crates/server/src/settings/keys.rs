//! The keys there are: a misspelt one is an error instead of a surprise.

use std::path::Path;

use config::{Config, Value, ValueKind};

use super::SettingsError;
use super::source::{DEFAULTS, parsed};

/// Keys that may be set though they have no default.
const OPTIONAL: [&str; 13] = [
    "issuer",
    "brand.logo",
    "database.url_file",
    "mail.url",
    "mail.url_file",
    "metrics.listen",
    "outbound.ca_file",
    "tls.certificate",
    "tls.key",
    "vip_service.certificate",
    "vip_service.key",
    "vip_service.ca_file",
    "vip_service.on_behalf_of",
];
const SERVICE_KEYS: [&str; 4] = ["id", "name", "requires", "url"];

/// Every leaf of a configuration by its dotted name. A list counts as one leaf, but for the services.
pub(super) fn leaves(value: &Value, name: &str, into: &mut Vec<(String, Value)>) {
    match &value.kind {
        ValueKind::Table(table) => {
            for (key, value) in table {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                leaves(value, &name, into);
            }
        }
        ValueKind::Array(items) if name == "services" => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, &format!("services[{index}]"), into);
            }
        }
        _ => into.push((name.to_owned(), value.clone())),
    }
}

/// Every key there is, but for those of services.
pub(super) fn known() -> Result<Vec<String>, SettingsError> {
    let defaults = parsed(DEFAULTS, Path::new("defaults"))?;
    let mut found = Vec::new();
    leaves(&defaults.cache, "", &mut found);
    let named = found.into_iter().map(|(name, _)| name).filter(|name| !name.starts_with("services"));
    Ok(named.chain(OPTIONAL.map(str::to_owned)).collect())
}

/// Refuses a file that sets a key nobody reads.
pub(super) fn check_keys(given: &Config, place: &str) -> Result<(), SettingsError> {
    let known = known()?;
    let mut found = Vec::new();
    leaves(&given.cache, "", &mut found);
    for (name, _) in found {
        let in_service = name.starts_with("services[")
            && name.split_once("].").is_some_and(|(_, key)| SERVICE_KEYS.contains(&key));
        if !in_service && !known.contains(&name) {
            return Err(SettingsError(format!("unknown key `{name}` {place}{}", suggestion(&name, &known))));
        }
    }
    Ok(())
}

/// Refuses a variable that nobody reads.
pub(super) fn check_variable(name: &str) -> Result<(), SettingsError> {
    let key = name.trim_start_matches("COUNTERSIGN__").to_lowercase().replace("__", ".");
    let known = known()?;
    if known.contains(&key) {
        return Ok(());
    }
    if key == "services" || key.starts_with("services.") {
        return Err(SettingsError(format!(
            "{name}: services are set in the configuration file, not by variables"
        )));
    }
    Err(SettingsError(format!("unknown key `{key}` in the variable {name}{}", suggestion(&key, &known))))
}

/// The known key most like an unknown one, when one is like it.
fn suggestion(name: &str, known: &[String]) -> String {
    let nearest = known.iter().map(|key| (distance(name, key), key)).min();
    match nearest {
        Some((far, key)) if far <= 3 => format!("; did you mean `{key}`?"),
        _ => "; docs/configuration.md lists the keys".to_owned(),
    }
}

/// How many letters must be added, dropped or changed to make one name the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let changed = corner + usize::from(letter != *other);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
