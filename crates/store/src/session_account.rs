//! Which account a person chose for a session, a row a service.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// The account chosen for one session at one service.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session_account")]
    pub struct Model {
        /// The session.
        #[sea_orm(primary_key, auto_increment = false)]
        pub session_id: String,
        /// The service.
        #[sea_orm(primary_key, auto_increment = false)]
        pub service_id: String,
        /// The account.
        pub account_id: String,
        /// When it was chosen, in seconds since 1970.
        pub chosen_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as SessionAccount;
use entity::{Column, Entity};

/// Records a choice over an earlier one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn choose(db: &impl ConnectionTrait, choice: SessionAccount) -> Result<()> {
    let over = OnConflict::columns([Column::SessionId, Column::ServiceId])
        .update_columns([Column::AccountId, Column::ChosenAt])
        .to_owned();
    Entity::insert(choice.into_active_model()).on_conflict(over).exec_without_returning(db).await?;
    Ok(())
}

/// The choice of a session at a service.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(
    db: &impl ConnectionTrait,
    session_id: &str,
    service_id: &str,
) -> Result<Option<SessionAccount>> {
    let found =
        Entity::find().filter(Column::SessionId.eq(session_id)).filter(Column::ServiceId.eq(service_id));
    lookup::one(db, found).await
}
