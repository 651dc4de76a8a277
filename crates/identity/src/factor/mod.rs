//! Factors: the only judges of passwords and security codes.
//!
//! Each counts the guess first, in a transaction of its own, and looks at it then: parallel guessing buys
//! nothing. What a right answer consumes and what it buys are written together.

mod address_throttle;
mod bridging;
mod new_password;
mod password;
mod registration;
mod validator;
mod vip;

pub use bridging::BridgingOutcome;
pub use new_password::NewPasswordOutcome;
pub use password::{Attempt, PasswordOutcome};
pub use registration::{RegistrationOutcome, RegistrationTry};
pub use validator::{AtService, UserIds, VipService};
pub use vip::VipOutcome;

pub(crate) use registration::token_name;
pub(crate) use validator::{Accepted, Guess, Verdict, register, seed_purpose, token_of};
