//! Finds locations that appeared after their creation was given up. A worker searches for their markers for a day. A
//! location that carries such a marker and does not belong to the job is stored as evidence and shown to people until
//! it expires.

use chrono::{DateTime, Utc};
use domain::provisioning::ExtraLocation;
use domain::{EffectId, JobId};
use uuid::Uuid;

use super::{Source, agency, effects, notify};
use crate::{Result, TenantTx};

/// Location writes that a job gave up, and the location that it has.
#[derive(Clone, Debug, Default)]
pub struct GivenUp {
    /// The given-up writes with their markers.
    pub markers: Vec<(EffectId, String)>,
    /// The job's own location.
    pub location: Option<String>,
}

/// The location writes that a job gave up since a time.
pub async fn given_up(tx: &mut TenantTx, job: JobId, since: DateTime<Utc>) -> Result<GivenUp> {
    let agency = agency(tx)?;
    let rows = sqlx::query!(
        r#"select j.location_id, e.id as "effect: EffectId", e.marker from provisioning_jobs j
           join effects e on e.agency_id = $1 and e.job_id = j.id and e.kind = 'create_location' and e.state in ('ABSENT', 'ABANDONED') and e.decided_at > $3
           where j.agency_id = $1 and j.id = $2"#,
        agency.0,
        job.0,
        since
    )
    .fetch_all(tx.conn())
    .await?;
    let location = rows.first().and_then(|row| row.location_id.clone());
    Ok(GivenUp { markers: rows.into_iter().map(|row| (row.effect, row.marker)).collect(), location })
}

/// Records that a location with the marker of a given-up write was found, and notifies live pages.
pub async fn record_late_location(
    tx: &mut TenantTx,
    job: JobId,
    effect: EffectId,
    location: &str,
    observer: Uuid,
) -> Result<()> {
    effects::observe(tx, effect, Source::Search, location, observer).await?;
    notify(tx, job, None, None).await
}

/// Locations that carry the marker of a job and are not the job's own, newest first: of one job, or with `None` of
/// all jobs whose write was recorded in the last seven days.
pub async fn extra(tx: &mut TenantTx, job: Option<JobId>) -> Result<Vec<ExtraLocation>> {
    let agency = agency(tx)?;
    let rows = sqlx::query_as!(
        ExtraLocation,
        r#"select j.id as "job: JobId", j.number, coalesce(j.client_data_json ->> 'name', '') as "client_name!", o.provider_ref as "location!", min(o.observed_at) as "seen_at!"
           from effects e join provisioning_jobs j on j.agency_id = $1 and j.id = e.job_id
           join effect_observations o on o.agency_id = $1 and o.effect_id = e.id
           where e.agency_id = $1 and e.kind = 'create_location' and e.state in ('ABSENT', 'ABANDONED', 'CONFIRMED') and ($2::uuid is null or e.job_id = $2)
             and ($2::uuid is not null or e.created_at > now() - interval '7 days') and o.provider_ref is distinct from j.location_id and o.provider_ref is not null
           group by j.id, j.number, j.client_data_json, o.provider_ref order by min(o.observed_at) desc limit 20"#,
        agency.0,
        job.map(|id| id.0)
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
