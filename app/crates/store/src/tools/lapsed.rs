//! What ends an approval that nobody gave? Its time: what nobody decided or made by then is expired, and what was taken and
//! never ended counts as failed. Or whoever asked for it, who does not want it any more.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{ApiTokenId, BusinessId, ToolApprovalId};

use super::approvals::{changed, settle_news};
use crate::due::{DueBusinesses, FOUND, outside_trash};
use crate::messaging::outgoing::business;
use crate::{Db, Result, TenantTx, removal};

/// From when on a call that was taken and never ended counts as failed. No call lasts that long.
const LOST_AFTER: TimeDelta = TimeDelta::minutes(10);
/// Why a call that was taken and never ended counts as failed.
const LOST: &str = "The program ended meanwhile, so it is not known whether this was done. Look before you ask again.";
/// The most approvals that are ended in one transaction.
pub const LAPSED: usize = 200;

/// Ends what nobody decided or made in time, and what was taken and never ended: at most [`LAPSED`] of them, the oldest
/// first. Returns how many there were. One that somebody changes at this moment is left to the next time.
pub async fn lapse(tx: &mut TenantTx, now: DateTime<Utc>) -> Result<usize> {
    let business = business(tx)?;
    let ended = sqlx::query_scalar!(
        r#"update tool_approvals set arguments = '{}', state = case when state = 'running' then 'failed' else 'expired' end,
             reason = case when state = 'running' then $4 else reason end
           where sub_account_id = $1 and id = any (array(
             select id from tool_approvals where sub_account_id = $1 and state in ('waiting', 'approved', 'running')
               and ((state <> 'running' and expires_at <= $2) or (state = 'running' and claimed_at <= $3))
             order by expires_at, id limit $5 for no key update skip locked))
           returning id as "id: ToolApprovalId""#,
        business.0,
        now,
        now - LOST_AFTER,
        LOST,
        i64::try_from(LAPSED).unwrap_or(i64::MAX)
    )
    .fetch_all(tx.conn())
    .await?;
    for id in &ended {
        changed(tx, *id).await?;
    }
    if !ended.is_empty() {
        settle_news(tx).await?;
    }
    Ok(ended.len())
}

/// Ends what this token asked for and nobody decided. Returns its tool; `None` if it does not wait any more.
pub async fn withdraw(
    tx: &mut TenantTx,
    token: ApiTokenId,
    id: ToolApprovalId,
    (why, now): (&str, DateTime<Utc>),
) -> Result<Option<String>> {
    let business = business(tx)?;
    let tool = sqlx::query_scalar!(
        "update tool_approvals set state = 'expired', arguments = '{}', reason = $4, expires_at = least(expires_at, $5)
         where sub_account_id = $1 and id = $2 and token_id = $3 and state = 'waiting' returning tool",
        business.0,
        id.0,
        token.0,
        why,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    if tool.is_some() {
        changed(tx, id).await?;
        settle_news(tx).await?;
    }
    Ok(tool)
}

/// The businesses in which the time of an approval is over, in the order of their ids, behind one of them. Those in the trash
/// are left out.
pub async fn businesses(db: &Db, now: DateTime<Utc>, after: Option<BusinessId>) -> Result<DueBusinesses> {
    let mut tx = removal::begin(db, Duration::ZERO).await?;
    let over = sqlx::query_scalar!(
        r#"select distinct sub_account_id as "business: BusinessId" from tool_approvals
           where state in ('waiting', 'approved', 'running') and ((state <> 'running' and expires_at <= $1) or (state = 'running' and claimed_at <= $2))
             and ($3::uuid is null or sub_account_id > $3) order by 1 limit $4"#,
        now,
        now - LOST_AFTER,
        after.map(|id| id.0),
        FOUND
    )
    .fetch_all(tx.conn())
    .await?;
    drop(tx);
    outside_trash(db, &over).await
}
