//! The demonstration's VIP service: a simulated tenant, which judges the codes of one organization's tokens.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use countersign_identity::Identity;
use countersign_identity::oath::Token;
use countersign_identity::seed_file::{Reading, SeedFile};
use countersign_store::organization::VIP_SERVICE;
use countersign_store::service_credential::{self, Binding};
use countersign_store::{Clock, credential, secret};
use countersign_vip_services::simulator::certificates::Certificates;
use countersign_vip_services::simulator::tenant::Tenant;
use countersign_vip_services::simulator::{Simulator, inventory};

use super::people::{PEOPLE, Sample, VIP_SERVICE_ORGANIZATION};
use crate::command::Failure;
use crate::http;
use crate::settings::VipService;

/// The tenant at work.
pub struct Service {
    simulator: Simulator,
    certificates: Certificates,
    /// What its tokens show. The provider has their IDs alone.
    pub tokens: Vec<(String, Token)>,
}

/// Whose tokens the service judges.
fn people() -> impl Iterator<Item = (&'static Sample, &'static str)> {
    let theirs = |person: &&Sample| person.accounts.iter().any(|(_, id)| *id == VIP_SERVICE_ORGANIZATION);
    PEOPLE.iter().filter(theirs).filter_map(|person| Some((person, person.credential_id?)))
}

impl Service {
    /// Starts it on any free port. Its certificates and tokens are kept under `data`, made at the first start.
    ///
    /// # Errors
    /// One line: a directory that cannot be used.
    pub fn start(ip: IpAddr, data: &Path) -> Result<Self, Failure> {
        let failure = |what: &dyn std::fmt::Display| Failure(format!("the simulated VIP service: {what}"));
        let directory = data.join("vip-simulator");
        let certificates =
            Certificates::in_directory(&directory, Some(ip)).map_err(|error| failure(&error))?;
        let file = tokens_file(&directory).map_err(|error| failure(&error))?;
        let stock = inventory::read(file.as_bytes()).map_err(|error| failure(&error))?;
        let tenant = Arc::new(Tenant::new(stock, Duration::ZERO, Arc::new(|| Clock::System.now())));
        let listener = http::bind((ip, 0).into())?;
        let simulator =
            Simulator::start(tenant, &certificates, listener, None).map_err(|error| failure(&error))?;
        let rows = SeedFile::open(file.as_bytes(), &Reading::default()).map_err(|error| failure(&error))?;
        let tokens = rows.map(|row| {
            let row = row.map_err(|error| failure(&error))?;
            let token = Token::new(row.kind, row.digits, row.period, row.seed);
            Ok((row.credential_id, token.map_err(|error| failure(&error))?))
        });
        let tokens = tokens.collect::<Result<Vec<_>, Failure>>()?;
        Ok(Self { simulator, certificates, tokens })
    }

    /// Points the provider at it.
    pub fn configure(&self, settings: &mut VipService) {
        let address = self.simulator.address;
        settings.endpoint = format!("https://{address}/vipuserservices");
        settings.legacy_endpoint = format!("https://{address}");
        let path = |file: &PathBuf| Some(file.clone());
        settings.certificate = path(&self.certificates.client);
        settings.key = path(&self.certificates.client_key);
        settings.ca_file = path(&self.certificates.ca);
    }

    /// Puts the IDs of its tokens that are missing into the inventory. The organization is there.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn stock(&self, identity: &Identity) -> Result<(), Failure> {
        identity.set_validator(VIP_SERVICE_ORGANIZATION, VIP_SERVICE).await?;
        let ids: Vec<String> = people().map(|(_, id)| id.to_owned()).collect();
        let there = credential::existing(identity.store().read(), ids.clone()).await?;
        for id in ids.iter().filter(|id| !there.contains(id)) {
            identity.add_service_credential(id, VIP_SERVICE_ORGANIZATION).await?;
        }
        Ok(())
    }

    /// Registers what waits for it, as if its codes had been typed; and tells the tenant, which forgets everything
    /// when it ends, what is registered.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn register(&self, identity: &Identity) -> Result<(), Failure> {
        for (person, id) in people() {
            let person_id = identity.find_person(person.email).await?.person.id.clone();
            if identity.credential(id).await?.state == credential::ASSIGNED {
                let binding = Binding {
                    id: id.to_owned(),
                    person_id: person_id.clone(),
                    token_name: Some("Demonstration token".to_owned()),
                    now: identity.now(),
                    organizations: Vec::new(),
                };
                let write = identity.store().write(move |tx| {
                    Box::pin(async move { service_credential::register(tx, &binding).await })
                });
                write.await?;
            }
            let row = identity.credential(id).await?;
            if row.registered_at.is_some() && row.person_id.as_ref() == Some(&person_id) {
                self.simulator.tenant().bind(&person_id.to_ascii_lowercase(), id);
            }
        }
        Ok(())
    }

    /// Ends it.
    pub async fn stop(self) {
        self.simulator.stop().await;
    }
}

/// The tenant's tokens, with seeds made at the first start.
fn tokens_file(directory: &Path) -> std::io::Result<String> {
    let path = directory.join("tokens.csv");
    if let Ok(text) = std::fs::read_to_string(&path) {
        return Ok(text);
    }
    let mut text = "credential_id,kind,seed_hex\n".to_owned();
    for (_, id) in people() {
        let seed: [u8; 20] = secret::random();
        let _ = write!(text, "{id},time,");
        for byte in seed {
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
    }
    let mut options = std::fs::OpenOptions::new();
    std::os::unix::fs::OpenOptionsExt::mode(options.write(true).create_new(true), 0o600);
    std::io::Write::write_all(&mut options.open(&path)?, text.as_bytes())?;
    Ok(text)
}
