//! Drafts of new clients. A person has a few in each agency, sees only their own, and the oldest ones make room for
//! new ones.

use std::collections::BTreeMap;

use domain::drafts::{Draft, MOST};
use domain::{AgencyId, DraftId, UserId};
use sqlx::types::Json;

use crate::{Error, Result, TenantTx, found};

/// The person's drafts in the agency, the newest first.
pub async fn list(tx: &mut TenantTx) -> Result<Vec<Draft>> {
    let (agency, user) = owner(tx)?;
    let drafts = sqlx::query_as!(
        Draft,
        r#"select id as "id: DraftId", coalesce(fields ->> '/client/name', '') as "name!", updated_at as saved_at
           from client_drafts where agency_id = $1 and user_id = $2 order by updated_at desc, id limit $3"#,
        agency.0,
        user.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(drafts)
}

/// What was typed. `None` if the person has no such draft, or a newer version stored it in another form.
pub async fn fields(tx: &mut TenantTx, id: DraftId) -> Result<Option<BTreeMap<String, String>>> {
    let (agency, user) = owner(tx)?;
    let stored = sqlx::query_scalar!(
        "select fields from client_drafts where agency_id = $1 and user_id = $2 and id = $3",
        agency.0,
        user.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(stored.and_then(|stored| serde_json::from_value(stored).ok()))
}

/// Saves what was typed, in place of what the draft had.
pub async fn save(tx: &mut TenantTx, id: DraftId, fields: &BTreeMap<String, String>) -> Result<()> {
    let (agency, user) = owner(tx)?;
    sqlx::query!(
        "insert into client_drafts (id, agency_id, user_id, fields) values ($1, $2, $3, $4)
         on conflict (agency_id, user_id, id) do update set fields = excluded.fields, updated_at = now()",
        id.0,
        agency.0,
        user.0,
        Json(fields) as _
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from client_drafts where agency_id = $1 and user_id = $2 and id <> $3
           and id in (select id from client_drafts where agency_id = $1 and user_id = $2 and id <> $3 order by updated_at desc, id offset $4)",
        agency.0,
        user.0,
        id.0,
        MOST - 1
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes a draft of the person.
pub async fn remove(tx: &mut TenantTx, id: DraftId) -> Result<()> {
    let (agency, user) = owner(tx)?;
    let gone = sqlx::query!(
        "delete from client_drafts where agency_id = $1 and user_id = $2 and id = $3",
        agency.0,
        user.0,
        id.0
    )
    .execute(tx.conn())
    .await?;
    found(gone.rows_affected())
}

/// Whose drafts a transaction sees. A program has none.
fn owner(tx: &TenantTx) -> Result<(AgencyId, UserId)> {
    let user = tx.user().ok_or_else(|| Error::Refused("a scope without person".to_owned()))?;
    Ok((tx.agency()?, user))
}
