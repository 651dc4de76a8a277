//! The sealed seeds of the inventory, to be sealed anew under another master key.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{Column, Entity};
use crate::Result;

/// Credentials' ids and sealed seeds by id, `limit` of them after `after`; not those without a seed.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn page(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<(String, Vec<u8>)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Seed])
        .filter(Column::Id.gt(after))
        .filter(Column::Seed.ne(Vec::<u8>::new()))
        .order_by_asc(Column::Id)
        .limit(limit);
    Ok(found.into_tuple().all(db).await?)
}

/// Puts a newly sealed seed in the place of the one that was read. False when it has changed meanwhile.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn replace(db: &impl ConnectionTrait, id: &str, read: Vec<u8>, sealed: Vec<u8>) -> Result<bool> {
    let replaced = Entity::update_many()
        .col_expr(Column::Seed, Expr::value(sealed))
        .filter(Column::Id.eq(id))
        .filter(Column::Seed.eq(read))
        .exec(db)
        .await?;
    Ok(replaced.rows_affected == 1)
}
