//! The life of a credential: each change one conditional update, written together with its note in the history.

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, UpdateMany};

use super::entity::{Column, Entity};
use super::{ASSIGNED, LOCKED, LOST, REGISTERED, REPLACED, STOCKED};
use crate::Result;
use crate::credential_event::{self, Note};

/// Takes a credential from one of the states `from` to `to`, with what that means for its counters. Whether it was in
/// one of them.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn change(
    db: &impl ConnectionTrait,
    id: &str,
    from: &[&str],
    to: &'static str,
    note: &Note,
) -> Result<bool> {
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(to))
        .col_expr(Column::LockedAt, Expr::value((to == LOCKED).then_some(note.at)));
    if to == REGISTERED {
        update = update.col_expr(Column::Failures, Expr::value(0));
    }
    let update = update.filter(Column::Id.eq(id)).filter(Column::State.is_in(from.iter().copied()));
    noted(db, update, id, note).await
}

/// Whom a credential goes to.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// The credential's canonical id.
    pub id: String,
    /// The person.
    pub person_id: String,
}

/// Assigns a stocked (or assigned, not yet registered) credential to a person. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn assign(db: &impl ConnectionTrait, assignment: &Assignment, note: &Note) -> Result<bool> {
    let from = Condition::all().add(Column::State.is_in([STOCKED, ASSIGNED]));
    assign_from(db, assignment, from, note).await
}

/// Assigns a credential that is nobody's, or assigned to this very person already. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn assign_free(db: &impl ConnectionTrait, assignment: &Assignment, note: &Note) -> Result<bool> {
    let theirs = Condition::all()
        .add(Column::State.eq(ASSIGNED))
        .add(Column::PersonId.eq(assignment.person_id.as_str()));
    let from = Condition::any().add(Column::State.eq(STOCKED)).add(theirs);
    assign_from(db, assignment, from, note).await
}

async fn assign_from(
    db: &impl ConnectionTrait,
    assignment: &Assignment,
    from: Condition,
    note: &Note,
) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(ASSIGNED))
        .col_expr(Column::PersonId, Expr::value(assignment.person_id.as_str()))
        .filter(Column::Id.eq(&assignment.id))
        .filter(from);
    noted(db, update, &assignment.id, note).await
}

/// Delivers a stocked credential to an organization. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn assign_to_organization(
    db: &impl ConnectionTrait,
    id: &str,
    organization_id: &str,
    note: &Note,
) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::OrganizationId, Expr::value(organization_id))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(STOCKED));
    noted(db, update, id, note).await
}

/// Takes a credential back into stock: from its person, or a stocked one from its organization. What its codes have
/// been used up to stays, so no code of it works twice for anybody. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn unassign(db: &impl ConnectionTrait, id: &str, note: &Note) -> Result<bool> {
    let held = Column::State.is_in([ASSIGNED, REGISTERED, LOCKED]);
    let delivered = Condition::all().add(Column::State.eq(STOCKED)).add(Column::OrganizationId.is_not_null());
    let organization = Expr::case(Column::State.eq(STOCKED), Expr::value(None::<String>))
        .finally(Expr::col(Column::OrganizationId));
    let update = Entity::update_many()
        .col_expr(Column::OrganizationId, organization.into())
        .col_expr(Column::State, Expr::value(STOCKED))
        .col_expr(Column::PersonId, Expr::value(None::<String>))
        .col_expr(Column::TokenName, Expr::value(None::<String>))
        .col_expr(Column::RegisteredAt, Expr::value(None::<i64>))
        .col_expr(Column::LockedAt, Expr::value(None::<i64>))
        .col_expr(Column::Failures, Expr::value(0))
        .filter(Column::Id.eq(id))
        .filter(Condition::any().add(held).add(delivered));
    noted(db, update, id, note).await
}

/// Ends a credential that a person has, or had and lost, for the one that takes its place. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn replace(db: &impl ConnectionTrait, id: &str, by: &Assignment, note: &Note) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(REPLACED))
        .col_expr(Column::ReplacedBy, Expr::value(by.id.as_str()))
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(&by.person_id))
        .filter(Column::State.is_in([ASSIGNED, REGISTERED, LOCKED, LOST]));
    noted(db, update, id, note).await
}

async fn noted(db: &impl ConnectionTrait, update: UpdateMany<Entity>, id: &str, note: &Note) -> Result<bool> {
    let changed = update.exec(db).await?.rows_affected == 1;
    if changed {
        credential_event::insert(db, id, note).await?;
    }
    Ok(changed)
}
