//! Which texts do the people of a business put into their answers? Each has a name, by which it is found.

use domain::SnippetId;

use super::outgoing::business;
use crate::{Error, Result, TenantTx, found, new_id};

/// The most snippets of a business: as many as a person looks through.
pub const MOST: i64 = 200;
/// What `Refused` carries when a business has as many snippets as it may.
pub const FULL: &str = "snippets_full";

/// A text that people put into their answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// Its row.
    pub id: SnippetId,
    /// What people call it.
    pub name: String,
    /// The text.
    pub body: String,
}

/// The snippets of the business by their names.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Snippet>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Snippet,
        r#"select id as "id: SnippetId", name, body from snippets where sub_account_id = $1 order by searchable(name), id limit $2"#,
        business.0,
        MOST
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Adds a snippet. Name and text are checked. Returns `Refused(FULL)` if the business has as many as it may.
pub async fn add(tx: &mut TenantTx, name: &str, body: &str) -> Result<SnippetId> {
    let (business, id) = (business(tx)?, new_id::<SnippetId>());
    let done = sqlx::query!(
        "insert into snippets (id, sub_account_id, name, body) select $1, $2, $3, $4 where (select count(*) from snippets where sub_account_id = $2) < $5",
        id.0,
        business.0,
        name,
        body,
        MOST
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 { Err(Error::Refused(FULL.to_owned())) } else { Ok(id) }
}

/// Changes a snippet. Returns `NotFound` if there is none.
pub async fn change(tx: &mut TenantTx, id: SnippetId, name: &str, body: &str) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update snippets set name = $3, body = $4 where sub_account_id = $1 and id = $2",
        business.0,
        id.0,
        name,
        body
    )
    .execute(tx.conn())
    .await?;
    found(done.rows_affected())
}

/// Removes a snippet. Returns `NotFound` if there is none.
pub async fn remove(tx: &mut TenantTx, id: SnippetId) -> Result<()> {
    let business = business(tx)?;
    let done = sqlx::query!("delete from snippets where sub_account_id = $1 and id = $2", business.0, id.0)
        .execute(tx.conn())
        .await?;
    found(done.rows_affected())
}
