//! What may a token do with a tool, where that is not what is usual for the tool?

use chrono::{DateTime, Utc};
use domain::ApiTokenId;
use domain::tools::Policy;
use serde_json::json;
use uuid::Uuid;

use crate::messaging::outgoing::business;
use crate::{Error, Result, TenantTx, new_id, outbox};

/// What was chosen for a token, by the names of tools. What is usual is left out.
pub async fn of_token(tx: &mut TenantTx, token: ApiTokenId) -> Result<Vec<(String, Policy)>> {
    let business = business(tx)?;
    let rows = sqlx::query!(
        "select tool, policy from tool_policies where sub_account_id = $1 and token_id = $2 order by tool",
        business.0,
        token.0
    )
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(|row| Ok((row.tool, read(&row.policy)?))).collect()
}

/// What holds for a call at this time. `None` if nothing was chosen. Where a person is asked, an hour that somebody allowed
/// counts; what is denied stays denied.
pub async fn holding(tx: &mut TenantTx, token: ApiTokenId, tool: &str, now: DateTime<Utc>) -> Result<Option<Policy>> {
    let business = business(tx)?;
    let policy = sqlx::query_scalar!(
        r#"select case when policy = 'ask' and allowed_until > $4 then 'allow' else policy end as "policy!"
           from tool_policies where sub_account_id = $1 and token_id = $2 and tool = $3"#,
        business.0,
        token.0,
        tool,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    policy.map(|policy| read(&policy)).transpose()
}

/// Waits until no other transaction changes what the token may do. Call it before what decides about the change is read.
pub async fn take_turn(tx: &mut TenantTx, token: ApiTokenId) -> Result<()> {
    sqlx::query!(
        "select pg_advisory_xact_lock(hashtextextended('tool-policy:' || $1::uuid::text, 0))::text as locked",
        token.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(())
}

/// Stores what was chosen for a token, in place of what was chosen before.
pub async fn save(tx: &mut TenantTx, token: ApiTokenId, chosen: &[(String, Policy)]) -> Result<()> {
    let business = business(tx)?;
    let tools: Vec<String> = chosen.iter().map(|(tool, _)| tool.clone()).collect();
    let policies: Vec<String> = chosen.iter().map(|(_, policy)| policy.key().to_owned()).collect();
    sqlx::query!(
        "delete from tool_policies where sub_account_id = $1 and token_id = $2 and tool <> all ($3)",
        business.0,
        token.0,
        &tools
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into tool_policies (sub_account_id, token_id, tool, policy) select $1, $2, c.tool, c.policy from unnest($3::text[], $4::text[]) c (tool, policy)
         on conflict (sub_account_id, token_id, tool) do update set policy = excluded.policy, allowed_until = null",
        business.0,
        token.0,
        &tools,
        &policies
    )
    .execute(tx.conn())
    .await?;
    changed(tx, token).await
}

/// Allows the calls of a tool by a token: until a time, or from now on without one.
pub async fn allow(tx: &mut TenantTx, token: ApiTokenId, tool: &str, until: Option<DateTime<Utc>>) -> Result<()> {
    let business = business(tx)?;
    let policy = if until.is_some() { Policy::Ask } else { Policy::Allow };
    sqlx::query!(
        "insert into tool_policies (id, sub_account_id, token_id, tool, policy, allowed_until) values ($1, $2, $3, $4, $5, $6)
         on conflict (sub_account_id, token_id, tool) do update set policy = excluded.policy, allowed_until = excluded.allowed_until",
        new_id::<Uuid>(),
        business.0,
        token.0,
        tool,
        policy.key(),
        until
    )
    .execute(tx.conn())
    .await?;
    changed(tx, token).await
}

async fn changed(tx: &mut TenantTx, token: ApiTokenId) -> Result<()> {
    outbox::add(tx, "tool_policy.changed", Some(token.0), &json!({})).await
}

pub(super) fn read(key: &str) -> Result<Policy> {
    Policy::parse(key).ok_or_else(|| Error::Unreadable(format!("the policy {key} of a tool")))
}
