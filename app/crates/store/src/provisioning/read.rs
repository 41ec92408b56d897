//! Reads everything that the job page shows about one job, from several tables.

use std::collections::BTreeMap;

use domain::provisioning::{
    AttemptView, EffectState, EffectView, Failure, FailureAction, JobLease, JobRow, JobStatus, JobView, Operation,
    Question, Step, StepStatus, StepView, Summary, Typical, Waiting,
};
use domain::{EffectId, JobId};

use super::rows::row;
use super::{agency, order};
use crate::{Result, TenantTx};

/// Reads everything about one job.
pub async fn get(tx: &mut TenantTx, job: JobId) -> Result<JobView> {
    let agency = agency(tx)?;
    let row = row(tx, job).await?;
    let rest = sqlx::query!(
        r#"select client_data_json, snapshot_id, question_json, cancel_requested_at is not null as "undoing!" from provisioning_jobs where agency_id = $1 and id = $2"#,
        agency.0,
        job.0
    )
    .fetch_one(tx.conn())
    .await?;
    let order = order(rest.client_data_json, rest.snapshot_id)?;
    let steps = steps(tx, job).await?;
    let effects = effects(tx, job).await?;
    let question = rest.question_json.and_then(|json| serde_json::from_value::<Question>(json).ok());
    let summary = steps
        .iter()
        .find(|step| step.step == Step::Finish)
        .and_then(|step| serde_json::from_value::<Summary>(step.output.get("summary")?.clone()).ok());
    Ok(JobView {
        failure: failure(&row, rest.undoing, &effects, question.as_ref()),
        typical: typical(tx, order.snapshot_id.is_some()).await?,
        operations: Operation::ALL
            .into_iter()
            .filter(|operation| !row.cancelling && row.status.allows(*operation))
            .collect(),
        row,
        order,
        steps,
        effects,
        question,
        summary,
        extra: super::extra(tx, Some(job)).await?,
    })
}

/// Until when a worker holds a job, how often it was claimed, and how many of the agency's jobs wait before it.
pub async fn hold(tx: &mut TenantTx, job: JobId) -> Result<JobLease> {
    let agency = agency(tx)?;
    let row = sqlx::query!(
        r#"select j.lease_until, j.attempt,
                  (select count(*) from provisioning_jobs p
                   where p.agency_id = $1 and p.status = 'PENDING' and (p.created_at, p.id) < (j.created_at, j.id)) as "ahead!"
           from provisioning_jobs j where j.agency_id = $1 and j.id = $2"#,
        agency.0,
        job.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(JobLease { until: row.lease_until, claims: row.attempt, ahead: row.ahead })
}

/// Builds the failure card: the cause, what exists because of it, and the possible actions.
fn failure(row: &JobRow, undoing: bool, effects: &[EffectView], question: Option<&Question>) -> Option<Failure> {
    if !matches!(row.status, JobStatus::Failed | JobStatus::AwaitingInput) {
        return None;
    }
    let step = question.map(|question| question.step).or(row.current_step);
    let unclear = effects.iter().any(|effect| effect.state == EffectState::InDoubt);
    let effect = match (question, &row.location_id) {
        (Some(question), _) => question.effect.clone(),
        (None, Some(location)) => format!("The location {location} exists in HighLevel; what is done so far is kept."),
        (None, None) if unclear => "HighLevel gave no clear answer, so something may exist there. It is looked for before anything is repeated.".into(),
        (None, None) => "Nothing was created in HighLevel.".into(),
    };
    let mut actions = Vec::new();
    if row.status == JobStatus::Failed {
        actions.push(FailureAction::Retry);
    }
    if undoing {
        // The undo goes on whatever a person chooses: nothing is corrected any more, and no step is required.
        actions.extend(step.map(|_| FailureAction::Skip));
        actions.push(FailureAction::StartOver);
    } else {
        actions.push(FailureAction::EditAndResume);
        actions.extend(step.and_then(Step::skip_consequence).map(|_| FailureAction::Skip));
        actions.extend([FailureAction::Undo, FailureAction::StartOver]);
    }
    let what = row.error.clone().unwrap_or_else(|| "The job stopped.".into());
    Some(Failure { step, what, effect, actions, undoing })
}

async fn steps(tx: &mut TenantTx, job: JobId) -> Result<Vec<StepView>> {
    let agency = agency(tx)?;
    let mut attempts = attempts(tx, job).await?;
    let typical = typical_steps(tx).await?;
    let found = sqlx::query!(
        r#"select id, step, status as "status: StepStatus", input_json, output_json, wait_reason, wait_until, started_at, finished_at
           from provisioning_steps where agency_id = $1 and job_id = $2 order by position"#,
        agency.0,
        job.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found
        .into_iter()
        .filter_map(|row| {
            let step = Step::parse(&row.step)?;
            let attempts = attempts.remove(&row.id).unwrap_or_default();
            let is_retry = attempts.last().is_some_and(|last| last.finished_at.is_some());
            Some(StepView {
                step,
                status: row.status,
                input: row.input_json,
                output: row.output_json,
                waiting: row.wait_reason.zip(row.wait_until).map(|(reason, until)| Waiting { reason, until, is_retry }),
                started_at: row.started_at,
                finished_at: row.finished_at,
                attempts,
                typical: typical.get(step.key()).copied().unwrap_or_default(),
            })
        })
        .collect())
}

async fn attempts(tx: &mut TenantTx, job: JobId) -> Result<BTreeMap<uuid::Uuid, Vec<AttemptView>>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        "select a.step_id, a.attempt, a.outcome, a.error_class, a.error_detail, a.input_json, a.started_at, a.finished_at
         from provisioning_attempts a join provisioning_steps s on s.agency_id = a.agency_id and s.id = a.step_id
         where a.agency_id = $1 and s.job_id = $2 order by a.step_id, a.attempt",
        agency.0,
        job.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut grouped: BTreeMap<uuid::Uuid, Vec<AttemptView>> = BTreeMap::new();
    for row in found {
        grouped.entry(row.step_id).or_default().push(AttemptView {
            attempt: row.attempt,
            outcome: row.outcome,
            error_class: row.error_class,
            error_detail: row.error_detail,
            input: row.input_json,
            started_at: row.started_at,
            finished_at: row.finished_at,
        });
    }
    Ok(grouped)
}

async fn effects(tx: &mut TenantTx, job: JobId) -> Result<Vec<EffectView>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        r#"select e.id, e.kind, s.step as "step?", e.marker, e.state, e.provider_ref, e.sent_at, e.decided_at
           from effects e left join provisioning_steps s on s.agency_id = e.agency_id and s.id = e.step_id
           where e.agency_id = $1 and e.job_id = $2 order by e.created_at, e.id"#,
        agency.0,
        job.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found
        .into_iter()
        .map(|row| EffectView {
            id: EffectId(row.id),
            kind: row.kind,
            step: row.step.as_deref().and_then(Step::parse),
            marker: row.marker,
            state: EffectState::parse(&row.state).unwrap_or(EffectState::InDoubt),
            provider_ref: row.provider_ref,
            sent_at: row.sent_at,
            decided_at: row.decided_at,
        })
        .collect())
}

/// How long jobs of the agency take, with or without a snapshot: percentiles of the last two hundred jobs that
/// succeeded at the first attempt, if there are five at least. A job that waited for a person or an outage says nothing about the next one.
pub async fn typical(tx: &mut TenantTx, with_snapshot: bool) -> Result<Typical> {
    let agency = agency(tx)?;
    let row = sqlx::query!(
        r#"select case when count(*) >= 5 then percentile_cont(0.5) within group (order by t.took) end as p50,
                  case when count(*) >= 5 then percentile_cont(0.9) within group (order by t.took) end as p90
           from (select extract(epoch from j.finished_at - j.created_at)::float8 as took from provisioning_jobs j
                 where j.agency_id = $1 and j.status = 'COMPLETED' and (j.snapshot_id is not null) = $2
                   and not exists (select from provisioning_steps s where s.job_id = j.id and s.agency_id = $1 and s.attempts > 1)
                 order by j.created_at desc limit 200) t"#,
        agency.0,
        with_snapshot
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(Typical { p50: row.p50, p90: row.p90 })
}

/// The same for the last two hundred finished jobs with a snapshot and as many without one, in one query. It is
/// for a mark in a list, so it need not leave out the jobs that waited.
pub async fn typicals(tx: &mut TenantTx) -> Result<(Typical, Typical)> {
    let agency = agency(tx)?;
    let row = sqlx::query!(
        r#"select case when count(*) filter (where t.loaded) >= 5 then percentile_cont(0.5) within group (order by t.took) filter (where t.loaded) end as p50_with,
                  case when count(*) filter (where t.loaded) >= 5 then percentile_cont(0.9) within group (order by t.took) filter (where t.loaded) end as p90_with,
                  case when count(*) filter (where not t.loaded) >= 5 then percentile_cont(0.5) within group (order by t.took) filter (where not t.loaded) end as p50,
                  case when count(*) filter (where not t.loaded) >= 5 then percentile_cont(0.9) within group (order by t.took) filter (where not t.loaded) end as p90
           from unnest(array[true, false]) as w (loaded) cross join lateral (
             select w.loaded, extract(epoch from j.finished_at - j.created_at)::float8 as took from provisioning_jobs j
             where j.agency_id = $1 and j.status = 'COMPLETED' and (j.snapshot_id is not null) = w.loaded
             order by j.created_at desc limit 200) t"#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok((Typical { p50: row.p50_with, p90: row.p90_with }, Typical { p50: row.p50, p90: row.p90 }))
}

/// How long each step took in the last two hundred finished jobs, where its first attempt succeeded.
async fn typical_steps(tx: &mut TenantTx) -> Result<BTreeMap<String, Typical>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        r#"select s.step, percentile_cont(0.5) within group (order by extract(epoch from s.finished_at - s.started_at)::float8) as p50,
                  percentile_cont(0.9) within group (order by extract(epoch from s.finished_at - s.started_at)::float8) as p90
           from (select id from provisioning_jobs where agency_id = $1 and status = 'COMPLETED' order by created_at desc limit 200) j
           join provisioning_steps s on s.agency_id = $1 and s.job_id = j.id and s.status = 'COMPLETED' and s.attempts = 1
           group by s.step having count(*) >= 5"#,
        agency.0
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found.into_iter().map(|row| (row.step, Typical { p50: row.p50, p90: row.p90 })).collect())
}
