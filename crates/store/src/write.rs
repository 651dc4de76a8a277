//! The one way to write.
//!
//! On SQLite there is one writer connection. Writers that arrive while another's commit is on its way to the
//! disk share the next one: with `synchronous=FULL` the commit is the price, so a group pays it once. Each
//! writer still succeeds or fails alone, by a savepoint. On PostgreSQL a writer is a transaction of its own.
//!
//! A write runs to its end even when the request that asked for it has gone: a browser that hangs up cannot
//! leave half of something.

use std::future::Future;
use std::pin::Pin;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, TransactionOptions, TransactionTrait as _,
};
use tokio::sync::{mpsc, oneshot};

use crate::count::Count;
use crate::{Error, Result};

/// The open transaction that named queries write through.
pub type Transaction = DatabaseTransaction;

/// A write's future, borrowing the transaction it runs in.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// At most this many writers share a commit.
const GROUP: usize = 64;
/// At most this many writers wait; past it they are told the store is busy by waiting in their own request.
const WAITING: usize = 1024;

/// One queued write. It answers by itself once the fate of its transaction is known.
pub(crate) trait Job: Send {
    fn run<'t>(&'t mut self, tx: &'t Transaction) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;
    fn answer(self: Box<Self>, committed: Result<()>);
}

struct Pending<F, T> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Pending<F, T>
where
    F: for<'t> FnOnce(&'t Transaction) -> Work<'t, T> + Send,
    T: Send,
{
    fn run<'t>(&'t mut self, tx: &'t Transaction) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = work(tx).await;
            let kept = outcome.is_ok();
            self.outcome = Some(outcome);
            kept
        })
    }

    fn answer(mut self: Box<Self>, committed: Result<()>) {
        let outcome = match (self.outcome.take(), committed) {
            (Some(Err(error)), _) | (_, Err(error)) => Err(error),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Closing),
        };
        // Nobody waits for the answer when the request has gone; the write stands all the same.
        let _ = self.reply.send(outcome);
    }
}

/// Where writes go.
#[derive(Clone)]
pub(crate) enum Writer {
    Grouped(mpsc::Sender<Box<dyn Job>>),
    Direct(DatabaseConnection, Count),
}

impl Writer {
    /// The single writer of a SQLite database.
    pub(crate) fn grouped(connection: DatabaseConnection, count: Count) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write_in_groups(connection, receiver, count));
        Self::Grouped(sender)
    }

    pub(crate) async fn write<F, T>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(&'t Transaction) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        match self {
            Self::Grouped(queue) => {
                let (reply, answer) = oneshot::channel();
                let job = Box::new(Pending { work: Some(work), outcome: None, reply });
                queue.send(job).await.map_err(|_| Error::Closing)?;
                answer.await.map_err(|_| Error::Closing)?
            }
            Self::Direct(connection, count) => {
                let (connection, count) = (connection.clone(), count.clone());
                tokio::spawn(async move { write_alone(&connection, &count, work).await })
                    .await
                    .map_err(|_| Error::Closing)?
            }
        }
    }
}

async fn write_alone<F, T>(connection: &DatabaseConnection, count: &Count, work: F) -> Result<T>
where
    F: for<'t> FnOnce(&'t Transaction) -> Work<'t, T> + Send,
    T: Send,
{
    let tx = connection.begin().await?;
    match work(&tx).await {
        Ok(value) => {
            tx.commit().await?;
            count.commit();
            Ok(value)
        }
        Err(error) => {
            tx.rollback().await?;
            Err(error)
        }
    }
}

async fn write_in_groups(
    connection: DatabaseConnection,
    mut queue: mpsc::Receiver<Box<dyn Job>>,
    count: Count,
) {
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        while group.len() < GROUP {
            match queue.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let committed = write_group(&connection, &count, &mut group).await;
        for job in group {
            job.answer(committed.clone());
        }
    }
}

/// Runs a group in one transaction. A lone writer needs no savepoint: when it fails, so does the transaction.
async fn write_group(
    connection: &DatabaseConnection,
    count: &Count,
    group: &mut [Box<dyn Job>],
) -> Result<()> {
    let immediate = || TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let tx = connection.begin_with_options(immediate()).await?;
    if let [job] = group {
        if !job.run(&tx).await {
            return Ok(tx.rollback().await?);
        }
    } else {
        for job in group.iter_mut() {
            let point = tx.begin().await?;
            if job.run(&point).await { point.commit().await? } else { point.rollback().await? }
        }
    }
    tx.commit().await?;
    count.commit();
    Ok(())
}
