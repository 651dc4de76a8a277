//! The authorization code: issued to somebody signed in, for a request the machine agreed to.

use countersign_identity::session::Authenticated;
use countersign_store::client::Client;
use countersign_store::grant::{self, Grant};
use countersign_store::{Secret, secret, session_client};

use crate::authorize::reply::ReplyTo;
use crate::authorize::request::Request;
use crate::error::Fault;
use crate::state::Provider;

/// How long a code can be redeemed, in seconds (RFC 6749 §4.1.2 recommends at most ten minutes; RFC 9700 less).
pub const LIFETIME: i64 = 60;

/// What somebody signed in grants a client.
pub(crate) struct Granted<'a> {
    pub provider: &'a Provider,
    pub who: &'a Authenticated,
    pub request: &'a Request,
    pub reply: &'a ReplyTo,
    pub account_id: Option<String>,
}

impl Granted<'_> {
    /// A code, and the grant that it redeems.
    pub(crate) fn code(&self) -> (String, Grant) {
        let (who, request) = (self.who, self.request);
        let now = self.provider.identity().now();
        let acr = self.provider.acr();
        let code = Secret::new();
        let grant = Grant {
            id: secret::id(),
            code_digest: code.digest(),
            code_expires_at: now + LIFETIME,
            code_spent_at: None,
            client_id: self.reply.client().id.clone(),
            person_id: who.profile().person.id.clone(),
            session_id: who.session_id().to_owned(),
            redirect_uri: self.reply.redirect_uri().to_owned(),
            scope: request.negotiated.scope().to_string(),
            nonce: request.nonce.clone(),
            code_challenge: request.negotiated.challenge().unwrap_or_default().to_owned(),
            level: who.level().as_str().to_owned(),
            acr: acr.answer(who.level(), &request.requested).to_owned(),
            essential_acr: acr.essential(&request.requested).map(|level| level.as_str().to_owned()),
            bridged_until: who.bridged_until(),
            auth_time: who.auth_time(),
            account_id: self.account_id.clone(),
            claims: request.asked.to_column(),
            generation: 0,
            refreshed_at: None,
            created_at: now,
            expires_at: now + LIFETIME,
            revoked_at: None,
        };
        (code.text(), grant)
    }
}

/// Records the grants of one answer, before it is given, and that the client takes part in the session, where it
/// registered to be told of the end of that. False when the session has been ended meanwhile: then nothing is recorded.
///
/// # Errors
/// [`Fault::Store`].
pub(crate) async fn record(granted: &Granted<'_>, mut grants: Vec<Grant>) -> Result<bool, Fault> {
    let audited = grants.clone();
    let store = granted.provider.identity().store();
    let client = granted.reply.client();
    let told = is_told_of_logout(client);
    let recorded = match (grants.pop(), grants.is_empty()) {
        (None, _) if !told => true,
        // The one statement of most answers needs no transaction.
        (Some(only), true) if !told => {
            store.statement(move |db| Box::pin(async move { grant::insert(&db, only).await })).await?
        }
        (last, _) => {
            grants.extend(last);
            let (who, client, now) =
                (granted.who.clone(), client.id.clone(), granted.provider.identity().now());
            let work = store.write(move |tx| {
                Box::pin(async move {
                    for grant in grants {
                        if !grant::insert(tx, grant).await? {
                            return Ok(false);
                        }
                    }
                    if told {
                        let person = &who.profile().person.id;
                        session_client::join(tx, who.session_id(), &client, person, now).await?;
                    }
                    Ok(true)
                })
            });
            work.await?
        }
    };
    if recorded {
        audited.iter().for_each(audit);
    }
    Ok(recorded)
}

fn audit(grant: &Grant) {
    // A grant whose code is spent already stands for tokens given at once.
    let event = if grant.code_spent_at.is_none() { "code_issued" } else { "tokens_issued" };
    tracing::info!(target: "audit", event, grant = grant.id, client = grant.client_id, person = grant.person_id, session = grant.session_id, level = grant.level);
}

fn is_told_of_logout(client: &Client) -> bool {
    let metadata = &client.metadata;
    metadata.backchannel_logout_uri.is_some() || metadata.frontchannel_logout_uri.is_some()
}
