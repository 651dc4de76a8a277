//! The journey of a sign-in: from what has been proved to what comes next. Pure.
//!
//! Every page asks this one function which page is due, and a session can be started only with the
//! [`Complete`] that this one function makes.

use countersign_store::sign_in::SignIn;
use serde::{Deserialize, Serialize};

use crate::level::Level;

/// What the one who sent the person here asks of the sign-in, beyond what the address itself demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The service an account is to be chosen at.
    pub service: Option<String>,
    /// Whether factors proved before `begun_at` count for nothing.
    pub reauthenticate: bool,
    /// Whether an account chosen before `begun_at` counts for nothing.
    pub select_account: bool,
    /// When the person was sent here, in seconds since 1970.
    pub begun_at: i64,
    /// Whether it takes a security code whatever the address demands: the client or its service requires VIP. No bridging
    /// code stands in for it then.
    #[serde(default)]
    pub vip: bool,
}

impl Demand {
    /// The demand of a person who came by themselves.
    #[must_use]
    pub fn none(now: i64) -> Self {
        Self { service: None, reauthenticate: false, select_account: false, begun_at: now, vip: false }
    }
}

/// Where a person's VIP credentials stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// None is registered.
    None,
    /// At least one is registered and takes codes.
    Registered,
    /// All registered ones are locked.
    Locked,
    /// The one there was is lost, and no other waits to be registered.
    Lost,
}

/// What the decision is made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// The password was proved in this sign-in (or in the session it steps up).
    pub password: bool,
    /// A temporary password opened this sign-in.
    pub temporary: bool,
    /// The new password was set.
    pub new_password: bool,
    /// A security code was proved.
    pub vip: bool,
    /// A bridging code stands in for the token, and nothing that is asked for here takes a token itself.
    pub bridged: bool,
    /// The last code was out of step.
    pub resync: bool,
    /// What the address demands, which is also the highest it can reach: a client that wants more is refused,
    /// and no page can help.
    pub required: Level,
    /// The person's credentials.
    pub credentials: Credentials,
    /// Accounts at the service in question.
    pub accounts: usize,
    /// Whether one of them is chosen.
    pub chosen: bool,
}

/// A page of the sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Sign in: nothing is proved yet.
    Password,
    /// Create a New Password.
    NewPassword,
    /// Register Symantec Credential.
    RegisterCredential,
    /// VIP Authentication.
    Vip {
        /// Whether the next code is asked for too.
        resync: bool,
    },
    /// The credential is locked: only the SOC can help.
    Locked,
    /// The credential is lost: only the SOC can help, with another.
    Lost,
    /// The password is right, but the address demands a credential and none is registered: a temporary
    /// password is mailed, and that opens the registration.
    RegisterFirst,
    /// Multiple Accounts Found.
    Accounts,
}

/// That every step a sign-in needs is done. Only [`next`] makes it; only a session takes it.
#[derive(Clone, Copy, Debug)]
pub struct Complete(());

/// What comes next.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// This page.
    Step(Step),
    /// The session.
    Session(Complete),
}

/// Decides what comes next.
///
/// An enrolment sets its password first and registers then. Someone who has a registered credential and comes
/// with a temporary password proves the credential before the password is changed: a reset skips no factor.
#[must_use]
pub fn next(facts: &Facts) -> Next {
    // A bridging code stands in for the token of somebody who has the right password, never in a reset.
    let bridged = facts.bridged && facts.password && !facts.temporary;
    let vip_due = facts.required >= Level::Vip && !facts.vip && !bridged;
    let step = if !facts.password && !facts.temporary {
        Some(Step::Password)
    } else if vip_due && facts.credentials == Credentials::Locked {
        Some(Step::Locked)
    } else if vip_due && facts.credentials == Credentials::Lost {
        Some(Step::Lost)
    } else if vip_due && facts.credentials == Credentials::Registered {
        Some(Step::Vip { resync: facts.resync })
    } else if facts.temporary && !facts.new_password {
        Some(Step::NewPassword)
    } else if vip_due && facts.temporary {
        Some(Step::RegisterCredential)
    } else if vip_due {
        Some(Step::RegisterFirst)
    } else if facts.accounts > 1 && !facts.chosen {
        Some(Step::Accounts)
    } else {
        None
    };
    step.map_or(Next::Session(Complete(())), Next::Step)
}

impl Facts {
    /// The facts that a sign-in's row holds; the rest is filled in by the caller.
    #[must_use]
    pub fn of(sign_in: &SignIn) -> Self {
        Self {
            password: sign_in.password_at.is_some(),
            temporary: sign_in.temporary_at.is_some(),
            new_password: sign_in.new_password_at.is_some(),
            vip: sign_in.vip_at.is_some(),
            bridged: false,
            resync: sign_in.resync,
            required: Level::Password,
            credentials: Credentials::None,
            accounts: 0,
            chosen: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Credentials; 4] =
        [Credentials::None, Credentials::Registered, Credentials::Locked, Credentials::Lost];

    fn facts() -> Facts {
        Facts {
            password: true,
            temporary: false,
            new_password: false,
            vip: false,
            bridged: false,
            resync: false,
            required: Level::Password,
            credentials: Credentials::None,
            accounts: 1,
            chosen: false,
        }
    }

    fn step(facts: Facts) -> Option<Step> {
        match next(&facts) {
            Next::Step(step) => Some(step),
            Next::Session(_) => None,
        }
    }

    #[test]
    fn the_guides_first_sign_in_of_an_mss_person() {
        let mut at = Facts { password: false, required: Level::Vip, ..facts() };
        assert_eq!(step(at), Some(Step::Password));
        at.temporary = true;
        assert_eq!(step(at), Some(Step::NewPassword));
        at.new_password = true;
        at.password = true;
        assert_eq!(step(at), Some(Step::RegisterCredential));
        at.vip = true;
        assert_eq!(step(at), None);
        at.accounts = 2;
        assert_eq!(step(at), Some(Step::Accounts));
        at.chosen = true;
        assert_eq!(step(at), None);
    }

    #[test]
    fn a_reset_never_skips_the_credential() {
        let reset = Facts {
            password: false,
            temporary: true,
            required: Level::Vip,
            credentials: Credentials::Registered,
            ..facts()
        };
        assert_eq!(step(reset), Some(Step::Vip { resync: false }));
        assert_eq!(step(Facts { vip: true, ..reset }), Some(Step::NewPassword));
        assert_eq!(step(Facts { credentials: Credentials::Locked, ..reset }), Some(Step::Locked));
        assert_eq!(step(Facts { credentials: Credentials::Lost, ..reset }), Some(Step::Lost));
    }

    #[test]
    fn an_address_without_mss_is_never_asked_for_a_code() {
        assert_eq!(step(Facts { credentials: Credentials::Registered, ..facts() }), None);
    }

    #[test]
    fn a_password_alone_never_completes_an_mss_sign_in() {
        for credentials in ALL {
            let at = Facts { required: Level::Vip, credentials, ..facts() };
            assert!(step(at).is_some(), "{at:?}");
        }
    }

    /// Every combination of facts: a session takes a password and, where the address demands it, a code.
    #[test]
    fn no_combination_of_facts_completes_without_its_factors() {
        let bools = [false, true];
        for n in 0..(1 << 7) {
            let bit = |at: usize| bools[(n >> at) & 1];
            for credentials in ALL {
                for required in Level::ALL {
                    let at = Facts {
                        password: bit(0),
                        temporary: bit(1),
                        new_password: bit(2),
                        vip: bit(3),
                        resync: bit(4),
                        chosen: bit(5),
                        bridged: bit(6),
                        required,
                        credentials,
                        accounts: 2,
                    };
                    if step(at).is_none() {
                        assert!(at.password || (at.temporary && at.new_password), "{at:?}");
                        assert!(!at.temporary || at.new_password, "{at:?}");
                        let bridged = at.bridged && at.password && !at.temporary;
                        assert!(at.vip || bridged || required == Level::Password, "{at:?}");
                        assert!(at.chosen, "{at:?}");
                    }
                }
            }
        }
    }
}
