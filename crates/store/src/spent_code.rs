//! Security codes that the VIP service said yes to: each counts once, whatever the service says the second time.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "spent_code")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub credential_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: Vec<u8>,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity, Model};

/// Spends a code of a credential by one conditional statement: true for exactly one caller. The digest is a keyed
/// one, for a code has few digits. It is remembered until `expires_at`, in seconds since 1970.
///
/// # Errors
/// [`crate::Error::Database`]; also when there is no such credential.
pub async fn spend(
    db: &impl ConnectionTrait,
    credential_id: &str,
    digest: Vec<u8>,
    expires_at: i64,
) -> Result<bool> {
    let row = Model { credential_id: credential_id.to_owned(), digest, expires_at };
    let once = OnConflict::columns([Column::CredentialId, Column::Digest]).do_nothing().to_owned();
    let spent = Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(db).await?;
    Ok(spent == 1)
}

/// Whether a code of a credential was spent, and is remembered.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn is_spent(
    db: &impl ConnectionTrait,
    credential_id: &str,
    digest: Vec<u8>,
    now: i64,
) -> Result<bool> {
    let key = (credential_id.to_owned(), digest);
    let found: Option<Model> =
        lookup::one(db, Entity::find_by_id(key).filter(Column::ExpiresAt.gt(now))).await?;
    Ok(found.is_some())
}

/// Forgets what expired before `now`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
