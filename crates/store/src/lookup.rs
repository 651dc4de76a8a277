//! Reads of one row by a unique key: the point reads that requests are made of.

use sea_orm::sea_query::SelectStatement;
use sea_orm::{ConnectionTrait, FromQueryResult, QueryTrait};

use crate::Result;

/// The first row of `select`.
///
/// sea-orm's own `one` adds `LIMIT ?`. SQLite plans a bound limit by its value, so with every new binding it
/// prepares the statement again, which costs more than the read itself; and a unique key needs no limit.
pub(crate) async fn one<Row, Select>(db: &impl ConnectionTrait, select: Select) -> Result<Option<Row>>
where
    Row: FromQueryResult,
    Select: QueryTrait<QueryStatement = SelectStatement>,
{
    let found = db.query_one(select.as_query()).await?;
    Ok(found.map(|row| Row::from_query_result(&row, "")).transpose()?)
}
