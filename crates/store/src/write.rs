//! The one way to write.
//!
//! On SQLite there is one writer connection. Writers that arrive while another's commit is on its way to the
//! disk share the next one: with `synchronous=FULL` the commit is the price, so a group pays it once. Each
//! writer still succeeds or fails alone, by a savepoint. On PostgreSQL a writer is a transaction of its own.
//!
//! What a single statement says needs no transaction around it: [`crate::Store::statement`].
//!
//! A write runs to its end even when the request that asked for it has gone: a browser that hangs up cannot
//! leave half of something.

use std::future::Future;
use std::pin::Pin;

use sea_orm::{
    DatabaseConnection, DatabaseExecutor, DatabaseTransaction, SqliteTransactionMode, TransactionOptions,
    TransactionTrait as _,
};
use tokio::sync::{mpsc, oneshot};

use crate::count::Count;
use crate::{Error, Result};

/// The open transaction that named queries write through.
pub type Transaction = DatabaseTransaction;

/// Where a write of one statement runs: by itself, or in a transaction that it shares.
pub type Executor<'c> = DatabaseExecutor<'c>;

/// A write's future, borrowing the transaction it runs in.
pub type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 't>>;

/// At most this many writers share a commit.
const GROUP: usize = 64;
/// At most this many writers wait; past it they are told the store is busy by waiting in their own request.
const WAITING: usize = 1024;

/// One queued write. It answers by itself once the fate of its transaction is known.
pub(crate) trait Job: Send {
    /// Whether it is one statement, which succeeds or fails as a whole without a transaction of its own.
    fn is_one_statement(&self) -> bool;
    fn run<'t>(&'t mut self, on: Executor<'t>) -> Pin<Box<dyn Future<Output = bool> + Send + 't>>;
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// How a write uses what it runs on.
trait Write<T>: Send {
    const ONE_STATEMENT: bool;
    fn run(self, on: Executor<'_>) -> Work<'_, T>;
}

/// A write of several statements.
struct Several<F>(F);

impl<F, T> Write<T> for Several<F>
where
    F: for<'t> FnOnce(&'t Transaction) -> Work<'t, T> + Send,
{
    const ONE_STATEMENT: bool = false;

    fn run(self, on: Executor<'_>) -> Work<'_, T> {
        match on {
            DatabaseExecutor::Transaction(tx) => (self.0)(tx),
            _ => Box::pin(async { Err(Error::Database("a write without its transaction".into())) }),
        }
    }
}

/// A write of one statement.
struct One<F>(F);

impl<F, T> Write<T> for One<F>
where
    F: for<'t> FnOnce(Executor<'t>) -> Work<'t, T> + Send,
{
    const ONE_STATEMENT: bool = true;

    fn run(self, on: Executor<'_>) -> Work<'_, T> {
        (self.0)(on)
    }
}

struct Pending<W, T> {
    work: Option<W>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<W: Write<T>, T: Send> Job for Pending<W, T> {
    fn is_one_statement(&self) -> bool {
        W::ONE_STATEMENT
    }

    fn run<'t>(&'t mut self, on: Executor<'t>) -> Pin<Box<dyn Future<Output = bool> + Send + 't>> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            let outcome = work.run(on).await;
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
        self.run(Several(work)).await
    }

    pub(crate) async fn statement<F, T>(&self, work: F) -> Result<T>
    where
        F: for<'t> FnOnce(Executor<'t>) -> Work<'t, T> + Send + 'static,
        T: Send + 'static,
    {
        self.run(One(work)).await
    }

    async fn run<W: Write<T> + 'static, T: Send + 'static>(&self, work: W) -> Result<T> {
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

async fn write_alone<W: Write<T>, T>(connection: &DatabaseConnection, count: &Count, work: W) -> Result<T> {
    if W::ONE_STATEMENT {
        let value = work.run(connection.into()).await?;
        count.commit();
        return Ok(value);
    }
    let tx = connection.begin().await?;
    match work.run((&tx).into()).await {
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

/// Runs a group in one transaction. A lone writer needs no savepoint: when it fails, so does the transaction. One
/// statement needs none either: SQLite undoes a statement that fails. A lone one needs no transaction.
async fn write_group(
    connection: &DatabaseConnection,
    count: &Count,
    group: &mut [Box<dyn Job>],
) -> Result<()> {
    let immediate = || TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    if let [job] = group
        && job.is_one_statement()
    {
        if job.run(connection.into()).await {
            count.commit();
        }
        return Ok(());
    }
    let tx = connection.begin_with_options(immediate()).await?;
    if let [job] = group {
        if !job.run((&tx).into()).await {
            return Ok(tx.rollback().await?);
        }
    } else {
        for job in group.iter_mut() {
            if job.is_one_statement() {
                job.run((&tx).into()).await;
                continue;
            }
            let point = tx.begin().await?;
            if job.run((&point).into()).await { point.commit().await? } else { point.rollback().await? }
        }
    }
    tx.commit().await?;
    count.commit();
    Ok(())
}
