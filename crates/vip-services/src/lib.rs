//! VIP User Services: who says whether a security code is right when no seed is kept here.
//!
//! | module | asks |
//! | --- | --- |
//! | [`message`] | what do both sides say? Requests and responses, written and read strictly |
//! | [`status`] | what does each status and reason code mean for a sign-in? |
//! | [`client`] | what does the service answer? One call, over TLS with a certificate of ours, never repeated |
//! | [`simulator`] | what would the service answer? A tenant in memory behind mutual TLS, with faults on demand |
//!
//! Nothing here reads the time or makes randomness: both are the caller's.

pub mod client;
pub mod message;
pub mod simulator;
pub mod status;
mod trust;
