//! Links with which a client gives what their job asks for, without an account: the refused fields of one question, once.
//! Only the SHA-256 of the secret is stored.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::audit::Actor;
use domain::field::FieldError;
use domain::provisioning::{Client, ClientChange, JobStatus, NewJob, Question, Resume};
use domain::{AgencyId, JobId};
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, new_id, provisioning};

/// What a working link asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who asks.
    pub agency_name: String,
    /// The question of the job, with the fields that were refused.
    pub question: Question,
    /// The client as it stands in the order.
    pub client: Client,
    /// Until when the link works.
    pub expires_at: DateTime<Utc>,
}

/// Makes a link for what the job asks now; an older link of the job ends. `Stale` when the job asks for no fields.
pub async fn offer(tx: &mut TenantTx, hash: [u8; 32], job: JobId, valid: Duration) -> Result<()> {
    let (agency, by) = (tx.agency()?, tx.user());
    question(tx, job).await?.ok_or(Error::Stale)?;
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where agency_id = $1 and purpose = 'answer' and subject_id = $2 and used_at is null and expires_at > now()",
        agency.0,
        job.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, created_by, subject_id, expires_at)
         values ($1, $2, 'answer', $3, $4, $5, now() + make_interval(secs => $6))",
        new_id::<Uuid>(),
        &hash,
        agency.0,
        by.map(|id| id.0),
        job.0,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("answer_link.made", "job").object(job)).await
}

/// What the link with this secret asks for, while it works and the job still asks.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<Asked>> {
    let Some((mut tx, job, expires_at)) = open(db, hash).await? else { return Ok(None) };
    let Some((question, order)) = question(&mut tx, job).await? else { return Ok(None) };
    let agency_name = crate::agencies::get(&mut tx).await?.name;
    Ok(Some(Asked { agency_name, question, client: order.client, expires_at }))
}

/// Gives the job what it asked for and uses the link up; of two at once one wins, the other finds nothing. Fields that were not
/// asked for stay as they are. The inner error names what cannot be taken; then the link still works.
pub async fn answer(
    db: &Db,
    hash: [u8; 32],
    given: impl Fn(&str) -> Option<String>,
) -> Result<std::result::Result<JobStatus, Vec<FieldError>>> {
    let (mut tx, job, _) = open(db, hash).await?.ok_or(Error::NotFound)?;
    let (question, _) = question(&mut tx, job).await?.ok_or(Error::NotFound)?;
    let asked = |name: &str| given(name).filter(|_| question.asks_for(name));
    let with = Resume { input: Some(ClientChange::each(asked)), ..Resume::default() };
    let status = match provisioning::resume(&mut tx, job, &with).await? {
        Ok(status) => status,
        Err(errors) => return Ok(Err(errors)),
    };
    let spent = sqlx::query!(
        "update one_time_tokens set used_at = now() where secret_hash = $1 and used_at is null and expires_at > now()",
        &hash
    )
    .execute(tx.conn())
    .await?;
    found(spent.rows_affected())?;
    audit::record(&mut tx, Act::new("answer_link.used", "job").object(job).by(Actor::Token, None)).await?;
    tx.commit().await?;
    Ok(Ok(status))
}

/// A transaction in the agency of a link that works, its job, and until when.
async fn open(db: &Db, hash: [u8; 32]) -> Result<Option<(TenantTx, JobId, DateTime<Utc>)>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let link = sqlx::query!(
        r#"select agency_id as "agency!: AgencyId", subject_id as "job!: JobId", expires_at from one_time_tokens
           where secret_hash = $1 and purpose = 'answer' and used_at is null and expires_at > now() and agency_id is not null and subject_id is not null"#,
        &hash
    )
    .fetch_optional(tx.conn())
    .await?;
    drop(tx);
    let Some(link) = link else { return Ok(None) };
    let settings = Settings {
        agency: Some(link.agency),
        reach: Some(domain::identity::Reach::All),
        presented: Some(hash),
        ..Settings::default()
    };
    let scope = Scope::Presented(hash);
    Ok(Some((TenantTx::begin_with(db, scope, settings).await?, link.job, link.expires_at)))
}

/// The job's open question with its order, where it asks for fields of the client.
async fn question(tx: &mut TenantTx, job: JobId) -> Result<Option<(Question, NewJob)>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        "select j.client_data_json, j.question_json from provisioning_jobs j join agencies a on a.id = j.agency_id
         where j.agency_id = $1 and j.id = $2 and j.status = 'AWAITING_INPUT' and a.status = 'active' and a.deleted_at is null",
        agency.0,
        job.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.and_then(|row| {
        let question: Question = serde_json::from_value(row.question_json?).ok()?;
        let order = NewJob::from_stored(row.client_data_json, None).ok()?;
        (!question.fields.is_empty()).then_some((question, order))
    }))
}
