//! Organizations: the customers.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// A customer.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "organization")]
    pub struct Model {
        /// The short name administrators type: `acme`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The name people read.
        pub name: String,
        /// Who judges the codes of credentials that are registered from now on: `inventory` or `vip-service`.
        pub validator: String,
        /// When it was added, in seconds since 1970.
        pub created_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Organization;
pub(crate) use entity::{Column as OrganizationColumn, Entity as OrganizationEntity};
use entity::{Column, Entity};

/// The seeds kept here judge.
pub const INVENTORY: &str = "inventory";
/// The VIP service judges.
pub const VIP_SERVICE: &str = "vip-service";

/// Says who judges from now on. Whether there is such an organization.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_validator(db: &impl ConnectionTrait, id: &str, validator: &str) -> Result<bool> {
    let set = Entity::update_many().col_expr(Column::Validator, Expr::value(validator));
    Ok(set.filter(Column::Id.eq(id)).exec(db).await?.rows_affected == 1)
}

/// Adds an organization.
///
/// # Errors
/// [`crate::Error::Conflict`] when the id is taken.
pub async fn insert(db: &impl ConnectionTrait, organization: Organization) -> Result<()> {
    Entity::insert(organization.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The organization of that id.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Organization>> {
    lookup::one(db, Entity::find_by_id(id)).await
}

/// All organizations, by id.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Organization>> {
    Ok(Entity::find().order_by_asc(Column::Id).all(db).await?)
}
