//! Records the outside writes of a job and what is known of their outcome. A row is IN_DOUBT before the first byte
//! leaves. Anybody may add evidence at any time; only the holder of the fencing token may draw a conclusion.

use std::time::Duration;

use domain::provisioning::{CallInFlight, EffectState, JobStatus, Step};
use domain::{EffectId, JobId, StepId};
use uuid::Uuid;

use super::{Fence, agency, notify, steps};
use crate::{Error, Result, TenantTx};

/// A write that is about to be sent.
#[derive(Clone, Debug)]
pub struct NewEffect<'a> {
    /// Id of the effect, created by the caller.
    pub id: EffectId,
    /// What is written: `create_location`, `add_tag` ….
    pub kind: &'a str,
    /// The marker that proves which effect made an object. It is new for each effect.
    pub marker: &'a str,
    /// Where the marker can be seen at the provider. `None` if the write is recognized by its content.
    pub marked_in: Option<MarkedIn>,
    /// SHA-256 of the request.
    pub request_hash: [u8; 32],
    /// The provider's id of the changed object, if it exists before the write.
    pub provider_ref: Option<&'a str>,
    /// Id of its step.
    pub step: StepId,
    /// Time since sending after which no part of the write can still be in progress unseen.
    pub settle: Duration,
}

/// A write of the job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// Id of the effect.
    pub id: EffectId,
    /// What was written.
    pub kind: String,
    /// Its marker.
    pub marker: String,
    /// Where the marker can be seen at the provider.
    pub marked_in: Option<MarkedIn>,
    /// Time until no part of the write can be in progress unseen any more.
    pub settles_in: Duration,
    /// SHA-256 of the request.
    pub request_hash: Vec<u8>,
    /// What is known about its outcome.
    pub state: EffectState,
    /// The provider's id of the written object, once known.
    pub provider_ref: Option<String>,
    /// HTTP status of a response that was not a success. It proves nothing by itself; the effect is still searched
    /// for.
    pub answered: Option<i16>,
}

/// Where the marker of a write can be seen at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkedIn {
    /// In a name.
    Name,
    /// In an e-mail address.
    Email,
    /// Nowhere. Only the response or a person can tell the result.
    Nowhere,
}

impl MarkedIn {
    const ALL: [Self; 3] = [Self::Name, Self::Email, Self::Nowhere];

    const fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "email",
            Self::Nowhere => "nowhere",
        }
    }

    fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// The source of a piece of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The response to the write itself.
    Answer,
    /// A search at the provider.
    Search,
    /// A list at the provider.
    List,
    /// A person who checked.
    Person,
}

impl Source {
    const fn key(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Search => "search",
            Self::List => "list",
            Self::Person => "person",
        }
    }
}

/// What an empty search means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOutcome {
    /// The write did not happen: enough time has passed, and enough searches found nothing. The effect is now
    /// `ABSENT`.
    Absent,
    /// Search again after this time.
    Again(Duration),
}

/// Records that a write is about to be sent, and tells live pages, which show it while it has no answer. Returns false
/// and records nothing if the job is to be stopped, unless `even_if_cancelling` is set.
pub async fn record_write(
    tx: &mut TenantTx,
    fence: &Fence,
    new: &NewEffect<'_>,
    even_if_cancelling: bool,
) -> Result<bool> {
    if steps::hold(tx, fence).await? && !even_if_cancelling {
        return Ok(false);
    }
    sqlx::query!(
        "insert into effects (id, agency_id, kind, provider, marker, request_hash, job_id, step_id, state, provider_ref, attempt, lease_owner, sent_at, settle_after, marked_in)
         values ($1, $2, $3, 'ghl', $4, $5, $6, $7, 'IN_DOUBT', $8, $9, $10, now(), now() + make_interval(secs => $11), $12)",
        new.id.0,
        fence.agency.0,
        new.kind,
        new.marker,
        &new.request_hash[..],
        fence.job.0,
        new.step.0,
        new.provider_ref,
        fence.attempt,
        fence.owner,
        new.settle.as_secs_f64(),
        new.marked_in.map(MarkedIn::key)
    )
    .execute(tx.conn())
    .await?;
    notify(tx, fence.job, Some(JobStatus::InProgress), None).await?;
    Ok(true)
}

/// The write that the job's worker sent last and that has no answer yet. A write of an earlier claim is not in flight:
/// its outcome is looked for.
pub async fn call_in_flight(tx: &mut TenantTx, job: JobId) -> Result<Option<CallInFlight>> {
    let agency = agency(tx)?;
    let sent = sqlx::query!(
        r#"select e.kind, e.sent_at as "at!" from effects e join provisioning_jobs j on j.agency_id = e.agency_id and j.id = e.job_id
           where e.agency_id = $1 and e.job_id = $2 and e.state = 'IN_DOUBT' and e.answered is null and e.sent_at is not null
             and j.status = 'IN_PROGRESS' and j.attempt = e.attempt and j.lease_until > now()
             and not exists (select from effect_observations o where o.agency_id = $1 and o.effect_id = e.id)
           order by e.sent_at desc limit 1"#,
        agency.0,
        job.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(sent.and_then(|sent| CallInFlight::of_write(&sent.kind, sent.at)))
}

/// Adds evidence. It is never fenced, so a worker that lost its claim can still store the id that it received.
pub async fn observe(
    tx: &mut TenantTx,
    effect: EffectId,
    source: Source,
    provider_ref: &str,
    observer: Uuid,
) -> Result<()> {
    let agency = agency(tx)?;
    sqlx::query!(
        "insert into effect_observations (id, agency_id, effect_id, source, provider_ref, observer)
         select $1, $2, $3, $4, $5, $6
         where not exists (select from effect_observations o where o.agency_id = $2 and o.effect_id = $3 and o.source = $4 and o.provider_ref = $5)",
        Uuid::now_v7(),
        agency.0,
        effect.0,
        source.key(),
        provider_ref,
        observer
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The provider's ids that anybody observed for an effect.
pub async fn observations(tx: &mut TenantTx, effect: EffectId) -> Result<Vec<String>> {
    let agency = agency(tx)?;
    Ok(sqlx::query_scalar!(
        r#"select distinct provider_ref as "provider_ref!" from effect_observations where agency_id = $1 and effect_id = $2 and provider_ref is not null"#,
        agency.0,
        effect.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Concludes that the write happened, and stores the provider's id.
pub async fn confirm(tx: &mut TenantTx, fence: &Fence, effect: EffectId, provider_ref: &str) -> Result<()> {
    decide(tx, fence, effect, EffectState::Confirmed, Some(provider_ref)).await
}

/// Records a response that was not a success. It does not prove that nothing happened: the write stays in doubt
/// until a search. With `at_once`, the result is visible at once, so one search without a wait is enough, because
/// an answered write is no longer in progress.
pub async fn record_failed_response(
    tx: &mut TenantTx,
    fence: &Fence,
    effect: EffectId,
    status: u16,
    at_once: bool,
) -> Result<()> {
    steps::hold(tx, fence).await?;
    let noted = sqlx::query!(
        "update effects set answered = $4, looks = case when $5 then greatest(looks, 1) else looks end, settle_after = case when $5 then now() else settle_after end
         where agency_id = $1 and job_id = $2 and id = $3 and state = 'IN_DOUBT'",
        fence.agency.0,
        fence.job.0,
        effect.0,
        i16::try_from(status).ok().filter(|status| (100..600).contains(status)),
        at_once
    )
    .execute(tx.conn())
    .await?;
    if noted.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// Concludes that the write never reached the provider.
pub async fn refuse(tx: &mut TenantTx, fence: &Fence, effect: EffectId) -> Result<()> {
    decide(tx, fence, effect, EffectState::Refused, None).await
}

/// Gives the write up, because a person decided not to ask any longer or nothing is left that could be asked.
pub async fn abandon(tx: &mut TenantTx, fence: &Fence, effect: EffectId) -> Result<()> {
    decide(tx, fence, effect, EffectState::Abandoned, None).await
}

async fn decide(
    tx: &mut TenantTx,
    fence: &Fence,
    effect: EffectId,
    state: EffectState,
    provider_ref: Option<&str>,
) -> Result<()> {
    steps::hold(tx, fence).await?;
    let decided = sqlx::query!(
        "with s as (update provisioning_steps set lost_in_a_row = 0 where agency_id = $1 and job_id = $2 and lost_in_a_row > 0)
         update effects set state = $4, provider_ref = coalesce($5, provider_ref), decided_at = now()
         where agency_id = $1 and job_id = $2 and id = $3 and (state in ('PLANNED', 'IN_DOUBT', 'ABSENT', 'ABANDONED') or (state = $4 and provider_ref is not distinct from coalesce($5, provider_ref)))",
        fence.agency.0,
        fence.job.0,
        effect.0,
        state.key(),
        provider_ref
    )
    .execute(tx.conn())
    .await?;
    if decided.rows_affected() == 1 { Ok(()) } else { Err(Error::Stale) }
}

/// Records that a complete search found nothing. It concludes `ABSENT` once the effect has settled and an earlier
/// search was empty, too. `gap` is the minimum time between two searches.
pub async fn record_empty_search(
    tx: &mut TenantTx,
    fence: &Fence,
    effect: EffectId,
    gap: Duration,
) -> Result<SearchOutcome> {
    steps::hold(tx, fence).await?;
    let row = sqlx::query!(
        r#"update effects set
             state = case when looks >= 1 and settle_after <= now() then 'ABSENT' else state end,
             decided_at = case when looks >= 1 and settle_after <= now() then now() end,
             looks = looks + 1,
             settle_after = case when looks >= 1 and settle_after <= now() then settle_after else greatest(least(settle_after, now() + interval '1 hour'), now() + make_interval(secs => $4)) end
           where agency_id = $1 and job_id = $2 and id = $3 and state = 'IN_DOUBT'
           returning state, extract(epoch from settle_after - now())::float8 as "left!""#,
        fence.agency.0,
        fence.job.0,
        effect.0,
        gap.as_secs_f64()
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Stale)?;
    if row.state == EffectState::Absent.key() {
        return Ok(SearchOutcome::Absent);
    }
    Ok(SearchOutcome::Again(Duration::from_secs_f64(row.left.max(0.0)).min(gap)))
}

/// The effects of a step, oldest first.
pub async fn effects_of(tx: &mut TenantTx, job: JobId, step: Step) -> Result<Vec<Effect>> {
    all(tx, job, Some(step)).await
}

/// All effects of a job, oldest first.
pub async fn all_effects(tx: &mut TenantTx, job: JobId) -> Result<Vec<Effect>> {
    all(tx, job, None).await
}

async fn all(tx: &mut TenantTx, job: JobId, step: Option<Step>) -> Result<Vec<Effect>> {
    let agency = agency(tx)?;
    let found = sqlx::query!(
        r#"select e.id, e.kind, e.marker, e.marked_in, e.request_hash, e.state, e.provider_ref, e.answered,
             least(coalesce(extract(epoch from e.settle_after - now()), 0), 3600)::float8 as "settles_in!"
         from effects e join provisioning_steps s on s.agency_id = e.agency_id and s.id = e.step_id
         where e.agency_id = $1 and e.job_id = $2 and ($3::text is null or s.step = $3) order by e.created_at, e.id"#,
        agency.0,
        job.0,
        step.map(Step::key)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(found
        .into_iter()
        .map(|row| Effect {
            id: EffectId(row.id),
            kind: row.kind,
            marker: row.marker,
            marked_in: row.marked_in.as_deref().and_then(MarkedIn::parse),
            settles_in: Duration::from_secs_f64(row.settles_in.max(0.0)),
            request_hash: row.request_hash,
            state: EffectState::parse(&row.state).unwrap_or(EffectState::InDoubt),
            provider_ref: row.provider_ref,
            answered: row.answered,
        })
        .collect())
}
