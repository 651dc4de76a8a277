//! Grants: what a person allowed a client in one sign-in, from the code to the last refresh token.
//!
//! The code's digest and the refresh token's generation live in the grant's own row, so spending either is one
//! conditional update of one row, and revoking the grant ends all it bought.

use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, Iterable as _, QueryFilter as _, QuerySelect as _, UpdateMany,
};

use crate::directory::{self, Epoch, REVISION, REVOCATIONS};
use crate::{Error, Result, lookup, session};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One grant.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "authorization_grant")]
    pub struct Model {
        /// Random.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// Digest of the authorization code.
        #[sea_orm(unique)]
        pub code_digest: Vec<u8>,
        /// From when on the code buys nothing, in seconds since 1970.
        pub code_expires_at: i64,
        /// When the code was redeemed.
        pub code_spent_at: Option<i64>,
        /// To whom.
        pub client_id: String,
        /// Whose.
        pub person_id: String,
        /// In which session; the `sid`.
        pub session_id: String,
        /// The redirect URI as the request spelled it.
        pub redirect_uri: String,
        /// Granted scopes, separated by spaces.
        pub scope: String,
        /// The request's nonce.
        pub nonce: Option<String>,
        /// The S256 challenge, as oxide-auth's PKCE extension stores it.
        pub code_challenge: String,
        /// The level proved: `password` or `vip`.
        pub level: String,
        /// The `acr` answered.
        pub acr: String,
        /// The level an essential `acr` request needed, if there was one.
        pub essential_acr: Option<String>,
        /// Until when a bridging code of the SOC stands in for the token that the address needs, in seconds since 1970.
        pub bridged_until: Option<i64>,
        /// When the person authenticated, in seconds since 1970.
        pub auth_time: i64,
        /// The account chosen at the client's service.
        pub account_id: Option<String>,
        /// The request's `claims` parameter.
        pub claims: Option<String>,
        /// How often it was refreshed: the only refresh token that works carries this number.
        pub generation: i64,
        /// When it was last refreshed, in seconds since 1970.
        pub refreshed_at: Option<i64>,
        /// When it was made, in seconds since 1970.
        pub created_at: i64,
        /// When its last token dies whatever happens, in seconds since 1970.
        pub expires_at: i64,
        /// When it was revoked.
        pub revoked_at: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Grant;
use entity::{Column, Entity};

/// A grant with the directory's revision at the moment it was read.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The grant.
    #[sea_orm(nested)]
    pub grant: Grant,
    /// The directory's revision.
    pub revision: i64,
}

/// What a protected resource has to know of the grant of an access token, and no more of its wide row.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Access {
    /// To whom.
    pub client_id: String,
    /// Whose.
    pub person_id: String,
    /// The account chosen at the client's service.
    pub account_id: Option<String>,
    /// The request's `claims` parameter.
    pub claims: Option<String>,
    /// When the code was redeemed.
    pub code_spent_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// The directory's revision.
    pub revision: i64,
    /// How often grants have been revoked.
    pub revocations: i64,
}

impl Access {
    /// The numbers it was read at.
    #[must_use]
    pub fn epoch(&self) -> Epoch {
        Epoch { revision: self.revision, revocations: self.revocations }
    }
}

/// Records a grant, while its session has not been ended; false when it has. One statement: who ends the session
/// either finds the grant and revokes it, or has ended the session before and there is no grant.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn insert(db: &impl ConnectionTrait, grant: Grant) -> Result<bool> {
    let mut live = session::held(&grant.session_id);
    live.and_where(Expr::col((session::Entity, session::Column::EndedAt)).is_null());
    let row = grant.into_active_model();
    let values = Column::iter().filter_map(|column| Some((column, row.get(column).into_value()?)));
    let (columns, values): (Vec<_>, Vec<_>) = values.unzip();
    live.exprs(values.into_iter().map(Expr::Value));
    let mut insert = Query::insert();
    insert.into_table(Entity).columns(columns);
    insert.select_from(live).map_err(|error| Error::Database(error.to_string()))?;
    Ok(db.execute(&insert).await?.rows_affected() == 1)
}

/// The grant of that code, spent or not: a spent one means reuse.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find_by_code(db: &impl ConnectionTrait, digest: Vec<u8>) -> Result<Option<Found>> {
    let found =
        Entity::find().expr_as(Expr::cust(REVISION), "revision").filter(Column::CodeDigest.eq(digest));
    lookup::one(db, found).await
}

/// The grant of that id, revoked or not.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Found>> {
    let found = Entity::find_by_id(id).expr_as(Expr::cust(REVISION), "revision");
    lookup::one(db, found).await
}

/// What an access token's use asks of the grant of that id, revoked or not.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn access(db: &impl ConnectionTrait, id: &str) -> Result<Option<Access>> {
    let columns = [
        Column::ClientId,
        Column::PersonId,
        Column::AccountId,
        Column::Claims,
        Column::CodeSpentAt,
        Column::RevokedAt,
    ];
    let found = Entity::find_by_id(id).select_only().columns(columns);
    let found = found.expr_as(Expr::cust(REVISION), "revision");
    lookup::one(db, found.expr_as(Expr::cust(REVOCATIONS), "revocations")).await
}

/// Spends the code: true for exactly one caller, while it has neither expired nor been revoked.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn spend_code(db: &impl ConnectionTrait, id: &str, now: i64, expires_at: i64) -> Result<bool> {
    let spent = Entity::update_many()
        .col_expr(Column::CodeSpentAt, Expr::value(now))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(Column::Id.eq(id))
        .filter(Column::CodeSpentAt.is_null())
        .filter(Column::CodeExpiresAt.gt(now))
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(spent.rows_affected == 1)
}

/// Spends the refresh token of `generation`: true for exactly one caller, while the grant stands.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn rotate(db: &impl ConnectionTrait, id: &str, generation: i64, now: i64) -> Result<bool> {
    let rotated = Entity::update_many()
        .col_expr(Column::Generation, Expr::value(generation + 1))
        .col_expr(Column::RefreshedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::Generation.eq(generation))
        .filter(Column::CodeSpentAt.is_not_null())
        .filter(Column::RevokedAt.is_null())
        .exec(db)
        .await?;
    Ok(rotated.rows_affected == 1)
}

/// Revokes a grant and all it bought. True when it stood.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn revoke(db: &impl ConnectionTrait, id: &str, now: i64) -> Result<bool> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::RevokedAt.is_null());
    Ok(counted(db, revoked).await? == 1)
}

/// Revokes every grant made in a session.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn revoke_of_session(db: &impl ConnectionTrait, session_id: &str, now: i64) -> Result<u64> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::SessionId.eq(session_id))
        .filter(Column::RevokedAt.is_null());
    counted(db, revoked).await
}

/// Revokes every grant of a person that was not made in the session `keep`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn revoke_of_person(
    db: &impl ConnectionTrait,
    person_id: &str,
    keep: Option<&str>,
    now: i64,
) -> Result<u64> {
    let mut update = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::RevokedAt.is_null());
    if let Some(keep) = keep {
        update = update.filter(Column::SessionId.ne(keep));
    }
    counted(db, update).await
}

/// Revokes every grant of a person to a client.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn revoke_of_consent(
    db: &impl ConnectionTrait,
    person_id: &str,
    client_id: &str,
    now: i64,
) -> Result<u64> {
    let revoked = Entity::update_many()
        .col_expr(Column::RevokedAt, Expr::value(now))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::ClientId.eq(client_id))
        .filter(Column::RevokedAt.is_null());
    counted(db, revoked).await
}

/// Revokes, and takes note of it where there was anything to revoke.
async fn counted(db: &impl ConnectionTrait, update: UpdateMany<Entity>) -> Result<u64> {
    let revoked = update.exec(db).await?.rows_affected;
    if revoked > 0 {
        directory::count_revocation(db).await?;
    }
    Ok(revoked)
}

/// Forgets grants whose last token has died.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}
