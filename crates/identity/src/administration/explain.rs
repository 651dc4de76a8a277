//! Why a sign-in needs what it needs.

use countersign_store::credential;
use serde::Serialize;

use crate::directory::reasons;
use crate::level::Level;
use crate::{Identity, Result};

/// What a sign-in of an address would need, and why.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// The address as stored.
    pub email: String,
    /// The level the address demands at every client.
    pub level: Level,
    /// Each account with what its service demands.
    pub because: Vec<String>,
    /// Whether a password is set.
    pub enrolled: bool,
    /// The credentials and their states.
    pub credentials: Vec<String>,
    /// What would happen at the sign-in, step by step.
    pub steps: Vec<&'static str>,
}

impl Identity {
    /// Explains the sign-in of an address.
    ///
    /// # Errors
    /// [`crate::Error::Refused`] when there is no such person.
    pub async fn explain(&self, email: &str) -> Result<Explanation> {
        let who = self.find_person(email).await?;
        let level = who.required(&self.settings().services);
        let because = reasons(&who, self.settings())
            .into_iter()
            .map(|(service, account)| {
                format!(
                    "account at {} for {} requires {}",
                    service.name, account.organization_name, service.requires
                )
            })
            .collect();
        let rows = credential::of_person(self.store().read(), &who.person.id).await?;
        let has = |state: &str| rows.iter().any(|row| row.state == state);
        let enrolled = who.person.password_hash.is_some();
        let mut steps = if enrolled {
            vec!["the password"]
        } else {
            vec!["New User: a temporary password by mail", "a new password"]
        };
        if level == Level::Vip {
            steps.push(match (has(credential::REGISTERED), has(credential::LOCKED)) {
                (true, _) => "a security code of the registered credential",
                (false, true) => "refused: the credential is locked, see `countersign credential unlock`",
                (false, false) if enrolled => {
                    "a temporary password by mail, then the registration of the assigned credential"
                }
                (false, false) => "the registration of the assigned credential with two security codes",
            });
        }
        let credentials = rows.iter().map(|row| format!("{} ({})", row.id, row.state)).collect();
        Ok(Explanation { email: who.person.email.clone(), level, because, enrolled, credentials, steps })
    }
}
