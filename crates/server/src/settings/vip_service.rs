//! `vip_service.*`: VIP User Services, for organizations whose credentials they judge.

use std::path::PathBuf;
use std::time::Duration;

use countersign_identity::factor;
use countersign_vip_services::client::{Client, Settings as ClientSettings};
use serde::Deserialize;

use super::SettingsError;

/// `vip_service.*`
#[derive(Clone, Debug, Deserialize)]
pub struct VipService {
    /// User Services.
    pub endpoint: String,
    /// The older service, which synchronizes tokens.
    pub legacy_endpoint: String,
    /// The PEM file of our certificate and its chain. With it the service is set up.
    pub certificate: Option<PathBuf>,
    /// The PEM file of its private key.
    pub key: Option<PathBuf>,
    /// A PEM file of the authorities believed, instead of the public ones.
    pub ca_file: Option<PathBuf>,
    /// The account that is asked for, where ours is its parent.
    pub on_behalf_of: Option<String>,
    /// What people are called there.
    pub user_id: UserId,
    /// How long one call may take.
    pub timeout_seconds: u32,
}

/// What people are called at the service.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum UserId {
    /// By an id without meaning.
    Opaque,
    /// By their address.
    Email,
}

impl VipService {
    /// The service, where it is set up.
    ///
    /// # Errors
    /// One line that names the key and says what to do.
    pub fn open(&self) -> Result<Option<factor::VipService>, SettingsError> {
        let refuse = |text: String| Err(SettingsError(format!("`vip_service`: {text}")));
        let (certificate, key) = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => (certificate.clone(), key.clone()),
            (None, None) => return Ok(None),
            _ => return refuse("certificate and key are needed together".into()),
        };
        if !(1..=20).contains(&self.timeout_seconds) {
            return refuse("timeout_seconds is 1 to 20".into());
        }
        let account = self.on_behalf_of.as_deref();
        if account
            .is_some_and(|id| !(3..=50).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric()))
        {
            return refuse("on_behalf_of is 3 to 50 letters and digits".into());
        }
        let settings = ClientSettings {
            endpoint: self.endpoint.clone(),
            legacy_endpoint: self.legacy_endpoint.clone(),
            certificate,
            key,
            ca_file: self.ca_file.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            timeout: Duration::from_secs(self.timeout_seconds.into()),
        };
        let user_ids = match self.user_id {
            UserId::Opaque => factor::UserIds::Opaque,
            UserId::Email => factor::UserIds::Email,
        };
        match Client::new(&settings) {
            Ok(client) => Ok(Some(factor::VipService::new(client, user_ids))),
            Err(error) => refuse(error.to_string()),
        }
    }
}
