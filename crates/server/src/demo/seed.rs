//! What the demonstration finds in its database: made once, found again at the next start.

use std::fmt::Write as _;

use countersign_identity::Identity;
use countersign_identity::administration::{AccountName, Because, Import};
use countersign_store::client::{self, Client, Metadata};
use countersign_store::credential::{self, Registration};
use countersign_store::service_credential::SERVICE;
use countersign_store::{Secret, directory, secret};
use serde_json::json;

use super::people::{ORGANIZATIONS, PASSWORD, PEOPLE, Sample};
use super::vip::Service;
use crate::command::Failure;

/// Adds what is missing of the sample organizations, people and credentials.
///
/// # Errors
/// When the database cannot be written.
pub async fn people(identity: &Identity, service: &Service) -> Result<(), Failure> {
    let known = identity.organizations().await?;
    for (id, name) in ORGANIZATIONS {
        if !known.iter().any(|row| row.id == id) {
            identity.add_organization(id, name).await?;
        }
    }
    let there: Vec<String> = identity.people().await?.into_iter().map(|row| row.email).collect();
    service.stock(identity).await?;
    credentials(identity).await?;
    for person in &PEOPLE {
        if !there.iter().any(|email| email == person.email) {
            let accounts: Vec<AccountName> = person.accounts.iter().map(account).collect();
            identity.add_person(person.email, &accounts, Some(person.name)).await?;
        }
        complete(identity, person).await?;
    }
    service.register(identity).await
}

fn account((service, organization): &(&str, &str)) -> AccountName {
    AccountName { service: (*service).to_owned(), organization: (*organization).to_owned() }
}

/// Puts the tokens that are missing into the inventory, with seeds of their own.
async fn credentials(identity: &Identity) -> Result<(), Failure> {
    let ids: Vec<String> =
        PEOPLE.iter().filter_map(|person| person.credential_id).map(str::to_owned).collect();
    let there = credential::existing(identity.store().read(), ids.clone()).await?;
    let mut file = "credential_id,kind,seed_hex,organization\n".to_owned();
    for id in ids.iter().filter(|id| !there.contains(id)) {
        let seed: [u8; 20] = secret::random();
        let hex = seed.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        });
        let _ = writeln!(file, "{id},time,{hex},acme");
    }
    let report = identity.import_credentials(file.as_bytes(), &Import::default(), |_| {}).await?;
    match report.errors.first() {
        Some(error) => Err(Failure(format!("the sample credentials: {error}"))),
        None => Ok(()),
    }
}

fn demonstration() -> Because {
    Because { by: "demonstration".to_owned(), reason: None }
}

/// Gives a person what the sample has and they lack, a step at a time: a start that was interrupted is made
/// good by the next. What somebody did with the demonstration meanwhile stays.
async fn complete(identity: &Identity, person: &Sample) -> Result<(), Failure> {
    let who = identity.find_person(person.email).await?;
    if let Some(id) = person.credential_id {
        if identity.credential(id).await?.state == credential::STOCKED {
            identity.assign_credential(id, person.email, &demonstration()).await?;
        }
        let row = identity.credential(id).await?;
        if person.password.is_some() && row.state == credential::ASSIGNED && row.kind != SERVICE {
            register(identity, id, &who.person.id).await?;
        }
    }
    if person.password.is_some() && who.person.password_hash.is_none() {
        identity.set_sample_password(person.email, PASSWORD).await?;
    }
    Ok(())
}

/// Registers a sample credential without its codes: nobody is there to type them.
async fn register(identity: &Identity, credential_id: &str, person_id: &str) -> Result<(), Failure> {
    let registration = Registration {
        id: credential_id.to_owned(),
        person_id: person_id.to_owned(),
        // Long past: every code from now on is still good.
        position: 0,
        drift: 0,
        token_name: Some("Demonstration token".to_owned()),
        now: identity.now(),
        organizations: Vec::new(),
    };
    let registered = identity
        .store()
        .write(move |tx| Box::pin(async move { credential::register(tx, &registration).await }))
        .await?;
    if registered { Ok(()) } else { Err(Failure(format!("{credential_id} could not be registered"))) }
}

/// One of the demonstration's applications, as the provider knows it.
pub struct Application<'a> {
    /// Its `client_id`.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The service it belongs to.
    pub service: &'a str,
    /// Where it is, without a slash at the end.
    pub base: &'a str,
}

impl Application<'_> {
    /// Where its sign-ins come back to.
    pub fn redirect_uri(&self) -> String {
        format!("{}/callback", self.base)
    }

    /// Where its sign-outs come back to.
    pub fn post_logout_redirect_uri(&self) -> String {
        format!("{}/", self.base)
    }
}

/// Registers an application and returns its secret, a new one at each start: only its digest is kept.
///
/// # Errors
/// When the database cannot be written.
pub async fn application(identity: &Identity, application: &Application<'_>) -> Result<Secret, Failure> {
    let secret = Secret::new();
    let row = Client {
        id: application.id.to_owned(),
        name: application.name.to_owned(),
        service_id: Some(application.service.to_owned()),
        public: false,
        secret_digest: Some(secret.digest()),
        token_endpoint_auth_method: "client_secret_basic".to_owned(),
        redirect_uris: json!([application.redirect_uri()]),
        post_logout_redirect_uris: json!([application.post_logout_redirect_uri()]),
        minimum_level: None,
        id_token_alg: "RS256".to_owned(),
        third_party: false,
        scope: "openid email profile organization offline_access".to_owned(),
        created_at: identity.now(),
        metadata: Metadata::default(),
        registration_digest: None,
    };
    let same = client::find(identity.store().read(), application.id).await?.is_some_and(|known| {
        known.redirect_uris == row.redirect_uris
            && known.post_logout_redirect_uris == row.post_logout_redirect_uris
    });
    identity
        .store()
        .write(move |tx| {
            Box::pin(async move {
                if same {
                    client::set_secret(tx, &row.id, row.secret_digest.clone().unwrap_or_default()).await?;
                } else {
                    // It listens elsewhere this time.
                    client::delete(tx, &row.id).await?;
                    client::insert(tx, row).await?;
                }
                directory::bump(tx).await
            })
        })
        .await?;
    Ok(secret)
}
