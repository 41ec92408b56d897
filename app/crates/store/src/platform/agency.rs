//! What does the platform see of one agency: its counts, its limits and its last activity?

use chrono::{DateTime, Utc};
use domain::AgencyId;
use domain::agency::{AgencyRow, Settings};

use crate::{Error, PlatformTx, Result, agencies};

/// One agency as the platform sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyFacts {
    /// The agency with its counts.
    pub row: AgencyRow,
    /// How its jobs are run.
    pub settings: Settings,
    /// Number of its jobs that failed and wait for a person.
    pub failed_jobs: i64,
    /// Its pending invitations of colleagues, without those to its clients.
    pub invited: i64,
    /// When one of its people was last seen.
    pub last_seen_at: Option<DateTime<Utc>>,
}

/// One agency, also if it is in the trash.
pub async fn agency(tx: &mut PlatformTx, id: AgencyId) -> Result<AgencyFacts> {
    let row = agencies::rows(tx.conn(), &[id.0]).await?.pop().ok_or(Error::NotFound)?;
    let more = sqlx::query!(
        r#"select settings_json as "settings!",
                  (select count(*) from provisioning_jobs j where j.agency_id = a.id and j.status = 'FAILED') as "failed!",
                  (select count(*) from one_time_tokens t where t.agency_id = a.id and t.sub_account_id is null and t.purpose = 'invite' and t.used_at is null and t.expires_at > now()) as "invited!",
                  (select max(u.last_seen_at) from user_agency_memberships m join users u on u.id = m.user_id
                   where m.agency_id = a.id and m.deleted_at is null) as last_seen_at
           from agencies a where a.id = $1"#,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    Ok(AgencyFacts {
        row,
        settings: serde_json::from_value::<Settings>(more.settings).unwrap_or_default().within_limits(),
        failed_jobs: more.failed,
        invited: more.invited,
        last_seen_at: more.last_seen_at,
    })
}
