//! VIP credentials: the inventory.
//!
//! | file | holds |
//! | --- | --- |
//! | `code` | the conditional updates by which a code works once and guesses are counted |
//! | `life` | the changes of state, each one conditional update with its note in the credential's history |
//! | `report` | what the inventory looks like as a whole |
//! | [`seed`] | the sealed seeds, to be sealed anew |

mod code;
mod life;
mod report;
pub mod seed;

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use crate::{Result, lookup};

pub use code::{Registration, accept, count_guess, lock_if_exhausted, register, resync, uncount_guess};
pub use life::{Assignment, assign, assign_free, assign_to_organization, change, replace, unassign};
pub use report::{Count, by_state, drifted, expiring, failing, never_used};

pub(crate) mod entity {
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
        /// One of this module's states: [`STOCKED`](super::STOCKED), …
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
        /// When a code of it was last accepted, in seconds since 1970.
        pub last_used_at: Option<i64>,
        /// The credential that took its place.
        pub replaced_by: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Credential;
pub(crate) use entity::{Column as CredentialColumn, Entity as CredentialEntity};
use entity::{Column, Entity};

/// In stock: nobody's yet.
pub const STOCKED: &str = "stocked";
/// Assigned to an address: waiting to be registered.
pub const ASSIGNED: &str = "assigned";
/// Registered: its codes sign its holder in.
pub const REGISTERED: &str = "registered";
/// Lost, as its holder or the SOC said: its codes are worth nothing from then on.
pub const LOST: &str = "lost";
/// Locked after too many wrong codes, or by the SOC.
pub const LOCKED: &str = "locked";
/// Another has taken its place.
pub const REPLACED: &str = "replaced";
/// Out of use for good.
pub const RETIRED: &str = "retired";
/// All of them, in the order of a life.
pub const STATES: [&str; 7] = [STOCKED, ASSIGNED, REGISTERED, LOCKED, LOST, REPLACED, RETIRED];

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
