//! Bridging codes: what the SOC gives somebody whose token is lost, until another is there. One a person.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One person's bridging code.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "bridging_code")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: String,
        /// Its digest under the master key.
        pub digest: Vec<u8>,
        /// When it ends, in seconds since 1970.
        pub expires_at: i64,
        /// How often it still works.
        pub uses_left: i32,
        /// How many wrong ones may still be tried.
        pub guesses_left: i32,
        /// When it was issued, in seconds since 1970.
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as BridgingCode;
use entity::{Column, Entity};

/// Issues a code, in place of one that the person has.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn issue(db: &impl ConnectionTrait, code: BridgingCode) -> Result<()> {
    let mut replace = OnConflict::column(Column::PersonId);
    replace.update_columns([
        Column::Digest,
        Column::ExpiresAt,
        Column::UsesLeft,
        Column::GuessesLeft,
        Column::CreatedAt,
    ]);
    Entity::insert(code.into_active_model()).on_conflict(replace).exec_without_returning(db).await?;
    Ok(())
}

/// The code of a person that has neither ended nor been used up.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, person_id: &str, now: i64) -> Result<Option<BridgingCode>> {
    let found =
        Entity::find_by_id(person_id).filter(Column::ExpiresAt.gt(now)).filter(Column::UsesLeft.gt(0));
    lookup::one(db, found).await
}

/// Counts a guess before it is looked at. True when it may be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn count_guess(db: &impl ConnectionTrait, person_id: &str, now: i64) -> Result<bool> {
    let counted = Entity::update_many()
        .col_expr(Column::GuessesLeft, Expr::col(Column::GuessesLeft).sub(1))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::UsesLeft.gt(0))
        .filter(Column::GuessesLeft.gt(0))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Spends one use of the code of that digest, whose guess was counted: true for as many callers as it has uses.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn spend(db: &impl ConnectionTrait, person_id: &str, digest: Vec<u8>, now: i64) -> Result<bool> {
    let spent = Entity::update_many()
        .col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1))
        .col_expr(Column::GuessesLeft, Expr::col(Column::GuessesLeft).add(1))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::Digest.eq(digest))
        .filter(Column::ExpiresAt.gt(now))
        .filter(Column::UsesLeft.gt(0))
        .exec(db)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Withdraws a person's code. Whether there was one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn withdraw(db: &impl ConnectionTrait, person_id: &str) -> Result<bool> {
    Ok(Entity::delete_by_id(person_id).exec(db).await?.rows_affected == 1)
}

/// Forgets those that have ended.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
