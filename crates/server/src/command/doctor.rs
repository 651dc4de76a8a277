//! `countersign doctor`: looks at what a provider stands on, and changes nothing.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use countersign_identity::Identity;
use countersign_identity::mail::LettreTransport;
use countersign_provider::signing_keys::{self, life::State};
use countersign_store::{Clock, Error, Keyring, Store, directory, mail, organization};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::open::{hasher, read_key};
use super::{Failure, output::Output};
use crate::http;
use crate::settings::{self, Settings, translate::identity_settings};

/// A mail that has waited longer than so many seconds is not on its way.
const STUCK: i64 = 10 * 60;

/// What was found, in the order in which it was looked at.
#[derive(Default)]
struct Findings(Vec<(&'static str, Found, String)>);

#[derive(Clone, Copy, PartialEq)]
enum Found {
    Good,
    Warning,
    Problem,
}

impl Found {
    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl Findings {
    fn add(&mut self, check: &'static str, found: Found, detail: impl std::fmt::Display) {
        self.0.push((check, found, detail.to_string().replace('\n', " ")));
    }

    /// What a result comes to; its value, if it is a good one.
    fn note<T>(
        &mut self,
        check: &'static str,
        result: Result<T, impl std::fmt::Display>,
        good: &str,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.add(check, Found::Good, good);
                Some(value)
            }
            Err(error) => {
                self.add(check, Found::Problem, error);
                None
            }
        }
    }
}

/// Looks at everything that can be looked at, prints what it found, and fails if something is wrong.
pub async fn run(file: Option<&Path>, output: &Output) -> Result<(), Failure> {
    // Reading a certificate takes the process's TLS provider. Another one in place would do as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut findings = Findings::default();
    look(file, &mut findings).await;
    let rows: Vec<_> = findings
        .0
        .iter()
        .map(|(check, found, detail)| vec![json!(check), json!(found.as_str()), json!(detail)])
        .collect();
    output.list(&["check", "found", "detail"], &rows)?;
    match findings.0.iter().filter(|(_, found, _)| *found == Found::Problem).count() {
        0 => Ok(()),
        1 => Err(Failure("there is a problem".into())),
        count => Err(Failure(format!("there are {count} problems"))),
    }
}

async fn look(file: Option<&Path>, findings: &mut Findings) {
    let loaded = settings::load(file).and_then(|loaded| {
        settings::validate(&loaded.settings, false)?;
        Ok(loaded.settings)
    });
    let Some(settings) = findings.note("configuration", loaded, "can be used") else { return };
    if let Some(tls) = &settings.tls {
        findings.note("certificate", http::certificate(tls).await, "can be used");
    }
    mail_server(&settings, findings).await;
    let keyring = master_key(&settings, findings);
    let store = database(&settings, findings).await;
    let (Some(keyring), Some(store)) = (keyring, store) else { return };
    if let Err(error) = sealed(&store, &keyring, &settings, findings).await {
        findings.add("database", Found::Problem, error);
    }
}

/// The file that everything sealed depends on.
fn master_key(settings: &Settings, findings: &mut Findings) -> Option<Keyring> {
    let path = &settings.master_key.file;
    let keyring = match read_key(path) {
        Ok(Some(keyring)) => keyring,
        Ok(None) => {
            let detail = format!("{} does not exist: the first command makes it", path.display());
            findings.add("master key", Found::Warning, detail);
            return None;
        }
        Err(error) => {
            findings.add("master key", Found::Problem, error);
            return None;
        }
    };
    let open = std::fs::metadata(path).is_ok_and(|file| file.permissions().mode() & 0o077 != 0);
    match open {
        true => findings.add(
            "master key",
            Found::Problem,
            format!("others can read {}: chmod 600", path.display()),
        ),
        false => findings.add("master key", Found::Good, format!("{} is its owner's alone", path.display())),
    }
    Some(keyring)
}

/// The database, as far as it is ours to use.
async fn database(settings: &Settings, findings: &mut Findings) -> Option<Store> {
    let url = settings.database.url.expose_secret();
    // Opening it would make it.
    if let Some(path) = url.strip_prefix("sqlite://").filter(|path| !Path::new(path).exists()) {
        findings.add(
            "database",
            Found::Warning,
            format!("{path} does not exist: `countersign migrate` makes it"),
        );
        return None;
    }
    let store = match Store::open(url).await {
        Ok(store) => store,
        Err(error) => {
            findings.add("database", Found::Problem, format!("database.url: {error}"));
            return None;
        }
    };
    match store.check_schema().await {
        Ok(()) => findings.add("database", Found::Good, "answers, and its schema is this program's"),
        Err(error @ Error::OlderSchema) => {
            findings.add("database", Found::Warning, error);
            return None;
        }
        Err(error) => {
            findings.add("database", Found::Problem, error);
            return None;
        }
    }
    Some(store)
}

/// What lies in the database.
async fn sealed(
    store: &Store,
    keyring: &Keyring,
    settings: &Settings,
    findings: &mut Findings,
) -> Result<(), Failure> {
    if let Some(id) = directory::master_key_id(store.read()).await?.filter(|id| !keyring.holds(id)) {
        let detail = format!("the database is sealed with the master key {id}, which the file does not hold");
        findings.add("master key", Found::Problem, detail);
        return Ok(());
    }
    let vip_service = settings.vip_service.open()?;
    let told = countersign_identity::Settings { vip_service, ..identity_settings(settings) };
    let identity = Identity::new(store.clone(), keyring.clone(), Clock::System, hasher(1, 1)?, told);
    keys(&identity, findings).await?;
    mails(&identity, findings).await?;
    vip(&identity, findings).await
}

/// The keys that tokens are signed with.
async fn keys(identity: &Identity, findings: &mut Findings) -> Result<(), Failure> {
    let keys = signing_keys::list(identity).await?;
    let unreadable = signing_keys::unreadable(identity).await?;
    if !unreadable.is_empty() {
        let detail = format!("the master key does not open {}", unreadable.join(", "));
        findings.add("signing keys", Found::Problem, detail);
        return Ok(());
    }
    let signing: Vec<&str> = keys
        .iter()
        .filter(|(_, life)| life.state == State::Signing)
        .map(|(key, _)| key.alg.as_str())
        .collect();
    match signing.is_empty() {
        true => findings.add("signing keys", Found::Warning, "there are none: the server makes them"),
        false => findings.add("signing keys", Found::Good, format!("{} sign", signing.join(", "))),
    }
    Ok(())
}

/// Whether mails leave.
async fn mails(identity: &Identity, findings: &mut Findings) -> Result<(), Failure> {
    let (waiting, oldest) =
        (mail::waiting(identity.store().read()).await?, mail::oldest(identity.store().read()).await?);
    let since = oldest.map_or(0, |created| identity.now() - created / 1000);
    match since > STUCK {
        true => {
            let detail = format!("{waiting} wait, one of them for {} minutes", since / 60);
            findings.add("mail queue", Found::Problem, detail);
        }
        false => findings.add("mail queue", Found::Good, format!("{waiting} wait")),
    }
    Ok(())
}

async fn mail_server(settings: &Settings, findings: &mut Findings) {
    let Some(url) = &settings.mail.url else {
        findings.add("mail server", Found::Warning, "mail.url is not set: mails wait, and nobody sends them");
        return;
    };
    let checked = match LettreTransport::new(url, &settings.mail.from) {
        Ok(transport) => transport.check().await,
        Err(error) => Err(error),
    };
    findings.note("mail server", checked, "takes mails");
}

/// Who judges codes where no seed is kept here.
async fn vip(identity: &Identity, findings: &mut Findings) -> Result<(), Failure> {
    let rows = identity.organizations().await?;
    let theirs = rows.iter().filter(|row| row.validator == organization::VIP_SERVICE).count();
    match (identity.settings().vip_service.is_some(), theirs) {
        (false, 0) => {}
        (false, count) => {
            let detail = format!("it judges for {count} organizations, and vip_service is not set up");
            findings.add("VIP service", Found::Problem, detail);
        }
        (true, _) => {
            findings.note("VIP service", identity.vip_service_time().await, "answers");
        }
    }
    Ok(())
}
