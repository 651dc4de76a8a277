//! What can be asked of the service.

use super::SecurityCode;

/// Which of the service's addresses takes an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Codes are judged.
    Authentication,
    /// Users and their credentials are changed.
    Management,
    /// Nothing is changed.
    Query,
    /// The older service's validation.
    Validation,
}

/// What kind of thing proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialType {
    /// A token that shows codes: the only kind that earns the level `vip`.
    StandardOtp,
    /// A code sent by text message.
    SmsOtp,
    /// A code read out on the telephone.
    VoiceOtp,
    /// A code of another service.
    ServiceOtp,
    /// A certificate.
    Certificate,
    /// Everything else the service knows.
    Other,
}

impl CredentialType {
    const ALL: [(Self, &'static str); 5] = [
        (Self::StandardOtp, "STANDARD_OTP"),
        (Self::SmsOtp, "SMS_OTP"),
        (Self::VoiceOtp, "VOICE_OTP"),
        (Self::ServiceOtp, "SERVICE_OTP"),
        (Self::Certificate, "CERTIFICATE"),
    ];

    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(own, _)| *own == self).map_or("IA", |(_, word)| word)
    }

    /// Reads that word; one that is not known is of another kind.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::ALL.iter().find(|(_, own)| *own == word).map_or(Self::Other, |(own, _)| *own)
    }
}

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStatus {
    /// Codes are judged.
    Active,
    /// Switched off.
    Disabled,
    /// Too many wrong codes.
    Locked,
}

impl UserStatus {
    /// Its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Disabled => "DISABLED",
            Self::Locked => "LOCKED",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Disabled, Self::Locked].into_iter().find(|status| status.as_str() == word)
    }
}

/// A credential to be bound to a user.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its ID: 4 to 100 characters.
    pub id: String,
    /// What it is.
    pub kind: CredentialType,
    /// What its holder calls it, 1 to 125 characters.
    pub friendly_name: Option<String>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Operation {
    /// Makes a user.
    CreateUser {
        /// 1 to 128 characters, in which case does not count.
        user_id: String,
    },
    /// Changes a user's status: `ACTIVE` unlocks.
    UpdateUser {
        /// Which user.
        user_id: String,
        /// The new status.
        status: Option<UserStatus>,
    },
    /// Binds a credential to a user, who proves possession by one code or two in a row.
    AddCredential {
        /// Which user.
        user_id: String,
        /// What is bound.
        credential: NewCredential,
        /// The codes.
        codes: (SecurityCode, Option<SecurityCode>),
    },
    /// Renames a user's credential.
    UpdateCredential {
        /// Which user.
        user_id: String,
        /// What, with its new name.
        credential: NewCredential,
    },
    /// Takes a credential from a user.
    RemoveCredential {
        /// Which user.
        user_id: String,
        /// Its ID.
        credential_id: String,
        /// What it is.
        kind: CredentialType,
    },
    /// Judges a code by all credentials of a user.
    AuthenticateUser {
        /// Which user.
        user_id: String,
        /// The code.
        code: SecurityCode,
    },
    /// Says what is known of a user.
    GetUserInfo {
        /// Which user.
        user_id: String,
    },
    /// Says what time it is there.
    GetServerTime,
    /// Brings a token in step by two codes in a row: the older service's.
    Synchronize {
        /// The credential's ID.
        credential_id: String,
        /// The codes.
        codes: (SecurityCode, SecurityCode),
    },
}

impl Operation {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::CreateUser { .. } => "CreateUser",
            Self::UpdateUser { .. } => "UpdateUser",
            Self::AddCredential { .. } => "AddCredential",
            Self::UpdateCredential { .. } => "UpdateCredential",
            Self::RemoveCredential { .. } => "RemoveCredential",
            Self::AuthenticateUser { .. } => "AuthenticateUser",
            Self::GetUserInfo { .. } => "GetUserInfo",
            Self::GetServerTime => "GetServerTime",
            Self::Synchronize { .. } => "Synchronize",
        }
    }

    /// Which address takes it.
    #[must_use]
    pub fn service(&self) -> Service {
        match self {
            Self::AuthenticateUser { .. } => Service::Authentication,
            Self::GetUserInfo { .. } | Self::GetServerTime => Service::Query,
            Self::Synchronize { .. } => Service::Validation,
            _ => Service::Management,
        }
    }

    /// The user it is about.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        match self {
            Self::CreateUser { user_id }
            | Self::UpdateUser { user_id, .. }
            | Self::AddCredential { user_id, .. }
            | Self::UpdateCredential { user_id, .. }
            | Self::RemoveCredential { user_id, .. }
            | Self::AuthenticateUser { user_id, .. }
            | Self::GetUserInfo { user_id } => Some(user_id),
            Self::GetServerTime | Self::Synchronize { .. } => None,
        }
    }
}
