//! What is known of a call before it runs? One statement reads the policy, the switches and the guard against loops.

use chrono::{DateTime, Utc};
use domain::ApiTokenId;
use domain::tools::{Policy, Stopped};

use super::policies;
use crate::messaging::outgoing::business;
use crate::{Result, TenantTx};

/// What a call is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// What was chosen for the tool. `None` if nothing was. Where a person is asked, an hour that somebody allowed counts; what
    /// is denied stays denied.
    pub policy: Option<Policy>,
    /// Which switches are set.
    pub stopped: Stopped,
    /// How often the token made the same call within the last minute. What the guard against loops refused does not count, so
    /// that it opens again for a program that goes on.
    pub same: i64,
}

/// What is known at this time of a call of a tool by a token; `hash` is that of tool and arguments.
pub async fn of_call(
    tx: &mut TenantTx,
    token: ApiTokenId,
    tool: &str,
    hash: &[u8; 32],
    now: DateTime<Utc>,
) -> Result<Known> {
    let business = business(tx)?;
    let row = sqlx::query!(
        r#"select (select case when policy = 'ask' and allowed_until > $5 then 'allow' else policy end
                   from tool_policies where sub_account_id = $1 and token_id = $2 and tool = $3) as policy,
                  exists (select from tool_stops where sub_account_id = $1) as "business!", exists (select from tool_stop) as "all!",
                  (select count(*) from tool_calls
                   where sub_account_id = $1 and token_id = $2 and arguments_hash = $4 and tool = $3 and outcome <> 'limited'
                     and created_at > now() - interval '1 minute') as "same!""#,
        business.0,
        token.0,
        tool,
        &hash[..],
        now
    )
    .fetch_one(tx.conn())
    .await?;
    let policy = row.policy.map(|policy| policies::read(&policy)).transpose()?;
    Ok(Known { policy, stopped: Stopped { business: row.business, all: row.all }, same: row.same })
}
