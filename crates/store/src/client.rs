//! Clients: the relying parties.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use crate::{Result, lookup};

pub use crate::client_metadata::Metadata;

mod entity {
    use sea_orm::entity::prelude::*;

    use crate::client_metadata::Metadata;

    /// A relying party.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "client")]
    pub struct Model {
        /// The `client_id`.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// The name people read.
        pub name: String,
        /// The service it belongs to, if any.
        pub service_id: Option<String>,
        /// Whether it can keep no secret.
        pub public: bool,
        /// Digest of its secret.
        pub secret_digest: Option<Vec<u8>>,
        /// How it proves itself at the token endpoint.
        pub token_endpoint_auth_method: String,
        /// Registered redirect URIs, as JSON.
        pub redirect_uris: Json,
        /// Registered post-logout redirect URIs, as JSON.
        pub post_logout_redirect_uris: Json,
        /// The least level it accepts: `password` or `vip`.
        pub minimum_level: Option<String>,
        /// How its ID tokens are signed.
        pub id_token_alg: String,
        /// Whether people are asked for consent.
        pub third_party: bool,
        /// The scopes it may ask for, separated by spaces.
        pub scope: String,
        /// When it was added, in seconds since 1970.
        pub created_at: i64,
        /// What it registered beyond that.
        pub metadata: Metadata,
        /// Digest of the token that manages its registration (RFC 7592), if it has one.
        pub registration_digest: Option<Vec<u8>>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
pub use entity::Model as Client;
use entity::{Column, Entity};

impl Client {
    /// The redirect URIs it registered.
    pub fn redirect_uris(&self) -> impl Iterator<Item = &str> {
        strings(&self.redirect_uris)
    }

    /// The post-logout redirect URIs it registered.
    pub fn post_logout_redirect_uris(&self) -> impl Iterator<Item = &str> {
        strings(&self.post_logout_redirect_uris)
    }
}

fn strings(list: &serde_json::Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(serde_json::Value::as_str)
}

/// Adds a client.
///
/// # Errors
/// [`crate::Error::Conflict`] when the id is taken.
pub async fn insert(db: &impl ConnectionTrait, client: Client) -> Result<()> {
    Entity::insert(client.into_active_model()).exec_without_returning(db).await?;
    Ok(())
}

/// The client of that id.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn find(db: &impl ConnectionTrait, id: &str) -> Result<Option<Client>> {
    lookup::one(db, Entity::find_by_id(id)).await
}

/// All clients, by name.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn all(db: &impl ConnectionTrait) -> Result<Vec<Client>> {
    Ok(Entity::find().order_by_asc(Column::Name).order_by_asc(Column::Id).all(db).await?)
}

/// Writes a client anew, all but its secrets and its age. Whether there is such a client.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn update(db: &impl ConnectionTrait, client: Client) -> Result<bool> {
    let id = client.id.clone();
    let mut row = client.into_active_model().reset_all();
    row.id = ActiveValue::Unchanged(id.clone());
    row.secret_digest = ActiveValue::NotSet;
    row.registration_digest = ActiveValue::NotSet;
    row.created_at = ActiveValue::NotSet;
    let written = Entity::update_many().set(row).filter(Column::Id.eq(id)).exec(db).await?;
    Ok(written.rows_affected == 1)
}

/// Replaces a confidential client's secret. Whether there is such a client.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn set_secret(db: &impl ConnectionTrait, id: &str, digest: Vec<u8>) -> Result<bool> {
    let set = Entity::update_many()
        .col_expr(Column::SecretDigest, Expr::value(digest))
        .filter(Column::Id.eq(id))
        .filter(Column::Public.eq(false))
        .exec(db)
        .await?;
    Ok(set.rows_affected == 1)
}

/// Removes a client with its grants and consents. Whether there was one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn delete(db: &impl ConnectionTrait, id: &str) -> Result<bool> {
    Ok(Entity::delete_by_id(id).exec(db).await?.rows_affected == 1)
}
