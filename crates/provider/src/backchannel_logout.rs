//! Telling applications, server to server, that a session has ended (OpenID Connect Back-Channel Logout 1.0).
//!
//! Who is to be told is in the database from the moment the session ended ([`session_client`]). Each is taken by one
//! conditional update, so that of several nodes one tells it; where that one dies, another takes it again. What came
//! of it is recorded there too.

use std::time::Duration;

use countersign_store::secret;
use countersign_store::session_client::{self, Outcome, SessionClient};
use tokio::task::JoinSet;

use crate::clients;
use crate::error::Fault;
use crate::logout_token::{LIFETIME, LogoutToken};
use crate::outbound::Refused;
use crate::state::Provider;

/// Applications told at once at most.
const AT_ONCE: usize = 16;
/// Seconds a claim holds: longer than any request takes.
const CLAIM: i64 = 2 * 60;
/// How often the database is looked at even when nothing ended in this process: it may have in another.
const LOOK: Duration = Duration::from_secs(1);
/// Seconds between one attempt and the next; the last holds for all that follow.
const WAITS: [i64; 6] = [10, 60, 5 * 60, 30 * 60, 60 * 60, 2 * 60 * 60];
/// Seconds after the end of a session at which an application is given up: what it knows has expired by then.
const GIVE_UP: i64 = 24 * 60 * 60;
/// How often an application may answer that it can't log out before it is believed.
const REFUSALS: i32 = 4;

/// Tells everybody who is due, until the task is dropped.
pub async fn run(provider: Provider) {
    let mut under_way = JoinSet::new();
    loop {
        match claim_due(&provider, AT_ONCE - under_way.len()).await {
            Ok(claimed) => claimed.into_iter().for_each(|row| {
                under_way.spawn(tell(provider.clone(), row));
            }),
            Err(error) => tracing::warn!(%error, "who is to be told of a logout could not be read"),
        }
        tokio::select! {
            () = provider.identity().store().until_revoked() => {}
            Some(_) = under_way.join_next() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Takes at most so many of those that are due.
async fn claim_due(provider: &Provider, most: usize) -> Result<Vec<SessionClient>, Fault> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let (store, now) = (provider.identity().store(), provider.identity().now());
    let mut claimed = Vec::new();
    for row in session_client::due(store.read(), now, most as u64).await? {
        let taken = row.clone();
        let mine = store.statement(move |db| {
            Box::pin(async move { session_client::claim(&db, &taken, now + CLAIM).await })
        });
        if mine.await? {
            claimed.push(row);
        }
    }
    Ok(claimed)
}

async fn tell(provider: Provider, row: SessionClient) {
    // What fails here is taken again when its claim lapses.
    if let Err(error) = attempt(&provider, row).await {
        tracing::warn!(%error, "an application could not be told of a logout");
    }
}

async fn attempt(provider: &Provider, row: SessionClient) -> Result<(), Fault> {
    let identity = provider.identity();
    let store = identity.store();
    let client = provider.clients().find(identity, &row.client_id, identity.revision().await?).await?;
    let registered =
        client.as_ref().and_then(|client| Some((client, client.metadata.backchannel_logout_uri.as_deref()?)));
    let Some((client, uri)) = registered else {
        // It wants to be told through the browser alone, or not any more.
        let gone = store.statement(move |db| Box::pin(async move { session_client::leave(&db, &row).await }));
        return Ok(gone.await?);
    };
    let now = identity.now();
    let token = LogoutToken {
        iss: provider.issuer(),
        sub: &provider.subjects().of(client, &row.person_id),
        aud: &client.id,
        iat: now,
        exp: now + LIFETIME,
        jti: &secret::id(),
        sid: &row.session_id,
        events: LogoutToken::events(),
    };
    let keys = provider.keys();
    let key = keys.signer(clients::alg(client), now).ok_or(Fault::Broken("no key for logout tokens"))?;
    // §2.5: one parameter of a form. A signed token is base64url and dots, which a form leaves as they are.
    let answer = provider.outbound().post_form(uri, format!("logout_token={}", token.sign(key)?)).await;
    record(provider, row, answer).await
}

/// Writes down what came of an attempt.
async fn record(provider: &Provider, row: SessionClient, answer: Result<u16, Refused>) -> Result<(), Fault> {
    let now = provider.identity().now();
    let attempts = row.attempts + 1;
    let outcome = judge(&answer, attempts, now - row.ended_at.unwrap_or(now), now);
    let said = answer.as_ref().map_or_else(ToString::to_string, ToString::to_string);
    let event = match outcome {
        Outcome::Delivered(_) => "logout_told",
        Outcome::Later(_) => "logout_deferred",
        Outcome::GivenUp => "logout_given_up",
    };
    tracing::info!(target: "audit", event, client = row.client_id, session = row.session_id, attempts, answer = said);
    let unreachable = !matches!(answer, Ok(..500));
    let recorded = provider.identity().store().write(move |tx| {
        Box::pin(async move {
            session_client::settle(tx, &row, &outcome, &said).await?;
            if unreachable {
                session_client::postpone(tx, &row.client_id, now + WAITS[0]).await?;
            }
            Ok(())
        })
    });
    Ok(recorded.await?)
}

/// What an answer means, after so many attempts and so many seconds since the session ended.
fn judge(answer: &Result<u16, Refused>, attempts: i32, since: i64, now: i64) -> Outcome {
    match answer {
        // §2.8: 200 is success, and 204 is what some frameworks make of it.
        Ok(200 | 204) => return Outcome::Delivered(now),
        // §2.8: 400 is a request that was not understood, or a logout that failed. The latter may pass.
        Ok(400) if attempts >= REFUSALS => return Outcome::GivenUp,
        _ => {}
    }
    let nth = usize::try_from(attempts - 1).unwrap_or(0).min(WAITS.len() - 1);
    let wait = WAITS[nth];
    if since + wait > GIVE_UP { Outcome::GivenUp } else { Outcome::Later(now + wait) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_channel_logout_2_8_success_is_200_or_204() {
        assert_eq!(judge(&Ok(200), 1, 0, 7), Outcome::Delivered(7));
        assert_eq!(judge(&Ok(204), 9, GIVE_UP, 7), Outcome::Delivered(7));
        for status in [201, 202, 301, 302, 404, 429, 500, 503] {
            assert_eq!(judge(&Ok(status), 1, 0, 7), Outcome::Later(17), "{status}");
        }
    }

    #[test]
    fn what_fails_is_tried_again_ever_more_slowly_and_given_up_after_a_day() {
        let mut at = 0;
        let mut tried = Vec::new();
        for attempts in 1.. {
            tried.push(at);
            match judge(&Err(Refused::Connection), attempts, at, at) {
                Outcome::Later(next) => at = next,
                Outcome::GivenUp => break,
                Outcome::Delivered(_) => unreachable!("it was not"),
            }
        }
        assert_eq!(tried[..6], [0, 10, 70, 370, 2_170, 5_770]);
        let last = *tried.last().unwrap();
        assert!((GIVE_UP - 2 * 60 * 60..=GIVE_UP).contains(&last), "{last}");
    }

    #[test]
    fn back_channel_logout_2_8_a_refusal_is_believed_the_fourth_time() {
        assert_eq!(judge(&Ok(400), 3, 370, 1_000), Outcome::Later(1_300));
        assert_eq!(judge(&Ok(400), 4, 670, 1_000), Outcome::GivenUp);
    }
}
