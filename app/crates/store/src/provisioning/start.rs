//! Starts a job: one transaction writes the job, its eleven steps, the work for it and the audit row.
//! The same idempotency key with the same order returns the same job again; with another order it returns `Taken`.

use std::time::Duration;

use domain::provisioning::{Checked, Duplicate, JobStatus, Step};
use domain::{AgencyId, ApiTokenId, JobId, SnapshotId, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{agency, duplicates, notify, record, wake};
use crate::{Db, Error, Result, Scope, TenantTx, new_id};

/// The constraint that `Taken` names when an idempotency key is used again with another order.
pub const KEY_TAKEN: &str = "provisioning_jobs_idem";

/// How often a whole transaction is repeated.
const TRIES: u32 = 3;

/// A job that was started, now or by an earlier request with the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// The job.
    pub job: JobId,
    /// Whether an earlier request had started it.
    pub repeated: bool,
}

/// What became of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// The job was started, now or by an earlier request.
    Started(Started),
    /// Nothing was started, because these businesses or jobs resemble it.
    Duplicates(Vec<Duplicate>),
}

/// Identifies a request when it is sent again: by its idempotency key, and by the API token that sent it. Two
/// programs may use the same key. It is remembered for a day, and a little longer (`retention`).
#[derive(Clone, Copy, Debug)]
pub struct RequestKey<'a> {
    /// The idempotency key.
    pub key: &'a str,
    /// The API token. `None` for a request from a page.
    pub token: Option<ApiTokenId>,
}

impl RequestKey<'_> {
    /// A key that belongs to this token alone, for a job whose own key another token has already used.
    fn apart(self) -> Option<String> {
        let token = self.token?;
        Some(format!("token:{token}:{}", hex::encode(Sha256::digest(self.key))))
    }
}

/// Starts a job; a worker picks it up as soon as the transaction is committed.
pub async fn start(tx: &mut TenantTx, order: &Checked, idempotency_key: Option<&str>) -> Result<Started> {
    start_once(tx, order, idempotency_key.map(|key| RequestKey { key, token: None })).await
}

async fn start_once(tx: &mut TenantTx, order: &Checked, key: Option<RequestKey<'_>>) -> Result<Started> {
    let (agency, user) = (agency(tx)?, tx.user());
    // A job that was started stays the answer, whatever has been deactivated since.
    if let Some(known) = started_by(tx, order, key).await? {
        return Ok(known);
    }
    if let Some(snapshot) = order.snapshot_id {
        offered(tx, agency, snapshot).await?;
    }
    let job: JobId = new_id();
    let token = key.and_then(|key| key.token);
    if !insert(tx, (agency, job, user), order, (key.map(|key| key.key), token)).await? {
        if let Some(known) = started_by(tx, order, key).await? {
            return Ok(known);
        }
        let apart = key.and_then(RequestKey::apart).ok_or(Error::Stale)?;
        if !insert(tx, (agency, job, user), order, (Some(&apart), token)).await? {
            return started_by(tx, order, key).await?.ok_or(Error::Stale);
        }
    }
    let ids: Vec<Uuid> = Step::ALL.iter().map(|_| Uuid::now_v7()).collect();
    let steps: Vec<String> = Step::ALL.iter().map(|step| step.key().to_owned()).collect();
    sqlx::query!(
        "insert into provisioning_steps (id, agency_id, job_id, step, position, input_json)
         select u.id, $1, $2, u.step, u.position::smallint, case u.position when 1 then jsonb_build_object('order_sha256', $5::text) else '{}' end
         from unnest($3::uuid[], $4::text[]) with ordinality u(id, step, position)",
        agency.0,
        job.0,
        &ids,
        &steps,
        fingerprint(order)
    )
    .execute(tx.conn())
    .await?;
    wake(tx, job).await?;
    notify(tx, job, Some(JobStatus::Pending), None).await?;
    record(tx, "provisioning.start", job).await?;
    Ok(Started { job, repeated: false })
}

/// Starts a job in a separate transaction, and only once whatever happens, unless the order resembles a business or job
/// of the agency and does not say `create_anyway`. Two orders that resemble each other and arrive at once may both start.
/// After a deadlock the transaction is repeated. When the response to the commit was lost, the job is looked up by its id
/// before the caller gets an error.
pub async fn start_unless_duplicate(
    db: &Db,
    scope: &Scope,
    order: &Checked,
    key: Option<RequestKey<'_>>,
) -> Result<Start> {
    let mut tries = 0..TRIES;
    loop {
        match attempt(db, scope, order, key).await? {
            Attempt::Ended(end) => return Ok(end),
            Attempt::Failed(error) if tries.next().is_none() => return Err(error),
            Attempt::Failed(_) => {}
        }
    }
}

/// How one transaction ended.
enum Attempt {
    /// With a result.
    Ended(Start),
    /// With an error that may pass when the transaction is repeated.
    Failed(Error),
}

async fn attempt(db: &Db, scope: &Scope, order: &Checked, key: Option<RequestKey<'_>>) -> Result<Attempt> {
    let mut tx = TenantTx::begin(db, scope.clone()).await?;
    let failed = |error: Error| if error.is_transient() { Ok(Attempt::Failed(error)) } else { Err(error) };
    let started = match start_or_compare(&mut tx, order, key).await {
        Ok(Start::Started(started)) => started,
        Ok(found) => return Ok(Attempt::Ended(found)),
        Err(error) => return failed(error),
    };
    match tx.commit().await {
        Ok(()) => Ok(Attempt::Ended(Start::Started(started))),
        Err(error) if error.is_unavailable() && !error.is_transient() => {
            match is_there(db, scope, started.job).await? {
                true => Ok(Attempt::Ended(Start::Started(started))),
                false => Err(error),
            }
        }
        Err(error) => failed(error),
    }
}

async fn start_or_compare(tx: &mut TenantTx, order: &Checked, key: Option<RequestKey<'_>>) -> Result<Start> {
    // Duplicates are read before the key is looked up. A job that an earlier request just started looks like a
    // duplicate, and is then found by its key.
    let known = if order.create_anyway { Vec::new() } else { duplicates(tx, &order.client).await? };
    if let Some(started) = started_by(tx, order, key).await? {
        return Ok(Start::Started(started));
    }
    if !known.is_empty() {
        return Ok(Start::Duplicates(known));
    }
    start_once(tx, order, key).await.map(Start::Started)
}

/// Whether a job exists. It retries, because the database connection was probably just lost.
async fn is_there(db: &Db, scope: &Scope, job: JobId) -> Result<bool> {
    let mut tries = 0..TRIES;
    loop {
        let asked = async {
            let mut tx = TenantTx::begin(db, scope.clone()).await?;
            let there = sqlx::query_scalar!(
                r#"select exists (select from provisioning_jobs where id = $1) as "there!""#,
                job.0
            );
            Ok(there.fetch_one(tx.conn()).await?)
        };
        match asked.await {
            Err(Error::Db(_)) if tries.next().is_some() => tokio::time::sleep(Duration::from_millis(200)).await,
            done => return done,
        }
    }
}

/// Inserts the job. Returns false if the key is already known.
async fn insert(
    tx: &mut TenantTx,
    (agency, job, user): (AgencyId, JobId, Option<UserId>),
    order: &Checked,
    (key, token): (Option<&str>, Option<ApiTokenId>),
) -> Result<bool> {
    let inserted = sqlx::query!(
        "insert into provisioning_jobs (id, agency_id, client_data_json, snapshot_id, requested_by, idempotency_key, requested_token, max_retries)
         select $1, $2, $3, $4, $5, $6, $7,
                coalesce((select case when settings_json ->> 'max_retries' ~ '^(20|1?[0-9])$' then (settings_json ->> 'max_retries')::int end
                          from agencies where id = $2), 3)
         on conflict (agency_id, idempotency_key) where idempotency_key is not null do nothing",
        job.0,
        agency.0,
        order.to_stored(),
        order.snapshot_id.map(|id| id.0),
        user.map(|id| id.0),
        key,
        token.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    Ok(inserted.rows_affected() == 1)
}

/// The job that an earlier request with this key started. Returns `Taken` if that request contained another order.
async fn started_by(tx: &mut TenantTx, order: &Checked, key: Option<RequestKey<'_>>) -> Result<Option<Started>> {
    let (agency, Some(key)) = (agency(tx)?, key) else { return Ok(None) };
    let known = sqlx::query!(
        r#"select j.id, p.input_json ->> 'order_sha256' as asked from provisioning_jobs j
           join provisioning_steps p on p.agency_id = j.agency_id and p.job_id = j.id and p.position = 1
           where j.agency_id = $1 and j.idempotency_key = any(array[$2, $3]) and (j.requested_token is null or j.requested_token = $4)
           order by j.requested_token nulls last limit 1"#,
        agency.0,
        key.key,
        key.apart(),
        key.token.map(|id| id.0)
    )
    .fetch_optional(tx.conn())
    .await?;
    match known {
        None => Ok(None),
        Some(known) if known.asked == Some(fingerprint(order)) => {
            Ok(Some(Started { job: JobId(known.id), repeated: true }))
        }
        Some(_) => Err(Error::Taken(KEY_TAKEN.into())),
    }
}

/// A hash of the order. Later corrections of the job do not change it.
#[must_use]
pub fn fingerprint(order: &Checked) -> String {
    let text = format!("{}|{:?}", order.to_stored(), order.snapshot_id);
    hex::encode(Sha256::digest(text))
}

async fn offered(tx: &mut TenantTx, agency: AgencyId, snapshot: SnapshotId) -> Result<()> {
    sqlx::query!("select id from snapshots where agency_id = $1 and id = $2 and is_active", agency.0, snapshot.0)
        .fetch_optional(tx.conn())
        .await?
        .map(|_| ())
        .ok_or_else(|| Error::Refused("snapshot_id".into()))
}
