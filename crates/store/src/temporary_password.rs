//! Temporary passwords, kept as digests. The last three sent to a person are valid; the first use ends them
//! all.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, IntoActiveModel as _, Order,
    QueryFilter as _, QuerySelect as _, QueryTrait as _,
};

use crate::{Error, Result, sign_in};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One temporary password that was mailed.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "temporary_password")]
    pub struct Model {
        /// Random.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// To whom.
        pub person_id: String,
        /// A keyed digest of it.
        pub digest: Vec<u8>,
        /// When, in milliseconds since 1970, so that two of one second keep their order.
        pub issued_at: i64,
        /// From when on it opens nothing, in seconds since 1970.
        pub expires_at: i64,
        /// When the person's temporary passwords were spent.
        pub spent_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as TemporaryPassword;
use entity::{Column, Entity};

/// How many of the last sent are valid at once.
pub const VALID_AT_ONCE: u64 = 3;

/// Records one that is being mailed and forgets those before the last three.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, sent: TemporaryPassword) -> Result<()> {
    let person_id = sent.person_id.clone();
    Entity::insert(sent.into_active_model()).exec_without_returning(db).await?;
    let last = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::PersonId.eq(&person_id))
        .order_by(Column::IssuedAt, Order::Desc)
        .order_by(Column::Id, Order::Desc)
        .limit(VALID_AT_ONCE)
        .to_owned();
    Entity::delete_many()
        .filter(Column::PersonId.eq(&person_id))
        .filter(Column::Id.not_in_subquery(last))
        .exec(db)
        .await?;
    Ok(())
}

/// What a temporary password is worth. An answer for the page's order of checks only: what counts is [`spend`].
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub struct Standing {
    /// It would open an enrolment now.
    pub valid: bool,
    /// It has opened one in this browser: the form was sent twice, and goes on where the first went.
    pub opened_here: bool,
}

/// What this digest is worth in this browser.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn standing(
    db: &impl ConnectionTrait,
    person_id: &str,
    digest: &[u8],
    browser: &[u8],
    now: i64,
) -> Result<Standing> {
    let valid = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::Digest.eq(digest.to_vec()))
        .filter(Column::SpentAt.is_null())
        .filter(Column::ExpiresAt.gt(now));
    let opened = sign_in::opened_by(person_id, digest, browser, now);
    let asked = Query::select()
        .expr_as(Expr::exists(valid.into_query()), "valid")
        .expr_as(Expr::exists(opened.into_query()), "opened_here")
        .to_owned();
    let row =
        db.query_one(&asked).await?.ok_or_else(|| Error::Database("a question without an answer".into()))?;
    Ok(Standing::from_query_result(&row, "")?)
}

/// Spends the person's temporary passwords if this digest is among the valid ones: one conditional statement,
/// true for exactly one caller.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn spend(db: &impl ConnectionTrait, person_id: &str, digest: &[u8], now: i64) -> Result<bool> {
    let offered = Query::select()
        .column(Column::PersonId)
        .from(Entity)
        .and_where(Column::PersonId.eq(person_id))
        .and_where(Column::Digest.eq(digest.to_vec()))
        .and_where(Column::SpentAt.is_null())
        .and_where(Column::ExpiresAt.gt(now))
        .to_owned();
    let spent = Entity::update_many()
        .col_expr(Column::SpentAt, Expr::value(now))
        .filter(Column::PersonId.in_subquery(offered))
        .filter(Column::SpentAt.is_null())
        .exec(db)
        .await?;
    Ok(spent.rows_affected > 0)
}

/// Ends every temporary password of a person, used or not.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_all(db: &impl ConnectionTrait, person_id: &str) -> Result<()> {
    Entity::delete_many().filter(Column::PersonId.eq(person_id)).exec(db).await?;
    Ok(())
}

/// Forgets what expired before `now`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
