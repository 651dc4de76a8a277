//! The protocol as a client and a browser meet it, in the test's own process and on a clock moved by hand.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod authorize;
mod frontchannel_logout;
mod house;
mod keys;
mod logout;
mod response_types;
mod session_management;
mod shown;
mod token;
mod userinfo;
