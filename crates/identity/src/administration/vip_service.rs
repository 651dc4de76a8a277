//! What administrators do with the VIP service: who judges, credentials without a seed, unlocking, removing.

use countersign_store::credential::{self, Credential};
use countersign_store::organization::{self, Organization};
use countersign_store::service_credential::SERVICE;
use countersign_store::{Error as StoreError, directory};
use countersign_vip_services::message::{Answer, Binding, CredentialType, Operation, UserStatus};
use countersign_vip_services::status::Outcome;

use crate::factor::VipService;
use crate::seed_file::credential_id;
use crate::{Error, Identity, Result};

/// What the service knows of a person.
#[derive(Clone, Debug)]
pub struct ServiceUser {
    /// What the person is called there.
    pub user_id: String,
    /// Where the user stands; `None` when the service knows no such user.
    pub status: Option<UserStatus>,
    /// The user's credentials there.
    pub bindings: Vec<Binding>,
}

impl Identity {
    /// Says who judges the credentials of an organization that are registered from now on: `inventory` or
    /// `vip-service`. Those registered before stay with their judge.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such organization, or the VIP service is not configured.
    pub async fn set_validator(&self, id: &str, validator: &str) -> Result<Organization> {
        if validator == organization::VIP_SERVICE {
            self.service()?;
        }
        let (named, judge) = (id.to_owned(), validator.to_owned());
        let set = self.store().write(move |tx| {
            Box::pin(async move {
                let set = organization::set_validator(tx, &named, &judge).await?;
                directory::bump(tx).await?;
                Ok(set)
            })
        });
        set.await?;
        let row = self.organization(id).await?;
        tracing::info!(target: "audit", event = "validator_set", organization = %id, validator = %row.validator);
        Ok(row)
    }

    /// Puts a credential into the inventory that the VIP service judges: there is no seed of it here.
    ///
    /// # Errors
    /// [`Error::Refused`] when the ID is none or taken, or the service does not judge for the organization.
    pub async fn add_service_credential(&self, typed: &str, organization: &str) -> Result<Credential> {
        let id = credential_id(typed)
            .ok_or_else(|| Error::Refused(format!("{typed:?} is not a Credential ID")))?;
        let owner = self.organization(organization).await?;
        if owner.validator != organization::VIP_SERVICE {
            return Err(Error::Refused(format!(
                "the inventory judges the codes of {organization}'s credentials, and needs their seeds: import \
                 them, or run `countersign org update {organization} --validator vip-service` first"
            )));
        }
        let row = service_row(id, organization, self.now());
        let stored = row.clone();
        let written = self.store().write(move |tx| {
            Box::pin(async move {
                credential::insert_many(tx, vec![stored]).await?;
                directory::bump(tx).await
            })
        });
        match written.await {
            Err(StoreError::Conflict(_)) => {
                Err(Error::Refused(format!("{} is in the inventory already", row.id)))
            }
            other => Ok(other.map(|()| row)?),
        }
    }

    /// The time the VIP service has, as it writes it: that it answers at all is what is asked.
    ///
    /// # Errors
    /// [`Error::Refused`] says why there is none.
    pub async fn vip_service_time(&self) -> Result<String> {
        match self.service()?.ask(Operation::GetServerTime).await {
            (Outcome::Ok, Answer::Time(time)) => Ok(time),
            (told, _) => Err(refused(told)),
        }
    }

    /// What the VIP service knows of a person.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such person, or the service gives no answer.
    pub async fn vip_service_user(&self, email: &str) -> Result<ServiceUser> {
        let who = self.find_person(email).await?;
        let user_id = self.service()?.user_id(&who.person);
        match self.service()?.ask(Operation::GetUserInfo { user_id: user_id.clone() }).await {
            (Outcome::Ok, Answer::User { status, bindings, .. }) => {
                Ok(ServiceUser { user_id, status, bindings })
            }
            (Outcome::UnknownUser, _) => Ok(ServiceUser { user_id, status: None, bindings: Vec::new() }),
            (told, _) => Err(refused(told)),
        }
    }

    /// Unlocks a person at the VIP service.
    ///
    /// # Errors
    /// As [`vip_service_user`](Self::vip_service_user).
    pub async fn vip_service_unlock(&self, email: &str) -> Result<()> {
        let who = self.find_person(email).await?;
        let user_id = self.service()?.user_id(&who.person);
        let status = Some(UserStatus::Active);
        match self.service()?.ask(Operation::UpdateUser { user_id, status }).await.0 {
            Outcome::Ok => {
                tracing::info!(target: "audit", event = "vip_service_unlocked", person = %who.person.id);
                Ok(())
            }
            told => Err(refused(told)),
        }
    }

    /// Takes a credential from a person at the VIP service; what the inventory here says of it stays.
    ///
    /// # Errors
    /// As [`vip_service_user`](Self::vip_service_user).
    pub async fn vip_service_remove(&self, email: &str, typed: &str) -> Result<String> {
        let who = self.find_person(email).await?;
        let credential_id = credential_id(typed)
            .ok_or_else(|| Error::Refused(format!("{typed:?} is not a Credential ID")))?;
        let (user_id, kind) = (self.service()?.user_id(&who.person), CredentialType::StandardOtp);
        let remove = Operation::RemoveCredential { user_id, credential_id: credential_id.clone(), kind };
        match self.service()?.ask(remove).await.0 {
            Outcome::Ok => {
                tracing::info!(target: "audit", event = "vip_service_removed", person = %who.person.id, credential = %credential_id);
                Ok(credential_id)
            }
            told => Err(refused(told)),
        }
    }

    fn service(&self) -> Result<&VipService> {
        self.settings().vip_service.as_ref().ok_or_else(|| {
            Error::Refused(
                "the VIP service is not configured: set vip_service.certificate and vip_service.key".into(),
            )
        })
    }
}

fn service_row(id: String, organization: &str, now: i64) -> Credential {
    Credential {
        id,
        kind: SERVICE.to_owned(),
        seed: Vec::new(),
        digits: 6,
        period: 0,
        last_position: -1,
        drift: 0,
        failures: 0,
        state: credential::STOCKED.to_owned(),
        organization_id: Some(organization.to_owned()),
        person_id: None,
        token_name: None,
        expires_at: None,
        created_at: now,
        registered_at: None,
        locked_at: None,
        last_used_at: None,
        replaced_by: None,
    }
}

fn refused(told: Outcome) -> Error {
    let why = match told {
        Outcome::Unavailable => {
            "it gives no answer that counts: it cannot be reached, is down, or answers nonsense"
        }
        Outcome::Misconfigured => {
            "it refuses us: check the certificates and the account (docs/vip-service.md)"
        }
        Outcome::UnknownUser => "it knows no such user",
        Outcome::NotBound | Outcome::UnknownCredential => "that credential is not that user's there",
        _ => "it does not do that",
    };
    Error::Refused(format!("the VIP service: {why}"))
}
