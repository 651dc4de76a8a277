//! What the holder of credentials changes about them, each by one conditional update that also asks whose credential
//! it is and whether the session that asks still lives.

use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait as _, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QuerySelect as _, UpdateMany,
};

use crate::credential::entity::{Column, Entity};
use crate::credential::{ASSIGNED, LOCKED, LOST, REGISTERED};
use crate::credential_event::{self, Note};
use crate::{Result, person, session};

/// Who asks for a change, in which session, and when.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The person.
    pub person_id: String,
    /// Their session.
    pub session_id: String,
    /// The moment, in seconds since 1970.
    pub now: i64,
}

impl Holder {
    /// The session, while it lives.
    fn session(&self) -> SelectStatement {
        let of = |column| Expr::col((session::Entity, column));
        let mut live = Query::select();
        live.expr(Expr::val(1))
            .from(session::Entity)
            .and_where(of(session::Column::Id).eq(&self.session_id))
            .and_where(of(session::Column::PersonId).eq(&self.person_id))
            .and_where(of(session::Column::EndedAt).is_null());
        live
    }

    /// Another credential of theirs whose codes sign them in.
    fn another(&self, id: &str) -> SelectStatement {
        let other = Alias::new("other");
        let of = |column: Column| Expr::col((Alias::new("other"), column));
        let mut another = Query::select();
        another
            .expr(Expr::val(1))
            .from_as(Entity, other)
            .and_where(of(Column::PersonId).eq(&self.person_id))
            .and_where(of(Column::Id).ne(id))
            .and_where(of(Column::State).eq(REGISTERED))
            .cond_where(
                Condition::any().add(of(Column::ExpiresAt).is_null()).add(of(Column::ExpiresAt).gt(self.now)),
            );
        another
    }

    /// Makes the change and takes note of it in the credential's history. Whether there was anything to change.
    async fn make(
        &self,
        db: &impl ConnectionTrait,
        update: UpdateMany<Entity>,
        id: &str,
        event: &'static str,
    ) -> Result<bool> {
        let changed = update.exec(db).await?.rows_affected == 1;
        if changed {
            let note = Note { at: self.now, event, by: "holder".to_owned(), reason: None };
            credential_event::insert(db, id, &note).await?;
        }
        Ok(changed)
    }

    fn update(&self, id: &str) -> UpdateMany<Entity> {
        Entity::update_many()
            .filter(Column::Id.eq(id))
            .filter(Column::PersonId.eq(&self.person_id))
            .filter(Expr::exists(self.session()))
    }
}

/// Whether the session still lives, for a change that another file's update makes.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn is_live(db: &impl ConnectionTrait, holder: &Holder) -> Result<bool> {
    Ok(db.query_one(&holder.session()).await?.is_some())
}

/// Gives a credential that takes codes another name, or none. False when nothing changed: it has that name, or is not
/// theirs.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn rename(
    db: &impl ConnectionTrait,
    holder: &Holder,
    id: &str,
    token_name: Option<String>,
) -> Result<bool> {
    let other = match &token_name {
        Some(name) => Condition::any().add(Column::TokenName.is_null()).add(Column::TokenName.ne(name)),
        None => Condition::all().add(Column::TokenName.is_not_null()),
    };
    let renamed = holder
        .update(id)
        .col_expr(Column::TokenName, Expr::value(token_name))
        .filter(Column::State.is_in([REGISTERED, LOCKED]))
        .filter(other);
    holder.make(db, renamed, id, "renamed").await
}

/// Ends a registration: the credential is assigned to the person as before, and no code of it counts until it is
/// registered again; codes already used stay used. False when it is not registered by them, or is the last one.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn remove(db: &impl ConnectionTrait, holder: &Holder, id: &str) -> Result<bool> {
    // One removal of a person's after the other: two at once would each see the other's credential stay.
    person::Entity::find_by_id(&holder.person_id)
        .select_only()
        .column(person::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<String>()
        .one(db)
        .await?;
    let removed = holder
        .update(id)
        .col_expr(Column::State, Expr::value(ASSIGNED))
        .col_expr(Column::TokenName, Expr::value(None::<String>))
        .col_expr(Column::RegisteredAt, Expr::value(None::<i64>))
        .col_expr(Column::LastUsedAt, Expr::value(None::<i64>))
        .col_expr(Column::Failures, Expr::value(0))
        .filter(Column::State.eq(REGISTERED))
        .filter(Expr::exists(holder.another(id)));
    holder.make(db, removed, id, "removed").await
}

/// Marks a credential as lost. False when it is not theirs, or is lost already.
///
/// # Errors
/// [`crate::Error::Database`].
pub async fn lose(db: &impl ConnectionTrait, holder: &Holder, id: &str) -> Result<bool> {
    let lost = holder
        .update(id)
        .col_expr(Column::State, Expr::value(LOST))
        .filter(Column::State.is_in([ASSIGNED, REGISTERED, LOCKED]));
    holder.make(db, lost, id, "lost").await
}
