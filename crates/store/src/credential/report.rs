//! What the inventory looks like as a whole.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};

use super::entity::{Column, Entity};
use super::{ASSIGNED, Credential, LOCKED, REGISTERED, STOCKED};
use crate::Result;

/// How many credentials of an organization are in a state.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct Count {
    /// The organization; none for those delivered to nobody.
    pub organization_id: Option<String>,
    /// The state.
    pub state: String,
    /// How many.
    pub number: i64,
}

/// The inventory by organization and state.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn by_state(db: &impl ConnectionTrait) -> Result<Vec<Count>> {
    let counted = Entity::find()
        .select_only()
        .columns([Column::OrganizationId, Column::State])
        .column_as(Column::Id.count(), "number")
        .group_by(Column::OrganizationId)
        .group_by(Column::State)
        .order_by_asc(Column::OrganizationId)
        .order_by_asc(Column::State);
    Ok(counted.into_model().all(db).await?)
}

/// Credentials that people have whose clock is at least so many steps ahead or behind, the farthest first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn drifted(db: &impl ConnectionTrait, least: i32, limit: u64) -> Result<Vec<Credential>> {
    let off = Expr::col(Column::Drift).gte(least).or(Expr::col(Column::Drift).lte(-least));
    let found = Entity::find().filter(Column::State.is_in([REGISTERED, LOCKED])).filter(off);
    let square = Expr::col(Column::Drift).mul(Expr::col(Column::Drift));
    Ok(found.order_by_desc(square).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Credentials whose last codes were wrong, the most often first; the locked ones before all.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn failing(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Credential>> {
    let wrong = Column::State.eq(LOCKED).or(Column::Failures.gt(0));
    let found = Entity::find().filter(Column::State.is_in([REGISTERED, LOCKED])).filter(wrong);
    let found = found.order_by_asc(Column::State).order_by_desc(Column::Failures).order_by_asc(Column::Id);
    Ok(found.limit(limit).all(db).await?)
}

/// Credentials in use or still to be used that expire before `before` (seconds since 1970), the first to do so first.
/// Those that have expired are among them.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn expiring(db: &impl ConnectionTrait, before: i64, limit: u64) -> Result<Vec<Credential>> {
    let found = Entity::find()
        .filter(Column::State.is_in([STOCKED, ASSIGNED, REGISTERED, LOCKED]))
        .filter(Column::ExpiresAt.lt(before));
    Ok(found.order_by_asc(Column::ExpiresAt).order_by_asc(Column::Id).limit(limit).all(db).await?)
}

/// Credentials that people have and never used: assigned and not registered, or registered and no code accepted since;
/// the oldest first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn never_used(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<Credential>> {
    let found = Entity::find()
        .filter(Column::State.is_in([ASSIGNED, REGISTERED]))
        .filter(Column::LastUsedAt.is_null());
    Ok(found.order_by_asc(Column::CreatedAt).order_by_asc(Column::Id).limit(limit).all(db).await?)
}
