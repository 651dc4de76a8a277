//! My Tokens: what a person sees and changes of their own credentials.
//!
//! Seeing takes a session at the level the address requires; changing takes a password and a code proved just now.
//! Only this file makes the [`Holder`] and the [`Fresh`] that those take.

mod change;

use countersign_store::credential::{self, Credential};

pub use change::{Added, Changed};

use crate::level::Level;
use crate::seed_file::credential_id;
use crate::session::Authenticated;
use crate::{Identity, Result};

/// What a session may do with its person's tokens.
#[derive(Debug)]
pub enum Standing<'a> {
    /// The address needs no token: there is nothing to see or to change.
    NoToken,
    /// The session has not proved what the address requires.
    Below,
    /// It has.
    Holder(Holder<'a>),
}

/// A person whose session is at the level their address requires. Made only by [`Identity::holder`].
#[derive(Debug)]
pub struct Holder<'a>(&'a Authenticated);

/// A holder who has proved password and code just now. Made only by [`Identity::fresh`].
#[derive(Debug)]
pub struct Fresh<'a>(&'a Authenticated);

/// Where one of a person's tokens stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// Its codes sign the person in.
    Registered,
    /// Too many wrong codes: the SOC can unlock it.
    Locked,
    /// It was to be used until a day that is over.
    Expired,
    /// It waits to be registered.
    Assigned,
    /// Reported lost.
    Lost,
}

/// One of a person's tokens. Times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldToken {
    /// The Credential ID.
    pub credential_id: String,
    /// The name its holder gave it.
    pub name: Option<String>,
    /// Where it stands.
    pub state: TokenState,
    /// When it was registered.
    pub registered_at: Option<i64>,
    /// When a code of it was last accepted, where that is known.
    pub used_at: Option<i64>,
    /// Whether it can be given back: it is registered, and not the last one.
    pub removable: bool,
}

impl Identity {
    /// What a session may do with its person's tokens.
    #[must_use]
    pub fn holder<'a>(&self, who: &'a Authenticated) -> Standing<'a> {
        match who.profile().required(&self.settings().services) {
            Level::Password => Standing::NoToken,
            required if who.level() < required => Standing::Below,
            _ => Standing::Holder(Holder(who)),
        }
    }

    /// The holder, if every factor the address requires was proved within [`crate::Settings::fresh`].
    #[must_use]
    pub fn fresh<'a>(&self, holder: &Holder<'a>) -> Option<Fresh<'a>> {
        let session = holder.0.session();
        // An enrolment may prove the code long before its password is set.
        let proved = session.vip_at.map_or(session.auth_time, |vip_at| vip_at.min(session.auth_time));
        (self.now() - proved <= self.settings().fresh).then_some(Fresh(holder.0))
    }

    /// A person's tokens, the registered ones first. What was never theirs to use, or no longer is, is left out.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn tokens(&self, holder: &Holder<'_>) -> Result<Vec<HeldToken>> {
        let person = &holder.0.profile().person.id;
        let rows = credential::of_person(self.store().read(), person).await?;
        let live = rows.iter().filter(|row| self.state_of(row) == Some(TokenState::Registered)).count();
        let mut held: Vec<HeldToken> = rows
            .iter()
            .filter_map(|row| {
                let state = self.state_of(row)?;
                Some(HeldToken {
                    credential_id: row.id.clone(),
                    name: row.token_name.clone(),
                    state,
                    registered_at: row.registered_at,
                    used_at: row.last_used_at,
                    removable: state == TokenState::Registered && live > 1,
                })
            })
            .collect();
        held.sort_by_key(|token| token.state as u8);
        Ok(held)
    }

    /// One of a person's tokens.
    ///
    /// # Errors
    /// [`crate::Error::Store`].
    pub async fn held_token(&self, holder: &Holder<'_>, typed: &str) -> Result<Option<HeldToken>> {
        let Some(id) = credential_id(typed) else { return Ok(None) };
        Ok(self.tokens(holder).await?.into_iter().find(|token| token.credential_id == id))
    }

    fn state_of(&self, row: &Credential) -> Option<TokenState> {
        let over = row.expires_at.is_some_and(|at| at <= self.now());
        match row.state.as_str() {
            credential::REGISTERED | credential::LOCKED if over => Some(TokenState::Expired),
            credential::REGISTERED => Some(TokenState::Registered),
            credential::LOCKED => Some(TokenState::Locked),
            credential::ASSIGNED if !over => Some(TokenState::Assigned),
            credential::LOST => Some(TokenState::Lost),
            _ => None,
        }
    }
}
