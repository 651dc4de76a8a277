//! Imports of credentials under way: a row for each, which says when it last got on.
//!
//! What one of them brings waits in [`crate::credential_import_row`] until it is whole.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QuerySelect as _,
};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    /// One import.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credential_import")]
    pub struct Model {
        /// Random.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// When it last got on, in seconds since 1970; 0 once it is over, and its rows are to be forgotten.
        pub touched_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity, Model};

/// Begins an import.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn begin(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<()> {
    let row = Model { id: id.to_owned(), touched_at: now };
    Entity::insert(row.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Says that an import got on. False when it was given up for dead meanwhile: it must not go on.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn touch(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<bool> {
    set(db, id, now).await
}

/// Ends an import: true for exactly one caller, who alone may bring its rows into the inventory.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    set(db, id, 0).await
}

async fn set(db: &impl ConnectionTrait, id: &str, touched_at: i64) -> Result<bool> {
    let set = Entity::update_many()
        .col_expr(Column::TouchedAt, Expr::value(touched_at))
        .filter(Column::Id.eq(id))
        .filter(Column::TouchedAt.gt(0))
        .exec(db)
        .await?;
    Ok(set.rows_affected == 1)
}

/// Ends the imports that have not got on since `before`: whoever ran them is gone.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn give_up(db: &impl ConnectionTrait, before: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::TouchedAt, Expr::value(0))
        .filter(Column::TouchedAt.gt(0))
        .filter(Column::TouchedAt.lt(before))
        .exec(db)
        .await?;
    Ok(())
}

/// The imports that are over and not forgotten yet.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn over(db: &impl ConnectionTrait) -> Result<Vec<String>> {
    let over = Entity::find().select_only().column(Column::Id).filter(Column::TouchedAt.eq(0));
    Ok(over.into_tuple().all(db).await?)
}

/// Forgets an import that is over, once it has no rows.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn forget(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::delete_many().filter(Column::Id.eq(id)).filter(Column::TouchedAt.eq(0)).exec(db).await?;
    Ok(())
}
