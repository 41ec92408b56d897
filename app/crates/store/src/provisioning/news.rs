//! Tells people that a job failed, waits for an answer or is done, in the transaction that puts it into that state.

use domain::notifications::Kind;
use domain::provisioning::JobStatus;
use domain::{BusinessId, UserId};

use super::Fence;
use crate::events::{self, Event};
use crate::{Result, TenantTx};

/// Tells whoever started the job of its new state, if that is news. A claim decides once, so each failure and each
/// question is told once.
pub(super) async fn tell(tx: &mut TenantTx, fence: &Fence, status: JobStatus, detail: Option<&str>) -> Result<()> {
    let kind = match status {
        JobStatus::Failed => Kind::JobFailed,
        JobStatus::AwaitingInput => Kind::JobNeedsInput,
        JobStatus::Completed => Kind::JobFinished,
        JobStatus::Pending | JobStatus::InProgress | JobStatus::Retrying | JobStatus::Cancelled => return Ok(()),
    };
    let job = sqlx::query!(
        r#"select requested_by as "by: UserId", sub_account_id as "business: BusinessId",
                  coalesce(nullif(client_data_json ->> 'name', ''), 'job #' || number) as "name!"
           from provisioning_jobs where agency_id = $1 and id = $2"#,
        fence.agency.0,
        fence.job.0
    )
    .fetch_one(tx.conn())
    .await?;
    let event = Event {
        kind,
        key: format!("{kind}:{}:{}", fence.job, fence.attempt),
        subject: Some(fence.job.0),
        business: job.business,
        to: job.by,
        title: &job.name,
        detail: detail.unwrap_or_default(),
    };
    events::tell(tx, &event).await
}
