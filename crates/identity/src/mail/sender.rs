//! The job that empties the queue. Each mail is claimed by one conditional update, so two nodes do not send it
//! twice; a claim that its node did not live to honour lapses. A row is erased once its mail is handed over.

use std::sync::Arc;
use std::time::Duration;

use countersign_store::mail::{self, QueuedMail};

use super::Transport;
use crate::{Identity, Result};

/// Mails taken at once.
const BATCH: u64 = 20;
/// Seconds a claim holds: longer than any transport takes.
const CLAIM: i64 = 120;
/// The queue is looked at this often even when nobody says that a mail waits: another node may have put it.
const LOOK: Duration = Duration::from_secs(2);
/// Seconds after which a mail is given up: what it says is worthless by then.
const GIVE_UP: i64 = 48 * 60 * 60;

/// Sends what waits, until the task is dropped.
pub async fn run(identity: Identity, transport: Arc<dyn Transport>) {
    loop {
        match send_due(&identity, transport.as_ref()).await {
            Ok(0) => {
                let _ = tokio::time::timeout(LOOK, identity.requests().mail_waits.notified()).await;
            }
            Ok(_) => {}
            Err(error) => {
                tracing::warn!(%error, "the mail queue could not be read");
                tokio::time::sleep(LOOK).await;
            }
        }
    }
}

/// Sends the mails due now; gives how many were claimed.
async fn send_due(identity: &Identity, transport: &dyn Transport) -> Result<usize> {
    let due = mail::due(identity.store().read(), identity.now(), BATCH).await?;
    let mut claimed = 0;
    for row in due {
        let (until, taken) = (identity.now() + CLAIM, row.clone());
        let mine = identity
            .store()
            .write(move |tx| Box::pin(async move { mail::claim(tx, &taken, until).await }))
            .await?;
        if mine {
            claimed += 1;
            send_one(identity, transport, row).await?;
        }
    }
    Ok(claimed)
}

async fn send_one(identity: &Identity, transport: &dyn Transport, row: QueuedMail) -> Result<()> {
    let sent = match identity.open_mail(&row) {
        Ok(mail) => transport.send(&mail).await,
        Err(error) => Err(error),
    };
    let old = identity.now() - row.created_at / 1000 > GIVE_UP;
    match sent {
        Ok(()) => identity.tally().mails_sent.add(),
        Err(error) if old => tracing::error!(mail = %row.id, %error, "a mail was given up"),
        Err(error) => {
            identity.tally().mails_deferred.add();
            tracing::warn!(mail = %row.id, %error, attempts = row.attempts + 1, "a mail could not be sent yet");
            return defer(identity, row).await;
        }
    }
    let erased = identity.store().write(move |tx| Box::pin(async move { mail::delete(tx, &row.id).await }));
    Ok(erased.await?)
}

/// Tries again later: after ten seconds, twenty, forty … at most ten minutes.
async fn defer(identity: &Identity, mut row: QueuedMail) -> Result<()> {
    let wait = (10 << row.attempts.clamp(0, 6)).min(600);
    let at = identity.now() + wait;
    row.attempts += 1;
    identity
        .store()
        .write(move |tx| {
            Box::pin(async move {
                mail::claim(tx, &row, at).await?;
                Ok(())
            })
        })
        .await?;
    Ok(())
}
