//! Records problems of an integration other than failed calls, and finds the people to notify: the authorisation ended,
//! the provider suspended the account, or the daily limit is used up. Each problem is a separate fact.

use chrono::{DateTime, Utc};
use domain::notifications::Kind;
use domain::work::Kind as WorkKind;
use domain::{BusinessId, IntegrationId};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

use super::{changed, notify, observe};
use crate::audit::Act;
use crate::events::{self, Event};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, new_id, notifications};

/// Records that the integration can no longer renew its secret, so that only a person can help. Returns true if
/// this is new. Then every member of the agency who may connect it again is told, if this
/// transaction commits. Further calls before the repair change nothing.
pub async fn needs_reauth(tx: &mut TenantTx, id: IntegrationId, cause: &str) -> Result<bool> {
    let lost = sqlx::query!(
        r#"update integrations set needs_reauth_at = now(), suspended_at = null, last_error_at = clock_timestamp(), last_error_code = left($2, 64)
           where id = $1 and needs_reauth_at is null and is_active returning needs_reauth_at as "at!""#,
        id.0,
        cause
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(lost) = lost else { return Ok(false) };
    observe(tx, id, "refresh", false, Some(cause)).await?;
    changed(tx, id, Act::new("integration.needs_reauth", "integration").payload(json!({ "cause": cause }))).await?;
    let key = format!("{}:{id}:{}", Kind::ConnectionLost, lost.at.timestamp_micros());
    tell(tx, id, Kind::ConnectionLost, key).await?;
    Ok(true)
}

/// Tells whoever may connect it again that a connection works again, and that nothing is left to do.
pub(crate) async fn restored(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    if tx.agency().is_err() {
        // A business by itself reads nothing of its agency.
        return Ok(());
    }
    notifications::settle(tx, id, &[Kind::ConnectionLost]).await?;
    let key = format!("{}:{id}:{}", Kind::ConnectionRestored, new_id::<Uuid>());
    tell(tx, id, Kind::ConnectionRestored, key).await
}

/// Tells whoever may connect it again that this version of its secret ends soon. They are told once of a version.
pub async fn ends_soon(tx: &mut TenantTx, id: IntegrationId, version: i32) -> Result<()> {
    tell(tx, id, Kind::ConnectionEnding, format!("{}:{id}:{version}", Kind::ConnectionEnding)).await
}

/// Settles that a channel's secret ends soon, because it has a new one.
pub(crate) async fn renewed(tx: &mut TenantTx, id: IntegrationId) -> Result<()> {
    notifications::settle(tx, id, &[Kind::ConnectionEnding]).await
}

async fn tell(tx: &mut TenantTx, id: IntegrationId, kind: Kind, key: String) -> Result<()> {
    let connection = sqlx::query!(
        r#"select sub_account_id as "business: BusinessId", case when type = 'GOHIGHLEVEL' and parent_platform_id is null then 'HighLevel' else coalesce(platform_name, platform_id) end as "name!"
           from integrations where id = $1"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    let (subject, business) = (Some(id.0), connection.business);
    let event = Event { kind, key, subject, business, to: None, title: &connection.name, detail: "" };
    events::tell(tx, &event).await
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
    let check = Work::new(WorkKind::CheckIntegration).subject(id.0).payload(json!({ "resume": true }));
    queue::add_in(tx, &check.once(format!("doubt:{id}")), wait).await?;
    Ok(())
}
