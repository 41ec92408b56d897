//! The sub-accounts of an agency's HighLevel company as they were last read, and the import of some of them as clients.
//! A row is a copy of what HighLevel lists; which of them are clients is asked of the clients themselves.

mod list;
mod run;
mod sync;

use domain::imports::{LocationList, Progress};
use serde_json::json;

pub use self::list::{LIST, ORDERS, Offered, emails, list, offered};
pub use self::run::{Next, Obstacle, delayed, done, fail_all, failed, next, obstacle, pick, pick_all, waiting, work};
pub use self::sync::{ask, ask_soon, began, put, unread};

use crate::{Result, TenantTx, outbox};

/// What is known of the agency's list. The default if it was never asked for.
pub async fn state(tx: &mut TenantTx) -> Result<LocationList> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select company_id, asked_at, read_at, failed_at, failure, import_begun_at, import_ended_at, import_total, import_done, import_failed, import_delay,
                  (select count(*) from ghl_locations where agency_id = $1) as "listed!",
                  (select count(*) from ghl_locations l where l.agency_id = $1
                     and not exists (select from sub_accounts b where b.agency_id = l.agency_id and b.ghl_location_id = l.ghl_location_id)
                     and not exists (select from provisioning_jobs j where j.agency_id = l.agency_id and j.location_id = l.ghl_location_id
                       and j.status <> 'CANCELLED' and j.sub_account_id is null and j.finished_at is null)) as "left!"
           from location_lists where agency_id = $1"#,
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let number = |count: i32| u32::try_from(count).unwrap_or_default();
    Ok(row.map_or_else(LocationList::default, |row| LocationList {
        company: row.company_id,
        asked_at: row.asked_at,
        read_at: row.read_at,
        failed_at: row.failed_at,
        failure: row.failure,
        listed: row.listed,
        left: row.left,
        progress: Progress {
            total: number(row.import_total),
            imported: number(row.import_done),
            failed: number(row.import_failed),
            began_at: row.import_begun_at,
            ended_at: row.import_ended_at,
            delay: row.import_delay,
        },
    }))
}

/// Locks the agency's list until the transaction ends. Whoever changes which sub-accounts wait does so first, so that
/// the end of an import is seen by exactly one transaction.
async fn lock(tx: &mut TenantTx) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!("select agency_id from location_lists where agency_id = $1 for update", agency.0)
        .fetch_optional(tx.conn())
        .await?;
    Ok(())
}

async fn notify(tx: &mut TenantTx) -> Result<()> {
    let agency = tx.agency()?;
    outbox::add(tx, "locations.changed", Some(agency.0), &json!({})).await
}
