//! Sign-ins under way: from the right password to the session. Nothing of a stranger gets here.

use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, IntoActiveModel as _,
    QueryFilter as _, QuerySelect as _, Select,
};

use crate::directory::REVISION;
use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One sign-in of one browser.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "sign_in")]
    pub struct Model {
        /// Random.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Digest of the secret in the browser's cookie.
        #[sea_orm(unique)]
        pub digest: Vec<u8>,
        /// Digest of the browser's binding cookie.
        pub browser: Vec<u8>,
        /// Who.
        pub person_id: String,
        /// Digest of the temporary password that opened it, if one did.
        pub temporary_digest: Option<Vec<u8>>,
        /// When the password was proved, in seconds since 1970.
        pub password_at: Option<i64>,
        /// When a temporary password was spent, in seconds since 1970.
        pub temporary_at: Option<i64>,
        /// When a new password was set, in seconds since 1970.
        pub new_password_at: Option<i64>,
        /// When a security code was proved, in seconds since 1970.
        pub vip_at: Option<i64>,
        /// By which credential.
        pub vip_credential_id: Option<String>,
        /// Until when a bridging code of the SOC stands in for the token, in seconds since 1970.
        pub bridged_until: Option<i64>,
        /// Whether the next code is asked for too.
        pub resync: bool,
        /// How many registrations were tried.
        pub guesses: i32,
        /// The session it steps up, if it began from one.
        pub from_session_id: Option<String>,
        /// When it began, in seconds since 1970.
        pub created_at: i64,
        /// When it ends if not finished, in seconds since 1970.
        pub expires_at: i64,
        /// When it became a session.
        pub finished_at: Option<i64>,
        /// Which session.
        pub session_id: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as SignIn;
use entity::{Column, Entity};

/// A sign-in with the directory's revision at the moment it was read.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The sign-in.
    #[sea_orm(nested)]
    pub sign_in: SignIn,
    /// The directory's revision.
    pub revision: i64,
}

/// Begins a sign-in.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, sign_in: SignIn) -> Result<()> {
    Entity::insert(sign_in.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The sign-in of that cookie secret, if it has not expired.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, digest: Vec<u8>, now: i64) -> Result<Option<Found>> {
    let found = Entity::find().expr_as(Expr::cust(REVISION), "revision");
    lookup::one(db, found.filter(Column::Digest.eq(digest)).filter(Column::ExpiresAt.gt(now))).await
}

/// The sign-ins of a person that this temporary password opened in this browser and that have not expired.
pub(crate) fn opened_by(person_id: &str, temporary: &[u8], browser: &[u8], now: i64) -> Select<Entity> {
    Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::TemporaryDigest.eq(temporary.to_vec()))
        .filter(Column::Browser.eq(browser.to_vec()))
        .filter(Column::ExpiresAt.gt(now))
}

/// What a step proved.
#[derive(Clone, Debug)]
pub enum Event {
    /// A new password was set.
    NewPassword,
    /// A security code of this credential was accepted.
    Vip(String),
    /// A bridging code was accepted, which stands until then (seconds since 1970).
    Bridged(i64),
    /// A code was out of step: the next one is asked for too.
    OutOfStep,
}

/// Records what a step proved, in the transaction that consumed it. False when the sign-in is over.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn record(db: &impl ConnectionTrait, id: &str, event: Event, now: i64) -> Result<bool> {
    let update = Entity::update_many().filter(Column::Id.eq(id)).filter(Column::FinishedAt.is_null());
    let update = match event {
        Event::NewPassword => update
            .col_expr(Column::NewPasswordAt, Expr::value(now))
            .col_expr(Column::PasswordAt, Expr::value(now)),
        Event::Vip(credential_id) => update
            .col_expr(Column::VipAt, Expr::value(now))
            .col_expr(Column::VipCredentialId, Expr::value(credential_id))
            .col_expr(Column::Resync, Expr::value(false)),
        Event::Bridged(until) => update.col_expr(Column::BridgedUntil, Expr::value(until)),
        Event::OutOfStep => update.col_expr(Column::Resync, Expr::value(true)),
    };
    Ok(update.exec(db).await?.rows_affected == 1)
}

/// Counts a try to register a credential before it is looked at. True when it may be.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn count_guess(db: &impl ConnectionTrait, id: &str, limit: i32) -> Result<bool> {
    let counted = Entity::update_many()
        .col_expr(Column::Guesses, Expr::col(Column::Guesses).add(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Guesses.lt(limit))
        .filter(Column::FinishedAt.is_null())
        .exec(db)
        .await?;
    Ok(counted.rows_affected == 1)
}

/// Gives a try back: nobody could look at it.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn uncount_guess(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Guesses, Expr::col(Column::Guesses).sub(1))
        .filter(Column::Id.eq(id))
        .filter(Column::Guesses.gt(0))
        .exec(db)
        .await?;
    Ok(())
}

/// Turns the sign-in into a session: true for exactly one caller.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn finish(db: &impl ConnectionTrait, id: &str, session_id: &str, now: i64) -> Result<bool> {
    let finished = Entity::update_many()
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::SessionId, Expr::value(session_id))
        .filter(Column::Id.eq(id))
        .filter(Column::FinishedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .exec(db)
        .await?;
    Ok(finished.rows_affected == 1)
}

/// Ends a sign-in that leads nowhere.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<()> {
    Entity::delete_by_id(id).exec(db).await?;
    Ok(())
}

/// Ends every unfinished sign-in of a person but one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_others(db: &impl ConnectionTrait, person_id: &str, keep: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::Id.ne(keep))
        .filter(Column::FinishedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Ends every unfinished sign-in in which that credential was proved.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_of_credential(db: &impl ConnectionTrait, credential_id: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::VipCredentialId.eq(credential_id))
        .filter(Column::FinishedAt.is_null())
        .exec(db)
        .await?;
    Ok(())
}

/// Forgets what expired before `now`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
