//! `client_registration.*`: whether clients register themselves, and what they may have then.

use serde::Deserialize;

use super::texts;

/// `client_registration.*`
#[derive(Clone, Debug, Deserialize)]
pub struct ClientRegistration {
    /// Who may register a client.
    pub mode: RegistrationMode,
    /// The response types they may have, of those in `protocol.response_types`.
    #[serde(deserialize_with = "texts")]
    pub response_types: Vec<String>,
    /// The most scopes they may have, separated by spaces; what one gets that names none.
    pub scope: String,
    /// Whether they must use PKCE.
    pub require_pkce: bool,
    /// The service they belong to; empty for none.
    pub service: String,
    /// Open registrations and updates from one network within an hour.
    pub per_hour: u32,
    /// How many there may be.
    pub most: u32,
    /// Days after which one goes that nobody allows anything; 0 for never.
    pub unused_days: u32,
}

/// Who may register a client.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum RegistrationMode {
    /// Nobody but an administrator.
    Off,
    /// Whoever holds an initial access token.
    Token,
    /// Anybody.
    Open,
}
