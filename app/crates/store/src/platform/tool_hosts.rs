//! Which servers of ours run processes of tool servers, and what was each asked to do with one? A server says so every few
//! seconds and removes its row when it stops.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::removal::{Rule, by_worker};
use crate::{Db, PlatformTx, Result, outbox};

/// Servers that ended without a word.
pub(crate) const SILENT: Rule = Rule {
    name: "tool-hosts",
    title: "Forget servers with tool processes that were silent for a week",
    tables: &["tool_hosts"],
    time: "seen_at",
    age: Duration::from_secs(7 * 24 * 3600),
    every: Duration::from_secs(3600),
    piece: by_worker!(
        "delete from tool_hosts where id = any(array(select id from tool_hosts where seen_at < now() - make_interval(secs => $1) limit $2))"
    ),
};

/// A server that runs processes of tool servers, as it reported itself.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolHost {
    /// Its id from its start to its end.
    pub id: Uuid,
    /// The name of its machine or container.
    pub host: String,
    /// Its processes: an array.
    pub processes: Value,
}

/// Stores which processes a server runs. `is_news` tells open pages at once.
pub async fn report(db: &Db, id: Uuid, host: &str, processes: &Value, is_news: bool) -> Result<()> {
    let mut tx = PlatformTx::begin(db, None).await?;
    sqlx::query!(
        "insert into tool_hosts (id, host, processes) values ($1, left($2, 120), $3)
         on conflict (id) do update set seen_at = now(), processes = excluded.processes",
        id,
        host,
        processes
    )
    .execute(tx.conn())
    .await?;
    if is_news {
        outbox::add_platform(&mut tx, "tool_process.changed", None, Some(id), &json!({})).await?;
    }
    tx.commit().await
}

/// Removes the row of a server that stops.
pub async fn gone(db: &Db, id: Uuid) -> Result<()> {
    let mut tx = PlatformTx::begin(db, None).await?;
    sqlx::query!("delete from tool_hosts where id = $1", id).execute(tx.conn()).await?;
    tx.commit().await
}

/// The servers that reported within a minute, by name. At most a hundred.
pub async fn hosts(tx: &mut PlatformTx) -> Result<Vec<ToolHost>> {
    let rows = sqlx::query_as!(
        ToolHost,
        "select id, host, processes from tool_hosts where seen_at > now() - interval '1 minute' order by host, id limit 100"
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

/// Marks a process of a server as one that is asked to stop, until the server reports. False if it is marked already or not
/// reported.
pub async fn mark(tx: &mut PlatformTx, id: Uuid, process: &str) -> Result<bool> {
    let marked = sqlx::query!(
        r#"update tool_hosts set processes = (
             select jsonb_agg(case when p.one ->> 'id' = $2 then p.one || '{"asked": "stop"}' else p.one end order by p.at)
             from jsonb_array_elements(processes) with ordinality p (one, at))
           where id = $1 and processes @> jsonb_build_array(jsonb_build_object('id', $2::text))
             and not processes @> jsonb_build_array(jsonb_build_object('id', $2::text, 'asked', 'stop'))"#,
        id,
        process
    )
    .execute(tx.conn())
    .await?;
    Ok(marked.rows_affected() > 0)
}

/// Asks a server to do something, which hears of it by a notice. False if it did not report within a minute, or has much
/// to do.
pub async fn ask(tx: &mut PlatformTx, id: Uuid, what: &Value) -> Result<bool> {
    let asked = sqlx::query!(
        "update tool_hosts set asks = asks || jsonb_build_array($2::jsonb)
         where id = $1 and seen_at > now() - interval '1 minute' and jsonb_array_length(asks) < 100",
        id,
        what
    )
    .execute(tx.conn())
    .await?;
    outbox::add_platform(tx, "tool_process.asked", None, Some(id), &json!({})).await?;
    Ok(asked.rows_affected() > 0)
}

/// What a server was asked for since it looked last: an array. Nobody gets it twice.
pub async fn asked(db: &Db, id: Uuid) -> Result<Value> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let asks = sqlx::query_scalar!(
        r#"with old as (select id, asks from tool_hosts where id = $1 and asks <> '[]' for update)
           update tool_hosts t set asks = '[]' from old where t.id = old.id returning old.asks as "asks!""#,
        id
    )
    .fetch_optional(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(asks.unwrap_or_else(|| json!([])))
}
