//! The settings as the crates below understand them.

use std::time::Duration;

use countersign_identity as identity;
use countersign_identity::oath::Window;
use countersign_identity::settings::{Lifetime, Rate};
use countersign_provider::ProviderSettings;
use countersign_provider::authorize::response::ResponseType;
use countersign_provider::outbound::OutboundSettings;
use countersign_provider::registration::policy::RegistrationPolicy;
use countersign_provider::scope::Scopes;
use countersign_provider::signing_keys::life::Schedule;

use super::{ClientRegistration, Level, RegistrationMode, Settings};

/// What the identity core is told.
#[must_use]
pub fn identity_settings(settings: &Settings) -> identity::Settings {
    let defaults = identity::Settings::default();
    let (vip, session, throttle) = (&settings.vip, &settings.session, &settings.throttle);
    let lifetime = |minutes: u32, hours: u32| Lifetime {
        idle: i64::from(minutes) * 60,
        absolute: i64::from(hours) * 60 * 60,
    };
    let burst = i64::from(throttle.address_failures.max(1));
    identity::Settings {
        services: settings.services.iter().map(service).collect(),
        sign_in_url: settings.issuer.clone().unwrap_or_default(),
        portal_name: settings.brand.portal.clone(),
        vendor: settings.brand.vendor.clone(),
        soc_contact: Some(settings.soc.contact.clone())
            .filter(|c| !c.is_empty())
            .unwrap_or(defaults.soc_contact),
        window: Window {
            accept: vip.accept_steps,
            resync: vip.resync_steps,
            look_ahead: vip.accept_events,
            event_resync: vip.resync_events,
        },
        bridging: i64::from(vip.bridging_minutes) * 60,
        register_from_organization: settings.registration.organization_credentials,
        password_session: lifetime(session.password_idle_minutes, session.password_absolute_hours),
        vip_session: lifetime(session.vip_idle_minutes, session.vip_absolute_hours),
        fresh: i64::from(session.fresh_minutes) * 60,
        address_rate: Rate { interval_millis: i64::from(throttle.window_minutes) * 60_000 / burst, burst },
        network_rate: Rate { burst: i64::from(throttle.network_failures), ..defaults.network_rate },
        ..defaults
    }
}

/// What the provider is told.
#[must_use]
pub fn provider_settings(settings: &Settings) -> ProviderSettings {
    let outbound = &settings.outbound;
    ProviderSettings {
        response_types: response_types(&settings.protocol.response_types),
        session_management: settings.protocol.session_management,
        registration: registration(&settings.client_registration),
        outbound: OutboundSettings {
            allow: outbound.allow.clone(),
            ca_file: outbound.ca_file.clone(),
            timeout: Duration::from_secs(outbound.timeout_seconds.into()),
        },
    }
}

/// When signing keys take each other's place.
#[must_use]
pub fn schedule(settings: &Settings) -> Schedule {
    let keys = &settings.keys;
    Schedule {
        rotate: i64::from(keys.rotate_days) * 24 * 60 * 60,
        announce: i64::from(keys.announce_minutes) * 60,
    }
}

fn response_types(texts: &[String]) -> Vec<ResponseType> {
    texts.iter().filter_map(|text| ResponseType::parse(text)).collect()
}

fn registration(registration: &ClientRegistration) -> Option<RegistrationPolicy> {
    let needs_token = match registration.mode {
        RegistrationMode::Off => return None,
        RegistrationMode::Token => true,
        RegistrationMode::Open => false,
    };
    Some(RegistrationPolicy {
        needs_token,
        response_types: response_types(&registration.response_types),
        scope: Scopes::parse(&registration.scope),
        require_pkce: registration.require_pkce,
        service_id: Some(registration.service.clone()).filter(|service| !service.is_empty()),
        per_hour: registration.per_hour,
        most: registration.most,
        unused_days: Some(registration.unused_days).filter(|days| *days > 0),
    })
}

fn service(service: &super::Service) -> identity::Service {
    identity::Service {
        id: service.id.clone(),
        name: service.name.clone(),
        requires: match service.requires {
            Level::Password => identity::Level::Password,
            Level::Vip => identity::Level::Vip,
        },
        url: Some(service.url.clone()).filter(|url| !url.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::{identity_settings, provider_settings};
    use crate::settings::source::from_parts;
    use countersign_identity as identity;
    use countersign_provider::ProviderSettings;
    use countersign_provider::registration::policy::RegistrationPolicy;
    use std::collections::HashMap;
    use std::path::Path;

    #[test]
    fn the_defaults_are_the_identity_cores_own() {
        let ours = identity_settings(&from_parts(None, HashMap::new()).unwrap().settings);
        let theirs = identity::Settings::default();
        assert_eq!(ours.services, theirs.services);
        assert_eq!(ours.window, theirs.window);
        assert_eq!(ours.portal_name, theirs.portal_name);
        let rate = |rate: identity::settings::Rate| (rate.interval_millis, rate.burst);
        assert_eq!(rate(ours.address_rate), rate(theirs.address_rate));
        assert_eq!(rate(ours.network_rate), rate(theirs.network_rate));
        assert_eq!(ours.vip_session.idle, theirs.vip_session.idle);
    }
    #[test]
    fn the_defaults_are_the_providers_own() {
        let ours = provider_settings(&from_parts(None, HashMap::new()).unwrap().settings).outbound;
        let theirs = ProviderSettings::default().outbound;
        assert_eq!((ours.allow, ours.ca_file, ours.timeout), (theirs.allow, theirs.ca_file, theirs.timeout));
    }

    #[test]
    fn nobody_registers_itself_unless_told_so_and_then_by_the_providers_own_defaults() {
        let policy = |text: &str| {
            let loaded = from_parts(Some((Path::new("c.toml"), text)), HashMap::new()).unwrap();
            provider_settings(&loaded.settings).registration
        };
        assert!(policy("").is_none());
        let ours = policy("[client_registration]\nmode = 'token'").unwrap();
        assert_eq!(format!("{ours:?}"), format!("{:?}", RegistrationPolicy::default()));
        assert!(!policy("[client_registration]\nmode = 'open'").unwrap().needs_token);
    }
}
