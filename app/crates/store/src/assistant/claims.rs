//! Which piece of work writes an answer? One at a time, so that two of them never pay a language model for the same message.

use std::time::Duration;

use domain::AnswerId;
use uuid::Uuid;

use crate::messaging::outgoing::business;
use crate::{Result, TenantTx};

/// Takes an answer that did not end for a piece of work, which has it for this long from now. False while another one has it.
/// The work that has it may take it again. A time further ahead was written by a clock that was ahead, and is over.
pub async fn take(tx: &mut TenantTx, answer: AnswerId, work: Uuid, lease: Duration) -> Result<bool> {
    let business = business(tx)?;
    let done = sqlx::query!(
        "update ai_answers set worked_by = $3, worked_until = clock_timestamp() + make_interval(secs => $4)
         where sub_account_id = $1 and id = $2 and state = 'thinking' and (worked_by is null or worked_by = $3 or worked_until < clock_timestamp()
           or worked_until > clock_timestamp() + 2 * make_interval(secs => $4))",
        business.0,
        answer.0,
        work,
        lease.as_secs_f64()
    )
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
