//! Which calls wait for a person, and what did people say to them? A call is asked about once, decided once and taken once.

use chrono::{DateTime, TimeDelta, Utc};
use domain::notifications::Kind;
use domain::tools::{Approval, ApprovalState};
use domain::{ApiTokenId, ToolApprovalId, ToolCallId, UserId};
use serde_json::{Value, json};

use crate::messaging::outgoing::business;
use crate::messaging::trimmed::{storable, trimmed};
use crate::{Error, Result, TenantTx, new_id, notifications, outbox};

pub use super::lapsed::lapse;

/// For how long somebody may decide.
pub const OPEN_FOR: TimeDelta = TimeDelta::hours(24);
/// For how long an approved call may be made: what the person saw is still about so.
pub const MADE_WITHIN: TimeDelta = TimeDelta::hours(1);
/// The most calls of one token that wait for a person, so that people find those of others between them.
pub const MOST_WAITING: i64 = 20;
/// The most characters of what a person reads.
pub const LONGEST_SHOWN: usize = 8000;
/// The most characters of a reason.
const LONGEST_REASON: usize = 1000;

/// A call that a person is asked about.
#[derive(Clone, Debug)]
pub struct NewApproval<'a> {
    /// The token that calls.
    pub token: ApiTokenId,
    /// The name of the token.
    pub token_name: &'a str,
    /// The name of the tool.
    pub tool: &'a str,
    /// The arguments: an object.
    pub arguments: &'a Value,
    /// The hash of tool and arguments.
    pub hash: &'a [u8; 32],
    /// What a person reads, of at most [`LONGEST_SHOWN`] characters.
    pub shown: &'a str,
    /// The time of the call.
    pub now: DateTime<Utc>,
}

/// An approved call that is taken, and that nobody else takes.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// Its approval.
    pub id: ToolApprovalId,
    /// The name of the tool.
    pub tool: String,
    /// The arguments as they were shown.
    pub arguments: Value,
    /// The hash of tool and arguments.
    pub hash: Vec<u8>,
    /// What the person read who approved it.
    pub shown: String,
    /// Who approved it.
    pub approved_by: Option<UserId>,
}

/// Asks a person about a call. Returns the approval, and whether it is a new one: the same call is asked about once, and not
/// while it runs.
pub async fn ask(tx: &mut TenantTx, new: &NewApproval<'_>) -> Result<(ToolApprovalId, bool)> {
    let (business, id) = (business(tx)?, new_id::<ToolApprovalId>());
    lapse(tx, new.now).await?;
    let added = sqlx::query_scalar!(
        r#"insert into tool_approvals (id, sub_account_id, token_id, token_name, tool, arguments, arguments_hash, shown, expires_at)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
           on conflict (sub_account_id, token_id, tool, arguments_hash) where state in ('waiting', 'approved', 'running') do nothing
           returning id as "id: ToolApprovalId""#,
        id.0,
        business.0,
        new.token.0,
        trimmed(new.token_name, 480),
        new.tool,
        storable(new.arguments),
        &new.hash[..],
        trimmed(new.shown, LONGEST_SHOWN),
        new.now + OPEN_FOR
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(id) = added {
        changed(tx, id).await?;
        return Ok((id, true));
    }
    let asked = sqlx::query_scalar!(
        r#"select id as "id: ToolApprovalId" from tool_approvals
           where sub_account_id = $1 and token_id = $2 and tool = $3 and arguments_hash = $4 and state in ('waiting', 'approved', 'running')"#,
        business.0,
        new.token.0,
        new.tool,
        &new.hash[..]
    );
    // It ended between the two statements; asking again finds that out.
    Ok((asked.fetch_optional(tx.conn()).await?.ok_or(Error::Stale)?, false))
}

/// What a person says to a call.
#[derive(Clone, Copy, Debug)]
pub struct Decision<'a> {
    /// Who decides.
    pub by: UserId,
    /// Whether it is approved.
    pub approved: bool,
    /// Why not; may be empty.
    pub reason: &'a str,
    /// When.
    pub now: DateTime<Utc>,
}

/// Decides a call that waits. Returns its token and tool; `None` if it does not wait any more.
pub async fn decide(
    tx: &mut TenantTx,
    id: ToolApprovalId,
    decision: Decision<'_>,
) -> Result<Option<(ApiTokenId, String)>> {
    let business = business(tx)?;
    let state = if decision.approved { ApprovalState::Approved } else { ApprovalState::Rejected };
    let decided = sqlx::query!(
        r#"update tool_approvals set state = $3, decided_by = $4, decided_at = $5, reason = nullif($6, ''),
             arguments = case when $7 then arguments else '{}' end, expires_at = case when $7 then $8 else expires_at end
           where sub_account_id = $1 and id = $2 and state = 'waiting' and expires_at > $5
           returning token_id as "token: ApiTokenId", tool"#,
        business.0,
        id.0,
        state.key(),
        decision.by.0,
        decision.now,
        trimmed(decision.reason, LONGEST_REASON),
        decision.approved,
        decision.now + MADE_WITHIN
    )
    .fetch_optional(tx.conn())
    .await?;
    if decided.is_some() {
        changed(tx, id).await?;
        settle_news(tx).await?;
    }
    Ok(decided.map(|row| (row.token, row.tool)))
}

/// Once nothing waits, nobody needs to be told that something does.
pub(super) async fn settle_news(tx: &mut TenantTx) -> Result<()> {
    let business = business(tx)?;
    if count_waiting(tx).await? == 0 {
        notifications::settle(tx, business.0, &[Kind::ToolApproval]).await?;
    }
    Ok(())
}

/// The arguments of an approved call of this token that may be made now, and that nobody took. `None` if there is none. Whoever
/// makes it takes it first.
pub async fn open(
    tx: &mut TenantTx,
    token: ApiTokenId,
    id: ToolApprovalId,
    now: DateTime<Utc>,
) -> Result<Option<Value>> {
    let business = business(tx)?;
    let arguments = sqlx::query_scalar!(
        r#"select arguments as "arguments: Value" from tool_approvals
           where sub_account_id = $1 and id = $2 and token_id = $3 and state = 'approved' and expires_at > $4"#,
        business.0,
        id.0,
        token.0,
        now
    );
    Ok(arguments.fetch_optional(tx.conn()).await?)
}

/// Takes an approved call of this token by its id. `None` if there is none that may be made now, which is so also if the token
/// was revoked or ended since the request showed it.
pub async fn claim(
    tx: &mut TenantTx,
    token: ApiTokenId,
    id: ToolApprovalId,
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    let business = business(tx)?;
    let claimed = sqlx::query_as!(
        Claimed,
        r#"update tool_approvals set state = 'running', claimed_at = $4
           where sub_account_id = $1 and id = $2 and token_id = $3 and state = 'approved' and expires_at > $4
             and exists (select from api_tokens t where t.id = $3 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $4))
           returning id as "id: ToolApprovalId", tool, arguments as "arguments: Value", arguments_hash as hash, shown, decided_by as "approved_by: UserId""#,
        business.0,
        id.0,
        token.0,
        now
    );
    Ok(claimed.fetch_optional(tx.conn()).await?)
}

/// Takes an approved call of this token by the hash of tool and arguments. `None` if there is none that may be made now, as for
/// [`claim`].
pub async fn claim_same(
    tx: &mut TenantTx,
    token: ApiTokenId,
    tool: &str,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Option<Claimed>> {
    let business = business(tx)?;
    let claimed = sqlx::query_as!(
        Claimed,
        r#"update tool_approvals set state = 'running', claimed_at = $5
           where sub_account_id = $1 and token_id = $2 and tool = $3 and arguments_hash = $4 and state = 'approved' and expires_at > $5
             and exists (select from api_tokens t where t.id = $2 and t.revoked_at is null and (t.expires_at is null or t.expires_at > $5))
           returning id as "id: ToolApprovalId", tool, arguments as "arguments: Value", arguments_hash as hash, shown, decided_by as "approved_by: UserId""#,
        business.0,
        token.0,
        tool,
        &hash[..],
        now
    );
    Ok(claimed.fetch_optional(tx.conn()).await?)
}

/// Says how a taken call ended. Its arguments are not kept.
pub async fn settle(
    tx: &mut TenantTx,
    id: ToolApprovalId,
    failed: Option<&str>,
    call: Option<ToolCallId>,
) -> Result<()> {
    let business = business(tx)?;
    let state = if failed.is_some() { ApprovalState::Failed } else { ApprovalState::Done };
    sqlx::query!(
        "update tool_approvals set state = $3, reason = $4, call_id = $5, arguments = '{}' where sub_account_id = $1 and id = $2 and state = 'running'",
        business.0,
        id.0,
        state.key(),
        failed.map(|reason| trimmed(reason, LONGEST_REASON)),
        call.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    changed(tx, id).await
}

pub(super) async fn changed(tx: &mut TenantTx, id: ToolApprovalId) -> Result<()> {
    outbox::add(tx, "tool_approval.changed", Some(id.0), &json!({})).await
}

/// How many calls of this token wait for a person.
pub async fn waiting_of(tx: &mut TenantTx, token: ApiTokenId) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "n!" from tool_approvals where sub_account_id = $1 and token_id = $2 and state = 'waiting'"#,
        business.0,
        token.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// How many calls of the business wait for a person, up to a hundred.
pub async fn count_waiting(tx: &mut TenantTx) -> Result<i64> {
    let business = business(tx)?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "n!" from (select from tool_approvals where sub_account_id = $1 and state = 'waiting' and expires_at > now() limit 100) w"#,
        business.0
    );
    Ok(count.fetch_one(tx.conn()).await?)
}

/// What waits for a person, the oldest first; at most a hundred.
pub async fn waiting(tx: &mut TenantTx) -> Result<Vec<Approval>> {
    let mut rows = rows(tx, None, true, 100).await?;
    rows.sort_by_key(|row| (row.asked_at, row.id));
    Ok(rows)
}

/// What does not wait any more, the newest first; at most fifty.
pub async fn decided(tx: &mut TenantTx) -> Result<Vec<Approval>> {
    rows(tx, None, false, 50).await
}

/// One call that a person is or was asked about.
pub async fn get(tx: &mut TenantTx, id: ToolApprovalId) -> Result<Approval> {
    rows(tx, Some(id), false, 1).await?.pop().ok_or(Error::NotFound)
}

/// The newest first: one of them, or those that wait, or those that do not.
async fn rows(tx: &mut TenantTx, id: Option<ToolApprovalId>, waits: bool, most: i64) -> Result<Vec<Approval>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        r#"select a.id as "id: ToolApprovalId", a.tool, a.token_id as "token: ApiTokenId", a.token_name, a.shown, a.created_at, a.expires_at, a.decided_at, a.reason,
                  case when a.state = 'running' then 'approved' when a.state in ('waiting', 'approved') and a.expires_at <= now() then 'expired' else a.state end as "state!",
                  coalesce(nullif(u.name, ''), u.email) as "decided_by?", a.call_id as "call: ToolCallId"
           from tool_approvals a left join users u on u.id = a.decided_by
           where a.sub_account_id = $1 and (a.id = $2 or ($2::uuid is null and (a.state = 'waiting' and a.expires_at > now()) = $3))
           order by a.created_at desc, a.id desc limit $4"#,
        business.0,
        id.map(|id| id.0),
        waits,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    let read = rows.into_iter().map(|row| {
        let state = ApprovalState::parse(&row.state);
        Ok(Approval {
            id: row.id,
            tool: row.tool,
            token: row.token,
            token_name: row.token_name,
            shown: row.shown,
            state: state.ok_or_else(|| Error::Unreadable(format!("the state of approval {}", row.id)))?,
            asked_at: row.created_at,
            expires_at: row.expires_at,
            decided_at: row.decided_at,
            decided_by: row.decided_by,
            reason: row.reason.unwrap_or_default(),
            call: row.call,
        })
    });
    read.collect()
}
