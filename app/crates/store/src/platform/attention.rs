//! What on the platform waits for a person: failed jobs and broken connections, agency by agency.

use chrono::{DateTime, Utc};
use domain::JobId;

use crate::{PlatformTx, Result};

/// The failed jobs of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedJobs {
    /// Name of the agency.
    pub agency: String,
    /// Its name in URLs.
    pub slug: String,
    /// How many there are.
    pub count: i64,
    /// The one that failed last.
    pub last: JobId,
}

/// A company or location whose connection needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokenConnection {
    /// Name of the agency.
    pub agency: String,
    /// Its name in URLs.
    pub slug: String,
    /// How many connections of the agency need a person.
    pub count: i64,
    /// Since when the first of them does.
    pub since: DateTime<Utc>,
}

/// What waits for a person, the agencies with most of it first. At most twenty agencies each.
pub async fn attention(tx: &mut PlatformTx) -> Result<(Vec<FailedJobs>, Vec<BrokenConnection>)> {
    let jobs = sqlx::query_as!(
        FailedJobs,
        r#"select a.name as "agency!", a.slug as "slug!", count(*) as "count!",
                  (array_agg(j.id order by j.created_at desc, j.id))[1] as "last!: JobId"
           from provisioning_jobs j join agencies a on a.id = j.agency_id and a.deleted_at is null
           where j.status = 'FAILED' group by a.id, a.name, a.slug order by count(*) desc, a.name limit 20"#
    )
    .fetch_all(tx.conn())
    .await?;
    let connections = sqlx::query_as!(
        BrokenConnection,
        r#"select a.name as "agency!", a.slug as "slug!", count(*) as "count!", min(i.needs_reauth_at) as "since!"
           from integrations i join agencies a on a.id = i.agency_id and a.deleted_at is null
           where i.is_active and i.needs_reauth_at is not null group by a.id, a.name, a.slug order by min(i.needs_reauth_at), a.name limit 20"#
    )
    .fetch_all(tx.conn())
    .await?;
    Ok((jobs, connections))
}
