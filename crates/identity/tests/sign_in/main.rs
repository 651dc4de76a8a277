//! The whole way through the identity core, against a real SQLite database and a clock moved by hand.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod clocks;
mod daily;
mod enrolment;
mod portal;
