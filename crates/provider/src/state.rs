//! What every endpoint of the provider shares.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRef;
use countersign_identity::Identity;
use countersign_identity::language::Language;
use countersign_login_ui::ui::Ui;

use crate::acr::Acr;
use crate::client_keys::ClientKeys;
use crate::clients::Clients;
use crate::discovery;
use crate::error::Fault;
use crate::jose::keys::Keys;
use crate::outbound::Outbound;
use crate::settings::ProviderSettings;
use crate::signing_keys::Held;
use crate::standing_grants::StandingGrants;
use crate::subject::Subjects;

/// The provider's state. Clones are one and the same.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    ui: Ui,
    settings: ProviderSettings,
    acr: Acr,
    subjects: Subjects,
    clients: Clients,
    client_keys: ClientKeys,
    outbound: Outbound,
    standing_grants: StandingGrants,
    keys: Held,
    discovery: Bytes,
}

impl FromRef<Provider> for Ui {
    fn from_ref(provider: &Provider) -> Self {
        provider.ui().clone()
    }
}

impl Provider {
    /// The provider in front of those pages. Signing keys that the database lacks are made.
    ///
    /// # Errors
    /// [`Fault`] when the settings can't be used, the database fails, or a stored key can't be opened.
    pub async fn open(ui: Ui, settings: ProviderSettings) -> Result<Self, Fault> {
        let outbound = Outbound::new(&settings.outbound)?;
        let keys = Held::open(ui.identity()).await?;
        let languages = Language::ALL.map(Language::tag);
        let discovery = discovery::document(ui.issuer(), &languages, &settings);
        let acr = Acr::new(ui.issuer());
        let subjects = Subjects::open(ui.identity()).await?;
        Ok(Self(Arc::new(Inner {
            ui,
            settings,
            acr,
            subjects,
            clients: Clients::default(),
            client_keys: ClientKeys::default(),
            outbound,
            standing_grants: StandingGrants::default(),
            keys,
            discovery,
        })))
    }

    /// Reads the signing keys anew if they may have changed. [`signing_keys::watch`](crate::signing_keys::watch)
    /// does so all the time.
    ///
    /// # Errors
    /// [`Fault`] when the database fails, or a stored key can't be opened; the keys held stay in use.
    pub async fn reload_keys(&self) -> Result<(), Fault> {
        self.0.keys.look(self.identity()).await
    }

    /// The pages.
    #[must_use]
    pub fn ui(&self) -> &Ui {
        &self.0.ui
    }

    /// The identity core.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        self.0.ui.identity()
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.0.ui.issuer()
    }

    /// The signing keys that are published.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.0.keys.keys()
    }

    /// What the operator decided.
    #[must_use]
    pub fn settings(&self) -> &ProviderSettings {
        &self.0.settings
    }

    pub(crate) fn subjects(&self) -> &Subjects {
        &self.0.subjects
    }

    pub(crate) fn acr(&self) -> &Acr {
        &self.0.acr
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    /// The keys that clients sign with.
    #[must_use]
    pub fn client_keys(&self) -> &ClientKeys {
        &self.0.client_keys
    }

    /// What fetches and calls the URLs that clients registered.
    #[must_use]
    pub fn outbound(&self) -> &Outbound {
        &self.0.outbound
    }

    pub(crate) fn standing_grants(&self) -> &StandingGrants {
        &self.0.standing_grants
    }

    pub(crate) fn discovery(&self) -> Bytes {
        self.0.discovery.clone()
    }
}
