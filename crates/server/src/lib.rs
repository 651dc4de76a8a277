//! The countersign program.
//!
//! | file | holds |
//! | --- | --- |
//! | [`app`] | everything put together and running |
//! | [`settings`] | what an operator can set, and how it is read |
//! | [`http`] | the listener: plain or TLS, and its end |
//! | [`request`] | what happens to every request before and after its handler |
//! | [`health`], [`metrics`] | what machines ask |
//! | [`telemetry`] | logs |
//! | [`command`] | the command line |
//! | `demo` | the demonstration around the provider (a cargo feature) |

pub mod app;
pub mod command;
#[cfg(feature = "demo")]
pub mod demo;
pub mod health;
pub mod http;
pub mod metrics;
pub mod request;
pub mod settings;
pub mod telemetry;
