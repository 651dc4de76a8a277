//! The pages as pure functions: plain input in, markup out. Nothing here reads a request, a row or the time.
//!
//! | file | page |
//! | --- | --- |
//! | [`layout`] | what every page has around it |
//! | [`field`] | a labelled field, its hint and its problem |
//! | [`login`] | Login |
//! | [`new_user`], [`forgot_password`] | New User, Forgot Password, and the answer both give |
//! | [`new_password`] | Create a New Password |
//! | [`register_credential`] | Register Credential |
//! | [`vip`] | VIP Authentication |
//! | [`bridge`] | Bridging Code |
//! | [`accounts`], [`no_account`] | Multiple Accounts Found; none found |
//! | [`about`] | what a client says of itself, under Login and Consent |
//! | [`consent`] | what a third party's client asks for |
//! | [`form_post`] | back to the application by a form |
//! | [`logout`] | Log Out, and logged out |
//! | [`check_session`] | a frame that nobody sees |
//! | [`home`] | the services |
//! | [`account`], [`tokens`] | My Account; My Tokens and the page of each change |
//! | [`browsers`], [`level`] | Supported Browsers; what an `acr` means |
//! | [`packet`] | the Welcome Packet, for print |
//! | [`stop`] | why a sign-in can't go on here, and what to do |
//! | [`trouble`] | errors |

pub mod about;
pub mod account;
pub mod accounts;
pub mod bridge;
pub mod browsers;
pub mod check_session;
pub mod consent;
pub mod field;
pub mod forgot_password;
pub mod form_post;
pub mod home;
pub mod layout;
pub mod level;
pub mod login;
pub mod logout;
pub mod new_password;
pub mod new_user;
pub mod no_account;
pub mod packet;
pub mod register_credential;
pub mod stop;
pub mod tokens;
pub mod trouble;
pub mod vip;

#[cfg(test)]
mod tests;

pub use field::Problem;
pub use layout::Frame;
