//! When do secrets that nothing may open any more leave the database? Those of a disconnected account as soon as the app was removed
//! at the provider, all others a day after they were ended, and former ones after a month. Numbers go on where they were.

use domain::IntegrationId;

use crate::{Db, PlatformTx, Result, TenantTx};

/// Deletes the ended secrets of one connection; gives how many.
pub async fn remove_ended(tx: &mut TenantTx, integration: IntegrationId) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"with gone as (delete from credentials where integration_id = $1 and revoked_at is not null returning version),
                kept as (update integrations set last_secret_version = greatest(last_secret_version, (select max(version) from gone))
                         where id = $1 and exists (select from gone) returning id)
           select count(*) as "gone!" from gone"#,
        integration.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Deletes the secrets of any tenant that were ended more than a day ago, and former ones after thirty days, some thousand at a
/// time; gives how many.
pub async fn sweep(db: &Db) -> Result<u64> {
    let mut all = 0;
    loop {
        let mut tx = PlatformTx::begin(db, None).await?;
        let gone = sqlx::query_scalar!(
            r#"with old as (select id from credentials where revoked_at < now() - interval '1 day'
                              or (slot = 'previous' and updated_at < now() - interval '30 days') limit 1000),
                    gone as (delete from credentials where id in (select id from old) returning integration_id, version),
                    top as (select integration_id, max(version) as version from gone group by integration_id),
                    kept as (update integrations i set last_secret_version = greatest(i.last_secret_version, top.version)
                             from top where i.id = top.integration_id returning i.id)
               select count(*) as "gone!" from gone"#
        )
        .fetch_one(tx.conn())
        .await?;
        tx.commit().await?;
        let gone = u64::try_from(gone).unwrap_or_default();
        all += gone;
        if gone < 1000 {
            return Ok(all);
        }
    }
}
