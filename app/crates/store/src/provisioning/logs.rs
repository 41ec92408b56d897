//! The log of a job and its outbound calls. Lines are written once and never changed.

use chrono::{DateTime, Utc};
use domain::JobId;
use domain::page::Page;
use domain::provisioning::{CallLine, LogLevel, LogLine, Step, StepStatus};
use serde_json::Value;
use uuid::Uuid;

use super::{Fence, agency, notify};
use crate::page::KeyKind;
use crate::page::cursor::{self, KeyValue, Position};
use crate::{Error, Result, TenantTx};

/// The step of lines that belong to the job and not to a step.
const JOB: &str = "JOB";

/// Which lines to return.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Only lines of this step.
    pub step: Option<Step>,
    /// Only lines of this level or of a more severe one.
    pub level: Option<LogLevel>,
    /// Only lines that contain this text.
    pub q: String,
    /// The cursor that the previous page returned.
    pub cursor: Option<String>,
    /// Number of lines to return, at most 2 000; 0 means 200.
    pub limit: u16,
}

/// Writes a line and notifies live pages. Returns `Stale` if the job is no longer ours.
pub async fn line(
    tx: &mut TenantTx,
    fence: &Fence,
    step: Option<Step>,
    level: LogLevel,
    message: &str,
    details: Option<&Value>,
) -> Result<()> {
    write(tx, fence, (step, None), level, message, details).await?;
    notify(tx, fence.job, None, step).await
}

/// Writes a line, or with a status the start or end of a step.
pub(super) async fn write(
    tx: &mut TenantTx,
    fence: &Fence,
    (step, status): (Option<Step>, Option<StepStatus>),
    level: LogLevel,
    message: &str,
    details: Option<&Value>,
) -> Result<()> {
    let message: String = message.chars().take(2_000).collect();
    let written = sqlx::query!(
        "insert into provisioning_logs (id, agency_id, job_id, step, status, level, attempt, message, details_json, \"timestamp\")
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, clock_timestamp()
         from provisioning_jobs where agency_id = $2 and id = $3 and attempt = $7 and lease_owner = $10",
        Uuid::now_v7(),
        fence.agency.0,
        fence.job.0,
        step.map_or(JOB, Step::key),
        status as Option<StepStatus>,
        level.key(),
        fence.attempt,
        message,
        details,
        fence.owner
    )
    .execute(tx.conn())
    .await?;
    if written.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// One page of a job's log, newest first.
pub async fn log(tx: &mut TenantTx, job: JobId, query: &LogQuery) -> Result<Page<LogLine>> {
    let agency = agency(tx)?;
    let size = i64::from(if query.limit == 0 { 200 } else { query.limit.min(2_000) });
    let levels: Vec<String> = [LogLevel::Debug, LogLevel::Info, LogLevel::Warn, LogLevel::Error]
        .into_iter()
        .filter(|level| query.level.is_none_or(|least| *level as u8 >= least as u8))
        .map(|level| level.key().to_owned())
        .collect();
    let binding = cursor::binding(&("log", job, query.step.map(Step::key), query.level.map(LogLevel::key), &query.q));
    let after = query.cursor.as_deref().and_then(|text| after(text, &binding));
    let mut found = sqlx::query!(
        r#"select id, "timestamp" as at, step, status as "status: StepStatus", level, attempt, message, details_json
           from provisioning_logs
           where agency_id = $1 and job_id = $2 and ($3::text is null or step = $3) and level = any($4)
             and ($5 = '' or strpos(searchable(message), searchable($5)) > 0)
             and ($6::timestamptz is null or ("timestamp", id) < ($6, $7::uuid))
           order by "timestamp" desc, id desc limit $8"#,
        agency.0,
        job.0,
        query.step.map(Step::key),
        &levels,
        domain::text::line(&query.q),
        after.map(|(at, _)| at),
        after.map(|(_, id)| id),
        size + 1
    )
    .fetch_all(tx.conn())
    .await?;
    let more = found.len() > usize::try_from(size).unwrap_or(usize::MAX);
    found.truncate(usize::try_from(size).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more).map(|last| Position { key: KeyValue::Time(last.at), id: last.id });
    let next = last.and_then(|last| cursor::write(&binding, None, &last));
    let rows = found
        .into_iter()
        .map(|row| LogLine {
            id: row.id,
            at: row.at,
            step: Step::parse(&row.step),
            status: row.status,
            level: LogLevel::parse(&row.level),
            attempt: row.attempt,
            message: row.message,
            details: row.details_json,
        })
        .collect();
    Ok(Page { rows, next, total: None })
}

/// The line after which a page begins.
fn after(cursor: &str, binding: &str) -> Option<(DateTime<Utc>, Uuid)> {
    match cursor::read(cursor, binding, &KeyKind::Time)? {
        (Position { key: KeyValue::Time(at), id }, _) => Some((at, id)),
        _ => None,
    }
}

/// The last five hundred outbound calls of a job, oldest first.
pub async fn calls(tx: &mut TenantTx, job: JobId) -> Result<Vec<CallLine>> {
    let agency = agency(tx)?;
    let mut lines = sqlx::query!(
        "select created_at, method, endpoint, status, outcome, ms, request_id, quota_left
         from api_calls where agency_id = $1 and job_id = $2 order by created_at desc, id desc limit 500",
        agency.0,
        job.0
    )
    .map(|row| CallLine {
        at: row.created_at,
        method: row.method,
        endpoint: row.endpoint,
        status: row.status,
        outcome: row.outcome,
        ms: row.ms,
        request_id: row.request_id,
        quota_left: row.quota_left,
    })
    .fetch_all(tx.conn())
    .await?;
    lines.reverse();
    Ok(lines)
}
