//! The service's addresses.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response as HttpResponse};
use axum::routing::post;

use super::rule::Fault;
use super::tenant::Tenant;
use crate::message::{LIMIT, Request, RequestId, Response, Service};

const SOAP_FAULT: &str = "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Body><S:Fault>\
     <faultcode>S:Server</faultcode><faultstring>simulated</faultstring></S:Fault></S:Body></S:Envelope>";

pub(super) fn router(tenant: Arc<Tenant>) -> Router {
    let takes = |service: Service| {
        post(async move |State(tenant): State<Arc<Tenant>>, body: Bytes| {
            answer(&tenant, service, &body).await
        })
    };
    let versions = ["1_4", "1_7", "1_8", "1_10"];
    let mut router = Router::new().route("/val/soap", takes(Service::Validation));
    for version in versions {
        let below = |name: &str| format!("/vipuserservices/{name}Service_{version}");
        router = router
            .route(&below("Authentication"), takes(Service::Authentication))
            .route(&below("Management"), takes(Service::Management))
            .route(&below("Query"), takes(Service::Query));
    }
    router.layer(DefaultBodyLimit::max(LIMIT)).with_state(tenant)
}

async fn answer(tenant: &Tenant, service: Service, body: &[u8]) -> HttpResponse {
    let request = match Request::read(body) {
        Ok(request) if request.operation.service() == service => request,
        Ok(request) => return xml(tenant.refused(&request, "600B")),
        // Without a request there is nothing an answer could repeat.
        Err(malformed) => {
            tracing::info!(%malformed, "a request was not understood");
            return (StatusCode::INTERNAL_SERVER_ERROR, xml_type(), SOAP_FAULT).into_response();
        }
    };
    let rule = tenant.rule(&request.operation);
    let delay = Duration::from_millis(rule.delay_ms) + tenant.latency();
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let response = tenant.answer(&request, &rule);
    let name = request.operation.name();
    match rule.fault {
        Some(fault) => faulty(fault, response, name),
        None => xml(response.write(name)),
    }
}

fn xml_type() -> [(header::HeaderName, &'static str); 1] {
    [(header::CONTENT_TYPE, "text/xml; charset=utf-8")]
}

fn xml(text: String) -> HttpResponse {
    (xml_type(), text).into_response()
}

fn faulty(fault: Fault, mut response: Response, name: &str) -> HttpResponse {
    let written = response.write(name);
    match fault {
        Fault::Garbled => xml(written.chars().take(written.len() / 2).collect()),
        Fault::Status503 => (StatusCode::SERVICE_UNAVAILABLE, xml(written)).into_response(),
        Fault::Redirect => (StatusCode::FOUND, [(header::LOCATION, "/val/soap")]).into_response(),
        Fault::WrongRequestId => {
            response.request_id = RequestId::new([0x5a; 16]);
            xml(response.write(name))
        }
        Fault::WrongOperation => xml(response.write("DeleteUser")),
        Fault::WrongNamespace => {
            let written = written.replace("vipuserservices", "vip").replace("vipservice", "vip");
            xml(written)
        }
        Fault::DocumentType => xml(format!("<!DOCTYPE x [<!ENTITY y \"0000\">]>{written}")),
        Fault::Long => xml(format!("{written}<!-- {} -->", "x".repeat(LIMIT))),
        Fault::SoapFault => xml(SOAP_FAULT.to_owned()),
        Fault::Empty => xml(String::new()),
    }
}
