//! Values that parse and still cannot work.

use countersign_provider::authorize::response::ResponseType;
use countersign_provider::documents::CACHED;
use countersign_provider::scope::{self, Scopes};
use secrecy::ExposeSecret as _;
use tracing_subscriber::EnvFilter;
use url::{Host, Url};

use super::{RegistrationMode, Settings, SettingsError};

/// Checks what single values and their combinations must be. `demo` alone may have an issuer that is plain
/// HTTP, on a loopback address written as an IP address.
///
/// # Errors
/// One line that names the key and says what to do.
pub fn validate(settings: &Settings, demo: bool) -> Result<(), SettingsError> {
    issuer(settings, demo)?;
    validate_values(settings)
}

/// Checks everything but the issuer, which only a server needs.
///
/// # Errors
/// As [`validate`].
pub fn validate_values(settings: &Settings) -> Result<(), SettingsError> {
    services(settings)?;
    mail(settings)?;
    protocol(settings)?;
    registration(settings)?;
    numbers(settings)?;
    let level = &settings.log.level;
    if EnvFilter::try_new(level).is_err() {
        return refuse("log.level", &format!("{level:?} is neither a level like info nor directives"));
    }
    let colour = settings.brand.colour.strip_prefix('#').unwrap_or_default();
    if colour.len() != 6 || !colour.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return refuse("brand.colour", "write it as #rrggbb");
    }
    if let Some(tls) = &settings.tls {
        readable("tls.certificate", &tls.certificate)?;
        readable("tls.key", &tls.key)?;
    }
    if let Some(file) = &settings.outbound.ca_file {
        readable("outbound.ca_file", file)?;
    }
    settings.vip_service.open()?;
    if let Some(logo) = &settings.brand.logo {
        readable("brand.logo", logo)?;
    }
    Ok(())
}

fn refuse(key: &str, reason: &str) -> Result<(), SettingsError> {
    Err(SettingsError(format!("`{key}`: {reason}")))
}

fn readable(key: &str, path: &std::path::Path) -> Result<(), SettingsError> {
    match std::fs::File::open(path) {
        Ok(_) => Ok(()),
        Err(error) => refuse(key, &format!("{} cannot be read: {error}", path.display())),
    }
}

fn issuer(settings: &Settings, demo: bool) -> Result<(), SettingsError> {
    let Some(issuer) = &settings.issuer else {
        return refuse(
            "issuer",
            "it is not set: give the https URL that browsers and applications reach this server at, \
             such as https://login.example.com",
        );
    };
    let Ok(url) = Url::parse(issuer) else {
        return refuse("issuer", &format!("{issuer:?} is not a URL"));
    };
    let loopback = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    };
    match url.scheme() {
        "https" => {}
        "http" if demo && loopback => {}
        _ => {
            return refuse(
                "issuer",
                "it must begin with https:// (only `demo` speaks plain HTTP, on loopback)",
            );
        }
    }
    // OpenID Connect Discovery 1.0 §3: no query or fragment component.
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return refuse("issuer", "it must have no user, query or fragment");
    }
    // Paths of the product are fixed: an issuer below a path would need a proxy that rewrites every page.
    if url.path() != "/" || issuer.ends_with('/') {
        return refuse(
            "issuer",
            "it must be scheme, host and port alone, without a path or a slash at the end",
        );
    }
    Ok(())
}

fn services(settings: &Settings) -> Result<(), SettingsError> {
    for (index, service) in settings.services.iter().enumerate() {
        let key = |name: &str| format!("services[{index}].{name}");
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if service.id.is_empty() || service.id.len() > 32 || !service.id.bytes().all(plain) {
            return refuse(&key("id"), "1 to 32 of a-z, 0-9 and hyphens");
        }
        if settings.services[..index].iter().any(|other| other.id == service.id) {
            return refuse(&key("id"), &format!("there are two services called {:?}", service.id));
        }
        let goes = Url::parse(&service.url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !service.url.is_empty() && !goes {
            return refuse(&key("url"), "an http or https URL, or empty");
        }
    }
    if settings.services.is_empty() {
        return refuse("services", "at least one service is needed");
    }
    Ok(())
}

fn protocol(settings: &Settings) -> Result<(), SettingsError> {
    let types = &settings.protocol.response_types;
    let known = ResponseType::ALL.join(", ");
    match types.iter().find(|text| ResponseType::parse(text).is_none()) {
        Some(strange) => refuse("protocol.response_types", &format!("{strange:?} is none of {known}")),
        None if types.is_empty() => refuse("protocol.response_types", "at least one is needed, such as code"),
        None => Ok(()),
    }
}

fn registration(settings: &Settings) -> Result<(), SettingsError> {
    let registration = &settings.client_registration;
    if registration.mode == RegistrationMode::Off {
        return Ok(());
    }
    let open: Vec<_> =
        settings.protocol.response_types.iter().map(|text| ResponseType::parse(text)).collect();
    let is_open = |text: &str| ResponseType::parse(text).is_some_and(|kind| open.contains(&Some(kind)));
    if let Some(strange) = registration.response_types.iter().find(|text| !is_open(text)) {
        let key = "client_registration.response_types";
        return refuse(key, &format!("{strange:?} is not among `protocol.response_types`: add it there too"));
    }
    let strange = registration.scope.split_ascii_whitespace().find(|name| !scope::ALL.contains(name));
    if strange.is_some() || !Scopes::parse(&registration.scope).has("openid") {
        let known = scope::ALL.join(" ");
        return refuse(
            "client_registration.scope",
            &format!("openid, and what else of {known} they may have"),
        );
    }
    let service = &registration.service;
    if !service.is_empty() && !settings.services.iter().any(|known| known.id == *service) {
        return refuse("client_registration.service", &format!("there is no service {service:?}"));
    }
    Ok(())
}

fn mail(settings: &Settings) -> Result<(), SettingsError> {
    if let Some(url) = &settings.mail.url {
        let fine = Url::parse(url.expose_secret()).is_ok_and(|url| match url.scheme() {
            "smtp" | "smtps" => url.host().is_some(),
            "file" => url.path().len() > 1,
            _ => false,
        });
        if !fine {
            return refuse(
                "mail.url",
                "smtps://host, smtp://host (with STARTTLS) or file:///directory is expected",
            );
        }
    }
    let from = settings.mail.from.as_str();
    let address = from.rsplit_once('<').map_or(from, |(_, rest)| rest.trim_end_matches('>'));
    if !address.contains('@') || from.contains(['\r', '\n']) {
        return refuse("mail.from", "an address, or `Name <address>`, is expected");
    }
    Ok(())
}

fn numbers(settings: &Settings) -> Result<(), SettingsError> {
    let (vip, session, throttle) = (&settings.vip, &settings.session, &settings.throttle);
    let keys = &settings.keys;
    // Whoever keeps a copy of the key set for as long as it may be kept knows a key before it signs.
    let announced = u32::try_from(CACHED / 60).unwrap_or(u32::MAX) + 1;
    let registration = &settings.client_registration;
    let limits = [
        ("vip.accept_steps", vip.accept_steps, 0, 10),
        ("vip.accept_events", vip.accept_events, 0, 64),
        ("vip.resync_steps", vip.resync_steps, vip.accept_steps, 64),
        ("vip.resync_events", vip.resync_events, vip.accept_events, 512),
        ("vip.bridging_minutes", vip.bridging_minutes, 0, 10_080),
        ("session.password_idle_minutes", session.password_idle_minutes, 1, 1440),
        ("session.password_absolute_hours", session.password_absolute_hours, 1, 720),
        ("session.vip_idle_minutes", session.vip_idle_minutes, 1, 1440),
        ("session.vip_absolute_hours", session.vip_absolute_hours, 1, 720),
        ("session.fresh_minutes", session.fresh_minutes, 1, 30),
        ("throttle.address_failures", throttle.address_failures, 3, 1000),
        ("throttle.network_failures", throttle.network_failures, 10, 1_000_000),
        ("throttle.window_minutes", throttle.window_minutes, 1, 1440),
        ("outbound.timeout_seconds", settings.outbound.timeout_seconds, 1, 30),
        ("keys.rotate_days", keys.rotate_days, 0, 3650),
        ("keys.announce_minutes", keys.announce_minutes, announced, 7 * 24 * 60),
        ("client_registration.per_hour", registration.per_hour, 1, 100_000),
        ("client_registration.most", registration.most, 1, 1_000_000),
        ("client_registration.unused_days", registration.unused_days, 0, 3_650),
        ("hashing.threads", u32::try_from(settings.hashing.threads).unwrap_or(u32::MAX), 0, 256),
        ("hashing.queue", u32::try_from(settings.hashing.queue).unwrap_or(u32::MAX), 1, 100_000),
    ];
    for (key, value, least, most) in limits {
        if !(least..=most).contains(&value) {
            return refuse(key, &format!("{least} to {most} is expected, not {value}"));
        }
    }
    if keys.rotate_days > 0 && keys.announce_minutes >= keys.rotate_days * 24 * 60 {
        return refuse("keys.announce_minutes", "less than keys.rotate_days is expected");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::source::from_parts;
    use std::collections::HashMap;
    use std::path::Path;

    fn verdict(text: &str, demo: bool) -> Result<(), String> {
        let loaded = from_parts(Some((Path::new("c.toml"), text)), HashMap::new()).unwrap();
        validate(&loaded.settings, demo).map_err(|error| error.to_string())
    }

    #[test]
    fn the_issuer_is_https_except_on_loopback_in_the_demo() {
        assert_eq!(verdict("issuer = 'https://login.example.com'", false), Ok(()));
        assert_eq!(verdict("issuer = 'https://login.example.com:8443'", false), Ok(()));
        assert_eq!(verdict("issuer = 'http://127.0.0.1:8080'", true), Ok(()));
        for (issuer, demo) in [
            ("http://127.0.0.1:8080", false),
            ("http://localhost:8080", true),
            ("http://login.example.com", true),
            ("https://login.example.com/", false),
            ("https://login.example.com/a", false),
            ("https://login.example.com?a", false),
            ("ftp://login.example.com", false),
            ("login", false),
        ] {
            let refused = verdict(&format!("issuer = '{issuer}'"), demo).unwrap_err();
            assert!(refused.starts_with("`issuer`"), "{issuer}: {refused}");
        }
        assert!(verdict("", false).unwrap_err().contains("not set"));
    }

    #[test]
    fn values_that_cannot_work_name_their_key() {
        for (text, key) in [
            ("[vip]\naccept_steps = 11", "vip.accept_steps"),
            ("[hashing]\nqueue = 0", "hashing.queue"),
            ("[outbound]\ntimeout_seconds = 0", "outbound.timeout_seconds"),
            ("[outbound]\nca_file = '/nowhere'", "outbound.ca_file"),
            ("[keys]\nannounce_minutes = 15", "keys.announce_minutes"),
            ("[keys]\nrotate_days = 1\nannounce_minutes = 1440", "keys.announce_minutes"),
            ("[keys]\nrotate_days = 4000", "keys.rotate_days"),
            (
                "[client_registration]\nmode = 'open'\nresponse_types = ['id_token']",
                "client_registration.response_types",
            ),
            ("[client_registration]\nmode = 'open'\nscope = 'email'", "client_registration.scope"),
            ("[client_registration]\nmode = 'open'\nscope = 'openid admin'", "client_registration.scope"),
            ("[client_registration]\nmode = 'open'\nservice = 'x'", "client_registration.service"),
            ("[client_registration]\nper_hour = 0", "client_registration.per_hour"),
            ("[mail]\nurl = 'http://x'", "mail.url"),
            ("[mail]\nfrom = 'nobody'", "mail.from"),
            ("[log]\nlevel = 'a=b=c'", "log.level"),
            ("[tls]\ncertificate = '/nowhere'\nkey = '/nowhere'", "tls.certificate"),
            ("[[services]]\nid = 'A b'\nname = 'x'\nrequires = 'vip'", "services[0].id"),
        ] {
            let refused = verdict(&format!("issuer = 'https://a.example'\n{text}"), false).unwrap_err();
            assert!(refused.contains(key), "{text}: {refused}");
        }
    }
}
