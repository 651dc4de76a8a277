//! The protocol as a client and a browser meet it, in the test's own process and on a clock moved by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authorize;
mod backchannel_logout;
mod frontchannel_logout;
mod house;
mod keys;
mod logout;
mod party;
mod registration;
mod response_types;
mod session_management;
mod shown;
mod signed_by_clients;
mod token;
mod userinfo;
