//! What HighLevel still has to be told of a business's location: one row for each business, and an effect for each write.
//! A change here and its row are one transaction; the row says how far HighLevel knows of it.

use std::time::Duration;

use domain::clients::{LocationUpdate, UpdateState};
use domain::work::Kind;
use domain::{BusinessId, EffectId};
use serde_json::json;
use uuid::Uuid;

use super::{get, notify};
use crate::audit::{self, Act};
use crate::queue::{self, Work};
use crate::{Error, Result, TenantTx, found, new_id};

/// A change that HighLevel has not been told of.
#[derive(Clone, Debug)]
pub struct Sendable {
    /// The number of the change. What is known of an older one says nothing of this one.
    pub version: i32,
    /// HighLevel's id of the location.
    pub location: String,
    /// The names of the members that were changed.
    pub fields: Vec<String>,
    /// The business with its present data.
    pub business: domain::business::Business,
    /// The number of a job of the business that can still write its location.
    pub job: Option<i64>,
    /// Whether that job failed a day ago or longer, so that nobody seems to go on with it.
    pub is_job_left: bool,
}

/// The last change that HighLevel had to be told of.
pub async fn last_update(tx: &mut TenantTx, id: BusinessId) -> Result<Option<LocationUpdate>> {
    let row = sqlx::query!(
        "select state, fields, note, asked_at, ended_at from location_updates where sub_account_id = $1",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| LocationUpdate {
        state: UpdateState::parse(&row.state),
        fields: row.fields,
        note: row.note,
        asked_at: row.asked_at,
        ended_at: row.ended_at,
    }))
}

/// Asks for a change to be told to HighLevel. What an earlier change that was not told yet had changed is told with it.
pub async fn ask_update(tx: &mut TenantTx, id: BusinessId, fields: &[&str]) -> Result<()> {
    let fields: Vec<String> = fields.iter().map(|&field| field.to_owned()).collect();
    let (agency, user) = (tx.home().await?.ok_or(Error::NotFound)?, tx.user());
    sqlx::query!(
        "insert into location_updates as u (sub_account_id, agency_id, fields, asked_by) values ($1, $2, $3, $4)
         on conflict (sub_account_id) do update set version = u.version + 1, state = 'waiting', note = null, ended_at = null,
           asked_by = excluded.asked_by, asked_at = now(),
           fields = case when u.state = 'done' then excluded.fields
                    else array(select distinct unnest(u.fields || excluded.fields) order by 1) end",
        id.0,
        agency.0,
        &fields,
        user.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    queue_update(tx, id).await
}

async fn queue_update(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    queue::add(tx, &Work::new(Kind::UpdateLocation).subject(id).once(format!("location:{id}"))).await?;
    Ok(())
}

/// Goes on with a change that waited when the business was moved to the trash.
pub(super) async fn resume(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    match last_update(tx, id).await? {
        Some(LocationUpdate { state: UpdateState::Waiting, .. }) => queue_update(tx, id).await,
        _ => Ok(()),
    }
}

/// Tries a change again that waits or failed. Returns `Stale` if there is none.
pub async fn retry_update(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    let again = sqlx::query!(
        "update location_updates set state = 'waiting', note = null, ended_at = null where sub_account_id = $1 and state <> 'done'",
        id.0
    )
    .execute(tx.conn())
    .await?;
    if again.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    queue_update(tx, id).await?;
    notify(tx, id, "business.update_retried", json!({})).await
}

/// The change of a business that is to be told now, with its present data. `None` if there is none, or if the business is
/// in the trash or has no location.
pub async fn sendable(tx: &mut TenantTx, id: BusinessId) -> Result<Option<Sendable>> {
    let row = sqlx::query!(
        "select version, fields from location_updates where sub_account_id = $1 and state = 'waiting' for update",
        id.0
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(row) = row else { return Ok(None) };
    let business = match get(tx, id).await {
        Ok(business) if business.deleted_at.is_none() => business,
        Ok(_) | Err(Error::NotFound) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(location) = business.ghl_location_id.clone() else { return Ok(None) };
    let agency = tx.home().await?.ok_or(Error::NotFound)?;
    // Whatever a job may still write would be written over, and its marker in the name with it.
    let job = sqlx::query!(
        r#"select number, coalesce(status = 'FAILED' and finished_at < now() - interval '1 day', false) as "left!"
           from provisioning_jobs where agency_id = $1 and location_id = $2 and status not in ('COMPLETED', 'CANCELLED') order by number desc limit 1"#,
        agency.0,
        location
    )
    .fetch_optional(tx.conn())
    .await?;
    let (is_job_left, job) = (job.as_ref().is_some_and(|job| job.left), job.map(|job| job.number));
    Ok(Some(Sendable { version: row.version, location, fields: row.fields, business, job, is_job_left }))
}

/// Says why a change waits.
pub async fn wait_with_update(tx: &mut TenantTx, id: BusinessId, version: i32, why: &str) -> Result<()> {
    let told = sqlx::query!(
        "update location_updates set note = left($3, 1000) where sub_account_id = $1 and version = $2 and state = 'waiting' and note is distinct from left($3, 1000)",
        id.0,
        version,
        why
    )
    .execute(tx.conn())
    .await?;
    if told.rows_affected() == 1 { tell(tx, id).await } else { Ok(()) }
}

/// HighLevel knows of a change. `note` says what it did not take. Returns `Stale` if there is a newer change.
pub async fn finish_update(tx: &mut TenantTx, id: BusinessId, version: i32, note: Option<&str>) -> Result<()> {
    let done = sqlx::query!(
        "update location_updates set state = 'done', note = left($3, 1000), ended_at = now() where sub_account_id = $1 and version = $2 and state = 'waiting'",
        id.0,
        version,
        note
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    audit::record(tx, Act::new("business.update_sent", "business").object(id)).await?;
    tell(tx, id).await
}

/// A change could not be told to HighLevel. A newer one is not affected.
pub async fn fail_update(tx: &mut TenantTx, id: BusinessId, version: Option<i32>, why: &str) -> Result<()> {
    let failed = sqlx::query!(
        "update location_updates set state = 'failed', note = left($3, 1000), ended_at = now()
         where sub_account_id = $1 and ($2::int is null or version = $2) and state = 'waiting'",
        id.0,
        version,
        why
    )
    .execute(tx.conn())
    .await?;
    if failed.rows_affected() == 0 {
        return Ok(());
    }
    let act = Act::new("business.update_failed", "business").object(id);
    audit::record(tx, act.ended(domain::audit::Outcome::Failed, why)).await?;
    tell(tx, id).await
}

async fn tell(tx: &mut TenantTx, id: BusinessId) -> Result<()> {
    crate::outbox::add(tx, "business.changed", Some(id.0), &json!({})).await
}

/// Records a write of the business's location that is about to be sent for this change. `None` if there is a newer change,
/// or if another write can still be under way: then nothing may be sent.
pub async fn record_write(
    tx: &mut TenantTx,
    version: i32,
    location: &str,
    request_hash: [u8; 32],
    owner: Uuid,
    settle: Duration,
) -> Result<Option<EffectId>> {
    let (agency, business) = (tx.home().await?.ok_or(Error::NotFound)?, tx.business().ok_or(Error::NotFound)?);
    // The lock makes the check and the record one step: of two runs, the second one sees the record of the first.
    let last = sqlx::query_scalar!(
        "select version from location_updates where sub_account_id = $1 and state = 'waiting' for update",
        business.0
    )
    .fetch_optional(tx.conn())
    .await?;
    if last != Some(version) || !doubtful_writes(tx).await?.is_empty() {
        return Ok(None);
    }
    let id: EffectId = new_id();
    sqlx::query!(
        "insert into effects (id, agency_id, sub_account_id, kind, provider, marker, request_hash, state, provider_ref, attempt, lease_owner, sent_at, settle_after)
         values ($1, $2, $3, 'update_location', 'ghl', $4, $5, 'IN_DOUBT', $6, 0, $7, now(), now() + make_interval(secs => $8))",
        id.0,
        agency.0,
        business.0,
        id.to_string(),
        &request_hash[..],
        location,
        owner,
        settle.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(Some(id))
}

/// A write of which nobody knows whether it happened.
#[derive(Clone, Debug)]
pub struct Doubtful {
    /// Its record.
    pub effect: EffectId,
    /// The hash of what was sent.
    pub request_hash: Vec<u8>,
    /// How long it can still be under way.
    pub settles_in: Duration,
}

/// The writes of the business's location of which nobody knows whether they happened, oldest first.
pub async fn doubtful_writes(tx: &mut TenantTx) -> Result<Vec<Doubtful>> {
    let business = tx.business().ok_or(Error::NotFound)?;
    let rows = sqlx::query!(
        r#"select id, request_hash, least(coalesce(extract(epoch from settle_after - now()), 0), 3600)::float8 as "settles_in!"
           from effects where sub_account_id = $1 and job_id is null and kind = 'update_location' and state = 'IN_DOUBT' order by created_at, id"#,
        business.0
    )
    .fetch_all(tx.conn())
    .await?;
    let doubtful = rows.into_iter().map(|row| Doubtful {
        effect: EffectId(row.id),
        request_hash: row.request_hash,
        settles_in: Duration::from_secs_f64(row.settles_in.max(0.0)),
    });
    Ok(doubtful.collect())
}

/// The write happened.
pub async fn confirm_write(tx: &mut TenantTx, effect: EffectId) -> Result<()> {
    decide(tx, effect, "CONFIRMED").await
}

/// The write was not carried out.
pub async fn refuse_write(tx: &mut TenantTx, effect: EffectId) -> Result<()> {
    decide(tx, effect, "REFUSED").await
}

/// The write can be under way no longer, and HighLevel does not show it.
pub async fn mark_absent(tx: &mut TenantTx, effect: EffectId) -> Result<()> {
    decide(tx, effect, "ABSENT").await
}

async fn decide(tx: &mut TenantTx, effect: EffectId, state: &str) -> Result<()> {
    let decided = sqlx::query!(
        "update effects set state = $2, decided_at = now() where id = $1 and job_id is null and state in ('IN_DOUBT', 'ABSENT', $2)",
        effect.0,
        state
    )
    .execute(tx.conn())
    .await?;
    found(decided.rows_affected())
}
