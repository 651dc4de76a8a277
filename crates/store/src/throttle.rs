//! Throttles: a fixed number of buckets shared by the nodes, whatever strangers send.
//!
//! Each bucket is one number of the generic cell rate algorithm: the theoretical time of the next arrival. An
//! attempt moves it on by the interval; it is refused while the number lies more than the burst ahead.

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "throttle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub bucket: i64,
        pub until_millis: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity, Model};

/// How fast attempts come back, and how many may come at once.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// One attempt comes back each this many milliseconds.
    pub interval_millis: i64,
    /// This many may come at once.
    pub burst: i64,
}

/// Counts an attempt in a bucket by one conditional statement. True when it may go on.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn count(db: &impl ConnectionTrait, bucket: i64, rate: Rate, now_millis: i64) -> Result<bool> {
    let latest = now_millis + rate.interval_millis * (rate.burst - 1);
    let until = || Expr::col((Entity, Column::UntilMillis));
    let moved = CaseStatement::new()
        .case(until().gt(now_millis), until().add(rate.interval_millis))
        .finally(now_millis + rate.interval_millis);
    let over = OnConflict::column(Column::Bucket)
        .value(Column::UntilMillis, Expr::Case(Box::new(moved)))
        .action_and_where(until().lte(latest))
        .to_owned();
    let row = Model { bucket, until_millis: now_millis + rate.interval_millis };
    let affected =
        Entity::insert(row.into_active_model()).on_conflict(over).exec_without_returning(db).await?;
    Ok(affected == 1)
}

/// Gives back what attempts have taken: they were the person's own.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn forgive(db: &impl ConnectionTrait, bucket: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::UntilMillis, Expr::value(0))
        .filter(Column::Bucket.eq(bucket))
        .exec(db)
        .await?;
    Ok(())
}
