//! Finds secrets that must be renewed ahead of time. The database selects them over all tenants, by ids only
//! (`lookup.due_credentials`). Working credentials come before expired ones, so expired ones never crowd them out.

use chrono::{DateTime, Utc};
use domain::credential::Due;
use domain::{AgencyId, BusinessId, CredentialId, IntegrationId};
use uuid::Uuid;

use crate::{Result, TenantTx};

/// Rows per query.
const BATCH: i32 = 500;

/// Returns the ids of all secrets, of any tenant, that expire before `before`, or that can be renewed and were not
/// used since `unused_since`. Tokens of Instagram Login are due ten days earlier, which is from the 50th of their 60
/// days on. They are for background work; secrets that still work come first. It leaves out secrets for which a renewal
/// does not help: those of integrations that are disconnected, paused or need a person, those of agencies and businesses
/// in the trash, and those whose last failed renewal is too recent.
pub async fn due(tx: &mut TenantTx, before: DateTime<Utc>, unused_since: DateTime<Utc>) -> Result<Vec<Due>> {
    let (mut all, mut after) = (Vec::new(), (false, DateTime::<Utc>::UNIX_EPOCH, Uuid::nil()));
    loop {
        let rows = sqlx::query!(
            r#"select id as "id!: CredentialId", agency_id as "agency!: AgencyId", sub_account_id as "business: BusinessId", integration_id as "integration!: IntegrationId",
                      version as "version!", ended as "ended!", ends as "ends!"
               from lookup.due_credentials($1, $2, $3, $4, $5, $6)"#,
            before,
            unused_since,
            after.0,
            after.1,
            after.2,
            BATCH
        )
        .fetch_all(tx.conn())
        .await?;
        let more = i32::try_from(rows.len()).is_ok_and(|count| count == BATCH);
        if let Some(last) = rows.last() {
            after = (last.ended, last.ends, last.id.0);
        }
        all.extend(rows.into_iter().map(|row| Due {
            id: row.id,
            agency: row.agency,
            business: row.business,
            integration: row.integration,
            version: row.version,
        }));
        if !more {
            return Ok(all);
        }
    }
}
