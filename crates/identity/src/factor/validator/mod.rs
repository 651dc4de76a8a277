//! Who judges security codes: the inventory, by the seeds kept here, or the VIP service, which keeps them.
//!
//! The organization of a credential decides who judges its registration; from then on the credential stays with that
//! judge, as its row's kind says. Whoever judges, the guess has been counted before, and what a right code buys is
//! written in one transaction with the one statement that spends it here.

mod inventory;
mod vip_service;

use countersign_store::credential::{self, Credential, Registration};
use countersign_store::credential_event::{self, Note};
use countersign_store::person::{self, Person};
use countersign_store::service_credential::{self, Binding, SERVICE};
use countersign_store::{Transaction, organization, spent_code};

use crate::{Identity, Result};

use inventory::Inventory;
pub(crate) use inventory::{seed_purpose, token_of};
pub use vip_service::{UserIds, VipService};

/// What is to be judged.
pub(crate) struct Guess<'a> {
    /// Whose sign-in it is.
    pub(crate) person: &'a Person,
    /// The credentials it may be a code of, each of which the guess has been counted for.
    pub(crate) rows: &'a [Credential],
    /// The code, and the next one to bring a token in step.
    pub(crate) codes: (&'a str, Option<&'a str>),
}

/// A judge. Nothing it says is worth anything before [`Accepted`] has been written.
trait Validator {
    /// Judges a code of a sign-in, or two in a row.
    async fn sign_in(&self, guess: &Guess<'_>) -> Result<Verdict>;

    /// Judges two codes in a row that are to register the one credential of the guess, under that name.
    async fn register(&self, guess: &Guess<'_>, name: Option<&str>) -> Result<Verdict>;

    /// The registration came to nothing here: whoever was told of it is told so.
    async fn withdraw(&self, guess: &Guess<'_>) -> Result<()>;
}

/// What a judge says.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Right.
    Right(Accepted),
    /// Right for another moment: the next code is wanted too.
    OutOfStep,
    /// Used already, or older than one that was.
    Used {
        /// In about how many seconds the token shows the next one, where that is known.
        next_in: Option<u32>,
    },
    /// Wrong.
    Wrong,
    /// Locked by the judge.
    Locked,
    /// The judge can't be asked just now.
    Unavailable,
    /// The judge is not set up for this.
    Misconfigured,
}

/// A right code. Only a judge makes it.
#[derive(Debug)]
pub(crate) struct Accepted {
    /// Whose code it was.
    pub(crate) credential_id: String,
    spend: Spend,
}

/// What spends a code.
#[derive(Debug)]
enum Spend {
    /// The credential's position rises: every code up to it is spent.
    Position { position: i64, drift: i32 },
    /// The codes themselves are remembered, as keyed digests, for as long as the judge could take them again.
    Codes { digests: Vec<Vec<u8>>, until: i64 },
}

/// How a code of a sign-in is spent here: false for one that was spent before, or whose credential is no longer
/// this person's.
pub(crate) async fn spend(
    tx: &Transaction,
    accepted: &Accepted,
    person: &str,
    now: i64,
) -> countersign_store::Result<bool> {
    let id = &accepted.credential_id;
    match &accepted.spend {
        Spend::Position { position, drift } => {
            credential::accept(tx, id, person, (*position, *drift), now).await
        }
        Spend::Codes { digests, until } => Ok(spend_codes(tx, id, digests, *until).await?
            && service_credential::accept(tx, id, person, now).await?),
    }
}

/// Registers a credential by the codes that were found right, by one conditional statement.
pub(crate) async fn register(
    tx: &Transaction,
    accepted: &Accepted,
    wanted: &Binding,
) -> countersign_store::Result<bool> {
    let registered = match &accepted.spend {
        Spend::Position { position, drift } => {
            let registration = Registration {
                id: wanted.id.clone(),
                person_id: wanted.person_id.clone(),
                position: *position,
                drift: *drift,
                token_name: wanted.token_name.clone(),
                now: wanted.now,
                organizations: wanted.organizations.clone(),
            };
            credential::register(tx, &registration).await?
        }
        // The codes first: what is refused here leaves no binding behind.
        Spend::Codes { digests, until } => {
            spend_codes(tx, &accepted.credential_id, digests, *until).await?
                && service_credential::register(tx, wanted).await?
        }
    };
    if registered {
        let note = Note { at: wanted.now, event: "registered", by: "holder".to_owned(), reason: None };
        credential_event::insert(tx, &wanted.id, &note).await?;
    }
    Ok(registered)
}

async fn spend_codes(
    tx: &Transaction,
    id: &str,
    digests: &[Vec<u8>],
    until: i64,
) -> countersign_store::Result<bool> {
    for digest in digests {
        if !spent_code::spend(tx, id, digest.clone(), until).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What became of a credential at the VIP service when it went out of use here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtService {
    /// The service had nothing to do with it.
    Unconcerned,
    /// It is nobody's there either.
    Removed,
    /// The service gave no answer, or a no: it takes it for its holder's still.
    Stays,
}

/// The judge of a registration.
enum Chosen<'a> {
    Inventory(Inventory<'a>),
    VipService(vip_service::Judge<'a>),
    Nobody,
}

impl Identity {
    /// Judges a code of a sign-in by whoever each credential is registered with. Guesses that nobody could look at
    /// are given back.
    pub(crate) async fn judge(&self, guess: &Guess<'_>) -> Result<Verdict> {
        let (theirs, ours): (Vec<_>, Vec<_>) =
            guess.rows.iter().cloned().partition(|row| row.kind == SERVICE);
        let here = Inventory(self).sign_in(&Guess { rows: &ours, ..*guess }).await?;
        if theirs.is_empty() || matches!(here, Verdict::Right(_)) {
            return Ok(here);
        }
        let guess = Guess { rows: &theirs, ..*guess };
        let there = match self.settings().vip_service.as_ref() {
            Some(service) => vip_service::Judge::new(self, service).sign_in(&guess).await?,
            None => nobody("the VIP service is not configured"),
        };
        match there {
            // What the inventory knows of one of its own tokens says more.
            Verdict::Wrong => Ok(here),
            Verdict::Locked | Verdict::Unavailable | Verdict::Misconfigured => {
                self.give_back(&theirs).await?;
                Ok(there)
            }
            _ => Ok(there),
        }
    }

    async fn give_back(&self, rows: &[Credential]) -> Result<()> {
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let given = self.store().write(move |tx| {
            Box::pin(async move {
                for id in &ids {
                    credential::uncount_guess(tx, id).await?;
                }
                Ok(())
            })
        });
        Ok(given.await?)
    }

    /// Judges the two codes of a registration by whoever judges the organization's credentials.
    pub(crate) async fn judge_registration(&self, guess: &Guess<'_>, name: Option<&str>) -> Result<Verdict> {
        match self.chosen(guess).await? {
            Chosen::Inventory(judge) => judge.register(guess, name).await,
            Chosen::VipService(judge) => judge.register(guess, name).await,
            Chosen::Nobody => Ok(Verdict::Misconfigured),
        }
    }

    /// Undoes with the judge what could not be written here; not what another sign-in of this person's has written
    /// meanwhile.
    pub(crate) async fn withdraw_registration(&self, guess: &Guess<'_>) -> Result<()> {
        for row in guess.rows {
            let found = credential::find(self.store().read(), &row.id).await?;
            if found.is_some_and(|row| {
                row.person_id.as_ref() == Some(&guess.person.id) && row.registered_at.is_some()
            }) {
                return Ok(());
            }
        }
        match self.chosen(guess).await? {
            Chosen::Inventory(judge) => judge.withdraw(guess).await,
            Chosen::VipService(judge) => judge.withdraw(guess).await,
            Chosen::Nobody => Ok(()),
        }
    }

    /// Tells the VIP service that a credential is no longer its holder's, given what was known of it while it was.
    /// What counts for a sign-in is kept here, so this is tried once, and after it was written here.
    pub(crate) async fn remove_at_service(&self, before: &Credential) -> Result<AtService> {
        let registered = before.kind == SERVICE && before.registered_at.is_some();
        let Some(person_id) = before.person_id.as_ref().filter(|_| registered) else {
            return Ok(AtService::Unconcerned);
        };
        let holder = person::find(self.store().read(), person_id).await?;
        let (Some(service), Some(holder)) = (&self.settings().vip_service, holder) else {
            return Ok(AtService::Stays);
        };
        Ok(service.remove(&holder, &before.id).await)
    }

    async fn chosen(&self, guess: &Guess<'_>) -> Result<Chosen<'_>> {
        let Some(row) = guess.rows.first() else { return Ok(Chosen::Nobody) };
        let found = match &row.organization_id {
            Some(id) => organization::find(self.store().read(), id).await?,
            None => None,
        };
        let served = found.is_some_and(|found| found.validator == organization::VIP_SERVICE);
        Ok(match (served, &self.settings().vip_service) {
            (true, Some(service)) => Chosen::VipService(vip_service::Judge::new(self, service)),
            (true, None) => {
                nobody("the VIP service is not configured");
                Chosen::Nobody
            }
            (false, _) if row.kind == SERVICE => {
                nobody("the credential has no seed, and its organization's validator is the inventory");
                Chosen::Nobody
            }
            (false, _) => Chosen::Inventory(Inventory(self)),
        })
    }
}

/// Nobody can judge: for the operator's log.
fn nobody(why: &str) -> Verdict {
    tracing::error!(why, "a security code cannot be judged");
    Verdict::Misconfigured
}
