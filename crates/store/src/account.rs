//! Accounts: the link of an address, an organization and a service.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, IntoActiveModel as _, JoinType,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, RelationTrait as _,
};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    /// One link of an address to an organization's use of a service.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        /// Random.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Whose.
        pub person_id: String,
        /// At which customer.
        pub organization_id: String,
        /// At which configured service.
        pub service_id: String,
        /// When it was linked, in seconds since 1970.
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "crate::organization::OrganizationEntity",
            from = "Column::OrganizationId",
            to = "crate::organization::OrganizationColumn::Id"
        )]
        Organization,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Account;
use entity::{Column, Entity, Relation};

/// An account with its organization's name.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct NamedAccount {
    /// The account's id.
    pub id: String,
    /// The organization's short name.
    pub organization_id: String,
    /// The organization's name.
    pub organization_name: String,
    /// The service.
    pub service_id: String,
}

/// Adds a link.
///
/// # Errors
/// [`crate::Error::Conflict`] when the same link exists.
pub async fn insert(db: &impl ConnectionTrait, account: Account) -> Result<()> {
    Entity::insert(account.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// All accounts of a person with their organizations' names, in a stable order.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn of_person(db: &impl ConnectionTrait, person_id: &str) -> Result<Vec<NamedAccount>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::OrganizationId, Column::ServiceId])
        .column_as(crate::organization::OrganizationColumn::Name, "organization_name")
        .join(JoinType::InnerJoin, Relation::Organization.def())
        .filter(Column::PersonId.eq(person_id))
        .order_by_asc(crate::organization::OrganizationColumn::Name)
        .order_by_asc(Column::ServiceId)
        .into_model()
        .all(db)
        .await?;
    Ok(found)
}

/// Removes a link; whether there was one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn delete(
    db: &impl ConnectionTrait,
    person_id: &str,
    organization_id: &str,
    service_id: &str,
) -> Result<bool> {
    let deleted = Entity::delete_many()
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::OrganizationId.eq(organization_id))
        .filter(Column::ServiceId.eq(service_id))
        .exec(db)
        .await?;
    Ok(deleted.rows_affected > 0)
}
