//! What imports under way have read: sealed, and nobody's yet. A row here signs nobody in.

use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, Order, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::credential::{ASSIGNED, CredentialColumn, CredentialEntity, STOCKED};
use crate::credential_event::{self, Note};
use crate::{Error, Result};

mod entity {
    use sea_orm::entity::prelude::*;

    /// A credential that is to be imported. Its columns mean what those of [`crate::credential`] mean.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credential_import_row")]
    pub struct Model {
        /// The import.
        #[sea_orm(primary_key, auto_increment = false)]
        pub import_id: String,
        /// The Credential ID.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Where it stands in its file, from 1.
        pub line: i64,
        /// `time` or `event`.
        pub kind: String,
        /// The sealed seed.
        pub seed: Vec<u8>,
        /// Digits of a code.
        pub digits: i32,
        /// Seconds of a time step; 0 for event tokens.
        pub period: i32,
        /// The position before the first that is accepted.
        pub last_position: i64,
        /// The token's clock less ours, in steps.
        pub drift: i32,
        /// The customer it goes to.
        pub organization_id: Option<String>,
        /// The address it is assigned to.
        pub person_id: Option<String>,
        /// From when on it is not accepted, in seconds since 1970.
        pub expires_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as ImportRow;
use entity::{Column, Entity};

/// Adds rows, and leaves out those whose id the import has already; gives how many were added.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn add(db: &impl ConnectionTrait, rows: Vec<ImportRow>) -> Result<u64> {
    let rows = rows.into_iter().map(|row| row.into_active_model());
    let once = OnConflict::columns([Column::ImportId, Column::Id]).do_nothing().to_owned();
    Ok(Entity::insert_many(rows).on_conflict(once).exec_without_returning(db).await?)
}

/// Where in the file these ids stand that the import has: id and line.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn lines(
    db: &impl ConnectionTrait,
    import_id: &str,
    ids: Vec<String>,
) -> Result<Vec<(String, i64)>> {
    let found = Entity::find()
        .select_only()
        .columns([Column::Id, Column::Line])
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Id.is_in(ids));
    Ok(found.into_tuple().all(db).await?)
}

/// The rows whose id is in the inventory already: the first of them by line, and how many there are.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn taken(
    db: &impl ConnectionTrait,
    import_id: &str,
    limit: u64,
) -> Result<(Vec<(String, i64)>, u64)> {
    let mut first = in_inventory(import_id);
    first
        .columns([(Entity, Column::Id), (Entity, Column::Line)])
        .order_by((Entity, Column::Line), Order::Asc)
        .limit(limit);
    let mut count = in_inventory(import_id);
    count.expr_as(Expr::col((Entity, Column::Id)).count(), "count");
    let row = db.query_one(&count).await?;
    let count: i64 = row.map(|row| row.try_get("", "count")).transpose()?.unwrap_or(0);
    if count == 0 {
        return Ok((Vec::new(), 0));
    }
    let found = db.query_all(&first).await?;
    let found = found.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "line")?)));
    Ok((found.collect::<Result<_>>()?, u64::try_from(count).unwrap_or(0)))
}

fn in_inventory(import_id: &str) -> SelectStatement {
    let same = Expr::col((CredentialEntity, CredentialColumn::Id)).equals((Entity, Column::Id));
    let mut select = Query::select();
    select
        .from(Entity)
        .inner_join(CredentialEntity, same)
        .and_where(Expr::col((Entity, Column::ImportId)).eq(import_id));
    select
}

/// Brings an import's rows into the inventory: those of a person assigned, the others in stock. Gives how many
/// there were. In the transaction that [ends](crate::credential_import::end) the import.
///
/// # Errors
/// [`crate::Error::Conflict`] when one of the ids is in the inventory.
pub async fn publish(db: &impl ConnectionTrait, import_id: &str, now: i64) -> Result<u64> {
    let state = Expr::case(Expr::col(Column::PersonId).is_null(), Expr::value(STOCKED))
        .finally(Expr::value(ASSIGNED));
    let mut rows = Query::select();
    rows.from(Entity)
        .columns([Column::Id, Column::Kind, Column::Seed, Column::Digits, Column::Period])
        .columns([Column::LastPosition, Column::Drift, Column::OrganizationId, Column::PersonId])
        .column(Column::ExpiresAt)
        .exprs([Expr::value(0), state.into(), Expr::value(now)])
        .and_where(Expr::col(Column::ImportId).eq(import_id))
        .order_by(Column::Id, Order::Asc);
    let mut insert = Query::insert();
    insert.into_table(CredentialEntity).columns([
        CredentialColumn::Id,
        CredentialColumn::Kind,
        CredentialColumn::Seed,
        CredentialColumn::Digits,
        CredentialColumn::Period,
        CredentialColumn::LastPosition,
        CredentialColumn::Drift,
        CredentialColumn::OrganizationId,
        CredentialColumn::PersonId,
        CredentialColumn::ExpiresAt,
        CredentialColumn::Failures,
        CredentialColumn::State,
        CredentialColumn::CreatedAt,
    ]);
    insert.select_from(rows).map_err(|error| Error::Database(error.to_string()))?;
    Ok(db.execute(&insert).await?.rows_affected())
}

/// Begins the history of those that a person gets. In the transaction that [publishes](publish) them.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn note_assigned(db: &impl ConnectionTrait, import_id: &str, note: &Note) -> Result<()> {
    // The two together are as unique as a random id, and no database has to make one.
    let id = Expr::cust("import_id || id");
    let mut rows = Query::select();
    rows.from(Entity)
        .expr(id)
        .column(Column::Id)
        .exprs([
            Expr::value(note.at),
            Expr::value(note.event),
            Expr::value(note.by.as_str()),
            Expr::value(note.reason.clone()),
        ])
        .and_where(Expr::col(Column::ImportId).eq(import_id))
        .and_where(Expr::col(Column::PersonId).is_not_null());
    credential_event::insert_from(db, rows).await
}

/// Forgets up to `limit` rows of an import, those after the id `after`; gives the last that went, if any did, and how
/// many. Whoever goes on from there never passes by those that are gone: a database may keep their places for a while.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn discard(
    db: &impl ConnectionTrait,
    import_id: &str,
    after: &str,
    limit: u64,
) -> Result<Option<(String, u64)>> {
    let ids = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(limit);
    let ids: Vec<String> = ids.into_tuple().all(db).await?;
    let Some(last) = ids.last() else { return Ok(None) };
    let gone = Entity::delete_many()
        .filter(Column::ImportId.eq(import_id))
        .filter(Column::Id.gt(after))
        .filter(Column::Id.lte(last.as_str()))
        .exec(db)
        .await?;
    Ok(Some((last.clone(), gone.rows_affected)))
}
