//! Consents: what a person allowed a third party's client.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One person's consent to one client.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "consent")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub person_id: String,
        /// To which client.
        #[sea_orm(primary_key, auto_increment = false)]
        pub client_id: String,
        /// For which scopes, separated by spaces.
        pub scope: String,
        /// When, in seconds since 1970.
        pub granted_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Consent;
use entity::{Column, Entity};

/// Records a consent over an earlier one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn put(db: &impl ConnectionTrait, consent: Consent) -> Result<()> {
    let over = OnConflict::columns([Column::PersonId, Column::ClientId])
        .update_columns([Column::Scope, Column::GrantedAt])
        .to_owned();
    Entity::insert(consent.into_active_model()).on_conflict(over).exec_without_returning(db).await?;
    Ok(())
}

/// What a person allowed a client.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, person_id: &str, client_id: &str) -> Result<Option<Consent>> {
    let found = Entity::find().filter(Column::PersonId.eq(person_id)).filter(Column::ClientId.eq(client_id));
    lookup::one(db, found).await
}

/// What a person allowed, by client.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn of_person(db: &impl ConnectionTrait, person_id: &str) -> Result<Vec<Consent>> {
    let found = Entity::find().filter(Column::PersonId.eq(person_id)).order_by_asc(Column::ClientId);
    Ok(found.all(db).await?)
}

/// Takes a consent back. Whether there was one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn delete(db: &impl ConnectionTrait, person_id: &str, client_id: &str) -> Result<bool> {
    let gone = Entity::delete_by_id((person_id.to_owned(), client_id.to_owned())).exec(db).await?;
    Ok(gone.rows_affected == 1)
}
