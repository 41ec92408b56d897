//! Who hands scheduled messages to the queue at their time? Whoever looks at their channel, because that was asked for when
//! they were scheduled. A sweep finds those of which nobody is reminded any more.

use domain::{AgencyId, BusinessId, ChannelId};
use store::messaging::at_their_time;

use crate::Worker;
use crate::integrations::tokens::tenant_tx;

/// Hands over what is due in a business, or in one of its channels, each message in a transaction of its own. One whose
/// conversation is gone is left out. Returns how many were looked at.
pub async fn release(
    worker: &Worker,
    agency: AgencyId,
    business: BusinessId,
    channel: Option<ChannelId>,
) -> store::Result<usize> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let due = at_their_time::due(&mut tx, channel).await?;
    drop(tx);
    for one in &due {
        let mut tx = tenant_tx(worker, agency, Some(business)).await?;
        match at_their_time::release(&mut tx, *one).await {
            Ok(()) => tx.commit().await?,
            // Two contacts became one meanwhile; the next look finds the thread that stayed.
            Err(store::Error::NotFound) => drop(tx),
            Err(error) => return Err(error),
        }
        tracing::info!(event = "message.due", %business, scheduled = %one.id, "a scheduled message was handed to the queue, or left to people");
    }
    Ok(due.len())
}
