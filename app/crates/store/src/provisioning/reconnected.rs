//! Which jobs go on when their connection works again? Whoever connects asks for it in the transaction of the connection; the jobs
//! themselves go on in batches, each a transaction of its own, so that a thousand of them hold nobody up.

use std::time::Duration;

use domain::work::Kind;
use domain::{IntegrationId, JobId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{agency, ask};
use crate::queue::{self, Work};
use crate::{Result, TenantTx, integrations};

/// Jobs that go on in one transaction.
const BATCH: i64 = 50;

/// A job that worked with the former connection may ask about it when all others have gone on already; by then it has.
const STRAGGLERS: Duration = Duration::from_secs(120);

/// Which of the waiting jobs go on; the payload of [`Kind::ResumeJobs`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingJobs {
    /// Whether a consent may have granted what was missing: then those that lack a permission go on, too.
    pub granted: bool,
    /// The company that the agency worked with until now, by HighLevel's id.
    pub before: Option<String>,
}

/// Has every job of the agency go on that waits for its connection, and gives their number. Part of connecting again, so that
/// nobody has to answer the same question in one job after the other. `before` is the company it worked with until now: jobs that
/// began in another one are left to a person, for what they may have made lies there. Nothing goes on when `integration` is not the
/// company in use.
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

/// The same for a connection that works again although nobody connected it anew. Jobs that lack a permission go on asking: nothing was
/// granted.
pub async fn healed(tx: &mut TenantTx, integration: IntegrationId) -> Result<usize> {
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

/// Whether the connection is the one in use, works as far as is known, and is to the company that the jobs began with.
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

/// Lets the next of them go on, from `after` in the order of their ids, and gives the last one it looked at. Nothing when none is left,
/// or when the connection does not work any more.
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
        ask::goes_on(tx, JobId(*job)).await?;
    }
    Ok(jobs.last().copied().map(JobId))
}
