//! Records problems of an integration other than failed calls, and finds the people to notify: the authorisation ended,
//! the provider suspended the account, or the daily limit is used up. Each problem is a separate fact.

use chrono::{DateTime, Utc};
use domain::identity::{AgencyRole, Role};
use domain::permission::Right;
use domain::work::{Kind, Mail};
use domain::{IntegrationId, UserId};
use serde_json::json;
use std::time::Duration;

use super::{changed, notify, observe};
use crate::audit::Act;
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, memberships};

/// Records that the integration can no longer renew its secret, so that only a person can help. Returns true if
/// this is new. Then every member of the agency who may connect it again gets one mail, which the queue sends if
/// this transaction commits. Further calls before the repair change nothing.
pub async fn needs_reauth(tx: &mut TenantTx, id: IntegrationId, cause: &str) -> Result<bool> {
    let done = sqlx::query!(
        "update integrations set needs_reauth_at = now(), suspended_at = null, last_error_at = clock_timestamp(), last_error_code = left($2, 64)
         where id = $1 and needs_reauth_at is null and is_active",
        id.0,
        cause
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    observe(tx, id, "refresh", false, Some(cause)).await?;
    changed(tx, id, Act::new("integration.needs_reauth", "integration").payload(json!({ "cause": cause }))).await?;
    for user in who_can_help(tx).await? {
        let mail = serde_json::to_value(Mail::NeedsReauth { integration: id, user }).unwrap_or_default();
        queue::add(tx, &Work::new(Kind::SendMail).subject(id.0).payload(mail)).await?;
    }
    Ok(true)
}

/// Owners, admins and all other members of the agency who may manage its integrations.
async fn who_can_help(tx: &mut TenantTx) -> Result<Vec<UserId>> {
    let able = |role: &AgencyRole| match role {
        AgencyRole::BuiltIn(role) => matches!(role, Role::AgencyOwner | Role::AgencyAdmin),
        AgencyRole::Custom(role) => role.actions.contains(&Right::ConnectionsManage),
    };
    let members = memberships::of_agency(tx).await?;
    Ok(members.into_iter().filter(|member| able(&member.role)).map(|member| member.user).collect())
}

/// Records that the provider suspended the account. Its secrets are kept, it is checked slowly, and the first call
/// that succeeds ends the suspension. Returns true if this is new. Each check that finds it suspended delays the
/// next renewal.
pub async fn suspended(tx: &mut TenantTx, id: IntegrationId, cause: &str) -> Result<bool> {
    sqlx::query!(
        "update credentials set refresh_failures = refresh_failures + 1, refresh_failed_at = now() where integration_id = $1 and slot = 'current' and revoked_at is null",
        id.0
    )
    .execute(tx.conn())
    .await?;
    let was = sqlx::query!(
        r#"update integrations i set suspended_at = coalesce(i.suspended_at, now()), last_error_at = clock_timestamp(), last_error_code = left($2, 64)
           from (select id, suspended_at from integrations where id = $1 for update) was
           where i.id = was.id and i.is_active and i.needs_reauth_at is null returning was.suspended_at is null as "new!""#,
        id.0,
        cause
    )
    .fetch_optional(tx.conn())
    .await?;
    if !was.is_some_and(|was| was.new) {
        return Ok(false);
    }
    observe(tx, id, "refresh", false, Some(cause)).await?;
    changed(tx, id, Act::new("integration.suspended", "integration").payload(json!({ "cause": cause }))).await?;
    Ok(true)
}

/// Records that the provider accepts no more calls before `until`, because the daily limit is used up. This is no
/// fault of the integration.
pub async fn limited(tx: &mut TenantTx, id: IntegrationId, until: DateTime<Utc>) -> Result<()> {
    let done = sqlx::query!("update integrations set limited_until = $2 where id = $1", id.0, until)
        .execute(tx.conn())
        .await?;
    if done.rows_affected() == 0 {
        return Err(Error::NotFound);
    }
    notify(tx, id).await
}

/// Records that a job's call was refused although its token had just been renewed. The integration shows the
/// failure and is checked again after `wait`. If it works after all, the check lets jobs that wait for an answer
/// go on.
pub async fn record_doubtful_token(tx: &mut TenantTx, id: IntegrationId, code: &str, wait: Duration) -> Result<()> {
    super::failed(tx, id, code).await?;
    let check = Work::new(Kind::CheckIntegration).subject(id.0).payload(json!({ "resume": true }));
    queue::add_in(tx, &check.once(format!("doubt:{id}")), wait).await?;
    Ok(())
}
