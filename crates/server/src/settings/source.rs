//! The layers: defaults, the file, the environment; each key known by name, so that a misspelt one is an
//! error instead of a surprise.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat, Value, ValueKind};
use secrecy::SecretString;

use super::keys::{check_keys, check_variable, leaves};
use super::{Settings, SettingsError};

/// The defaults, as a configuration file.
pub const DEFAULTS: &str = include_str!("defaults.toml");
/// The file that is read when none is named.
const FILE: &str = "countersign.toml";
const PREFIX: &str = "COUNTERSIGN";

/// The configuration in force, and where each of its values came from.
#[derive(Debug)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// Every key with its value as text and its source, in the order of their names.
    pub entries: Vec<Entry>,
}

/// One key as `config show` prints it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The dotted name.
    pub key: String,
    /// The value as text; a secret is still in it.
    pub value: String,
    /// `default`, the file, or the variable.
    pub source: String,
}

/// Reads the configuration: `file`, or `countersign.toml` in the working directory if there is one, and the
/// process's environment.
///
/// # Errors
/// One line that names the key and where it stands.
pub fn load(file: Option<&Path>) -> Result<Loaded, SettingsError> {
    let mut variables = HashMap::new();
    for (name, value) in std::env::vars_os() {
        let Some(name) = name.to_str().filter(|name| name.starts_with("COUNTERSIGN__")) else { continue };
        let value = value.into_string().map_err(|_| SettingsError(format!("{name} is not valid UTF-8")))?;
        variables.insert(name.to_owned(), value);
    }
    let file = file.map(Path::to_owned).or_else(|| Some(PathBuf::from(FILE)).filter(|path| path.exists()));
    let text = match &file {
        Some(path) => Some(std::fs::read_to_string(path).map_err(|error| {
            SettingsError(format!("the configuration file {} cannot be read: {error}", path.display()))
        })?),
        None => None,
    };
    let named = file.as_deref().zip(text.as_deref());
    from_parts(named, variables)
}

/// Lays a file's text and variables over the defaults.
///
/// # Errors
/// As [`load`].
pub fn from_parts(
    file: Option<(&Path, &str)>,
    variables: HashMap<String, String>,
) -> Result<Loaded, SettingsError> {
    let mut builder = Config::builder().add_source(File::from_str(DEFAULTS, FileFormat::Toml));
    if let Some((path, text)) = file {
        check_keys(&parsed(text, path)?, &format!("in {}", path.display()))?;
        builder = builder.add_source(File::from_str(text, FileFormat::Toml));
    }
    for name in variables.keys() {
        check_variable(name)?;
    }
    let environment = Environment::with_prefix(PREFIX)
        .prefix_separator("__")
        .separator("__")
        .source(Some(variables.clone()));
    let merged =
        builder.add_source(environment).build().map_err(|error| one_line(&error, &variables, file))?;
    let entries = entries(&merged, file, &variables)?;
    let mut settings: Settings =
        merged.try_deserialize().map_err(|error| one_line(&error, &variables, file))?;
    if let Some(path) = &settings.database.url_file {
        settings.database.url = read_secret("database.url_file", path)?;
    }
    if let Some(path) = &settings.mail.url_file {
        settings.mail.url = Some(read_secret("mail.url_file", path)?);
    }
    Ok(Loaded { settings, entries })
}

fn read_secret(key: &str, path: &Path) -> Result<SecretString, SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| SettingsError(format!("{key}: {} cannot be read: {error}", path.display())))?;
    Ok(SecretString::from(text.trim().to_owned()))
}

pub(super) fn parsed(text: &str, path: &Path) -> Result<Config, SettingsError> {
    Config::builder().add_source(File::from_str(text, FileFormat::Toml)).build().map_err(|error| {
        // The parser's report quotes the line, which may hold a password: only its place and its reason go on.
        let report = error.to_string();
        let mut lines = report.lines().map(str::trim).filter(|line| !line.is_empty());
        let place = lines.next().unwrap_or_default().to_owned();
        let reason = lines.rfind(|line| !line.contains('|')).unwrap_or("not TOML").to_owned();
        SettingsError(format!("{}: {place}: {reason}", path.display()))
    })
}

/// What the deserializer refuses, in one line that names the key and its place.
fn one_line(
    error: &ConfigError,
    variables: &HashMap<String, String>,
    file: Option<(&Path, &str)>,
) -> SettingsError {
    let (key, reason) = match error {
        ConfigError::Type { key: Some(key), unexpected, expected, .. } => {
            (key.clone(), format!("{expected} is expected, not {unexpected}"))
        }
        ConfigError::At { key: Some(key), error, .. } => (key.clone(), error.to_string()),
        other => return SettingsError(other.to_string().replace('\n', " ")),
    };
    let variable = variable_of(&key);
    let place = if variables.contains_key(&variable) {
        format!("the variable {variable}")
    } else {
        file.map_or_else(|| "the defaults".to_owned(), |(path, _)| path.display().to_string())
    };
    SettingsError(format!("`{key}` in {place}: {}", reason.replace('\n', " ")))
}

fn variable_of(key: &str) -> String {
    format!("{PREFIX}__{}", key.to_uppercase().replace('.', "__"))
}

fn entries(
    merged: &Config,
    file: Option<(&Path, &str)>,
    variables: &HashMap<String, String>,
) -> Result<Vec<Entry>, SettingsError> {
    let mut in_file = Vec::new();
    if let Some((path, text)) = file {
        leaves(&parsed(text, path)?.cache, "", &mut in_file);
    }
    let mut found = Vec::new();
    leaves(&merged.cache, "", &mut found);
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let source = |key: &str| {
        let upper = variable_of(key);
        let variable = variables.keys().find(|name| name.to_uppercase() == upper);
        match (variable, file) {
            (Some(variable), _) => variable.clone(),
            (None, Some((path, _))) if in_file.iter().any(|(name, _)| name == key) => {
                path.display().to_string()
            }
            _ => "default".to_owned(),
        }
    };
    Ok(found
        .into_iter()
        .map(|(key, value)| Entry { source: source(&key), value: shown(&value), key })
        .collect())
}

fn shown(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        kind => kind.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, SettingsError> {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        from_parts(Some((Path::new("c.toml"), text)), variables)
    }

    fn refusal(text: &str, variables: &[(&str, &str)]) -> String {
        read(text, variables).unwrap_err().to_string()
    }

    #[test]
    fn the_defaults_are_complete_but_for_the_issuer() {
        let loaded = from_parts(None, HashMap::new()).unwrap();
        assert!(loaded.settings.issuer.is_none());
        assert_eq!(loaded.settings.services.len(), 2);
        assert_eq!(loaded.settings.vip.accept_steps, 1);
    }

    #[test]
    fn every_key_is_documented() {
        let page = include_str!("../../../../docs/configuration.md");
        for key in crate::settings::keys::known().unwrap() {
            assert!(page.contains(&format!("\n| `{key}` |")), "{key} is missing in docs/configuration.md");
        }
    }

    #[test]
    fn services_in_the_file_replace_the_default_ones() {
        let text = "[[services]]\nid='portal'\nname='Portal'\nrequires='password'";
        let services = read(text, &[]).unwrap().settings.services;
        assert_eq!(services.iter().map(|service| service.id.as_str()).collect::<Vec<_>>(), ["portal"]);
    }

    #[test]
    fn variables_win_over_the_file_and_the_file_over_defaults() {
        let text =
            "issuer = 'https://a.example'\n[database]\nurl = 'sqlite://x.db'\n[mail]\nfrom = 'x@y.example'";
        let loaded = read(text, &[("COUNTERSIGN__DATABASE__URL", "postgres://u:p@h/d")]).unwrap();
        assert_eq!(loaded.settings.issuer.as_deref(), Some("https://a.example"));
        assert_eq!(loaded.settings.database.url.expose_secret(), "postgres://u:p@h/d");
        let source = |key: &str| loaded.entries.iter().find(|e| e.key == key).map(|e| e.source.clone());
        assert_eq!(source("database.url").as_deref(), Some("COUNTERSIGN__DATABASE__URL"));
        assert_eq!(source("mail.from").as_deref(), Some("c.toml"));
        assert_eq!(source("listen").as_deref(), Some("default"));
    }

    #[test]
    fn an_unknown_key_is_named_with_the_one_meant() {
        assert_eq!(refusal("isuer = 'x'", &[]), "unknown key `isuer` in c.toml; did you mean `issuer`?");
        assert!(refusal("[database]\nurll = 'x'", &[]).contains("`database.urll`"));
        assert!(
            refusal("[[services]]\nid='a'\nname='A'\nrequires='vip'\nuri='x'", &[])
                .contains("services[0].uri")
        );
        let variable = refusal("", &[("COUNTERSIGN__DATABASE__ULR", "x")]);
        assert!(variable.contains("`database.ulr` in the variable COUNTERSIGN__DATABASE__ULR"), "{variable}");
    }

    #[test]
    fn a_wrong_type_names_the_key_and_its_place() {
        let text = refusal("[vip]\naccept_steps = 'many'", &[]);
        assert!(text.contains("vip.accept_steps") && text.contains("c.toml"), "{text}");
        let variable = refusal("", &[("COUNTERSIGN__HASHING__QUEUE", "lots")]);
        assert!(
            variable.contains("hashing.queue") && variable.contains("COUNTERSIGN__HASHING__QUEUE"),
            "{variable}"
        );
        assert!(refusal("[log]\nformat = 'xml'", &[]).contains("log.format"));
        assert!(refusal("listen = 'everywhere'", &[]).contains("listen"));
    }

    #[test]
    fn lists_come_from_variables_too() {
        let loaded = read("", &[("COUNTERSIGN__PROXY__TRUSTED", "10.0.0.0/8, 192.0.2.7")]).unwrap();
        assert_eq!(loaded.settings.proxy.trusted.len(), 2);
        assert!(refusal("[proxy]\ntrusted = ['nowhere']", &[]).contains("proxy.trusted"));
        let loaded = read("outbound.allow = ['10.1.0.0/16', 'app.example.internal']", &[]).unwrap();
        assert_eq!(loaded.settings.outbound.allow.len(), 2);
        assert!(refusal("[outbound]\nallow = ['https://app']", &[]).contains("outbound.allow"));
    }

    #[test]
    fn a_broken_file_gives_its_line_without_quoting_it() {
        let text = refusal("issuer = 'x'\n[mail]\nurl = \"smtps://u:hunter2@h", &[]);
        assert!(text.contains("line 3") && !text.contains("hunter2") && !text.contains('\n'), "{text}");
    }

    #[test]
    fn a_secret_is_read_from_its_file() {
        let path = std::env::temp_dir().join(format!("countersign-url-{}", std::process::id()));
        std::fs::write(&path, "postgres://u:p@h/d\n").unwrap();
        let text = format!("[database]\nurl_file = {:?}", path.display().to_string());
        let loaded = read(&text, &[]).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(loaded.settings.database.url.expose_secret(), "postgres://u:p@h/d");
        assert!(refusal("[mail]\nurl_file = '/nowhere'", &[]).contains("mail.url_file"));
    }
}
