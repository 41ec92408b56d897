//! To-dos that the people of a business do themselves: the ones their agency gave to the owner. A business sees and
//! ticks those, and nothing else of its agency's to-dos.

use domain::todos::{OwnTodo, TodoKind};
use domain::{JobId, TodoId};
use serde_json::json;

use super::{notify, record};
use crate::{Error, Result, TenantTx};

/// The to-dos of the transaction's business that are left to its own people: the open ones, oldest first, then those
/// that were done in the last month.
pub async fn of_own(tx: &mut TenantTx) -> Result<Vec<OwnTodo>> {
    let business = tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))?;
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    let rows = sqlx::query!(
        r#"select t.id as "id: TodoId", t.kind, t.what, t.why, t.location_id, t.done_at, t.is_checked as "checked",
                  coalesce(nullif(d.name, ''), d.email) as done_by_name
           from todos t left join users d on d.id = t.done_by
           where t.agency_id = $1 and t.sub_account_id = $2 and t.for_owner and (t.done_at is null or t.done_at > now() - interval '30 days')
           order by t.done_at desc nulls first, t.created_at, t.id limit 50"#,
        agency.0,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    let own = rows.into_iter().map(|row| OwnTodo {
        id: row.id,
        kind: TodoKind::parse(&row.kind),
        what: row.what,
        why: row.why,
        location_id: row.location_id,
        done_at: row.done_at,
        done_by_name: row.done_by_name.filter(|_| !row.checked),
    });
    Ok(own.collect())
}

/// Ticks a to-do of the transaction's business as its person, or makes it open again. One that is so already stays as
/// it is. Returns what it asks for.
pub async fn set_own_done(tx: &mut TenantTx, id: TodoId, done: bool) -> Result<String> {
    let business = tx.business().ok_or_else(|| Error::Refused("a scope without business".into()))?;
    let (agency, user) = (tx.home().await?.ok_or(Error::NotFound)?, tx.user());
    let changed = sqlx::query!(
        r#"update todos set done_at = case when $4 then now() end, done_by = case when $4 then $5::uuid end, is_checked = false,
                  check_after = case when $4 then check_after end
           where agency_id = $1 and sub_account_id = $2 and id = $3 and for_owner and (done_at is not null) <> $4
           returning what, job_id as "job?: JobId""#,
        agency.0,
        business.0,
        id.0,
        done,
        user.map(|id| id.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(row) = changed {
        record(tx, if done { "todo.done" } else { "todo.reopened" }, id, json!({})).await?;
        notify(tx, row.job).await?;
        return Ok(row.what);
    }
    let what = sqlx::query_scalar!(
        "select what from todos where agency_id = $1 and sub_account_id = $2 and id = $3 and for_owner",
        agency.0,
        business.0,
        id.0
    );
    what.fetch_optional(tx.conn()).await?.ok_or(Error::NotFound)
}
