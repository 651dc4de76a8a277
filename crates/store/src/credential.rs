//! VIP credentials: the inventory, and the conditional updates by which a code works once.

use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One VIP token.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "credential")]
    pub struct Model {
        /// The Credential ID printed on the token, in canonical form.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// `time` or `event`.
        pub kind: String,
        /// The sealed seed.
        pub seed: Vec<u8>,
        /// Digits of a code.
        pub digits: i32,
        /// Seconds of a time step; 0 for event tokens.
        pub period: i32,
        /// The highest step or counter ever accepted; -1 when none was. Only ever rises.
        pub last_position: i64,
        /// The token's clock less ours, in steps, as last seen.
        pub drift: i32,
        /// Failed guesses in a row.
        pub failures: i32,
        /// `stocked`, `assigned`, `registered`, `locked`, …
        pub state: String,
        /// The customer it was delivered to.
        pub organization_id: Option<String>,
        /// The address it is assigned to.
        pub person_id: Option<String>,
        /// The name its holder gave it.
        pub token_name: Option<String>,
        /// From when on it is not accepted, in seconds since 1970.
        pub expires_at: Option<i64>,
        /// When it was imported, in seconds since 1970.
        pub created_at: i64,
        /// When its holder proved possession, in seconds since 1970.
        pub registered_at: Option<i64>,
        /// When it was locked, in seconds since 1970.
        pub locked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Credential;
use entity::{Column, Entity};

/// In stock: nobody's yet.
pub const STOCKED: &str = "stocked";
/// Assigned to an address: waiting to be registered.
pub const ASSIGNED: &str = "assigned";
/// Registered: its codes sign its holder in.
pub const REGISTERED: &str = "registered";
/// Lost, as its holder or the SOC said: its codes are worth nothing from then on.
pub const LOST: &str = "lost";
/// Locked after too many wrong codes.
pub const LOCKED: &str = "locked";

/// Adds credentials, many rows a statement.
///
/// # Errors
/// [`crate::Error::Conflict`] when an id is taken.
pub async fn insert_many(db: &impl ConnectionTrait, credentials: Vec<Credential>) -> Result<()> {
    let rows = credentials.into_iter().map(|credential| credential.into_active_model());
    Entity::insert_many(rows).exec_without_returning(db).await?;
    Ok(())
}

/// The credential of that canonical id.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Credential>> {
    lookup::one(db, Entity::find_by_id(id)).await
}

/// Which of these ids are taken.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn existing(db: &impl ConnectionTrait, ids: Vec<String>) -> Result<Vec<String>> {
    let found = Entity::find().select_only().column(Column::Id).filter(Column::Id.is_in(ids));
    Ok(found.into_tuple().all(db).await?)
}

/// A person's credentials, the registered ones first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn of_person(db: &impl ConnectionTrait, person_id: &str) -> Result<Vec<Credential>> {
    let found = Entity::find().filter(Column::PersonId.eq(person_id));
    Ok(found.order_by_desc(Column::RegisteredAt).order_by_asc(Column::Id).all(db).await?)
}

/// The inventory by id, `limit` rows after `after`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn page(db: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<Credential>> {
    let found = Entity::find().filter(Column::Id.gt(after)).order_by_asc(Column::Id).limit(limit);
    Ok(found.all(db).await?)
}

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
    position: i64,
    drift: i32,
) -> Result<bool> {
    let accepted = Entity::update_many()
        .col_expr(Column::LastPosition, Expr::value(position))
        .col_expr(Column::Drift, Expr::value(drift))
        .col_expr(Column::Failures, Expr::value(0))
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::LastPosition.lt(position))
        .exec(db)
        .await?;
    Ok(accepted.rows_affected == 1)
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
        .filter(Column::Id.eq(&registration.id))
        .filter(Column::LastPosition.lt(registration.position))
        .filter(Condition::any().add(assigned).add(of_organization))
        .exec(db)
        .await?;
    Ok(registered.rows_affected == 1)
}

/// Assigns a stocked (or assigned, not yet registered) credential to a person. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn assign(db: &impl ConnectionTrait, id: &str, person_id: &str) -> Result<bool> {
    let assigned = Entity::update_many()
        .col_expr(Column::State, Expr::value(ASSIGNED))
        .col_expr(Column::PersonId, Expr::value(person_id))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in([STOCKED, ASSIGNED]))
        .exec(db)
        .await?;
    Ok(assigned.rows_affected == 1)
}

/// Delivers a stocked credential to an organization. Whether it could be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn assign_to_organization(
    db: &impl ConnectionTrait,
    id: &str,
    organization_id: &str,
) -> Result<bool> {
    let assigned = Entity::update_many()
        .col_expr(Column::OrganizationId, Expr::value(organization_id))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(STOCKED))
        .exec(db)
        .await?;
    Ok(assigned.rows_affected == 1)
}

/// Unlocks a locked credential and ends its count of failures. Whether it was locked.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn unlock(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    let unlocked = Entity::update_many()
        .col_expr(Column::State, Expr::value(REGISTERED))
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LockedAt, Expr::value(None::<i64>))
        .filter(Column::Id.eq(id))
        .filter(Column::State.eq(LOCKED))
        .exec(db)
        .await?;
    Ok(unlocked.rows_affected == 1)
}

/// Marks a credential as lost. Whether it was somebody's.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn lose(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    let lost = Entity::update_many()
        .col_expr(Column::State, Expr::value(LOST))
        .filter(Column::Id.eq(id))
        .filter(Column::State.is_in([ASSIGNED, REGISTERED, LOCKED]))
        .exec(db)
        .await?;
    Ok(lost.rows_affected == 1)
}
