//! Opening what every command works on: the configuration, the database, the master key.

use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use countersign_identity::Identity;
use countersign_identity::password::hash::{Cost, Hasher};
use countersign_store::{Clock, Error, Keyring, Store, directory};
use secrecy::ExposeSecret as _;

use super::Failure;
use crate::settings::translate::identity_settings;
use crate::settings::{self, Settings};

/// What every command works on.
pub struct Opened {
    /// The configuration.
    pub settings: Settings,
    /// The database, its schema up to date.
    pub store: Store,
    /// The identity core.
    pub identity: Identity,
}

/// Reads the configuration and opens what it names.
///
/// # Errors
/// One line that says what cannot be used.
pub async fn open(file: Option<&Path>) -> Result<Opened, Failure> {
    let settings = settings::load(file)?.settings;
    settings::validate_values(&settings)?;
    let (store, keyring) = open_store(&settings).await?;
    // A command hashes nothing: one thread, which never gets work.
    let hasher = hasher(1, 1)?;
    let vip_service = settings.vip_service.open()?;
    let told = countersign_identity::Settings { vip_service, ..identity_settings(&settings) };
    let identity = Identity::new(store.clone(), keyring, Clock::System, hasher, told);
    Ok(Opened { settings, store, identity })
}

/// Starts the threads that hash passwords.
///
/// # Errors
/// When the operating system gives no thread.
pub fn hasher(threads: usize, queue: usize) -> Result<Hasher, Failure> {
    Hasher::start(threads, queue, Cost::default()).map_err(|error| Failure(error.to_string()))
}

/// Opens the database of these settings, brings its schema up to date, and reads the master key that it was
/// sealed with. A database that has none yet takes the file's, or a new one where there is no file.
///
/// # Errors
/// As [`open`].
pub async fn open_store(settings: &Settings) -> Result<(Store, Keyring), Failure> {
    let path = &settings.master_key.file;
    // First: a key that cannot be read leaves the database as it was.
    let read = read_key(path)?;
    let store = Store::open(settings.database.url.expose_secret()).await.map_err(|error| match error {
        Error::Database(text) => Failure(format!("database.url: the database cannot be opened: {text}")),
        other => other.into(),
    })?;
    store.migrate().await?;
    let claimed = directory::master_key_id(store.read()).await?;
    let keyring = match (read, &claimed) {
        (Some(keyring), _) => keyring,
        (None, None) => make_key(path)?,
        (None, Some(id)) => return Err(lost(path, id, "does not exist")),
    };
    if claimed.is_none() {
        let id = keyring.active_id();
        store.write(move |tx| Box::pin(async move { directory::claim_master_key(tx, &id).await })).await?;
    }
    // Another node may have claimed the database for its own key meanwhile.
    match directory::master_key_id(store.read()).await? {
        Some(id) if !keyring.holds(&id) => Err(lost(path, &id, "does not hold it")),
        _ => Ok((store, keyring)),
    }
}

fn lost(path: &Path, id: &str, how: &str) -> Failure {
    Failure(format!(
        "the database is sealed with the master key {id}, and master_key.file ({}) {how}: put the file there \
         that was used with this database before",
        path.display()
    ))
}

pub(super) fn read_key(path: &Path) -> Result<Option<Keyring>, Failure> {
    let failure = |error| Failure(format!("master_key.file: {} cannot be read: {error}", path.display()));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => zeroize::Zeroizing::new(text),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failure(error)),
    };
    let mode = std::fs::metadata(path).map_err(failure)?.permissions().mode();
    if mode & 0o077 != 0 {
        tracing::warn!(file = %path.display(), "other users of this machine can read the master key: chmod 600");
    }
    let unreadable = |error| Failure(format!("master_key.file: {}: {error}", path.display()));
    Keyring::parse(&text).map(Some).map_err(unreadable)
}

fn make_key(path: &Path) -> Result<Keyring, Failure> {
    let failure = |error| Failure(format!("master_key.file: {} cannot be made: {error}", path.display()));
    let (keyring, text) = Keyring::generate();
    let options = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = match options {
        Ok(file) => file,
        // Two commands begun at once: the other one's key it is.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return read_key(path)?.ok_or_else(|| failure(error));
        }
        Err(error) => return Err(failure(error)),
    };
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failure)?;
    tracing::info!(file = %path.display(), "a master key was made: keep a copy of it");
    Ok(keyring)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;
    use tempfile::TempDir;

    fn settings(place: &TempDir) -> Settings {
        let url = format!("sqlite://{}", place.path().join("c.db").display());
        let key = place.path().join("c.key").display().to_string();
        let variables = [("COUNTERSIGN__DATABASE__URL", url), ("COUNTERSIGN__MASTER_KEY__FILE", key)];
        let variables = HashMap::from(variables.map(|(name, value)| (name.to_owned(), value)));
        settings::source::from_parts(None, variables).unwrap().settings
    }

    #[tokio::test]
    async fn the_master_key_is_made_once_for_its_owner_alone() {
        let place = tempfile::tempdir().unwrap();
        let settings = settings(&place);
        let first = open_store(&settings).await.unwrap().1.active_id();
        let mode = std::fs::metadata(&settings.master_key.file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(open_store(&settings).await.unwrap().1.active_id(), first);
    }

    #[tokio::test]
    async fn a_database_is_not_opened_with_another_master_key() {
        let place = tempfile::tempdir().unwrap();
        let settings = settings(&place);
        open_store(&settings).await.unwrap();
        std::fs::remove_file(&settings.master_key.file).unwrap();
        let missing = open_store(&settings).await.err().unwrap().to_string();
        assert!(missing.contains("does not exist"), "{missing}");
        std::fs::write(&settings.master_key.file, Keyring::generate().1.as_bytes()).unwrap();
        let other = open_store(&settings).await.err().unwrap().to_string();
        assert!(other.contains("does not hold it"), "{other}");
        std::fs::write(&settings.master_key.file, "rubbish").unwrap();
        let unreadable = open_store(&settings).await.err().unwrap().to_string();
        assert!(unreadable.contains("master_key.file") && !unreadable.contains("rubbish"), "{unreadable}");
    }
}
