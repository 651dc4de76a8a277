//! The history of each credential: what was done to it, by whom and why. Rows are only ever added.

use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ActiveValue, ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use crate::{Error, Result, secret};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One thing that happened to a credential.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credential_event")]
    pub struct Model {
        /// Without meaning.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The credential.
        pub credential_id: String,
        /// When, in seconds since 1970.
        pub at: i64,
        /// What: `assigned`, `lost`, …
        pub event: String,
        /// Who did it: an administrator's name on their machine, `holder`, `import` or `server`.
        pub done_by: String,
        /// Why, in the words of who did it.
        pub reason: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as CredentialEvent;
use entity::{ActiveModel, Column, Entity};

/// What is done to a credential.
#[derive(Clone, Debug)]
pub struct Note {
    /// The moment, in seconds since 1970.
    pub at: i64,
    /// What is done.
    pub event: &'static str,
    /// Who does it.
    pub by: String,
    /// Why.
    pub reason: Option<String>,
}

/// Adds it to the credential's history.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, credential_id: &str, note: &Note) -> Result<()> {
    let row = ActiveModel {
        id: ActiveValue::Set(secret::id()),
        credential_id: ActiveValue::Set(credential_id.to_owned()),
        at: ActiveValue::Set(note.at),
        event: ActiveValue::Set(note.event.to_owned()),
        done_by: ActiveValue::Set(note.by.clone()),
        reason: ActiveValue::Set(note.reason.clone()),
    };
    Entity::insert(row).exec_without_returning(db).await?;
    Ok(())
}

/// Adds as many as are selected: id, credential, moment, event, by whom, and why.
pub(crate) async fn insert_from(db: &impl ConnectionTrait, rows: SelectStatement) -> Result<()> {
    let mut insert = Query::insert();
    insert.into_table(Entity).columns([
        Column::Id,
        Column::CredentialId,
        Column::At,
        Column::Event,
        Column::DoneBy,
        Column::Reason,
    ]);
    insert.select_from(rows).map_err(|error| Error::Database(error.to_string()))?;
    db.execute(&insert).await?;
    Ok(())
}

/// A credential's history, the last first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn of_credential(
    db: &impl ConnectionTrait,
    credential_id: &str,
    limit: u64,
) -> Result<Vec<CredentialEvent>> {
    let found = Entity::find().filter(Column::CredentialId.eq(credential_id));
    Ok(found.order_by_desc(Column::At).order_by_desc(Column::Id).limit(limit).all(db).await?)
}
