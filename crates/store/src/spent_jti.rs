//! Identifiers of signed assertions that clients have used: each proves once.

use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};

use crate::Result;

mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "spent_jti")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub client_id: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub digest: Vec<u8>,
        pub expires_at: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}
use entity::{Column, Entity, Model};

/// Spends an identifier of a client's by one conditional statement: true for exactly one caller. It is remembered
/// until `expires_at`, in seconds since 1970.
///
/// # Errors
/// [`crate::Error::Database`]; also when there is no such client.
pub async fn spend(
    db: &impl ConnectionTrait,
    client_id: &str,
    digest: Vec<u8>,
    expires_at: i64,
) -> Result<bool> {
    let row = Model { client_id: client_id.to_owned(), digest, expires_at };
    let once = OnConflict::columns([Column::ClientId, Column::Digest]).do_nothing().to_owned();
    let spent = Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(db).await?;
    Ok(spent == 1)
}

/// Forgets what expired before `now`.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn sweep(db: &impl ConnectionTrait, now: i64) -> Result<u64> {
    Ok(Entity::delete_many().filter(Column::ExpiresAt.lte(now)).exec(db).await?.rows_affected)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    #[tokio::test]
    async fn an_identifier_is_spent_once_a_client() {
        let path = std::env::temp_dir().join(format!("countersign-jti-{}.db", crate::secret::id()));
        let store = Store::open(&format!("sqlite://{}", path.display())).await.unwrap();
        store.migrate().await.unwrap();
        for id in ["app", "other"] {
            let client = format!(
                "INSERT INTO client (id, name, public, token_endpoint_auth_method, redirect_uris,
                 post_logout_redirect_uris, id_token_alg, third_party, scope, created_at)
                 VALUES ('{id}', 'App', false, 'private_key_jwt', '[]', '[]', 'RS256', false, '', 0)"
            );
            store.read().execute_unprepared(&client).await.unwrap();
        }
        let spend =
            async |client: &str, jti: &str| spend(store.read(), client, jti.as_bytes().to_vec(), 100).await;
        assert!(spend("app", "a").await.unwrap());
        assert!(!spend("app", "a").await.unwrap());
        assert!(spend("app", "b").await.unwrap());
        assert!(spend("other", "a").await.unwrap(), "another client's identifiers are its own");
        assert!(spend("nobody", "a").await.is_err());
        assert_eq!(sweep(store.read(), 99).await.unwrap(), 0);
        assert!(!spend("app", "a").await.unwrap());
        assert_eq!(sweep(store.read(), 100).await.unwrap(), 3);
    }
}
