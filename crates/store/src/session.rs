//! Sessions: what a browser has proved, and for how long that holds.

use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};

use crate::directory::REVISION;
use crate::{Result, lookup, session_client};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One browser's session of one person.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        /// Random; the `sid` of ID tokens. Stays when the person steps up or signs in again.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Digest of the secret in the browser's cookie; new at each authentication.
        #[sea_orm(unique)]
        pub digest: Vec<u8>,
        /// Who.
        pub person_id: String,
        /// When the password was proved, in seconds since 1970.
        pub password_at: i64,
        /// When a security code was proved, in seconds since 1970.
        pub vip_at: Option<i64>,
        /// By which credential.
        pub vip_credential_id: Option<String>,
        /// Until when a bridging code of the SOC stands in for the token of an address that needs one, in seconds since
        /// 1970.
        pub bridged_until: Option<i64>,
        /// When the person last authenticated, in seconds since 1970.
        pub auth_time: i64,
        /// When it began, in seconds since 1970.
        pub created_at: i64,
        /// When it was last used, to the minute, in seconds since 1970.
        pub seen_at: i64,
        /// When it ends whatever happens, in seconds since 1970.
        pub expires_at: i64,
        /// When it was ended.
        pub ended_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Session;
pub(crate) use entity::{Column, Entity};

/// A session with the directory's revision at the moment it was read.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The session.
    #[sea_orm(nested)]
    pub session: Session,
    /// The directory's revision.
    pub revision: i64,
}

/// The session of that cookie secret, if it has not ended. Idle and absolute limits are the caller's to
/// check: they depend on the level.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, digest: Vec<u8>) -> Result<Option<Found>> {
    let found = Entity::find()
        .expr_as(Expr::cust(REVISION), "revision")
        .filter(Column::Digest.eq(digest))
        .filter(Column::EndedAt.is_null());
    lookup::one(db, found).await
}

/// The session of that id, ended or not.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find_by_id(db: &impl ConnectionTrait, id: &str) -> Result<Option<Session>> {
    lookup::one(db, Entity::find_by_id(id)).await
}

/// The sessions that have neither been ended nor passed their absolute limit, of one person or of everybody, the last
/// begun first.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn live(db: &impl ConnectionTrait, person_id: Option<&str>, now: i64) -> Result<Vec<Session>> {
    let mut found = Entity::find().filter(Column::EndedAt.is_null()).filter(Column::ExpiresAt.gt(now));
    if let Some(person_id) = person_id {
        found = found.filter(Column::PersonId.eq(person_id));
    }
    Ok(found.order_by_desc(Column::CreatedAt).order_by_asc(Column::Id).all(db).await?)
}

/// The start of a select from that session, which on PostgreSQL holds its row until the transaction is over: one who
/// is just ending the session has ended it before, or sees what is written by the select.
pub(crate) fn held(id: &str) -> SelectStatement {
    let mut held = Query::select();
    held.from(Entity).and_where(Expr::col((Entity, Column::Id)).eq(id)).lock_shared();
    held
}

/// Begins a session.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, session: Session) -> Result<()> {
    Entity::insert(session.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// Carries a live session of the same person over to a new authentication: same id, new secret, new proofs.
/// False when there is no such session any more.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn renew(db: &impl ConnectionTrait, session: &Session) -> Result<bool> {
    let renewed = Entity::update_many()
        .col_expr(Column::Digest, Expr::value(session.digest.clone()))
        .col_expr(Column::PasswordAt, Expr::value(session.password_at))
        .col_expr(Column::VipAt, Expr::value(session.vip_at))
        .col_expr(Column::VipCredentialId, Expr::value(session.vip_credential_id.clone()))
        .col_expr(Column::BridgedUntil, Expr::value(session.bridged_until))
        .col_expr(Column::AuthTime, Expr::value(session.auth_time))
        .col_expr(Column::SeenAt, Expr::value(session.seen_at))
        .col_expr(Column::ExpiresAt, Expr::value(session.expires_at))
        .filter(Column::Id.eq(&session.id))
        .filter(Column::PersonId.eq(&session.person_id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Notes that a session was used.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn touch(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::SeenAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::SeenAt.lt(now))
        .exec(db)
        .await?;
    Ok(())
}

/// Ends a session; its clients are due to be told. True when it was live.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<bool> {
    let ended = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::EndedAt.is_null())
        .exec(db)
        .await?;
    let was_live = ended.rows_affected == 1;
    if was_live {
        session_client::end(db, &[id.to_owned()], now).await?;
    }
    Ok(was_live)
}

/// Ends every session of a person but `keep`, their clients due to be told; gives the ended ones' ids.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_others(
    db: &impl ConnectionTrait,
    person_id: &str,
    keep: Option<&str>,
    now: i64,
) -> Result<Vec<String>> {
    let mut live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::EndedAt.is_null());
    if let Some(keep) = keep {
        live = live.filter(Column::Id.ne(keep));
    }
    end_all(db, live, now).await
}

/// Ends every session in which that credential was proved; gives their ids.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_of_credential(
    db: &impl ConnectionTrait,
    credential_id: &str,
    now: i64,
) -> Result<Vec<String>> {
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::VipCredentialId.eq(credential_id))
        .filter(Column::EndedAt.is_null());
    end_all(db, live, now).await
}

/// Ends every session of a person that stands on a bridging code; gives their ids.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_bridged(db: &impl ConnectionTrait, person_id: &str, now: i64) -> Result<Vec<String>> {
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::BridgedUntil.is_not_null())
        .filter(Column::EndedAt.is_null());
    end_all(db, live, now).await
}

/// Ends every session but `keep` in which that credential was proved; gives their ids.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn end_others_of_credential(
    db: &impl ConnectionTrait,
    credential_id: &str,
    keep: &str,
    now: i64,
) -> Result<Vec<String>> {
    let live = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::VipCredentialId.eq(credential_id))
        .filter(Column::Id.ne(keep))
        .filter(Column::EndedAt.is_null());
    end_all(db, live, now).await
}

async fn end_all(db: &impl ConnectionTrait, live: Select<Entity>, now: i64) -> Result<Vec<String>> {
    let ids: Vec<String> = live.into_tuple().all(db).await?;
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids.iter().map(String::as_str)))
        .exec(db)
        .await?;
    session_client::end(db, &ids, now).await?;
    Ok(ids)
}

/// Forgets sessions past their absolute limit.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
