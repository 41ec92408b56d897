//! Resumes jobs when their integration works again. The transaction that connects the integration requests it. The
//! jobs themselves resume in batches, each in a separate transaction, so that a thousand of them block nobody.

use std::time::Duration;

use domain::work::Kind;
use domain::{IntegrationId, JobId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{agency, ask};
use crate::queue::{self, Work};
use crate::{Result, TenantTx, integrations};

/// Jobs resumed in one transaction.
const BATCH: i64 = 50;

/// A job that worked with the former integration may ask its question when all others have already resumed. After
/// this time it has asked.
const STRAGGLERS: Duration = Duration::from_secs(120);

/// Which of the waiting jobs resume. It is the payload of [`Kind::ResumeJobs`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingJobs {
    /// Whether a consent may have granted what was missing. If so, jobs that lack a permission resume, too.
    pub granted: bool,
    /// HighLevel's id of the company that the agency worked with until now. `None` allows any company.
    pub before: Option<String>,
}

/// The jobs of an agency that ask for HighLevel to be connected again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobsToReconnect {
    /// Their number.
    pub count: i64,
    /// Those of them that were among the named jobs.
    pub named: Vec<JobId>,
}

/// The jobs that ask for HighLevel to be connected again, and which of the named jobs do.
pub async fn ask_to_reconnect(tx: &mut TenantTx, named: &[JobId]) -> Result<JobsToReconnect> {
    let named: Vec<Uuid> = named.iter().map(|id| id.0).collect();
    let found = sqlx::query!(
        r#"select count(*) as "count!", coalesce(array_agg(id) filter (where id = any ($2)), '{}') as "named!: Vec<Uuid>" from provisioning_jobs
           where agency_id = $1 and status = 'AWAITING_INPUT' and question_json ->> 'kind' = 'reconnect'"#,
        agency(tx)?.0,
        &named
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(JobsToReconnect { count: found.count, named: found.named.into_iter().map(JobId).collect() })
}

/// Resumes every job of the agency that waits for its integration, and returns their number. It is part of
/// connecting again, so that nobody has to answer the same question in one job after the other. `before` is the
/// company that the agency worked with until now: jobs that began in another company are left to a person, because
/// what they may have made is there. Nothing resumes if `integration` is not the active company.
pub async fn reconnected(tx: &mut TenantTx, integration: IntegrationId, before: Option<&str>) -> Result<usize> {
    let waiting = WaitingJobs { granted: true, before: before.map(str::to_owned) };
    let jobs = count(tx, integration, &waiting).await?;
    if jobs > 0 {
        queue::add(tx, &work(integration, &waiting)).await?;
    }
    if may_go_on(tx, integration, &waiting).await? {
        queue::add_in(tx, &work(integration, &waiting), STRAGGLERS).await?;
    }
    Ok(jobs)
}

/// Does the same for an integration that works again although nobody connected it again. Jobs that lack a
/// permission keep asking, because nothing was granted.
pub async fn resume_after_recovery(tx: &mut TenantTx, integration: IntegrationId) -> Result<usize> {
    let waiting = WaitingJobs { granted: false, before: None };
    let jobs = count(tx, integration, &waiting).await?;
    if jobs > 0 {
        queue::add(tx, &work(integration, &waiting)).await?;
    }
    Ok(jobs)
}

fn work(integration: IntegrationId, waiting: &WaitingJobs) -> Work {
    let key = format!("resume:{integration}:{}:{}", waiting.granted, waiting.before.as_deref().unwrap_or_default());
    let payload = serde_json::to_value(waiting).unwrap_or_default();
    Work::new(Kind::ResumeJobs).subject(integration).payload(payload).once(key.chars().take(200).collect::<String>())
}

/// Whether the integration is the active one, works as far as is known, and belongs to the company in which the
/// jobs began.
async fn may_go_on(tx: &mut TenantTx, integration: IntegrationId, waiting: &WaitingJobs) -> Result<bool> {
    Ok(integrations::company(tx).await?.is_some_and(|company| {
        let usable = company.is_active && company.paused_at.is_none() && company.needs_reauth_at.is_none();
        let same = waiting.before.as_ref().is_none_or(|before| *before == company.platform_id);
        usable && same && company.id == integration
    }))
}

async fn count(tx: &mut TenantTx, integration: IntegrationId, waiting: &WaitingJobs) -> Result<usize> {
    if !may_go_on(tx, integration, waiting).await? {
        return Ok(0);
    }
    let jobs = sqlx::query_scalar!(
        r#"select count(*) as "jobs!" from provisioning_jobs
           where agency_id = $1 and status = 'AWAITING_INPUT' and question_json ->> 'kind' = 'reconnect'
             and ($2 or coalesce(jsonb_array_length(question_json -> 'fields'), 0) = 0)"#,
        agency(tx)?.0,
        waiting.granted
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(usize::try_from(jobs).unwrap_or_default())
}

/// Resumes the next jobs, from `after` in the order of their ids, and returns the last one that it looked at.
/// Returns `None` if no job is left or the integration no longer works.
pub async fn resume_waiting(
    tx: &mut TenantTx,
    integration: IntegrationId,
    waiting: &WaitingJobs,
    after: Option<JobId>,
) -> Result<Option<JobId>> {
    if !may_go_on(tx, integration, waiting).await? {
        return Ok(None);
    }
    let jobs = sqlx::query_scalar!(
        "select id from provisioning_jobs
         where agency_id = $1 and status = 'AWAITING_INPUT' and question_json ->> 'kind' = 'reconnect' and id > $2
           and ($3 or coalesce(jsonb_array_length(question_json -> 'fields'), 0) = 0)
         order by id limit $4",
        agency(tx)?.0,
        after.map_or(Uuid::nil(), |id| id.0),
        waiting.granted,
        BATCH
    )
    .fetch_all(tx.conn())
    .await?;
    for job in &jobs {
        ask::resume_reconnected(tx, JobId(*job)).await?;
    }
    Ok(jobs.last().copied().map(JobId))
}
