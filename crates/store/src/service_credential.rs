//! Credentials that the VIP service judges: rows of the inventory without a seed.

use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use crate::Result;
use crate::credential::{
    ASSIGNED, CredentialColumn as Column, CredentialEntity as Entity, REGISTERED, STOCKED,
};

/// The kind of such a credential. Its seed is empty: there is nothing here to make a code of.
pub const SERVICE: &str = "service";

/// Who has proved possession of what to the service.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The credential's canonical id.
    pub id: String,
    /// Whose it is.
    pub person_id: String,
    /// The name given to the token.
    pub token_name: Option<String>,
    /// The moment.
    pub now: i64,
    /// As [`Registration::organizations`](crate::credential::Registration).
    pub organizations: Vec<String>,
}

/// Registers a credential assigned to the person (or in stock at one of the organizations) as one that the service
/// judges, and forgets its seed if it had one: true for exactly one caller.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn register(db: &impl ConnectionTrait, binding: &Binding) -> Result<bool> {
    let assigned =
        Condition::all().add(Column::State.eq(ASSIGNED)).add(Column::PersonId.eq(&binding.person_id));
    let of_organization = Condition::all()
        .add(Column::State.eq(STOCKED))
        .add(Column::PersonId.is_null())
        .add(Column::OrganizationId.is_in(binding.organizations.iter().map(String::as_str)));
    let registered = Entity::update_many()
        .col_expr(Column::State, Expr::value(REGISTERED))
        .col_expr(Column::Kind, Expr::value(SERVICE))
        .col_expr(Column::Seed, Expr::value(Vec::<u8>::new()))
        .col_expr(Column::Period, Expr::value(0))
        .col_expr(Column::PersonId, Expr::value(binding.person_id.as_str()))
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::TokenName, Expr::value(binding.token_name.clone()))
        .col_expr(Column::RegisteredAt, Expr::value(binding.now))
        .filter(Column::Id.eq(&binding.id))
        .filter(Condition::any().add(assigned).add(of_organization))
        .exec(db)
        .await?;
    Ok(registered.rows_affected == 1)
}

/// Ends the count of failures of a registered credential of this person that the service judges. False when it is
/// none any more: the code it was proved by counts for nothing then.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn accept(db: &impl ConnectionTrait, id: &str, person_id: &str, now: i64) -> Result<bool> {
    let accepted = Entity::update_many()
        .col_expr(Column::Failures, Expr::value(0))
        .col_expr(Column::LastUsedAt, Expr::value(now))
        .filter(Column::Id.eq(id))
        .filter(Column::PersonId.eq(person_id))
        .filter(Column::State.eq(REGISTERED))
        .filter(Column::Kind.eq(SERVICE))
        .exec(db)
        .await?;
    Ok(accepted.rows_affected == 1)
}
