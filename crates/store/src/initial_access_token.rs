//! Initial access tokens (RFC 7591 §1.2): each lets so many clients register themselves, for a time.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One initial access token.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "initial_access_token")]
    pub struct Model {
        /// Digest of the token.
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: Vec<u8>,
        /// Whom it was made for, as the administrator says.
        pub name: String,
        /// How many clients it still lets register.
        pub uses_left: i32,
        /// When it was made, in seconds since 1970.
        pub created_at: i64,
        /// From when on it is worth nothing, in seconds since 1970.
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as InitialAccessToken;
use entity::{Column, Entity};

/// Records a token.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, token: InitialAccessToken) -> Result<()> {
    Entity::insert(token.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The token of that digest if it is worth anything at `now`. What counts is [`spend`].
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, digest: &[u8], now: i64) -> Result<Option<InitialAccessToken>> {
    let found =
        Entity::find_by_id(digest.to_vec()).filter(Column::UsesLeft.gt(0)).filter(Column::ExpiresAt.gt(now));
    lookup::one(db, found).await
}

/// Spends one use of a token: one conditional statement, true for as many callers as there were uses.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn spend(db: &impl ConnectionTrait, digest: &[u8], now: i64) -> Result<bool> {
    let spent = Entity::update_many()
        .col_expr(Column::UsesLeft, Expr::col(Column::UsesLeft).sub(1))
        .filter(Column::Digest.eq(digest.to_vec()))
        .filter(Column::UsesLeft.gt(0))
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// All of them, the oldest first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<InitialAccessToken>> {
    Ok(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Digest).all(db).await?)
}

/// Forgets one, whatever it is still good for. Whether it was there.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn remove(db: &impl ConnectionTrait, digest: &[u8]) -> Result<bool> {
    Ok(Entity::delete_by_id(digest.to_vec()).exec(db).await?.rows_affected == 1)
}

/// Forgets what has expired.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
