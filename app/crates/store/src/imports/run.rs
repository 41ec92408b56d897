//! Imports sub-accounts one by one: which wait, what stands in the way of one, and how each ended. A row leaves the
//! state `waiting` exactly once, in the transaction that creates its client or says why there is none.

use domain::business::Details;
use domain::imports::Pick;
use domain::notifications::Kind as News;
use domain::work::Kind;
use domain::{AgencyId, BusinessId, IntegrationId, UserId};
use serde_json::json;
use uuid::Uuid;

use super::{lock, notify};
use crate::audit::{self, Act};
use crate::events::{self, Event};
use crate::queue::Work;
use crate::{Error, Result, TenantTx};

/// Marks these sub-accounts as waiting, for the transaction's person. Returns how many: one that is a client, that a job
/// is setting up, that waits already or is not in the list is left alone.
pub async fn pick(tx: &mut TenantTx, picks: &[Pick]) -> Result<u64> {
    let (agency, user) = (tx.agency()?, tx.user());
    lock(tx).await?;
    let ids: Vec<String> = picks.iter().map(|pick| pick.location.clone()).collect();
    let emails: Vec<Option<String>> = picks.iter().map(|pick| pick.email.clone()).collect();
    let invites: Vec<bool> = picks.iter().map(|pick| pick.invite).collect();
    let done = sqlx::query!(
        "update ghl_locations l set import_state = 'waiting', import_error = null, import_email = p.email, import_invites = p.invite, import_by = $5
         from unnest($2::text[], $3::text[], $4::bool[]) as p (id, email, invite)
         where l.agency_id = $1 and l.ghl_location_id = p.id and l.import_state is distinct from 'waiting'
           and not exists (select from sub_accounts b where b.agency_id = l.agency_id and b.ghl_location_id = l.ghl_location_id and b.deleted_at is null)
           and not exists (select from provisioning_jobs j where j.agency_id = l.agency_id and j.location_id = l.ghl_location_id
             and j.status <> 'CANCELLED' and j.sub_account_id is null and j.finished_at is null)",
        agency.0,
        &ids,
        &emails as &[Option<String>],
        &invites,
        user.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    picked(tx, done.rows_affected()).await
}

/// The same for every sub-account that no client has, also none in the trash. Nobody is invited.
pub async fn pick_all(tx: &mut TenantTx) -> Result<u64> {
    let (agency, user) = (tx.agency()?, tx.user());
    lock(tx).await?;
    let done = sqlx::query!(
        "update ghl_locations l set import_state = 'waiting', import_error = null, import_email = null, import_invites = false, import_by = $2
         where l.agency_id = $1 and l.import_state is distinct from 'waiting'
           and not exists (select from sub_accounts b where b.agency_id = l.agency_id and b.ghl_location_id = l.ghl_location_id)
           and not exists (select from provisioning_jobs j where j.agency_id = l.agency_id and j.location_id = l.ghl_location_id
             and j.status <> 'CANCELLED' and j.sub_account_id is null and j.finished_at is null)",
        agency.0,
        user.map(|id| id.0)
    )
    .execute(tx.conn())
    .await?;
    picked(tx, done.rows_affected()).await
}

/// Adds sub-accounts to the import that goes on, or begins one.
async fn picked(tx: &mut TenantTx, count: u64) -> Result<u64> {
    let agency = tx.agency()?;
    if count == 0 {
        return Ok(0);
    }
    sqlx::query!(
        "update location_lists set import_total = case when import_begun_at is not null and import_ended_at is null then import_total else 0 end + $2,
           import_done = case when import_begun_at is not null and import_ended_at is null then import_done else 0 end,
           import_failed = case when import_begun_at is not null and import_ended_at is null then import_failed else 0 end,
           import_begun_at = case when import_begun_at is not null and import_ended_at is null then import_begun_at else now() end,
           import_ended_at = null, import_delay = null where agency_id = $1",
        agency.0,
        i32::try_from(count).unwrap_or(i32::MAX)
    )
    .execute(tx.conn())
    .await?;
    let act = Act::new("clients.import_begun", "agency").object(agency).payload(json!({ "count": count }));
    audit::record(tx, act).await?;
    notify(tx).await?;
    Ok(count)
}

/// The background work that goes on with an agency's import. It waits only once.
#[must_use]
pub fn work(agency: AgencyId, integration: IntegrationId) -> Work {
    Work::new(Kind::ImportLocations).subject(integration.0).once(format!("import:{agency}"))
}

/// A sub-account that is imported next.
#[derive(Clone, Debug)]
pub struct Next {
    /// Id of its row.
    pub id: Uuid,
    /// HighLevel's id of the location.
    pub location: String,
    /// Its name.
    pub name: String,
    /// What the client gets. The e-mail address is the one that a person typed, if there is one.
    pub details: Details,
    /// Whether its owner is invited.
    pub invites: bool,
    /// The person who asked for it.
    pub by: Option<UserId>,
}

/// Some sub-account of the agency that waits to be imported.
pub async fn next(tx: &mut TenantTx) -> Result<Option<Next>> {
    let agency = tx.agency()?;
    let row = sqlx::query!(
        r#"select id, ghl_location_id, name, nullif(coalesce(import_email, email), '') as email, phone, website, address, city, state, postal_code, country, timezone,
                  import_invites, import_by as "by: UserId"
           from ghl_locations where agency_id = $1 and import_state = 'waiting' order by id limit 1"#,
        agency.0
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| Next {
        id: row.id,
        location: row.ghl_location_id,
        name: row.name,
        details: Details {
            email: row.email,
            phone: row.phone,
            website: row.website,
            address: row.address,
            city: row.city,
            state: row.state,
            postal_code: row.postal_code,
            country: row.country,
            timezone: row.timezone,
            notes: None,
        },
        invites: row.import_invites,
        by: row.by,
    }))
}

/// Number of sub-accounts of the agency that wait to be imported.
pub async fn waiting(tx: &mut TenantTx) -> Result<i64> {
    let agency = tx.agency()?;
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from ghl_locations where agency_id = $1 and import_state = 'waiting'"#,
        agency.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// What already has a sub-account in this agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// A client with this name.
    Client(String),
    /// A client with this name, in the trash.
    Trash(String),
    /// A job with this number that is not done, and whose client is not created yet.
    Job(String),
}

/// What already has a location in this agency, if anything.
pub async fn obstacle(tx: &mut TenantTx, location: &str) -> Result<Option<Obstacle>> {
    let agency = tx.agency()?;
    let known = sqlx::query!(
        r#"select name, deleted_at is not null as "trashed!" from sub_accounts
           where agency_id = $1 and ghl_location_id = $2 order by deleted_at is not null limit 1"#,
        agency.0,
        location
    )
    .fetch_optional(tx.conn())
    .await?;
    if let Some(known) = known {
        return Ok(Some(if known.trashed { Obstacle::Trash(known.name) } else { Obstacle::Client(known.name) }));
    }
    let job = sqlx::query_scalar!(
        r#"select number::text as "number!" from provisioning_jobs
           where agency_id = $1 and location_id = $2 and sub_account_id is null and finished_at is null limit 1"#,
        agency.0,
        location
    )
    .fetch_optional(tx.conn())
    .await?;
    Ok(job.map(Obstacle::Job))
}

/// Records that a waiting sub-account became this client. Returns `Stale` when it does not wait any more.
pub async fn done(tx: &mut TenantTx, id: Uuid, business: BusinessId, location: &str) -> Result<()> {
    let agency = tx.agency()?;
    lock(tx).await?;
    let done = sqlx::query!(
        "update ghl_locations set import_state = 'done', import_error = null where agency_id = $1 and id = $2 and import_state = 'waiting'",
        agency.0,
        id
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 {
        return Err(Error::Stale);
    }
    let act = Act::new("client.imported", "business").object(business).payload(json!({ "location": location }));
    audit::record(tx, act).await?;
    count(tx, 1, 0).await
}

/// Records that a waiting sub-account could not be imported, and why.
pub async fn failed(tx: &mut TenantTx, id: Uuid, why: &str) -> Result<()> {
    let agency = tx.agency()?;
    lock(tx).await?;
    let done = sqlx::query!(
        "update ghl_locations set import_state = 'failed', import_error = left($3, 1000) where agency_id = $1 and id = $2 and import_state = 'waiting'",
        agency.0,
        id,
        why
    )
    .execute(tx.conn())
    .await?;
    if done.rows_affected() == 0 { Ok(()) } else { count(tx, 0, 1).await }
}

/// Records that none of the waiting sub-accounts can be imported, and why.
pub async fn fail_all(tx: &mut TenantTx, why: &str) -> Result<()> {
    let agency = tx.agency()?;
    lock(tx).await?;
    let done = sqlx::query!(
        "update ghl_locations set import_state = 'failed', import_error = left($2, 1000) where agency_id = $1 and import_state = 'waiting'",
        agency.0,
        why
    )
    .execute(tx.conn())
    .await?;
    count(tx, 0, i32::try_from(done.rows_affected()).unwrap_or(i32::MAX)).await
}

/// Records why the import waits. It goes on by itself.
pub async fn delayed(tx: &mut TenantTx, why: &str) -> Result<()> {
    let agency = tx.agency()?;
    sqlx::query!(
        "update location_lists set import_delay = left($2, 1000) where agency_id = $1 and import_ended_at is null",
        agency.0,
        why
    )
    .execute(tx.conn())
    .await?;
    notify(tx).await
}

/// Counts sub-accounts that are done. The last one ends the import. The list is locked.
async fn count(tx: &mut TenantTx, imported: i32, failed: i32) -> Result<()> {
    let agency = tx.agency()?;
    let list = sqlx::query!(
        r#"update location_lists set import_done = import_done + $2, import_failed = import_failed + $3, import_delay = null,
             import_ended_at = case when exists (select from ghl_locations where agency_id = $1 and import_state = 'waiting') then import_ended_at else now() end
           where agency_id = $1 returning coalesce(import_ended_at = now(), false) as "ended!", import_begun_at, import_done, import_failed,
             (select import_by from ghl_locations l where l.agency_id = $1 and l.import_by is not null order by l.updated_at desc limit 1) as "by: UserId""#,
        agency.0,
        imported,
        failed
    )
    .fetch_optional(tx.conn())
    .await?;
    notify(tx).await?;
    let Some(list) = list.filter(|list| list.ended) else { return Ok(()) };
    let title = match list.import_failed {
        0 => format!("import of {} clients", list.import_done),
        failed => format!("import of {} clients, {failed} failed", list.import_done),
    };
    let (kind, to) = (News::BatchFinished, list.by);
    let key = format!("{kind}:{}", list.import_begun_at.unwrap_or_default().timestamp_micros());
    let event = Event { kind, key, subject: None, business: None, to, title: &title, detail: "" };
    events::tell(tx, &event).await
}
