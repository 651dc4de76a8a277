//! What every endpoint of the provider shares.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::FromRef;
use countersign_identity::Identity;
use countersign_identity::language::Language;
use countersign_login_ui::ui::Ui;

use crate::acr::Acr;
use crate::clients::Clients;
use crate::discovery;
use crate::error::Fault;
use crate::jose::keys::Keys;
use crate::signing_keys::Held;
use crate::standing_grants::StandingGrants;

/// The provider's state. Clones are one and the same.
#[derive(Clone)]
pub struct Provider(Arc<Inner>);

struct Inner {
    ui: Ui,
    acr: Acr,
    clients: Clients,
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
    /// [`Fault`] when the database fails, or a stored key can't be opened.
    pub async fn open(ui: Ui) -> Result<Self, Fault> {
        let keys = Held::open(ui.identity()).await?;
        let languages = Language::ALL.map(Language::tag);
        let discovery = discovery::document(ui.issuer(), &languages);
        let acr = Acr::new(ui.issuer());
        Ok(Self(Arc::new(Inner {
            ui,
            acr,
            clients: Clients::default(),
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

    pub(crate) fn acr(&self) -> &Acr {
        &self.0.acr
    }

    pub(crate) fn clients(&self) -> &Clients {
        &self.0.clients
    }

    pub(crate) fn standing_grants(&self) -> &StandingGrants {
        &self.0.standing_grants
    }

    pub(crate) fn discovery(&self) -> Bytes {
        self.0.discovery.clone()
    }
}
