//! One-time links with which a business answers one job question without an account: it corrects the fields that
//! were refused. The table stores only the SHA-256 of the secret and a hash of the question, so a link answers no
//! other question.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::audit::Actor;
use domain::brand::Brand;
use domain::field::FieldError;
use domain::provisioning::{Client, ClientChange, JobStatus, NewJob, Question, Resume};
use domain::{AgencyId, JobId};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::{self, Act};
use crate::tenant::Settings;
use crate::{Db, Error, Result, Scope, TenantTx, found, new_id, provisioning};

/// The error text for a field that is sent with the refused value.
const UNCHANGED: &str = "This is what could not be used. Change it, then send.";

/// What a valid link asks for.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The agency that asks.
    pub brand: Brand,
    /// The job's question, with the fields that were refused.
    pub question: Question,
    /// The data of the business as the order has it.
    pub client: Client,
    /// When the link expires.
    pub expires_at: DateTime<Utc>,
}

/// Creates a link for the job's current question and expires the job's older link. Returns `Stale` when the job
/// asks for no fields.
pub async fn offer(tx: &mut TenantTx, hash: [u8; 32], job: JobId, valid: Duration) -> Result<()> {
    let (agency, by) = (tx.agency()?, tx.user());
    let (asked, _) = question(tx, job).await?.ok_or(Error::Stale)?;
    let payload = json!({ "question": fingerprint(&asked) });
    sqlx::query!(
        "update one_time_tokens set expires_at = now() where agency_id = $1 and purpose = 'answer' and subject_id = $2 and used_at is null and expires_at > now()",
        agency.0,
        job.0
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "insert into one_time_tokens (id, secret_hash, purpose, agency_id, created_by, subject_id, payload, expires_at)
         values ($1, $2, 'answer', $3, $4, $5, $6, now() + make_interval(secs => $7))",
        new_id::<Uuid>(),
        &hash,
        agency.0,
        by.map(|id| id.0),
        job.0,
        payload,
        valid.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    audit::record(tx, Act::new("answer_link.made", "job").object(job)).await
}

/// What the link with this secret asks for. `None` when the link is not valid, or when the job no longer asks
/// this.
pub async fn find(db: &Db, hash: [u8; 32]) -> Result<Option<Asked>> {
    let Some((mut tx, link)) = open(db, hash).await? else { return Ok(None) };
    let Some((question, order)) = own_question(&mut tx, &link).await? else { return Ok(None) };
    let expires_at = link.expires_at;
    let brand = crate::agencies::brand(&mut tx).await?;
    Ok(Some(Asked { brand, question, client: order.client, expires_at }))
}

/// Passes the given values to the job and uses the link up. Of two concurrent calls one succeeds and the other
/// finds no link. Fields that the question does not ask for stay as they are. The inner error names the values
/// that cannot be accepted; the link then stays valid. It also stays valid when no value differs from what was
/// refused, because some programs open every link of a mail and press every button.
pub async fn answer(
    db: &Db,
    hash: [u8; 32],
    given: impl Fn(&str) -> Option<String>,
) -> Result<std::result::Result<JobStatus, Vec<FieldError>>> {
    let (mut tx, link) = open(db, hash).await?.ok_or(Error::NotFound)?;
    let job = link.job;
    let (question, order) = own_question(&mut tx, &link).await?.ok_or(Error::NotFound)?;
    let asked = |name: &str| given(name).filter(|_| question.asks_for(name));
    let change = ClientChange::each(asked);
    if change.apply(&order.client) == order.client {
        let same = |field: &FieldError| FieldError::new(field.pointer.clone(), UNCHANGED);
        return Ok(Err(question.fields.iter().map(same).collect()));
    }
    let with = Resume { input: Some(change), ..Resume::default() };
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
    audit::record(&mut tx, Act::new("answer_link.used", "job").object(job).by(Actor::Token, Some(link.id))).await?;
    tx.commit().await?;
    Ok(Ok(status))
}

/// A valid link.
struct Link {
    id: Uuid,
    agency: AgencyId,
    job: JobId,
    /// Hash of the question that the link was created for. `None` for a link of a former version.
    question: Option<String>,
    expires_at: DateTime<Utc>,
}

/// Begins a transaction in the agency of a valid link. `None` when the link is not valid.
async fn open(db: &Db, hash: [u8; 32]) -> Result<Option<(TenantTx, Link)>> {
    let mut tx = TenantTx::begin(db, Scope::Presented(hash)).await?;
    let link = sqlx::query_as!(
        Link,
        r#"select id, agency_id as "agency!: AgencyId", subject_id as "job!: JobId", payload ->> 'question' as question, expires_at from one_time_tokens
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
    Ok(Some((TenantTx::begin_with(db, scope, settings).await?, link)))
}

/// The job's current question, if the link was created for it.
async fn own_question(tx: &mut TenantTx, link: &Link) -> Result<Option<(Question, NewJob)>> {
    let asked = question(tx, link.job).await?;
    Ok(asked.filter(|(question, _)| link.question.as_ref().is_none_or(|made_for| *made_for == fingerprint(question))))
}

/// A hash of everything that the question says.
fn fingerprint(question: &Question) -> String {
    hex::encode(Sha256::digest(serde_json::to_vec(question).unwrap_or_default()))
}

/// The job's open question with its order, if the question asks for fields of the business.
async fn question(tx: &mut TenantTx, job: JobId) -> Result<Option<(Question, NewJob)>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        "select j.client_data_json, j.question_json from provisioning_jobs j join agencies a on a.id = j.agency_id
         where j.agency_id = $1 and j.id = $2 and j.status = 'AWAITING_INPUT' and a.status = 'active' and a.deleted_at is null
           and not exists (select from sub_accounts b where b.agency_id = j.agency_id and b.id = j.sub_account_id and b.deleted_at is not null)",
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
