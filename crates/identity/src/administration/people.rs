//! People and their accounts.

use std::sync::Arc;

use countersign_store::account::{self, Account};
use countersign_store::person::{self, Person};
use countersign_store::{Error as StoreError, directory, secret};

use crate::address::Address;
use crate::directory::{Profile, fresh};
use crate::{Error, Identity, Result};

/// An account as administrators write it: `mss:acme`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName {
    /// The service's id.
    pub service: String,
    /// The organization's id.
    pub organization: String,
}

impl AccountName {
    /// Reads `service:organization`.
    ///
    /// # Errors
    /// [`Error::Refused`] when it has not that form.
    pub fn parse(text: &str) -> Result<Self> {
        match text.split_once(':') {
            Some((service, organization)) if !service.is_empty() && !organization.is_empty() => {
                Ok(Self { service: service.to_owned(), organization: organization.to_owned() })
            }
            _ => Err(Error::Refused(format!(
                "{text:?} is not an account: write SERVICE:ORGANIZATION, as in mss:acme"
            ))),
        }
    }
}

impl Identity {
    /// Adds a person with accounts, all or nothing.
    ///
    /// # Errors
    /// [`Error::Refused`] when the address is taken or unreadable, or a service or organization is unknown.
    pub async fn add_person(
        &self,
        email: &str,
        accounts: &[AccountName],
        name: Option<&str>,
    ) -> Result<Arc<Profile>> {
        let address = parse(email)?;
        for account in accounts {
            self.check_account(account).await?;
        }
        let now = self.now();
        let row = Person {
            id: secret::id(),
            email_key: address.key().to_owned(),
            email: address.spelling().to_owned(),
            name: name.map(str::to_owned),
            language: None,
            password_hash: None,
            password_changed_at: None,
            created_at: now,
            updated_at: now,
            disabled_at: None,
            claims: None,
        };
        let id = row.id.clone();
        let rows: Vec<Account> = accounts.iter().map(|account| account_row(&id, account, now)).collect();
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                person::insert(tx, row).await?;
                for row in rows {
                    account::insert(tx, row).await?;
                }
                directory::bump(tx).await
            })
        });
        match written.await {
            Err(StoreError::Conflict(what)) if what.contains("account") => {
                Err(Error::Refused("the same account is named twice".into()))
            }
            Err(StoreError::Conflict(_)) => Err(Error::Refused(format!(
                "{email} has a login already: use `countersign user link` to add an account to it"
            ))),
            Err(error) => Err(error.into()),
            Ok(()) => self.person_by_id(&id).await,
        }
    }

    /// The person of an address.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none.
    pub async fn find_person(&self, email: &str) -> Result<Arc<Profile>> {
        let address = parse(email)?;
        let found = person::find_by_key(self.store().read(), address.key()).await?;
        let row = found.map(|found| found.person);
        let row = row.ok_or_else(|| {
            Error::Refused(format!("there is no user {email}: add one with `countersign user add {email}`"))
        })?;
        let accounts = account::of_person(self.store().read(), &row.id).await?;
        Ok(Arc::new(Profile { person: row, accounts }))
    }

    /// All people.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn people(&self) -> Result<Vec<Person>> {
        Ok(person::all(self.store().read()).await?)
    }

    /// Links an account to a person.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is linked already, or something named is unknown.
    pub async fn link(&self, email: &str, name: &AccountName) -> Result<Arc<Profile>> {
        let who = self.find_person(email).await?;
        self.check_account(name).await?;
        let row = account_row(&who.person.id, name, self.now());
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                account::insert(tx, row).await?;
                directory::bump(tx).await
            })
        });
        match written.await {
            Err(StoreError::Conflict(_)) => {
                let AccountName { service, organization } = name;
                Err(Error::Refused(format!("{email} is linked to {service}:{organization} already")))
            }
            Err(error) => Err(error.into()),
            Ok(()) => self.find_person(email).await,
        }
    }

    /// Removes the link of an account.
    ///
    /// # Errors
    /// [`Error::Refused`] when it is not linked.
    pub async fn unlink(&self, email: &str, name: &AccountName) -> Result<Arc<Profile>> {
        let who = self.find_person(email).await?;
        let (id, AccountName { service, organization }) = (who.person.id.clone(), name.clone());
        let removed = self.store().write(move |tx| {
            Box::pin(async move {
                let removed = account::delete(tx, &id, &organization, &service).await?;
                directory::bump(tx).await?;
                Ok(removed)
            })
        });
        if !removed.await? {
            let AccountName { service, organization } = name;
            return Err(Error::Refused(format!("{email} is not linked to {service}:{organization}")));
        }
        self.find_person(email).await
    }

    /// Gives a person a password hash made elsewhere: for the demonstration's people, whose password is public.
    ///
    /// # Errors
    /// [`Error::Busy`], [`Error::Store`].
    pub async fn set_sample_password(&self, email: &str, password: &str) -> Result<()> {
        let who = self.find_person(email).await?;
        let hash = self.hasher().hash(password.to_owned().into()).await;
        let hash = hash.map_err(|error| Error::Refused(error.to_string()))?;
        let (id, now) = (who.person.id.clone(), self.now());
        self.store()
            .write(move |tx| Box::pin(async move { person::set_password(tx, &id, &hash, now).await }))
            .await?;
        Ok(())
    }

    async fn person_by_id(&self, id: &str) -> Result<Arc<Profile>> {
        let profile = fresh(self.directory(), self.store(), id).await?;
        profile.ok_or_else(|| Error::Refused("the user has just been removed".into()))
    }

    async fn check_account(&self, name: &AccountName) -> Result<()> {
        if self.settings().service(&name.service).is_none() {
            let known: Vec<&str> =
                self.settings().services.iter().map(|service| service.id.as_str()).collect();
            return Err(Error::Refused(format!(
                "there is no service {:?}: the configuration has {}",
                name.service,
                known.join(", ")
            )));
        }
        self.organization(&name.organization).await.map(|_| ())
    }
}

fn account_row(person_id: &str, name: &AccountName, now: i64) -> Account {
    Account {
        id: secret::id(),
        person_id: person_id.to_owned(),
        organization_id: name.organization.clone(),
        service_id: name.service.clone(),
        created_at: now,
    }
}

fn parse(email: &str) -> Result<Address> {
    Address::parse(email)
        .map_err(|error| Error::Refused(format!("{email:?} is not an email address: {error}")))
}
