//! What Countersign remembers.
//!
//! One file a table, each with the row type and its named queries; no file holds a rule of the product. The
//! other files are the ground the queries stand on:
//!
//! | file | holds |
//! | --- | --- |
//! | [`database`] | opening SQLite or PostgreSQL, its settings, its version check |
//! | [`mod@write`] | the one way to write: a transaction, grouped with its neighbours on SQLite |
//! | [`migration`] | the schema, step by step |
//! | [`clock`] | the only reader of time |
//! | [`secret`] | the only maker of randomness; secrets and their digests |
//! | [`seal`] | encryption at rest under the master key |
//! | [`count`] | queries and commits counted, for the metrics and the benchmark |
//!
//! This is the only crate that depends on sea-orm.

pub mod account;
pub mod bridging_code;
pub mod client;
pub mod client_metadata;
pub mod clock;
pub mod consent;
pub mod count;
pub mod credential;
pub mod credential_event;
pub mod credential_holder;
pub mod credential_import;
pub mod credential_import_row;
pub mod database;
pub mod directory;
mod error;
pub mod grant;
pub mod initial_access_token;
mod lookup;
pub mod mail;
pub mod migration;
pub mod organization;
pub mod person;
pub mod seal;
pub mod secret;
pub mod service_credential;
pub mod session;
pub mod session_account;
pub mod session_client;
pub mod sign_in;
pub mod signing_key;
pub mod spent_code;
pub mod spent_jti;
pub mod temporary_password;
pub mod throttle;
pub mod write;

pub use clock::Clock;
pub use database::{Backend, Store};
pub use error::{Error, Result};
pub use seal::Keyring;
pub use secret::Secret;
pub use write::Transaction;
