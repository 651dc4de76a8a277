//! The queue of mails to send, each row sealed, and erased once its mail is sent.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    /// One mail waiting to be sent.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "mail")]
    pub struct Model {
        /// Random; the mail's Message-ID is made of it, so that a second sending is known as such.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The sealed mail.
        pub sealed: Vec<u8>,
        /// When it was queued, in milliseconds since 1970.
        pub created_at: i64,
        /// When it is due, in seconds since 1970. A sender that takes it moves this on first.
        pub next_attempt_at: i64,
        /// How often sending was tried.
        pub attempts: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as QueuedMail;
use entity::{Column, Entity};

/// Queues a mail.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, mail: QueuedMail) -> Result<()> {
    Entity::insert(mail.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The mails due, the oldest first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn due(db: &impl ConnectionTrait, now: i64, limit: u64) -> Result<Vec<QueuedMail>> {
    let found =
        Entity::find().filter(Column::NextAttemptAt.lte(now)).order_by_asc(Column::CreatedAt).limit(limit);
    Ok(found.all(db).await?)
}

/// Takes a mail for sending until `until`: true for exactly one sender. If that one dies, another takes it
/// then.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn claim(db: &impl ConnectionTrait, mail: &QueuedMail, until: i64) -> Result<bool> {
    let claimed = Entity::update_many()
        .col_expr(Column::NextAttemptAt, Expr::value(until))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.eq(&mail.id))
        .filter(Column::Attempts.eq(mail.attempts))
        .exec(db)
        .await?;
    Ok(claimed.rows_affected == 1)
}

/// Erases a mail: it was sent, or given up.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// When the oldest that waits was queued, in milliseconds since 1970.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn oldest(db: &impl ConnectionTrait) -> Result<Option<i64>> {
    let oldest =
        Entity::find().select_only().column(Column::CreatedAt).order_by_asc(Column::CreatedAt).limit(1);
    Ok(oldest.into_tuple().all(db).await?.pop())
}

/// How many wait.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn waiting(db: &impl ConnectionTrait) -> Result<u64> {
    Ok(Entity::find().count(db).await?)
}
