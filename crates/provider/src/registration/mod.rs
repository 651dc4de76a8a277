//! `/register`: clients that register themselves (RFC 7591, OpenID Connect Dynamic Client Registration 1.0) and manage
//! what they registered (RFC 7592). There is no such endpoint unless the operator opened it.
//!
//! | file | asks |
//! | --- | --- |
//! | [`policy`] | what may they have? |
//! | `token` | who may register, and who manages this client? |
//! | `asked` | what does a client say of itself, read strictly? |
//! | `request` | what would it be? |
//! | `sector` | does the list it names hold its redirect URIs? |
//! | `answer` | what is it told? |
//! | `refused` | how is it refused? |

mod answer;
mod asked;
pub mod policy;
mod refused;
mod request;
mod sector;
mod token;

use std::net::IpAddr;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use countersign_identity::Identity;
use countersign_login_ui::visit::Visit;
use countersign_store::client::{self, Client};
use countersign_store::{Secret, directory, initial_access_token, secret};

use crate::client_rules;
use crate::error::Fault;
use crate::state::Provider;
use crate::token::never_stored;
use answer::Registered;
use asked::Asked;
use policy::RegistrationPolicy;
use refused::{Ended, Refused};

/// `POST /register`
pub async fn post(State(provider): State<Provider>, visit: Visit, body: Bytes) -> Response {
    let result = register(&provider, &visit, &body).await;
    answered(&visit, result)
}

/// `GET /register/{client_id}`
pub async fn get(State(provider): State<Provider>, visit: Visit, Path(id): Path<String>) -> Response {
    let result = async {
        let (client, token) = token::holder(&provider, visit.headers(), &id).await?;
        let registered =
            Registered { issuer: provider.issuer(), client: &client, secret: None, token: &token };
        Ok(registered.respond(StatusCode::OK))
    };
    answered(&visit, result.await)
}

/// `PUT /register/{client_id}`
pub async fn put(
    State(provider): State<Provider>,
    visit: Visit,
    Path(id): Path<String>,
    body: Bytes,
) -> Response {
    let result = update(&provider, &visit, &id, &body).await;
    answered(&visit, result)
}

/// `DELETE /register/{client_id}`
pub async fn delete(State(provider): State<Provider>, visit: Visit, Path(id): Path<String>) -> Response {
    let result = withdraw(&provider, visit.headers(), &id).await;
    answered(&visit, result)
}

fn answered(visit: &Visit, result: Result<Response, Ended>) -> Response {
    let mut response = result.unwrap_or_else(|ended| ended.respond(visit));
    never_stored(&mut response);
    response
}

fn policy(provider: &Provider) -> Result<&RegistrationPolicy, Fault> {
    provider.settings().registration.as_ref().ok_or(Fault::Broken("registration is off"))
}

/// What became of a client that was to be added.
enum Added {
    Yes,
    /// The initial access token's last use was taken meanwhile.
    NoToken,
    /// There are as many as there may be.
    Full,
}

async fn register(provider: &Provider, visit: &Visit, body: &[u8]) -> Result<Response, Ended> {
    let (identity, policy) = (provider.identity(), policy(provider)?);
    let initial = token::initial(provider, visit.headers(), policy).await?;
    let asked = Asked::read(visit.headers(), body)?;
    let client = request::client(&asked, policy.newcomer(), policy)?;
    check(provider, policy, &client, visit.network()).await?;
    let (secret, token) = (request::has_secret(&client).then(Secret::new), Secret::new());
    let client = Client {
        id: secret::id(),
        secret_digest: secret.as_ref().map(Secret::digest),
        registration_digest: Some(token.digest()),
        created_at: identity.now(),
        ..client
    };
    let spent = initial.as_ref().map(|initial| initial.digest.clone());
    match add(identity, client.clone(), spent, policy.most).await? {
        Added::Yes => {}
        Added::NoToken => return Err(token::unfit_initial().into()),
        Added::Full => {
            tracing::warn!(
                most = policy.most,
                "client_registration.most is reached: nobody registers any more"
            );
            return Err(Refused::full().into());
        }
    }
    let by = initial.map(|initial| initial.name);
    tracing::info!(target: "audit", event = "client_registered", client = client.id, name = client.name, initial_token = by);
    let registered =
        Registered { issuer: provider.issuer(), client: &client, secret: secret.as_ref(), token: &token };
    Ok(registered.respond(StatusCode::CREATED))
}

/// Adds a client, and spends what lets it in, or does neither.
async fn add(identity: &Identity, client: Client, spent: Option<Vec<u8>>, most: u32) -> Result<Added, Fault> {
    let now = identity.now();
    let written = identity.store().write(move |tx| {
        Box::pin(async move {
            // First: it locks the directory's row, so whoever counts after it has seen everybody before.
            directory::bump(tx).await?;
            if client::count_self_registered(tx).await? >= u64::from(most) {
                return Ok(Added::Full);
            }
            if let Some(digest) = spent
                && !initial_access_token::spend(tx, &digest, now).await?
            {
                return Ok(Added::NoToken);
            }
            client::insert(tx, client).await?;
            Ok(Added::Yes)
        })
    });
    Ok(written.await?)
}

async fn update(provider: &Provider, visit: &Visit, id: &str, body: &[u8]) -> Result<Response, Ended> {
    let (identity, policy) = (provider.identity(), policy(provider)?);
    let (known, shown) = token::holder(provider, visit.headers(), id).await?;
    let asked = Asked::read(visit.headers(), body)?;
    request::check_update(&asked, &known)?;
    let client = request::client(&asked, known.clone(), policy)?;
    check(provider, policy, &client, visit.network()).await?;
    // A secret stays as long as one is used; a client that begins to use one is given one.
    let fresh = (request::has_secret(&client) && known.secret_digest.is_none()).then(Secret::new);
    let digest = fresh.as_ref().map(Secret::digest).or(known.secret_digest);
    let token = Secret::new();
    let client = Client {
        secret_digest: digest.filter(|_| request::has_secret(&client)),
        registration_digest: Some(token.digest()),
        ..client
    };
    let row = client.clone();
    let written = identity.store().write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            client::replace(tx, row, &shown.digest()).await
        })
    });
    if !written.await? {
        return Err(token::unfit_holder().into());
    }
    tracing::info!(target: "audit", event = "client_changed", client = client.id, by = "itself");
    let registered =
        Registered { issuer: provider.issuer(), client: &client, secret: fresh.as_ref(), token: &token };
    Ok(registered.respond(StatusCode::OK))
}

async fn withdraw(provider: &Provider, headers: &HeaderMap, id: &str) -> Result<Response, Ended> {
    let (client, shown) = token::holder(provider, headers, id).await?;
    let (store, id) = (provider.identity().store(), client.id.clone());
    let written = store.write(move |tx| {
        Box::pin(async move {
            directory::bump(tx).await?;
            client::withdraw(tx, &id, &shown.digest()).await
        })
    });
    if !written.await? {
        return Err(token::unfit_holder().into());
    }
    // Its grants went with it: what is remembered of them counts no more.
    store.revoked();
    tracing::info!(target: "audit", event = "client_removed", client = client.id, by = "itself");
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether a client may be registered as this, by what costs least first. Where anybody may register, what passes
/// is counted.
async fn check(
    provider: &Provider,
    policy: &RegistrationPolicy,
    client: &Client,
    network: IpAddr,
) -> Result<(), Ended> {
    policy.check(client)?;
    client_rules::check(client, provider.settings())?;
    if !policy.needs_token {
        let rate = policy.rate();
        if !provider.identity().count_stranger(network, rate).await? {
            return Err(Refused::too_many(rate.interval_millis / 1_000).into());
        }
    }
    Ok(sector::check(provider.outbound(), client).await?)
}

/// Forgets initial access tokens that have expired, and clients that registered themselves and that nobody allows
/// anything. How many rows went.
///
/// # Errors
/// [`Fault`] when the database fails.
pub async fn sweep(provider: &Provider) -> Result<u64, Fault> {
    const DAY: i64 = 24 * 60 * 60;
    let now = provider.identity().now();
    let unused = provider.settings().registration.as_ref().and_then(|policy| policy.unused_days);
    let before = unused.map(|days| now - i64::from(days) * DAY);
    let swept = provider.identity().store().write(move |tx| {
        Box::pin(async move {
            let tokens = initial_access_token::sweep(tx, now).await?;
            let Some(before) = before else { return Ok(tokens) };
            let clients = client::sweep_unused(tx, before).await?;
            if clients > 0 {
                directory::bump(tx).await?;
                tracing::info!(target: "audit", event = "unused_clients_removed", clients);
            }
            Ok(tokens + clients)
        })
    });
    Ok(swept.await?)
}
