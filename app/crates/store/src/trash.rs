//! What happens to what was deleted? It lies in the trash for thirty days, where it can be restored as it was; then it is
//! erased for good, with everything that belongs to it. An agency's data key goes with its row, so that what a backup
//! still holds of its secrets cannot be opened.

use domain::identity::Reach;
use domain::{AgencyId, BusinessId};
use serde_json::json;

use crate::audit::{self, Act};
use crate::{Db, PlatformTx, Result, Scope, TenantTx};

/// So many days something lies in the trash.
pub const DAYS: i32 = 30;

/// At most so many jobs of an agency are erased in one transaction: each takes its log with it.
const JOBS_AT_ONCE: i64 = 50;
/// At most so many businesses are erased in one sweep; the next one goes on.
const BUSINESSES_AT_ONCE: i64 = 50;

/// Erases what has lain there longer, and gives how many agencies and businesses that were. Each goes in a transaction of
/// its own, so it may be stopped at any point and goes on with the next call. `db` is the worker's.
pub async fn sweep(db: &Db) -> Result<u64> {
    let mut gone = 0;
    for (agency, business) in overdue_businesses(db).await? {
        forget_calls(db, agency, business).await?;
        gone += u64::from(erase_business(db, business).await?);
    }
    while let Some(agency) = overdue_agency(db).await? {
        while erase_jobs(db, agency).await? > 0 {}
        gone += u64::from(erase_agency(db, agency).await?);
    }
    Ok(gone)
}

async fn overdue_businesses(db: &Db) -> Result<Vec<(AgencyId, BusinessId)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select id as "id: BusinessId", agency_id as "agency: AgencyId" from sub_accounts
           where deleted_at < now() - make_interval(days => $1) order by deleted_at limit $2"#,
        DAYS,
        BUSINESSES_AT_ONCE
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.agency, row.id)).collect())
}

/// The record of calls made for a business has no key to it, so it does not go by itself.
async fn forget_calls(db: &Db, agency: AgencyId, business: BusinessId) -> Result<()> {
    let scope = Scope::Client { user: None, agency, business, reach: Reach::All, listed: Vec::new() };
    let mut tx = TenantTx::begin(db, scope).await?;
    sqlx::query!("delete from api_calls where sub_account_id = $1", business.0).execute(tx.conn()).await?;
    tx.commit().await
}

/// One business, if its time is still over; false when it was restored or another process was faster.
async fn erase_business(db: &Db, business: BusinessId) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let row = sqlx::query!(
        r#"delete from sub_accounts where id = $1 and deleted_at < now() - make_interval(days => $2)
           returning agency_id as "agency: AgencyId", name"#,
        business.0,
        DAYS
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(false) };
    drop_work(&mut tx, row.agency, Some(business)).await?;
    let act = Act::new("business.erased", "business").object(business).payload(json!({ "name": row.name }));
    audit::record_platform(&mut tx, Some(row.agency), act).await?;
    tx.commit().await?;
    Ok(true)
}

async fn overdue_agency(db: &Db) -> Result<Option<AgencyId>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let id = sqlx::query_scalar!(
        r#"select id as "id: AgencyId" from agencies where deleted_at < now() - make_interval(days => $1) order by deleted_at limit 1"#,
        DAYS
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(id)
}

/// Some of its jobs with their steps, logs and calls; restored meanwhile, it keeps them.
async fn erase_jobs(db: &Db, agency: AgencyId) -> Result<u64> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let gone = sqlx::query!(
        "delete from provisioning_jobs where id in (
           select j.id from provisioning_jobs j join agencies a on a.id = j.agency_id
           where a.id = $1 and a.deleted_at < now() - make_interval(days => $2) limit $3 for update of a, j)",
        agency.0,
        DAYS,
        JOBS_AT_ONCE
    )
    .execute(tx.conn())
    .await?;
    tx.commit().await?;
    Ok(gone.rows_affected())
}

/// Its row last: businesses, connections, secrets and roles go with it, people stay.
async fn erase_agency(db: &Db, agency: AgencyId) -> Result<bool> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let name = sqlx::query_scalar!(
        "delete from agencies where id = $1 and deleted_at < now() - make_interval(days => $2) returning name",
        agency.0,
        DAYS
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(name) = name else { return Ok(false) };
    drop_work(&mut tx, agency, None).await?;
    let act = Act::new("agency.erased", "agency").object(agency).payload(json!({ "name": name }));
    audit::record_platform(&mut tx, Some(agency), act).await?;
    tx.commit().await?;
    Ok(true)
}

/// What still waited to be done for it. The queue has no keys to its tenants, so nothing there goes by itself.
async fn drop_work(tx: &mut PlatformTx, agency: AgencyId, business: Option<BusinessId>) -> Result<()> {
    sqlx::query!(
        "with ready as (delete from work_ready where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)),
              scheduled as (delete from work_scheduled where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)),
              leased as (delete from work_leases where agency_id = $1 and ($2::uuid is null or sub_account_id = $2))
         delete from work_dead where agency_id = $1 and ($2::uuid is null or sub_account_id = $2)",
        agency.0,
        business.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
