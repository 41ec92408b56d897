//! How many jobs began and how many businesses were added in each of the last weeks?

use domain::weeks::Week;

use crate::{Result, TenantTx};

/// The last weeks of an agency, oldest first; the last one is not over. Weeks begin on Monday, 00:00 UTC.
///
/// # Errors
/// When the database refuses.
pub async fn last(tx: &mut TenantTx, count: i32) -> Result<Vec<Week>> {
    let agency = tx.agency()?;
    let weeks = sqlx::query_as!(
        Week,
        r#"select (w.start at time zone 'UTC')::date as "start!",
                  (select count(*) from provisioning_jobs j
                   where j.agency_id = $1 and j.created_at >= w.start and j.created_at < w.start + interval '168 hours') as "jobs!",
                  (select count(*) from sub_accounts s
                   where s.agency_id = $1 and s.deleted_at is null
                     and s.created_at >= w.start and s.created_at < w.start + interval '168 hours') as "clients!"
           from generate_series(0, $2 - 1) as n,
                lateral (select date_trunc('week', now(), 'UTC') - n * interval '168 hours' as start) as w
           order by w.start"#,
        agency.0,
        count
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(weeks)
}
