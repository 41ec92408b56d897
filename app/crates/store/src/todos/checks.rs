//! To-dos that are ticked by themselves: HighLevel is asked whether what they ask for was done meanwhile.

use std::time::Duration;

use domain::{AgencyId, JobId, TodoId};
use serde_json::json;

use super::{notify, record};
use crate::{Db, PlatformTx, Result, TenantTx};

/// The longest time between two questions to HighLevel about one to-do; the first one comes after `FIRST`.
const LAST: Duration = Duration::from_secs(24 * 3600);
/// The time until HighLevel is first asked about a to-do.
pub(super) const FIRST: Duration = Duration::from_secs(15 * 60);

/// The agencies of which HighLevel should be asked about a to-do now, after this one. One page.
pub async fn agencies_with_due(db: &Db, after: Option<AgencyId>) -> Result<Vec<AgencyId>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let due = sqlx::query_scalar!(
        r#"select a.id as "id: AgencyId" from agencies a
           where a.deleted_at is null and ($1::uuid is null or a.id > $1)
             and exists (select from todos t where t.agency_id = a.id and t.done_at is null and t.check_after <= now() and t.location_id is not null)
           order by a.id limit 500"#,
        after.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(due)
}

/// A to-do about which HighLevel should be asked.
#[derive(Clone, Debug)]
pub struct Due {
    /// The to-do.
    pub id: TodoId,
    /// HighLevel's id of the location.
    pub location: String,
    /// HighLevel's id of the company in which the job worked; `None` if that is not known any more.
    pub company: Option<String>,
}

/// The agency's to-dos about which HighLevel should be asked now, those that wait longest first.
pub async fn due(tx: &mut TenantTx, most: i64) -> Result<Vec<Due>> {
    let agency = tx.agency()?;
    Ok(sqlx::query_as!(
        Due,
        r#"select t.id as "id: TodoId", t.location_id as "location!",
                  (select s.output_json ->> 'company_id' from provisioning_steps s where s.agency_id = $1 and s.job_id = t.job_id and s.step = 'CHECK_PLAN') as company
           from todos t where t.agency_id = $1 and t.done_at is null and t.check_after <= now() and t.location_id is not null
           order by t.check_after, t.id limit $2"#,
        agency.0,
        most
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Ticks a to-do because HighLevel showed that it is done. One that a person ticked meanwhile stays as it is.
pub async fn checked(tx: &mut TenantTx, id: TodoId) -> Result<()> {
    let agency = tx.agency()?;
    let job = sqlx::query_scalar!(
        r#"update todos set done_at = now(), is_checked = true, checks = checks + 1
           where agency_id = $1 and id = $2 and done_at is null and check_after is not null returning job_id as "job?: JobId""#,
        agency.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(job) = job else { return Ok(()) };
    record(tx, "todo.done", id, json!({ "by": "HighLevel" })).await?;
    notify(tx, job).await
}

/// Asks HighLevel about a to-do again later: each time after twice the time, at most a day. `scale` divides the time.
pub async fn check_later(tx: &mut TenantTx, id: TodoId, scale: impl Fn(Duration) -> Duration) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update todos set checks = checks + 1,
           check_after = now() + make_interval(secs => least($4::float8, $3::float8 * power(2, least(checks, 10)::float8)))
         where agency_id = $1 and id = $2 and done_at is null and check_after is not null",
        agency.0,
        id.0,
        scale(FIRST).as_secs_f64(),
        scale(LAST).as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
