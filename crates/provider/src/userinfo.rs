//! `/userinfo` (OIDC Core §5.3, RFC 6750): what the scopes granted let the client know.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use countersign_login_ui::visit::Visit;
use countersign_store::client::Client;
use serde_json::{Map, Value};

use crate::claims::Asked;
use crate::cors;
use crate::engine::{self, no_token};
use crate::error::{Code, Failure, Fault, Refusal};
use crate::jose::Alg;
use crate::state::Provider;
use crate::token::sealed::Access;
use crate::token::{failed, issue, read_form, standing};

/// `GET` or `POST /userinfo`
pub async fn answer(State(provider): State<Provider>, visit: Visit, method: Method, body: Bytes) -> Response {
    let (read, revision) = match credential(&method, visit.headers(), &body) {
        Ok(Some(credential)) => tell(&provider, &credential).await,
        Ok(None) => (Ok(None), None),
        Err(refusal) => (Err(refusal.into()), None),
    };
    let mut response = match read {
        Ok(Some(told)) => told,
        Ok(None) => refuse(None, ""),
        Err(Failure::Refused(refusal)) => refuse(Some(&refusal), visit.request_id()),
        Err(Failure::Fault(fault)) => failed(&fault, visit.request_id()),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    cors::allow(&provider, visit.headers(), &mut response, revision).await;
    response
}

/// The credential, as an `Authorization` header would hold it; none when the request brings none. RFC 6750 §2:
/// in the header or in the form, one of the two. A token in the query (§2.3) is not looked at: addresses end up
/// in logs.
fn credential(method: &Method, headers: &HeaderMap, body: &[u8]) -> Result<Option<String>, Refusal> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let in_header = lines.next();
    let has_form = *method == Method::POST && !body.is_empty();
    let in_form = match has_form {
        true => read_form(headers, body)?.get("access_token").map(str::to_owned),
        false => None,
    };
    match (in_header, in_form) {
        (None, None) => Ok(None),
        (None, Some(token)) => Ok(Some(format!("Bearer {token}"))),
        (Some(line), None) if lines.next().is_none() => {
            line.to_str().map(|line| Some(line.to_owned())).map_err(|_| no_token("not ASCII"))
        }
        _ => Err(Refusal::invalid("the token must be sent in one way")),
    }
}

type Told = Result<Option<Response>, Failure>;

async fn tell(provider: &Provider, credential: &str) -> (Told, Option<i64>) {
    let mut revision = None;
    let told = claims(provider, credential, &mut revision).await;
    let told = told.and_then(|(claims, client)| written(provider, claims, &client));
    (told.map(Some), revision)
}

/// OIDC Core §5.3.2: JSON, or a JWT where the client registered how it is to be signed.
fn written(
    provider: &Provider,
    mut claims: Map<String, Value>,
    client: &Client,
) -> Result<Response, Failure> {
    let Some(alg) = client.metadata.userinfo_signed_response_alg.as_deref() else {
        return Ok(axum::Json(claims).into_response());
    };
    claims.insert("iss".into(), provider.issuer().into());
    claims.insert("aud".into(), client.id.as_str().into());
    let keys = provider.keys();
    let key = Alg::parse(alg).and_then(|alg| keys.signer(alg, provider.identity().now()));
    let key = key.ok_or(Fault::Broken("no key of the client's userinfo algorithm"))?;
    let token = key.sign(&serde_json::to_vec(&claims).unwrap_or_default())?;
    let kind = HeaderValue::from_static("application/jwt");
    Ok(([(header::CONTENT_TYPE, kind)], token).into_response())
}

/// At most one point read: the grant, with the directory's revision, for which the person is remembered.
async fn claims(
    provider: &Provider,
    credential: &str,
    revision: &mut Option<i64>,
) -> Result<(Map<String, Value>, Arc<Client>), Failure> {
    let identity = provider.identity();
    let access = engine::Access::begin(credential, "openid")?;
    let opened = Access::read(provider, access.token());
    let token = opened.ok_or_else(|| no_token("not one of ours"))?;
    let now = identity.now();
    if now >= token.expires_at {
        return Err(no_token("expired").into());
    }
    let found = provider.standing_grants().find(identity.store(), &token.grant_id).await?;
    let (found, at) = found.ok_or_else(|| no_token("the grant is gone"))?;
    *revision = Some(at);
    let stands = found.revoked_at.is_none() && found.code_spent_at.is_some();
    access.allowed(&found, token.scope, stands)?;
    let profile = identity.profile(&found.person_id, at).await?;
    let profile = profile.ok_or_else(|| no_token("the person is disabled or gone"))?;
    let asked = Asked::from_column(found.claims.as_deref());
    let client = provider.clients().find(identity, &found.client_id, at).await?;
    let client = client.ok_or_else(|| no_token("the client is gone"))?;
    if !standing::has_account(&client, &profile, found.account_id.as_deref()) {
        return Err(no_token("the account is not linked any more").into());
    }
    let sub = provider.subjects().of(&client, &found.person_id);
    let subject = issue::subject(&profile, found.account_id.as_deref());
    Ok((subject.userinfo(&sub, token.scope, &asked.userinfo), client))
}

/// RFC 6750 §3: a request without a token hears only which scheme is wanted.
fn refuse(refusal: Option<&Refusal>, id: &str) -> Response {
    let Some(refusal) = refusal else {
        let challenge = HeaderValue::from_static(r#"Bearer realm="countersign""#);
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, challenge)]).into_response();
    };
    tracing::info!(code = refusal.code.as_str(), cause = refusal.cause, id, "userinfo refused");
    let status = match refusal.code {
        Code::InvalidToken => StatusCode::UNAUTHORIZED,
        Code::InsufficientScope => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    let (code, sentence) = (refusal.code.as_str(), refusal.told(id));
    let challenge = format!(r#"Bearer realm="countersign", error="{code}", error_description="{sentence}""#);
    let body = crate::token::error_body(code, &sentence);
    (status, [(header::WWW_AUTHENTICATE, challenge)], axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> HeaderMap {
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind)])
    }

    #[test]
    fn rfc6750_2_the_token_comes_in_one_way() {
        let mut headers = form();
        let read = |headers: &HeaderMap, body: &str| credential(&Method::POST, headers, body.as_bytes());
        assert_eq!(read(&headers, "access_token=a").unwrap().as_deref(), Some("Bearer a"));
        assert_eq!(read(&headers, "x=y").unwrap(), None);
        assert!(read(&headers, "access_token=a&access_token=b").is_err());
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer b"));
        assert_eq!(read(&headers, "").unwrap().as_deref(), Some("Bearer b"));
        assert!(read(&headers, "access_token=a").is_err());
        assert_eq!(credential(&Method::GET, &HeaderMap::new(), b"").unwrap(), None);
    }

    #[test]
    fn rfc6750_3_without_a_token_no_error_code_is_given() {
        let response = refuse(None, "");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["www-authenticate"], r#"Bearer realm="countersign""#);
        assert_eq!(refuse(Some(&no_token("x")), "").status(), StatusCode::UNAUTHORIZED);
    }
}
