//! Tells the demo world's admin a few things, so that the bell and its page have something to show.

use domain::notifications::Kind;
use domain::{AgencyId, JobId, UserId};
use store::notifications::{Event, tell};
use store::tenant::TenantTx;

use super::{agency_scope, history};
use crate::boot::compose::Core;

/// Tells the admin that a colleague accepted their invitation and, once it is there, that a job failed. Each is told once.
///
/// # Errors
/// When the database fails.
pub async fn add(core: &Core, agency: AgencyId, admin: UserId, failed: Option<JobId>) -> anyhow::Result<()> {
    let mut tx = TenantTx::begin(&core.db, agency_scope(agency)).await?;
    let accepted = (Kind::InvitationAccepted, None, "Noah Lindqvist", "Agency staff");
    let failed = failed.map(|job| (Kind::JobFailed, Some(job.0), history::FAILED, history::WHY));
    for (kind, subject, title, detail) in [Some(accepted), failed].into_iter().flatten() {
        let key = format!("demo:{kind}:{title}");
        tell(&mut tx, &Event { kind, key, subject, business: None, to: Some(admin), title, detail }).await?;
    }
    Ok(tx.commit().await?)
}
