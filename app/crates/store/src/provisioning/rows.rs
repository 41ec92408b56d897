//! Reads the list lines of jobs by their ids, in one statement.

use domain::provisioning::{JobRow, JobStatus, Step, StepDot, StepStatus, Waiting};
use domain::snapshot::SnapshotName;
use domain::{BusinessId, JobId, SnapshotId, UserId};
use uuid::Uuid;

use super::agency;
use crate::{Error, Result, TenantTx};

/// Reads the line of one job.
pub async fn row(tx: &mut TenantTx, job: JobId) -> Result<JobRow> {
    rows(tx, &[job.0]).await?.pop().ok_or(Error::NotFound)
}

/// Reads the lines of these jobs, in the order given. Ids that the scope may not see are left out.
pub(super) async fn rows(tx: &mut TenantTx, ids: &[Uuid]) -> Result<Vec<JobRow>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        r#"select j.id, j.number, j.status as "status: JobStatus", (j.cancel_requested_at is not null and j.status in ('PENDING', 'IN_PROGRESS', 'RETRYING')) as "cancelling!",
                  coalesce(j.client_data_json ->> 'name', '') as "client_name!", nullif(j.client_email, '') as client_email,
                  j.sub_account_id, j.location_id, s.id as "snapshot_id?", s.name as "snapshot_name?", j.requested_by, nullif(u.name, '') as requested_by_name,
                  j.current_step, j.retry_count, j.max_retries, j.error_message, j.created_at, j.started_at, j.finished_at, j.updated_at,
                  (select count(*) filter (where t.done_at is null and b.deleted_at is null) from todos t left join sub_accounts b on b.agency_id = $1 and b.id = t.sub_account_id
                   where t.agency_id = $1 and t.job_id = j.id having count(*) > 0) as "open_todos?",
                  array(select p.step || ':' || coalesce(p.status::text, '') from provisioning_steps p
                        where p.agency_id = $1 and p.job_id = j.id order by p.position) as "dots!",
                  w.wait_reason as "wait_reason?", w.wait_until as "wait_until?",
                  (w.id is not null and not exists (select from provisioning_attempts a where a.agency_id = $1 and a.step_id = w.id and a.finished_at is null)) as "is_retry!"
           from unnest($2::uuid[]) with ordinality o(id, n)
           join provisioning_jobs j on j.agency_id = $1 and j.id = o.id
           left join snapshots s on s.agency_id = $1 and s.id = j.snapshot_id
           left join users u on u.id = j.requested_by
           left join provisioning_steps w on w.agency_id = $1 and w.job_id = j.id and w.step = j.current_step and j.status = 'RETRYING' and w.wait_until is not null
           order by o.n"#,
        agency.0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found
        .into_iter()
        .map(|row| JobRow {
            id: JobId(row.id),
            number: row.number,
            status: row.status,
            cancelling: row.cancelling,
            client_name: row.client_name,
            client_email: row.client_email,
            business: row.sub_account_id.map(BusinessId),
            location_id: row.location_id,
            snapshot: row
                .snapshot_id
                .zip(row.snapshot_name)
                .map(|(id, name)| SnapshotName { id: SnapshotId(id), name }),
            requested_by: row.requested_by.map(UserId),
            requested_by_name: row.requested_by_name,
            dots: row.dots.iter().filter_map(|text| dot(text)).collect(),
            current_step: row.current_step.as_deref().and_then(Step::parse),
            waiting: row.wait_reason.zip(row.wait_until).map(|(reason, until)| Waiting {
                reason,
                until,
                is_retry: row.is_retry,
            }),
            retry_count: row.retry_count,
            max_retries: row.max_retries,
            error: row.error_message,
            open_todos: row.open_todos,
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            updated_at: row.updated_at,
        })
        .collect())
}

/// Parses a step and its state, `STEP:STATUS`. The query returns text, because building JSON for some hundred
/// steps took most of the list's time.
fn dot(text: &str) -> Option<StepDot> {
    let (step, status) = text.split_once(':')?;
    Some(StepDot { step: Step::parse(step)?, status: StepStatus::parse(status) })
}
