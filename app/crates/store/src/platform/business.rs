//! What does the platform see of one business: its row, its connections, its last jobs and who works in it? Metadata
//! only, never a business's own content.

use chrono::{DateTime, Utc};
use domain::business::BusinessRow;
use domain::clients::Offboarding;
use domain::identity::Role;
use domain::integration::{self, State};
use domain::provisioning::JobStatus;
use domain::{BusinessId, JobId, UserId};

use crate::{Error, PlatformTx, Result, businesses, integrations};

/// How many jobs, people and connections of a business are shown.
const MOST: i64 = 50;

/// One business as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessFacts {
    /// The business.
    pub row: BusinessRow,
    /// Name of its agency in URLs.
    pub agency_slug: String,
    /// Its time zone.
    pub timezone: String,
    /// When it was archived.
    pub archived_at: Option<DateTime<Utc>>,
    /// What of an archived one was ended.
    pub offboarding: Option<Offboarding>,
    /// To-dos that its jobs left and nobody did yet.
    pub open_todos: i64,
    /// Its connections, those in use first.
    pub connections: Vec<Connection>,
    /// Its jobs, newest first.
    pub jobs: Vec<LastJob>,
    /// Its own people, and the staff of the agency who are assigned to it.
    pub people: Vec<BusinessPerson>,
}

/// A connection of a business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// The provider's name of the account, or its id.
    pub name: String,
    /// The provider's id of the account.
    pub platform_id: String,
    /// Its state.
    pub state: State,
    /// When the last call succeeded.
    pub last_ok_at: Option<DateTime<Utc>>,
    /// Error code of the last call that failed.
    pub last_error: Option<String>,
}

/// A job of a business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastJob {
    /// Its id.
    pub id: JobId,
    /// Its number inside the agency.
    pub number: i64,
    /// Its state.
    pub status: JobStatus,
    /// What went wrong, in one line.
    pub error: Option<String>,
    /// When it was accepted.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Somebody who works in a business or for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusinessPerson {
    /// The person.
    pub user: UserId,
    /// Their name, or their address.
    pub name: String,
    /// What they are called: their role in the business, or `Assigned by the agency`.
    pub role: String,
    /// When they were last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// One business of any agency, also if it is in the trash.
pub async fn business(tx: &mut PlatformTx, id: BusinessId) -> Result<BusinessFacts> {
    let row = businesses::rows(tx.conn(), &[id.0]).await?.pop().ok_or(Error::NotFound)?;
    let more = sqlx::query!(
        r#"select a.slug as "slug!", b.timezone, b.archived_at, b.offboarding,
                  (select count(*) from todos t where t.agency_id = b.agency_id and t.sub_account_id = b.id and t.done_at is null) as "open_todos!"
           from sub_accounts b join agencies a on a.id = b.agency_id where b.id = $1"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(BusinessFacts {
        agency_slug: more.slug,
        timezone: more.timezone,
        archived_at: more.archived_at,
        offboarding: more.offboarding.and_then(|json| serde_json::from_value(json).ok()),
        open_todos: more.open_todos,
        connections: connections(tx, &row).await?,
        jobs: jobs(tx, &row).await?,
        people: people(tx, &row).await?,
        row,
    })
}

async fn connections(tx: &mut PlatformTx, row: &BusinessRow) -> Result<Vec<Connection>> {
    let found = sqlx::query!(
        r#"select id, now() as "now!" from integrations where agency_id = $1 and sub_account_id = $2
           order by is_active desc, connected_at desc nulls last, id limit $3"#,
        row.agency.0,
        row.id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let Some(now) = found.first().map(|one| one.now) else { return Ok(Vec::new()) };
    let ids: Vec<_> = found.iter().map(|one| one.id).collect();
    let facts = integrations::of_ids(tx.conn(), &ids).await?;
    let lines = facts.into_iter().map(|one| Connection {
        state: integration::state(Some(&one), now).state,
        name: one.platform_name.unwrap_or_else(|| one.platform_id.clone()),
        platform_id: one.platform_id,
        last_ok_at: one.last_ok_at,
        last_error: one.last_error_code,
    });
    Ok(lines.collect())
}

async fn jobs(tx: &mut PlatformTx, row: &BusinessRow) -> Result<Vec<LastJob>> {
    let jobs = sqlx::query_as!(
        LastJob,
        r#"select id as "id: JobId", number, status as "status: JobStatus", error_message as error, created_at, finished_at from provisioning_jobs
           where agency_id = $1 and sub_account_id = $2 order by created_at desc, id desc limit 10"#,
        row.agency.0,
        row.id.0
    );
    Ok(jobs.fetch_all(tx.conn()).await?)
}

async fn people(tx: &mut PlatformTx, row: &BusinessRow) -> Result<Vec<BusinessPerson>> {
    let found = sqlx::query!(
        r#"select u.id as "user: UserId", coalesce(nullif(u.name, ''), u.email) as "name!", m.kind, r.key, r.name as role, r.is_builtin, u.last_seen_at
           from user_sub_account_memberships m join users u on u.id = m.user_id and u.deleted_at is null
           join roles r on r.owner = m.role_owner and r.id = m.role_id
           where m.agency_id = $1 and m.sub_account_id = $2 and m.status = 'active' and m.deleted_at is null
           order by m.kind desc, 2, u.id limit $3"#,
        row.agency.0,
        row.id.0,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    let people = found.into_iter().map(|one| BusinessPerson {
        user: one.user,
        name: one.name,
        role: match (one.kind.as_str(), one.is_builtin) {
            ("assigned", _) => "Assigned by the agency".to_owned(),
            (_, true) => Role::parse(&one.key).map_or(one.key, |role| role.label().to_owned()),
            (_, false) => one.role,
        },
        last_seen_at: one.last_seen_at,
    });
    Ok(people.collect())
}
