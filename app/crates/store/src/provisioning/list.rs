//! Reads a page of the jobs list and the counts of its views. It finds the ids first and then reads all rows in one
//! statement, so every order uses the same row query.

use domain::BusinessId;
use domain::page::{ListQuery, Page};
use domain::provisioning::{JobCounts, JobRow, JobStatus};

use super::agency;
use super::rows::rows;
use crate::page::{Filter, Key, KeyKind, Kind, List, Search, View, Within};
use crate::{Db, PlatformTx, Result, TenantTx};

/// The sort orders that `list` supports. The first one is the default.
pub const ORDERS: &[&str] = &["-created", "created", "client", "-client", "status", "-status"];

/// The states of a job, in the order of the database's enum.
const STATES: &[&str] = &["PENDING", "IN_PROGRESS", "COMPLETED", "FAILED", "RETRYING", "CANCELLED", "AWAITING_INPUT"];

/// An agency's jobs. An archived one has no name any more.
pub static LIST: List = List {
    key: "jobs",
    from: "provisioning_jobs j",
    id: "j.id",
    agency: Some("j.agency_id"),
    views: &[
        View::new("", ""),
        View::new("running", "j.finished_at is null and j.status <> 'AWAITING_INPUT'"),
        View::new("failed", "j.status = 'FAILED'"),
        View::new("needs_input", "j.finished_at is null and j.status = 'AWAITING_INPUT'"),
        View::new("mine", "j.requested_by = {user}"),
        View::new("done", "j.status = 'COMPLETED'"),
        View::new("cancelled", "j.status = 'CANCELLED'"),
        View::new(
            "todos",
            "j.status in ('COMPLETED', 'CANCELLED') and exists (select from todos t left join sub_accounts b on b.agency_id = t.agency_id and b.id = t.sub_account_id
               where t.agency_id = j.agency_id and t.job_id = j.id and t.done_at is null and b.deleted_at is null)",
        ),
    ],
    search: Search::new("coalesce(j.client_data_json ->> 'name', '') || e'\\n' || coalesce(j.client_email, '')")
        .whole(&["lower(j.location_id)", "j.number::text", "'#' || j.number"]),
    filters: &[
        Filter::new("status", "j.status::text", Kind::Choice(STATES)),
        Filter::new("created", "j.created_at", Kind::Time),
        Filter::new("finished", "j.finished_at", Kind::Time),
        Filter::new("snapshot", "j.snapshot_id", Kind::Id),
        Filter::new("by", "j.requested_by", Kind::Id),
        Filter::new("retries", "j.retry_count", Kind::Number),
        Filter::new("client", "j.client_data_json ->> {field}", Kind::Text),
    ],
    keys: &[
        Key::time("created", "j.created_at"),
        Key::text("client", "left(lower(coalesce(j.client_data_json ->> 'name', '')), 200)"),
        Key {
            name: "status",
            sql: "j.status",
            kind: KeyKind::Choice { sql_type: "provisioning_job_status", of: STATES },
            is_nullable: false,
        },
    ],
    orders: ORDERS,
    ..List::EMPTY
};

/// One page of the agency's jobs, in one of `ORDERS`. The views are `running`, `failed`, `needs_input`, `mine`,
/// `done`, `cancelled` and `todos` (ended, with open to-dos); any other value shows all jobs. The text is searched in
/// name, email, number and location.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<JobRow>> {
    agency(tx)?;
    let within = Within::of(tx);
    let found = LIST.find(tx.conn(), within, query).await?;
    let rows = if found.ids.is_empty() { Vec::new() } else { rows(tx, &found.ids).await? };
    Ok(found.page(rows, |row| row.id.0))
}

/// The jobs that made or changed a business, newest first.
pub async fn of_business(tx: &mut TenantTx, business: BusinessId, most: i64) -> Result<Vec<JobRow>> {
    let agency = agency(tx)?;
    let ids = sqlx::query_scalar!(
        "select id from provisioning_jobs where agency_id = $1 and sub_account_id = $2 order by created_at desc, id desc limit $3",
        agency.0,
        business.0,
        most
    )
    .fetch_all(tx.conn())
    .await?;
    rows(tx, &ids).await
}

/// How many of the agency's jobs are in each view.
pub async fn counts(tx: &mut TenantTx) -> Result<JobCounts> {
    counts_of(tx, false).await
}

/// How many of the agency's jobs are in each view; with `only_mine` those that the person who looks started.
pub async fn counts_of(tx: &mut TenantTx, only_mine: bool) -> Result<JobCounts> {
    let (agency, user) = (agency(tx)?, tx.user());
    let row = sqlx::query!(
        r#"select count(*) filter (where finished_at is null and status <> 'AWAITING_INPUT') as "running!", count(*) filter (where status = 'FAILED') as "failed!",
                  count(*) filter (where status = 'AWAITING_INPUT') as "needs_input!", count(*) as "all!",
                  count(*) filter (where requested_by = $2) as "mine!", count(*) filter (where status = 'COMPLETED') as "done!",
                  count(*) filter (where status = 'CANCELLED') as "cancelled!",
                  (select count(distinct t.job_id) from todos t join provisioning_jobs c on c.agency_id = $1 and c.id = t.job_id
                     left join sub_accounts b on b.agency_id = $1 and b.id = t.sub_account_id
                   where t.agency_id = $1 and t.done_at is null and b.deleted_at is null and c.status in ('COMPLETED', 'CANCELLED') and (not $3 or c.requested_by = $2)) as "with_todos!"
           from provisioning_jobs where agency_id = $1 and (not $3 or requested_by = $2)"#,
        agency.0,
        user.map(|id| id.0),
        only_mine
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(JobCounts {
        running: row.running,
        failed: row.failed,
        needs_input: row.needs_input,
        mine: row.mine,
        done: row.done,
        cancelled: row.cancelled,
        with_todos: row.with_todos,
        all: row.all,
    })
}

/// How many jobs of all agencies are in each state that may need attention, for metrics.
pub async fn open_jobs(db: &Db) -> Result<Vec<(JobStatus, i64)>> {
    let mut tx = PlatformTx::begin(db, None).await?;
    let rows = sqlx::query!(
        r#"select status as "status: JobStatus", count(*) as "count!" from provisioning_jobs where finished_at is null or status = 'FAILED' group by status"#
    )
    .fetch_all(tx.conn())
    .await?;
    let count = |status| rows.iter().find(|row| row.status == status).map_or(0, |row| row.count);
    let open = JobStatus::ALL.into_iter().filter(|status| !status.is_finished() || *status == JobStatus::Failed);
    Ok(open.map(|status| (status, count(status))).collect())
}
