//! The demonstration: the provider and, around it, what it takes to see it at work on one machine.
//!
//! | file | holds |
//! | --- | --- |
//! | [`party`] | an application that people sign in to |
//! | [`exchange`] | its side of OpenID Connect |
//! | [`browsers`] | what it remembers of its visitors |
//! | [`people`], [`seed`] | the sample people, and how they get into the database |
//! | [`site`], [`outbox`] | the pages under `/demo`: people, mails, tokens |
//! | [`vip`] | the simulated VIP service |
//! | [`page`] | the look of the pages |

pub mod browsers;
pub mod exchange;
pub mod outbox;
pub mod page;
pub mod party;
pub mod people;
pub mod seed;
pub mod site;
pub mod vip;

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

use countersign_identity::Identity;
use countersign_identity::mail::Outbox;
use countersign_store::Clock;
use futures_util::future::{join, join_all};

use crate::app::{App, Prepared};
use crate::command::Failure;
use crate::http::{self, Serving};
use crate::settings::{self, Settings};
use browsers::Browsers;
use exchange::{Exchange, Registration};
use party::Party;
use people::PEOPLE;
use seed::Application;
use site::Site;

/// The demonstration at work.
pub struct Demo {
    provider: App,
    applications: Vec<(&'static str, Serving)>,
    service: vip::Service,
}

/// What makes one application differ from the other.
struct Kind {
    id: &'static str,
    name: &'static str,
    service: &'static str,
    purpose: &'static str,
    cookie: &'static str,
    colour: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind {
        id: "mss-app",
        name: "MSS app",
        service: "mss",
        purpose: "Managed Security Services, as a demonstration: it demands a VIP token of everyone.",
        cookie: "mss-app",
        colour: "#8a3324",
    },
    Kind {
        id: "deepsight-app",
        name: "DeepSight app",
        service: "deepsight",
        purpose: "DeepSight Intelligence, as a demonstration: a password will do, unless the address has MSS too.",
        cookie: "deepsight-app",
        colour: "#2f5d3a",
    },
];

impl Demo {
    /// Starts the provider at `listen`, on a database in `data`, and the applications on the next two ports. Port
    /// 0 takes any three free ports.
    ///
    /// # Errors
    /// One line: an address that is not loopback, a port in use, a directory that cannot be used.
    pub async fn start(listen: SocketAddr, data: &Path) -> Result<Self, Failure> {
        if !listen.ip().is_loopback() {
            return Err(Failure(format!(
                "the demonstration listens on loopback alone, not on {listen}: everybody knows its passwords"
            )));
        }
        let provider = http::bind(listen)?;
        let address = local(&provider)?;
        let ports = KINDS.iter().zip(1..).map(|(_, step)| next(listen, step));
        let listeners = ports.map(|port| Ok(http::bind(port?)?)).collect::<Result<Vec<_>, Failure>>()?;
        let addresses = listeners.iter().map(local).collect::<Result<Vec<_>, _>>()?;
        std::fs::create_dir_all(data)
            .map_err(|error| Failure(format!("{} cannot be made: {error}", data.display())))?;
        let service = vip::Service::start(listen.ip(), data)?;
        let settings = settings(address, &addresses, data, &service)?;
        let prepared = Prepared::new(settings, Clock::System).await?;
        seed::people(prepared.identity(), &service).await?;
        let mut applications = Vec::new();
        for ((kind, listener), address) in KINDS.iter().zip(listeners).zip(&addresses) {
            let party = party(prepared.identity(), kind, &format!("http://{address}")).await?;
            applications.push((kind.name, http::serve(listener, party::routes(party), None)?));
        }
        let outbox = Outbox::default();
        let links = applications.iter().map(|(name, server)| (*name, format!("http://{}/", server.address)));
        let site = Site {
            identity: prepared.identity().clone(),
            outbox: outbox.clone(),
            applications: links.collect(),
            service_tokens: service.tokens.iter().cloned().collect(),
        };
        let provider = prepared.serve(provider, Some(Arc::new(outbox)), site::routes(site)).await?;
        Ok(Self { provider, applications, service })
    }

    /// The provider.
    #[must_use]
    pub fn provider(&self) -> &App {
        &self.provider
    }

    /// The applications' addresses.
    pub fn applications(&self) -> impl Iterator<Item = SocketAddr> {
        self.applications.iter().map(|(_, server)| server.address)
    }

    /// What to open and try.
    #[must_use]
    pub fn welcome(&self) -> String {
        let issuer = &self.provider.issuer;
        let mut text = format!(
            "Countersign demonstration, for this machine alone.\n\n  {:<15}{issuer}/demo\n",
            "start here"
        );
        for (name, server) in &self.applications {
            text.push_str(&format!("  {name:<15}http://{}/\n", server.address));
        }
        text.push_str(&format!("  {:<15}{issuer}/demo/outbox\n\n", "mails"));
        for person in PEOPLE {
            let password = person.password.unwrap_or("(none yet: New User)");
            let token = person.credential_id.map(|id| format!("   token {issuer}/demo/token/{id}"));
            text.push_str(&format!("  {:<26}{password:<23}{}\n", person.email, token.unwrap_or_default()));
        }
        text.push_str("\nCtrl-C ends it.\n");
        text
    }

    /// Ends it.
    pub async fn stop(self) {
        let applications = self.applications.into_iter().map(|(_, server)| server.stop());
        join(join_all(applications), self.provider.stop()).await;
        self.service.stop().await;
    }
}

fn local(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener.local_addr().map_err(|error| Failure(format!("a listener has no address: {error}")))
}

fn next(listen: SocketAddr, step: u16) -> Result<SocketAddr, Failure> {
    let port = match listen.port() {
        0 => Some(0),
        port => port.checked_add(step),
    };
    let port = port.ok_or_else(|| Failure(format!("there are no two ports after {}", listen.port())))?;
    Ok(SocketAddr::new(listen.ip(), port))
}

/// The defaults, at these addresses; neither a file nor variables have a say.
fn settings(
    address: SocketAddr,
    applications: &[SocketAddr],
    data: &Path,
    service: &vip::Service,
) -> Result<Settings, Failure> {
    let mut settings = settings::source::from_parts(None, HashMap::new())?.settings;
    settings.issuer = Some(format!("http://{address}"));
    settings.listen = address;
    settings.database.url = format!("sqlite://{}", data.join("countersign.db").display()).into();
    settings.master_key.file = data.join("master.key");
    settings.soc.contact = "soc@example.com".to_owned();
    service.configure(&mut settings.vip_service);
    for service in &mut settings.services {
        let place = KINDS.iter().position(|kind| kind.service == service.id);
        if let Some(address) = place.and_then(|place| applications.get(place)) {
            service.url = format!("http://{address}/login");
        }
    }
    settings::validate(&settings, true)?;
    Ok(settings)
}

async fn party(identity: &Identity, kind: &Kind, base: &str) -> Result<Party, Failure> {
    let application = Application { id: kind.id, name: kind.name, service: kind.service, base };
    let secret = seed::application(identity, &application).await?;
    let registration = Registration {
        issuer: identity.settings().sign_in_url.clone(),
        client_id: kind.id.to_owned(),
        client_secret: secret.text(),
        redirect_uri: application.redirect_uri(),
        post_logout_redirect_uri: application.post_logout_redirect_uri(),
    };
    Ok(Party {
        name: kind.name,
        purpose: kind.purpose,
        cookie: kind.cookie,
        colour: kind.colour,
        exchange: Exchange::new(registration).map_err(|error| Failure(error.to_string()))?,
        browsers: Browsers::default(),
    })
}
