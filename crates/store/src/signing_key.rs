//! Signing keys, their private parts sealed. A row stays when its key is retired, without its private part: it
//! says which key came after which.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    /// One signing key. Times are seconds since 1970.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        /// The key's RFC 7638 thumbprint.
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        /// `RS256`, `ES256` or `EdDSA`.
        pub alg: String,
        /// The sealed private JWK; empty once it has been erased.
        pub private_key: Vec<u8>,
        /// When it was made and, with that, announced.
        pub created_at: i64,
        /// When it begins to sign.
        pub signs_from: i64,
        /// When it is, or was, retired, where that has been decided.
        pub retired_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as SigningKey;
use entity::{Column, Entity};

/// Adds a key.
///
/// # Errors
/// [`crate::Error::Conflict`] when the kid exists.
pub async fn insert(db: &impl ConnectionTrait, key: SigningKey) -> Result<()> {
    Entity::insert(key.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// All keys, the retired ones too, in the order in which they sign.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<SigningKey>> {
    Ok(Entity::find().order_by_asc(Column::SignsFrom).order_by_asc(Column::Kid).all(db).await?)
}

/// Moves the moment at which a key begins to sign.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sign_from(db: &impl ConnectionTrait, kid: &str, at: i64) -> Result<()> {
    let moved = Entity::update_many().col_expr(Column::SignsFrom, Expr::value(at));
    moved.filter(Column::Kid.eq(kid)).exec(db).await?;
    Ok(())
}

/// Decides that every key of an algorithm is retired at `at`, unless it is earlier.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn retire_all(db: &impl ConnectionTrait, alg: &str, at: i64) -> Result<()> {
    let later = Condition::any().add(Column::RetiredAt.is_null()).add(Column::RetiredAt.gt(at));
    let retired = Entity::update_many().col_expr(Column::RetiredAt, Expr::value(at));
    retired.filter(Column::Alg.eq(alg)).filter(later).exec(db).await?;
    Ok(())
}

/// Puts a newly sealed private part in the place of the one that was read. False when it has changed meanwhile.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn replace(db: &impl ConnectionTrait, kid: &str, read: Vec<u8>, sealed: Vec<u8>) -> Result<bool> {
    let replaced = Entity::update_many()
        .col_expr(Column::PrivateKey, Expr::value(sealed))
        .filter(Column::Kid.eq(kid))
        .filter(Column::PrivateKey.eq(read))
        .exec(db)
        .await?;
    Ok(replaced.rows_affected == 1)
}

/// Erases the private part of a key that was retired at `at`. True for exactly one caller.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn erase(db: &impl ConnectionTrait, kid: &str, at: i64) -> Result<bool> {
    let erased = Entity::update_many()
        .col_expr(Column::RetiredAt, Expr::value(at))
        .col_expr(Column::PrivateKey, Expr::value(Vec::<u8>::new()))
        .filter(Column::Kid.eq(kid))
        .filter(Column::PrivateKey.ne(Vec::<u8>::new()))
        .exec(db)
        .await?;
    Ok(erased.rows_affected == 1)
}
