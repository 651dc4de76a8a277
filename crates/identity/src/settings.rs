//! What the operator decides about people and how they sign in.

use crate::factor::VipService;
use crate::level::Level;
use crate::oath::Window;

/// A service of the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The short name: `mss`.
    pub id: String,
    /// The name people read.
    pub name: String,
    /// The level its accounts demand of their address, at every client.
    pub requires: Level,
    /// Where a person who opens the portal itself is sent for it.
    pub url: Option<String>,
}

/// Limits of a session, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetime {
    /// Without use.
    pub idle: i64,
    /// From the password on, whatever happens.
    pub absolute: i64,
}

/// Everything the identity core is configured with. Times are seconds.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The services, in the order people see them.
    pub services: Vec<Service>,
    /// Where the sign-in page is: the issuer, without a slash at the end. Mails name it.
    pub sign_in_url: String,
    /// The portal's name in mails.
    pub portal_name: String,
    /// The token's brand in mails.
    pub vendor: String,
    /// How to reach the SOC, in mails.
    pub soc_contact: String,
    /// How far a security code may be out of step.
    pub window: Window,
    /// The VIP service, for organizations whose credentials it judges; none where it is not set up.
    pub vip_service: Option<VipService>,
    /// Wrong codes in a row that lock a credential.
    pub lock_after: i32,
    /// Whether a person may register a credential in stock at an organization of theirs.
    pub register_from_organization: bool,
    /// How long a bridging code may stand in for a lost token, in seconds; 0 when the SOC gives out none.
    pub bridging: i64,
    /// How long a temporary password opens an enrolment.
    pub temporary_password: i64,
    /// How long a sign-in may take from the password to the end.
    pub sign_in: i64,
    /// How long an enrolment may take from the temporary password to the end.
    pub enrolment: i64,
    /// Sessions at level `password`.
    pub password_session: Lifetime,
    /// Sessions at level `vip`.
    pub vip_session: Lifetime,
    /// How long ago the password and the code may have been proved that a change to one's tokens takes.
    pub fresh: i64,
    /// How fast passwords may be tried for one address.
    pub address_rate: Rate,
    /// How fast mails may be asked for, for one address.
    pub mail_rate: Rate,
    /// How fast one network may try anything that costs a hash.
    pub network_rate: Rate,
}

pub use countersign_store::throttle::Rate;

impl Settings {
    /// The service of that id.
    #[must_use]
    pub fn service(&self, id: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    /// The limits of a session of that level.
    #[must_use]
    pub fn lifetime(&self, level: Level) -> Lifetime {
        match level {
            Level::Password => self.password_session,
            Level::Vip => self.vip_session,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        let service = |id: &str, name: &str, requires| Service {
            id: id.into(),
            name: name.into(),
            requires,
            url: None,
        };
        Self {
            services: vec![
                service("mss", "Managed Security Services", Level::Vip),
                service("deepsight", "DeepSight Intelligence", Level::Password),
            ],
            sign_in_url: "https://portal.example".into(),
            portal_name: "Managed Services Portal".into(),
            vendor: "Symantec".into(),
            soc_contact: "your Security Operations Center".into(),
            window: Window::default(),
            vip_service: None,
            lock_after: 10,
            register_from_organization: false,
            bridging: 0,
            temporary_password: 60 * 60,
            sign_in: 15 * 60,
            enrolment: 60 * 60,
            password_session: Lifetime { idle: 60 * 60, absolute: 12 * 60 * 60 },
            vip_session: Lifetime { idle: 30 * 60, absolute: 12 * 60 * 60 },
            fresh: 5 * 60,
            address_rate: Rate { interval_millis: 12_000, burst: 50 },
            mail_rate: Rate { interval_millis: 6 * 60_000, burst: 10 },
            network_rate: Rate { interval_millis: 20, burst: 600 },
        }
    }
}
