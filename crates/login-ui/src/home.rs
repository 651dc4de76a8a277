//! The pages beside the sign-in: the services, Supported Browsers, the levels, the files.

use axum::extract::Path;
use axum::response::Response;
use countersign_identity::Level;
use countersign_identity::journey::Demand;

use crate::pending::Pending;
use crate::respond;
use crate::view::home::{Service, view};
use crate::view::trouble::Trouble;
use crate::view::{browsers, level};
use crate::visit::{Halt, Visit};

/// `/`: the services.
pub async fn get(visit: Visit) -> Response {
    let result = show(&visit).await;
    visit.answer(result)
}

async fn show(visit: &Visit) -> Result<Response, Halt> {
    let who = visit.session().await?;
    let person = who.as_ref().map(|who| &who.profile().person);
    let frame = visit.frame(visit.language(None, person.and_then(|person| person.language.as_deref())));
    let configured = &visit.ui().identity().settings().services;
    let links: Vec<String> = configured.iter().map(|service| format!("/go/{}", service.id)).collect();
    let services: Vec<Service<'_>> = configured
        .iter()
        .zip(&links)
        .map(|(service, href)| Service {
            id: &service.id,
            name: &service.name,
            vip: service.requires == Level::Vip,
            href,
        })
        .collect();
    Ok(visit.page(view(&frame, &services, person.map(|person| person.email.as_str()))))
}

/// `/go/{service}`: signs in where nobody is, and goes to the service.
pub async fn go(Path(id): Path<String>, visit: Visit) -> Response {
    let result = forward(&visit, &id).await;
    visit.answer(result)
}

async fn forward(visit: &Visit, id: &str) -> Result<Response, Halt> {
    let identity = visit.ui().identity();
    let Some(service) = identity.settings().service(id) else {
        return Ok(visit.trouble(Trouble::NOT_FOUND));
    };
    if visit.session().await?.is_some() {
        return Ok(respond::see_other(service.url.as_deref().filter(|url| !url.is_empty()).unwrap_or("/")));
    }
    let here = format!("/go/{}", service.id);
    let demand = Demand { service: Some(service.id.clone()), ..Demand::none(identity.now()) };
    let mut pending = Pending::new(&here, &here, demand);
    pending.destination = Some(service.name.clone());
    pending.origin = service.url.as_deref().and_then(origin);
    Ok(visit.ui().begin(visit.headers(), pending))
}

/// The origin of an http address.
fn origin(url: &str) -> Option<String> {
    let origin = url::Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

/// `/browsers`
pub async fn supported_browsers(visit: Visit) -> Response {
    visit.page(browsers::view(&visit.frame(visit.language(None, None))))
}

/// `/acr/{level}`: what the level means.
pub async fn acr(Path(name): Path<String>, visit: Visit) -> Response {
    let Some(named) = Level::parse(&name) else { return visit.trouble(Trouble::NOT_FOUND) };
    let address = format!("{}/acr/{named}", visit.ui().issuer());
    visit.page(level::view(&visit.frame(visit.language(None, None)), &address, named == Level::Vip))
}

/// `/assets/{file}`
pub async fn asset(Path(file): Path<String>, visit: Visit) -> Response {
    visit.ui().assets().serve(&file)
}
