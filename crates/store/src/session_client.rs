//! The clients that took part in a session, and how each is told that it has ended.
//!
//! A row is written when a client that wants to be told takes part, and becomes due in the very transaction that ends
//! the session: whatever happens to the process afterwards, the client is told.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::{Error, Result, session};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One client in one session.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_client")]
    pub struct Model {
        /// The session.
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: String,
        /// The client.
        #[sea_orm(primary_key, auto_increment = false)]
        pub client_id: String,
        /// Whose session.
        pub person_id: String,
        /// When the client took part first, in seconds since 1970.
        pub since: i64,
        /// When the session was ended, in seconds since 1970.
        pub ended_at: Option<i64>,
        /// When the client is to be told, in seconds since 1970; none while there is nothing to tell, or nothing
        /// more. Who takes it to tell the client moves this on first.
        pub next_attempt_at: Option<i64>,
        /// How often telling it was tried.
        pub attempts: i32,
        /// When it was told, in seconds since 1970.
        pub delivered_at: Option<i64>,
        /// What came of the last attempt: the status it answered with, or why it did not.
        pub answer: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as SessionClient;
use entity::{Column, Entity};

/// What came of telling a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It knows, since then (seconds since 1970).
    Delivered(i64),
    /// It is to be tried again then (seconds since 1970).
    Later(i64),
    /// It is not tried again.
    GivenUp,
}

/// A client that wants to be told takes part in a session. Where it does so already nothing changes; where the
/// session has just been ended it is due at once.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn join(
    db: &impl ConnectionTrait,
    session_id: &str,
    client_id: &str,
    person_id: &str,
    now: i64,
) -> Result<()> {
    let ended_at = (session::Entity, session::Column::EndedAt);
    let mut found = session::held(session_id);
    found
        .exprs([Expr::value(session_id), Expr::value(client_id), Expr::value(person_id), Expr::value(now)])
        .exprs([Expr::col(ended_at), Expr::col(ended_at), Expr::value(0)]);
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([
        Column::SessionId,
        Column::ClientId,
        Column::PersonId,
        Column::Since,
        Column::EndedAt,
        Column::NextAttemptAt,
        Column::Attempts,
    ]);
    insert.select_from(found).map_err(|error| Error::Database(error.to_string()))?;
    insert.on_conflict(OnConflict::columns([Column::SessionId, Column::ClientId]).do_nothing().to_owned());
    db.execute(&insert).await?;
    Ok(())
}

/// The sessions have ended: their clients are due. In the transaction that ends them.
pub(crate) async fn end(db: &impl ConnectionTrait, session_ids: &[String], now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .filter(Column::SessionId.is_in(session_ids.iter().map(String::as_str)))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// The ids of the clients of a session that want to be told of its end.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn of_session(db: &impl ConnectionTrait, session_id: &str) -> Result<Vec<String>> {
    let found = Entity::find().select_only().column(Column::ClientId);
    let found = found.filter(Column::SessionId.eq(session_id)).order_by_asc(Column::Since);
    Ok(found.into_tuple().all(db).await?)
}

/// Those to be told now: before all others, those that nobody has tried to tell yet.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn due(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<SessionClient>> {
    let found = Entity::find()
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::Attempts)
        .order_by_asc(Column::NextAttemptAt)
        .limit(limit);
    Ok(found.all(db).await?)
}

/// Takes one to tell it, until `until`: true for exactly one taker. If that one dies, another takes it then.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn claim(db: &impl ConnectionTrait, row: &SessionClient, until: i64) -> Result<bool> {
    let claimed = Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(until))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::SessionId.eq(&row.session_id))
        .filter(Column::ClientId.eq(&row.client_id))
        .filter(Column::Attempts.eq(row.attempts))
        .filter(Column::NextAttemptAt.is_not_null())
        .exec(db)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Records what came of the attempt that `row` was claimed for, unless its time was over and another has made one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn settle(
    db: &impl ConnectionTrait,
    row: &SessionClient,
    outcome: &Outcome,
    answer: &str,
) -> Result<()> {
    let (delivered_at, next_attempt_at) = match *outcome {
        Outcome::Delivered(at) => (Some(at), None),
        Outcome::Later(at) => (None, Some(at)),
        Outcome::GivenUp => (None, None),
    };
    Entity::update_many()
        .col_expr(Column::DeliveredAt, Expr::value(delivered_at))
        .col_expr(Column::NextAttemptAt, Expr::value(next_attempt_at))
        .col_expr(Column::Answer, Expr::value(answer))
        .filter(Column::SessionId.eq(&row.session_id))
        .filter(Column::ClientId.eq(&row.client_id))
        .filter(Column::Attempts.eq(row.attempts + 1))
        .exec(db)
        .await?;
    Ok(())
}

/// A client that can't be reached is not tried for every session one after the other: all that is due for it waits.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn postpone(db: &impl ConnectionTrait, client_id: &str, until: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(until))
        .filter(Column::NextAttemptAt.lt(until))
        .filter(Column::ClientId.eq(client_id))
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets that a client took part: it does not want to be told any more.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn leave(db: &impl ConnectionTrait, row: &SessionClient) -> Result<()> {
    Entity::delete_by_id((row.session_id.clone(), row.client_id.clone())).exec(db).await?;
    Ok(())
}

/// Those of sessions that have ended, the last ended first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn ended(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<SessionClient>> {
    let found = Entity::find()
        .filter(Column::EndedAt.is_not_null())
        .order_by_desc(Column::EndedAt)
        .order_by_asc(Column::SessionId)
        .order_by_asc(Column::ClientId)
        .limit(limit);
    Ok(found.all(db).await?)
}

/// How many are still to be told.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find().filter(Column::NextAttemptAt.is_not_null()).count(db).await?)
}

/// Forgets what is settled and whose session was ended before `before`, and sessions that are gone without having
/// been ended.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, before: i64) -> Result<u64> {
    let settled = Entity::delete_many()
        .filter(Column::EndedAt.lt(before))
        .filter(Column::NextAttemptAt.is_null())
        .exec(db)
        .await?;
    let mut there = Query::select();
    there
        .expr(Expr::value(1))
        .from(session::Entity)
        .and_where(Expr::col((session::Entity, session::Column::Id)).equals((Entity, Column::SessionId)));
    let gone = Entity::delete_many()
        .filter(Column::EndedAt.is_null())
        .filter(Expr::exists(there).not())
        .exec(db)
        .await?;
    Ok(settled.rows_affected + gone.rows_affected)
}

#[cfg(test)]
mod tests;
