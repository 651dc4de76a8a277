//! The decision: what a request of a client leads to, given who is signed in. Pure, and the same on the way in
//! and on the way back from the sign-in.

use countersign_identity::Level;

use crate::error::Code;

/// The accounts of a person at the client's service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// The client belongs to no service.
    NotNeeded,
    /// There is none.
    None,
    /// One is settled on: the only one, or the one chosen in this session.
    Settled,
    /// Several, and the choice is open.
    Open,
}

/// Who is signed in in this browser, as the request sees them.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// It is whom the client expects.
    pub expected: bool,
    /// They authenticated recently enough.
    pub fresh: bool,
    /// The level proved.
    pub level: Level,
    /// The level needed. (Product rule 2.)
    pub needed: Level,
    /// The highest level the address can prove.
    pub reachable: Level,
    /// Their accounts at the client's service.
    pub accounts: Accounts,
    /// Consent stands, or none is needed.
    pub consent: bool,
}

/// What the decision is made of.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// `prompt=none`: no page may be shown.
    pub silent: bool,
    /// The sign-in for this request is behind us.
    pub resumed: bool,
    /// An essential `acr` names a level that exists, or there is no such request.
    pub essential_exists: bool,
    /// Who is signed in.
    pub seen: Option<Seen>,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The Login page; `again` when a session there is doesn't count.
    LogIn {
        /// Whether the factors are to be proved anew.
        again: bool,
    },
    /// The factor that is missing.
    StepUp,
    /// Multiple Accounts Found.
    ChooseAccount,
    /// The page that says there is no account here, whose link takes the client its error.
    ExplainNoAccount,
    /// The consent page.
    AskConsent,
    /// A code.
    Grant,
    /// This error, to the client.
    Refuse(Code),
}

/// Decides.
#[must_use]
pub fn decide(facts: &Facts) -> Decision {
    // A page, or with prompt=none the error that says which (OIDC Core §3.1.2.6).
    let page = |page, error| if facts.silent { Decision::Refuse(error) } else { page };
    if !facts.essential_exists {
        return Decision::Refuse(Code::UnmetAuthenticationRequirements);
    }
    let Some(seen) = &facts.seen else {
        return page(Decision::LogIn { again: false }, Code::LoginRequired);
    };
    if !seen.expected {
        // Somebody else signed in after all: the client hears that the one it expects is not signed in.
        let here = if facts.resumed {
            Decision::Refuse(Code::LoginRequired)
        } else {
            Decision::LogIn { again: true }
        };
        return page(here, Code::LoginRequired);
    }
    if !seen.fresh {
        return page(Decision::LogIn { again: true }, Code::LoginRequired);
    }
    if seen.level < seen.needed {
        return if seen.reachable < seen.needed {
            Decision::Refuse(Code::UnmetAuthenticationRequirements)
        } else {
            page(Decision::StepUp, Code::InteractionRequired)
        };
    }
    match seen.accounts {
        Accounts::None => return page(Decision::ExplainNoAccount, Code::AccessDenied),
        Accounts::Open => return page(Decision::ChooseAccount, Code::AccountSelectionRequired),
        Accounts::NotNeeded | Accounts::Settled => {}
    }
    if !seen.consent {
        return page(Decision::AskConsent, Code::ConsentRequired);
    }
    Decision::Grant
}

#[cfg(test)]
mod tests {
    use super::*;
    use Level::{Password as P, Vip as V};

    const SEEN: Seen = Seen {
        expected: true,
        fresh: true,
        level: P,
        needed: P,
        reachable: P,
        accounts: Accounts::Settled,
        consent: true,
    };

    fn facts(seen: Option<Seen>) -> Facts {
        Facts { silent: false, resumed: false, essential_exists: true, seen }
    }

    #[test]
    fn each_fact_leads_to_its_page_and_with_prompt_none_to_its_error() {
        use Decision::{AskConsent, ChooseAccount, ExplainNoAccount, Grant, LogIn, Refuse, StepUp};
        let unmet = Refuse(Code::UnmetAuthenticationRequirements);
        let rows = [
            (None, LogIn { again: false }, Refuse(Code::LoginRequired)),
            (Some(SEEN), Grant, Grant),
            (Some(Seen { expected: false, ..SEEN }), LogIn { again: true }, Refuse(Code::LoginRequired)),
            (Some(Seen { fresh: false, ..SEEN }), LogIn { again: true }, Refuse(Code::LoginRequired)),
            (Some(Seen { needed: V, reachable: V, ..SEEN }), StepUp, Refuse(Code::InteractionRequired)),
            (Some(Seen { needed: V, reachable: P, ..SEEN }), unmet, unmet),
            (Some(Seen { level: V, needed: V, reachable: P, ..SEEN }), Grant, Grant),
            (Some(Seen { level: V, needed: P, ..SEEN }), Grant, Grant),
            (Some(Seen { accounts: Accounts::None, ..SEEN }), ExplainNoAccount, Refuse(Code::AccessDenied)),
            (
                Some(Seen { accounts: Accounts::Open, ..SEEN }),
                ChooseAccount,
                Refuse(Code::AccountSelectionRequired),
            ),
            (Some(Seen { accounts: Accounts::NotNeeded, ..SEEN }), Grant, Grant),
            (Some(Seen { consent: false, ..SEEN }), AskConsent, Refuse(Code::ConsentRequired)),
            // The first of several reasons decides.
            (
                Some(Seen { fresh: false, needed: V, reachable: P, ..SEEN }),
                LogIn { again: true },
                Refuse(Code::LoginRequired),
            ),
            (
                Some(Seen { needed: V, reachable: V, accounts: Accounts::None, ..SEEN }),
                StepUp,
                Refuse(Code::InteractionRequired),
            ),
            (
                Some(Seen { accounts: Accounts::Open, consent: false, ..SEEN }),
                ChooseAccount,
                Refuse(Code::AccountSelectionRequired),
            ),
        ];
        for (seen, shown, silent) in rows {
            assert_eq!(decide(&facts(seen)), shown, "{seen:?}");
            assert_eq!(decide(&Facts { silent: true, ..facts(seen) }), silent, "{seen:?}");
        }
    }

    #[test]
    fn core_5_5_1_1_an_essential_acr_that_does_not_exist_is_unmet_before_anything_else() {
        for seen in [None, Some(SEEN), Some(Seen { fresh: false, ..SEEN })] {
            for silent in [false, true] {
                let facts = Facts { essential_exists: false, silent, ..facts(seen) };
                assert_eq!(decide(&facts), Decision::Refuse(Code::UnmetAuthenticationRequirements));
            }
        }
    }

    #[test]
    fn core_3_1_2_1_another_person_than_the_hint_names_ends_in_an_error_after_the_sign_in() {
        let resumed = Facts { resumed: true, ..facts(Some(Seen { expected: false, ..SEEN })) };
        assert_eq!(decide(&resumed), Decision::Refuse(Code::LoginRequired));
    }

    #[test]
    fn no_grant_below_the_level_needed_whatever_else_holds() {
        for bits in 0..64_u8 {
            let bit = |n: u8| bits & 1 << n != 0;
            for accounts in [Accounts::NotNeeded, Accounts::None, Accounts::Settled, Accounts::Open] {
                let seen = Seen {
                    expected: bit(0),
                    fresh: bit(1),
                    level: P,
                    needed: V,
                    reachable: if bit(2) { V } else { P },
                    accounts,
                    consent: bit(3),
                };
                let facts =
                    Facts { silent: bit(4), resumed: bit(5), essential_exists: true, seen: Some(seen) };
                assert_ne!(decide(&facts), Decision::Grant, "{facts:?}");
            }
        }
    }
}
