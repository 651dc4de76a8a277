//! The conditional updates by which a code works once, and by which guesses are counted before they are looked at.

use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::entity::{Column, Entity};
use super::{ASSIGNED, LOCKED, REGISTERED, STOCKED};
use crate::Result;
use crate::credential_event::{self, Note};

/// Counts a guess before it is looked at, unless the credential is locked or the guesses are used up. True
/// when the guess may be evaluated.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn count_guess(db: &impl ConnectionTrait, id: &str, limit: i32) -> Result<bool> {
    let counted = Entity::update_many()
        .col_expr(Column::Failures, Expr::col(Column::Failures).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::Failures.lt(limit))
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Gives a guess back: the code was another credential's of the same person.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn uncount_guess(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Failures, Expr::col(Column::Failures).sub(1))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::Failures.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// Locks the credential if its guesses are used up. True for the one caller that locked it.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn lock_if_exhausted(db: &impl ConnectionTrait, id: &str, limit: i32, now: i64) -> Result<bool> {
    let locked = Entity::update_many()
        .col_expr(Column::State, Expr::value(LOCKED))
        .col_expr(Column::LockedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::Failures.gte(limit))
        .exec(db)
        .await?;
    Ok(locked.rows_affected == 1)
}

/// Accepts the code at `position` of a registered credential of this person, forward only: true for exactly
/// one caller, and for no position at or below one accepted before. Ends the count of failures.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn accept(
    db: &impl ConnectionTrait,
    id: &str,
    person_id: &str,
    (position, drift): (i64, i32),
    now: i64,
) -> Result<bool> {
    let accepted = Entity::update_many()
        .col_expr(Column::LastPosition, Expr::value(position))
        .col_expr(Column::Drift, Expr::value(drift))
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::LastPosition.lt(position))
        .exec(db)
        .await?;
    Ok(accepted.rows_affected == 1)
}

/// Brings a credential that somebody has in step, forward only, by codes that are used up by it. True for exactly one
/// caller. The count of failures stays: a locked credential is unlocked by its own command.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn resync(
    db: &impl ConnectionTrait,
    id: &str,
    person_id: &str,
    (position, drift): (i64, i32),
    note: &Note,
) -> Result<bool> {
    let moved = Entity::update_many()
        .col_expr(Column::LastPosition, Expr::value(position))
        .col_expr(Column::Drift, Expr::value(drift))
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::State.is_in([REGISTERED, LOCKED]))
        .filter(Column::LastPosition.lt(position))
        .exec(db)
        .await?;
    let moved = moved.rows_affected == 1;
    if moved {
        credential_event::insert(db, id, note).await?;
    }
    Ok(moved)
}

/// Who proves possession of what, when registering.
#[derive(Clone, Debug)]
pub struct Registration {
    /// The credential's canonical id.
    pub id: String,
    /// Who registers it.
    pub person_id: String,
    /// The position of the second code.
    pub position: i64,
    /// The drift seen.
    pub drift: i32,
    /// The name given to the token.
    pub token_name: Option<String>,
    /// The moment.
    pub now: i64,
    /// When the operator lets a credential of the person's organizations be registered without being
    /// assigned to the address first: those organizations.
    pub organizations: Vec<String>,
}

/// Registers a credential assigned to the person (or in stock at one of the organizations), consuming both
/// codes: true for exactly one caller.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn register(db: &impl ConnectionTrait, registration: &Registration) -> Result<bool> {
    let assigned =
        Condition::all().add(Column::State.eq(ASSIGNED)).add(Column::PersonId.eq(&registration.person_id));
    let of_organization = Condition::all()
        .add(Column::State.eq(STOCKED))
        .add(Column::PersonId.is_null())
        .add(Column::OrganizationId.is_in(registration.organizations.iter().map(String::as_str)));
    let registered = Entity::update_many()
        .col_expr(Column::State, Expr::value(REGISTERED))
        .col_expr(Column::PersonId, Expr::value(registration.person_id.as_str()))
        .col_expr(Column::LastPosition, Expr::value(registration.position))
        .col_expr(Column::Drift, Expr::value(registration.drift))
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::TokenName, Expr::value(registration.token_name.clone()))
        .col_expr(Column::RegisteredAt, Expr::value(registration.now))
        .col_expr(Column::LastUsedAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(&registration.id))
        .filter(Column::LastPosition.lt(registration.position))
        .filter(Condition::any().add(assigned).add(of_organization))
        .exec(db)
        .await?;
    Ok(registered.rows_affected == 1)
}
