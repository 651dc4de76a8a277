//! How sure we are of who it is.

use serde::{Deserialize, Serialize};

/// What was proved in a session, the weaker first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The password.
    Password,
    /// The password, and a security code of a registered VIP credential.
    Vip,
}

impl Level {
    /// All levels, the weaker first.
    pub const ALL: [Self; 2] = [Self::Password, Self::Vip];

    /// The level's name: `password` or `vip`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Vip => "vip",
        }
    }

    /// The level of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == name)
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
