//! What did programs call? A call is noted before it runs, unless it only reads what is stored here (`reads.rs`), and hashed into
//! the chain of its business when it ended.

use chrono::{DateTime, Utc};
use domain::page::{ListQuery, Page};
use domain::tools::{CallLine, Did, Outcome, Policy};
use domain::{ApiTokenId, ToolApprovalId, ToolCallId, UserId};
use serde_json::Value;
use uuid::Uuid;

use super::{chain, policies};
use crate::messaging::outgoing::business;
use crate::messaging::trimmed::{storable, trimmed};
use crate::page::{Filter, Key, Kind, List, View, Within};
use crate::{Error, Result, TenantTx, new_id, outbox};

/// The sort orders that `list` accepts.
pub const ORDERS: &[&str] = &["-newest"];

/// The calls of one business. No agency reads them beside it. There is no search: the filters lead to every call, and part of
/// a name would be looked for in all calls of a year.
pub static LIST: List = List {
    key: "tool_calls",
    from: "tool_calls c",
    id: "c.id",
    business: Some("c.sub_account_id"),
    views: &[
        View::new("", ""),
        View::new("running", "c.outcome = 'running'"),
        View::new("done", "c.outcome = 'done'"),
        View::new("failed", "c.outcome = 'failed'"),
        View::new("refused", "c.outcome = 'refused'"),
        View::new("waiting", "c.outcome = 'waiting'"),
        View::new("dry_run", "c.outcome = 'dry_run'"),
        View::new("limited", "c.outcome = 'limited'"),
    ],
    filters: &[
        Filter::new("tool", "c.tool", Kind::Text),
        Filter::new("token", "c.token_id", Kind::Id),
        Filter::new("created", "c.created_at", Kind::Time),
    ],
    keys: &[Key::time("newest", "c.created_at")],
    orders: ORDERS,
    is_counted: true,
    ..List::EMPTY
};

/// A call that begins.
#[derive(Clone, Debug)]
pub struct NewCall<'a> {
    /// The token that calls.
    pub token: ApiTokenId,
    /// The name of the token.
    pub token_name: &'a str,
    /// The name of the tool.
    pub tool: &'a str,
    /// `read`, `write` or `destructive`.
    pub effect: &'a str,
    /// The arguments without what the tool masks: an object of at most 16 kB.
    pub arguments: &'a Value,
    /// The hash of tool and arguments.
    pub hash: &'a [u8; 32],
    /// The policy that holds.
    pub policy: Policy,
    /// The approval that it runs under, and who gave it.
    pub approval: Option<(ToolApprovalId, Option<UserId>)>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug)]
pub struct Ended<'a> {
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused or failed.
    pub reason: Option<&'a str>,
    /// The size of the result in bytes.
    pub bytes: Option<i32>,
    /// How long it took, in milliseconds.
    pub ms: i32,
}

/// Notes a call before it runs.
pub async fn begin(tx: &mut TenantTx, call: &NewCall<'_>) -> Result<ToolCallId> {
    noted(tx, call, false).await
}

/// The same for a call that changes nothing and asks somebody else. The commit does not wait for the disk: how the call ended is
/// committed behind it before anybody reads the answer, and that waits for both.
pub async fn begin_read(tx: &mut TenantTx, call: &NewCall<'_>) -> Result<ToolCallId> {
    noted(tx, call, true).await
}

async fn noted(tx: &mut TenantTx, call: &NewCall<'_>, is_quick: bool) -> Result<ToolCallId> {
    let (business, agency, id) = (business(tx)?, tx.home().await?, new_id::<ToolCallId>());
    let noted = sqlx::query!(
        r#"with noted as (
             insert into tool_calls (id, sub_account_id, token_id, token_name, tool, effect, arguments, arguments_hash, policy, approval_id, approved_by)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)),
           told as (
             insert into outbox_events (topic, agency_id, sub_account_id, subject_id, payload) values ('tool_call.changed', $12, $2, $1, '{}'))
           select pg_current_xact_id()::text::bigint as "xid!", case when $13 then set_config('synchronous_commit', 'off', true) end as quick,
                  exists (select from tool_calls where sub_account_id = $2 and outcome = 'running' and created_at < now() - interval '10 minutes') as "lost!""#,
        id.0,
        business.0,
        call.token.0,
        trimmed(call.token_name, 480),
        call.tool,
        call.effect,
        storable(call.arguments),
        &call.hash[..],
        call.policy.key(),
        call.approval.map(|(id, _)| id.0),
        call.approval.and_then(|(_, by)| by).map(|id| id.0),
        agency.map(|id| id.0),
        is_quick
    )
    .fetch_one(tx.conn())
    .await?;
    outbox::written(tx, "tool_call.changed", Some(id.0), noted.xid).await?;
    if noted.lost {
        close_lost(tx).await?;
    }
    Ok(id)
}

/// Notes how a call ended, and hashes it into the chain. A call that ended already stays as it is.
pub async fn end(tx: &mut TenantTx, id: ToolCallId, ended: Ended<'_>) -> Result<()> {
    let Some(row) = chain::hold(tx, id).await? else { return Ok(()) };
    let row = chain::Row {
        outcome: ended.outcome.key().to_owned(),
        reason: ended.reason.map(|reason| trimmed(reason, 1000)),
        result_bytes: ended.bytes,
        ms: Some(ended.ms),
        ..row
    };
    chain::add(tx, &row).await
}

/// Ends calls that began and whose program ended meanwhile. No call lasts as long as they are old.
pub(super) async fn close_lost(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    let lost = sqlx::query_scalar!(
        r#"select id as "id: ToolCallId" from tool_calls where sub_account_id = $1 and outcome = 'running' and created_at < now() - interval '10 minutes'
           order by created_at limit 20 for update skip locked"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    for id in lost {
        let reason = Some("The program ended meanwhile, so it is not known whether this was done.");
        end(tx, id, Ended { outcome: Outcome::Failed, reason, bytes: None, ms: 0 }).await?;
    }
    Ok(())
}

/// Whether the log told within the last minute that this tool was refused to this token with this outcome for this reason.
pub async fn told_in_a_minute(
    tx: &mut TenantTx,
    token: ApiTokenId,
    tool: &str,
    (outcome, reason): (Outcome, &str),
) -> Result<bool> {
    let business = business(tx)?;
    let told = sqlx::query_scalar!(
        r#"select exists (select from tool_calls where sub_account_id = $1 and outcome = $2 and created_at > now() - interval '1 minute'
             and token_id = $3 and tool = $4 and reason = $5) as "told!""#,
        business.0,
        outcome.key(),
        token.0,
        tool,
        trimmed(reason, 1000)
    );
    Ok(told.fetch_one(tx.conn()).await?)
}

/// A page of the calls of the business in scope, newest first. `view` is what became of them.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<CallLine>> {
    business(tx)?;
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = rows(tx, &found.ids).await?;
    Ok(found.page(rows, |row: &CallLine| row.id.0))
}

/// One call.
pub async fn get(tx: &mut TenantTx, id: ToolCallId) -> Result<CallLine> {
    rows(tx, &[id.0]).await?.pop().ok_or(Error::NotFound)
}

async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<CallLine>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select c.id as "id: ToolCallId", c.tool, c.effect, c.token_id as "token: ApiTokenId", c.token_name, c.policy, c.outcome, c.arguments as "arguments: Value",
                  c.result_bytes, c.ms, c.approval_id as "approval: ToolApprovalId", coalesce(nullif(u.name, ''), u.email) as "approved_by?", c.reason, c.created_at, c.seq, c.hash
           from tool_calls c left join users u on u.id = c.approved_by where c.sub_account_id = $1 and c.id = any ($2)"#,
        business.0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    let lines = rows.into_iter().map(|row| {
        let outcome = Outcome::parse(&row.outcome);
        Ok(CallLine {
            id: row.id,
            tool: row.tool,
            writes: row.effect != "read",
            token: Some(row.token),
            token_name: row.token_name,
            policy: policies::read(&row.policy)?,
            outcome: outcome.ok_or_else(|| Error::Unreadable(format!("the outcome of call {}", row.id)))?,
            arguments: row.arguments,
            result_bytes: row.result_bytes.map(i64::from),
            took_ms: row.ms,
            approval: row.approval,
            approved_by: row.approved_by,
            reason: row.reason.unwrap_or_default(),
            at: row.created_at,
            seq: row.seq.unwrap_or(0),
            hash: row.hash.map(hex::encode).unwrap_or_default(),
        })
    });
    lines.collect()
}

/// What programs did with each tool since then, the most called first; at most a hundred tools.
pub async fn did(tx: &mut TenantTx, since: DateTime<Utc>) -> Result<Vec<Did>> {
    let business = business(tx)?;
    let rows = sqlx::query_as!(
        Did,
        r#"select tool, bool_or(effect <> 'read') as "writes!", count(*) filter (where outcome = 'done') as "done!",
                  count(*) filter (where outcome = 'done' and approval_id is not null) as "approved!",
                  count(*) filter (where outcome in ('refused', 'limited')) as "refused!", count(*) filter (where outcome = 'failed') as "failed!"
           from tool_calls where sub_account_id = $1 and created_at >= $2 group by tool order by count(*) desc, tool limit 100"#,
        business.0,
        since
    );
    Ok(rows.fetch_all(tx.conn()).await?)
}

#[cfg(all(test, feature = "testing"))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::TestDb;
    use crate::{DbRole, fixtures};

    #[tokio::test]
    async fn only_the_begin_of_a_read_is_committed_without_the_disk() {
        let test = TestDb::new().await;
        let (db, agency) = (test.db(DbRole::Web).await, test.agency().await);
        let business = test.business(agency).await;
        let new = NewCall {
            token: new_id(),
            token_name: "Claude",
            tool: "contacts_list",
            effect: "read",
            arguments: &json!({}),
            hash: &[1; 32],
            policy: Policy::Allow,
            approval: None,
        };
        for is_quick in [false, true] {
            let mut tx = fixtures::begin(&db, fixtures::client(agency, business)).await;
            sqlx::query!("select set_config('synchronous_commit', 'on', true) as waits")
                .fetch_one(tx.conn())
                .await
                .unwrap();
            let id = if is_quick { begin_read(&mut tx, &new).await } else { begin(&mut tx, &new).await };
            let setting = sqlx::query_scalar!(r#"select current_setting('synchronous_commit') as "now!""#);
            assert_eq!(setting.fetch_one(tx.conn()).await.unwrap() == "off", is_quick);
            tx.commit().await.unwrap();
            let mut tx = fixtures::begin(&db, fixtures::client(agency, business)).await;
            assert_eq!(
                get(&mut tx, id.unwrap()).await.unwrap().outcome,
                Outcome::Running,
                "it is noted before it runs"
            );
        }
    }
}
