//! Reads a page of the jobs list and the counts of its views. It finds the ids first and then reads all rows in one
//! statement, so every order uses the same row query.

use chrono::{DateTime, Utc};
use domain::BusinessId;
use domain::page::{ListQuery, Page};
use domain::provisioning::{JobCounts, JobRow, JobStatus};
use uuid::Uuid;

use super::agency;
use super::rows::rows;
use crate::{Db, PlatformTx, Result, TenantTx};

/// Position of a line, after which the next page starts: its sort key, time and id.
struct Cursor {
    key: String,
    at: DateTime<Utc>,
    id: Uuid,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '~');
        let micros = parts.next()?.parse().ok()?;
        let id = parts.next()?.parse().ok()?;
        Some(Self { key: parts.next()?.to_owned(), at: DateTime::from_timestamp_micros(micros)?, id })
    }

    fn text(&self) -> String {
        format!("{}~{}~{}", self.at.timestamp_micros(), self.id, self.key)
    }
}

/// Whether `list` can read the query's cursor.
#[must_use]
pub fn knows_cursor(query: &ListQuery) -> bool {
    query.cursor.as_deref().is_none_or(|text| text.is_empty() || Cursor::parse(text).is_some())
}

/// The sort orders that `list` supports. The first one is the default.
pub const ORDERS: &[&str] = &["-created", "created", "client", "-client", "status", "-status"];

/// One page of the agency's jobs, in one of `ORDERS`. The views are `running`, `failed`, `needs_input`, `mine` and
/// `done`; any other value shows all jobs. The text is searched in name, email, number and location.
pub async fn list(tx: &mut TenantTx, query: &ListQuery) -> Result<Page<JobRow>> {
    let cursor = query.cursor.as_deref().and_then(Cursor::parse);
    let size = query.size();
    let mut found = if query.order(ORDERS) == "-created" && query.q.trim().is_empty() {
        newest(tx, query, cursor.as_ref()).await?
    } else {
        ordered(tx, query, cursor.as_ref()).await?
    };
    let more = found.len() > usize::try_from(size).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let next = found.last().filter(|_| more).map(Cursor::text);
    let ids: Vec<Uuid> = found.into_iter().map(|line| line.id).collect();
    Ok(Page { rows: rows(tx, &ids).await?, next, total: None })
}

/// The usual list, newest first. It is read from the index, which stops after one page however many jobs there
/// are.
async fn newest(tx: &mut TenantTx, query: &ListQuery, cursor: Option<&Cursor>) -> Result<Vec<Cursor>> {
    let (agency, user) = (agency(tx)?, tx.user());
    let found = sqlx::query!(
        r#"select j.id, j.created_at from provisioning_jobs j
           where j.agency_id = $1
             and case $2 when 'running' then j.finished_at is null and j.status <> 'AWAITING_INPUT' when 'failed' then j.status = 'FAILED'
                         when 'needs_input' then j.status = 'AWAITING_INPUT' when 'mine' then j.requested_by = $3 when 'done' then j.status = 'COMPLETED' else true end
             and (j.created_at, j.id) < (coalesce($4::timestamptz, 'infinity'), coalesce($5::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff'))
           order by j.created_at desc, j.id desc limit $6"#,
        agency.0,
        query.view,
        user.map(|id| id.0),
        cursor.map(|cursor| cursor.at),
        cursor.map(|cursor| cursor.id),
        query.size() + 1,
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(|line| Cursor { key: String::new(), at: line.created_at, id: line.id }).collect())
}

/// Any other order, and every search. It reads all jobs of the agency.
async fn ordered(tx: &mut TenantTx, query: &ListQuery, cursor: Option<&Cursor>) -> Result<Vec<Cursor>> {
    let (agency, user) = (agency(tx)?, tx.user());
    let q = domain::text::line(&query.q);
    let order = query.order(ORDERS);
    let sort = order.trim_start_matches('-');
    let downwards = order.starts_with('-') && sort != "created";
    let oldest_first = order == "created";
    let found = sqlx::query!(
        r#"select id as "id!", created_at as "created_at!", key as "key!" from (
             select j.id, j.created_at, case $3 when 'client' then lower(j.client_data_json ->> 'name') when 'status' then j.status::text else '' end as key
             from provisioning_jobs j
             where j.agency_id = $1
               and case $2 when 'running' then j.finished_at is null and j.status <> 'AWAITING_INPUT' when 'failed' then j.status = 'FAILED'
                           when 'needs_input' then j.status = 'AWAITING_INPUT' when 'mine' then j.requested_by = $9 when 'done' then j.status = 'COMPLETED' else true end
               and ($4 = '' or strpos(folded(j.client_data_json ->> 'name'), folded($4)) > 0 or strpos(j.client_email, lower($4)) > 0 or lower(j.location_id) = lower($4) or ltrim($4, '#') = j.number::text)) p
           where $5::text is null or case when $10 then p.key < $5 else p.key > $5 end
              or (p.key = $5 and case when $11 then (p.created_at, p.id) > ($6::timestamptz, $7::uuid) else (p.created_at, p.id) < ($6::timestamptz, $7::uuid) end)
           order by case when $10 then p.key end desc, case when not $10 then p.key end, case when $11 then p.created_at end, case when $11 then p.id end,
                    p.created_at desc, p.id desc limit $8"#,
        agency.0,
        query.view,
        sort,
        q,
        cursor.map(|cursor| cursor.key.clone()),
        cursor.map(|cursor| cursor.at),
        cursor.map(|cursor| cursor.id),
        query.size() + 1,
        user.map(|id| id.0),
        downwards,
        oldest_first
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(|line| Cursor { key: line.key, at: line.created_at, id: line.id }).collect())
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
    let (agency, user) = (agency(tx)?, tx.user());
    let row = sqlx::query!(
        r#"select count(*) filter (where finished_at is null and status <> 'AWAITING_INPUT') as "running!", count(*) filter (where status = 'FAILED') as "failed!",
                  count(*) filter (where status = 'AWAITING_INPUT') as "needs_input!", count(*) as "all!",
                  count(*) filter (where requested_by = $2) as "mine!", count(*) filter (where status = 'COMPLETED') as "done!"
           from provisioning_jobs where agency_id = $1"#,
        agency.0,
        user.map(|id| id.0)
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(JobCounts {
        running: row.running,
        failed: row.failed,
        needs_input: row.needs_input,
        mine: row.mine,
        done: row.done,
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
