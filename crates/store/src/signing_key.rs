//! Signing keys, their private parts sealed.

use sea_orm::{ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryOrder as _};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    /// One signing key.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "signing_key")]
    pub struct Model {
        /// The key's RFC 7638 thumbprint.
        #[sea_orm(primary_key, auto_increment = false)]
        pub kid: String,
        /// `RS256`, `ES256` or `EdDSA`.
        pub alg: String,
        /// The sealed private JWK.
        pub private_key: Vec<u8>,
        /// When it was made, in seconds since 1970.
        pub created_at: i64,
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

/// All keys, the oldest first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<SigningKey>> {
    Ok(Entity::find().order_by_asc(Column::CreatedAt).order_by_asc(Column::Kid).all(db).await?)
}
