//! People. One row an email address: two addresses of one human are two people here.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, FromQueryResult, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use crate::directory::REVISION;
use crate::{Result, lookup};

mod entity {
    use sea_orm::entity::prelude::*;

    /// One email address and what is known of the person behind it.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "person")]
    pub struct Model {
        /// Random, never used again: the `sub` of ID tokens.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The canonical key of the address.
        #[sea_orm(unique)]
        pub email_key: String,
        /// The address as an administrator wrote it: mail goes there.
        pub email: String,
        /// The person's name, where known.
        pub name: Option<String>,
        /// The language they chose, as a BCP 47 tag.
        pub language: Option<String>,
        /// Argon2id in PHC form; none until the enrolment is done.
        pub password_hash: Option<String>,
        /// When the password was set, in seconds since 1970.
        pub password_changed_at: Option<i64>,
        /// When the row was made, in seconds since 1970.
        pub created_at: i64,
        /// When what tokens say of the person last changed, in seconds since 1970.
        pub updated_at: i64,
        /// Since when the person may not sign in.
        pub disabled_at: Option<i64>,
        /// Further claims of OIDC Core §5.1, as an administrator entered them: a JSON object.
        pub claims: Option<Json>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Person;
pub(crate) use entity::{Column, Entity};

/// A person with the directory's revision at the moment it was read.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Found {
    /// The person.
    #[sea_orm(nested)]
    pub person: Person,
    /// The directory's revision.
    pub revision: i64,
}

/// Adds a person.
///
/// # Errors
/// [`crate::Error::Conflict`] when the address has a row.
pub async fn insert(db: &impl ConnectionTrait, person: Person) -> Result<()> {
    Entity::insert(person.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The person of that id.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Person>> {
    lookup::one(db, Entity::find_by_id(id)).await
}

/// The person of that canonical address.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find_by_key(db: &impl ConnectionTrait, email_key: &str) -> Result<Option<Found>> {
    let found = Entity::find().expr_as(Expr::cust(REVISION), "revision");
    lookup::one(db, found.filter(Column::EmailKey.eq(email_key))).await
}

/// Who has these canonical addresses: address and id of each who is there.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn ids_by_key(db: &impl ConnectionTrait, keys: Vec<String>) -> Result<Vec<(String, String)>> {
    let found = Entity::find().select_only().columns([Column::EmailKey, Column::Id]);
    Ok(found.filter(Column::EmailKey.is_in(keys)).into_tuple().all(db).await?)
}

/// All people, by address.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Person>> {
    Ok(Entity::find().order_by_asc(Column::EmailKey).all(db).await?)
}

/// Sets the password hash. `now` is the moment of the change.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_password(db: &impl ConnectionTrait, id: &str, hash: &str, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(hash))
        .col_expr(Column::PasswordChangedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Replaces the hash of the same password with one of today's cost, unless the password changed meanwhile.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn rehash(db: &impl ConnectionTrait, id: &str, old: &str, new: &str) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::PasswordHash, Expr::value(new))
        .filter(Column::Id.eq(id))
        .filter(Column::PasswordHash.eq(old))
        .exec(db)
        .await?;
    Ok(())
}

/// Remembers the language a person chose.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_language(db: &impl ConnectionTrait, id: &str, language: &str, now: i64) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Language, Expr::value(language))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Replaces the claims an administrator entered. `now` is the moment of the change.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_claims(
    db: &impl ConnectionTrait,
    id: &str,
    claims: Option<serde_json::Value>,
    now: i64,
) -> Result<()> {
    Entity::update_many()
        .col_expr(Column::Claims, Expr::value(claims))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .exec(db)
        .await?;
    Ok(())
}

/// Lets a person sign in no more, since `disabled_at`, or again. Whether that changed anything.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_disabled(db: &impl ConnectionTrait, id: &str, disabled_at: Option<i64>) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::DisabledAt, Expr::value(disabled_at))
        .filter(Column::Id.eq(id));
    let update = match disabled_at {
        Some(_) => update.filter(Column::DisabledAt.is_null()),
        None => update.filter(Column::DisabledAt.is_not_null()),
    };
    Ok(update.exec(db).await?.rows_affected == 1)
}
