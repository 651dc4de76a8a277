//! The directory's revision: one number that every administrator's change raises, in the change's own
//! transaction. What a process remembers of clients, people's accounts and keys is good for the revision it
//! was read at, and reads of sessions and grants bring the current revision along, so nothing stale is used.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
    QueryTrait as _,
};

use crate::{Error, Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "directory")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub revision: i64,
        pub revocations: i64,
        pub master_key_id: Option<String>,
        pub pairwise_salt: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity};

const ROW: i32 = 1;
/// The column that other tables' point reads add to their rows.
pub(crate) const REVISION: &str = "(SELECT revision FROM directory WHERE id = 1)";

pub(crate) const REVOCATIONS: &str = "(SELECT revocations FROM directory WHERE id = 1)";

/// Both numbers at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromQueryResult)]
pub struct Epoch {
    /// The directory's revision.
    pub revision: i64,
    /// How often grants have been revoked.
    pub revocations: i64,
}

/// Both numbers.
///
/// # Errors
/// [`Error::Database`].
pub async fn epoch(db: &impl ConnectionTrait) -> Result<Epoch> {
    let asked = Entity::find_by_id(ROW).select_only().columns([Column::Revision, Column::Revocations]);
    let found: Option<Epoch> = lookup::one(db, asked).await?;
    found.ok_or_else(|| Error::Database("the directory row is missing".into()))
}

/// Takes note that grants were revoked, in the transaction that revokes them.
pub(crate) async fn count_revocation(db: &impl ConnectionTrait) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Revocations, Expr::col(Column::Revocations).add(1))
        .filter(Column::Id.eq(ROW))
        .exec(db)
        .await?;
    Ok(())
}

/// The current revision.
///
/// # Errors
/// [`Error::Database`].
pub async fn revision(db: &impl ConnectionTrait) -> Result<i64> {
    let asked = Entity::find_by_id(ROW).select_only().column(Column::Revision);
    let row = db.query_one(asked.as_query()).await?;
    let row = row.ok_or_else(|| Error::Database("the directory row is missing".into()))?;
    Ok(row.try_get_by_index(0)?)
}

/// Raises the revision: everything remembered from before is read anew.
///
/// # Errors
/// [`Error::Database`].
pub async fn bump(db: &impl ConnectionTrait) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Revision, Expr::col(Column::Revision).add(1))
        .filter(Column::Id.eq(ROW))
        .exec(db)
        .await?;
    Ok(())
}

/// The name of the master key this database was first sealed with, if any yet.
///
/// # Errors
/// [`Error::Database`].
pub async fn master_key_id(db: &impl ConnectionTrait) -> Result<Option<String>> {
    let found: Option<entity::Model> = lookup::one(db, Entity::find_by_id(ROW)).await?;
    Ok(found.and_then(|row| row.master_key_id))
}

/// Records the master key's name, unless one is recorded already.
///
/// # Errors
/// [`Error::Database`].
pub async fn claim_master_key(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::MasterKeyId, Expr::value(id))
        .filter(Column::Id.eq(ROW))
        .filter(Column::MasterKeyId.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Records that all is sealed with the master key of that name from now on.
///
/// # Errors
/// [`Error::Database`].
pub async fn change_master_key(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::MasterKeyId, Expr::value(id))
        .filter(Column::Id.eq(ROW))
        .exec(db)
        .await?;
    Ok(())
}

/// The salt of pairwise subjects: the one there is, else `fresh`, which it is from then on.
///
/// # Errors
/// [`Error::Database`].
pub async fn pairwise_salt(db: &impl ConnectionTrait, fresh: Vec<u8>) -> Result<Vec<u8>> {
    Entity::update_many()
        .col_expr(Column::PairwiseSalt, Expr::value(fresh))
        .filter(Column::Id.eq(ROW))
        .filter(Column::PairwiseSalt.is_null())
        .exec(db)
        .await?;
    let found: Option<entity::Model> = lookup::one(db, Entity::find_by_id(ROW)).await?;
    found.and_then(|row| row.pairwise_salt).ok_or_else(|| Error::Database("there is no salt".into()))
}
