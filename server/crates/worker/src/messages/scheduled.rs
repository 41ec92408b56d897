//! Who hands scheduled messages to the queue at their time? Whoever looks at their channel, because that was asked for when
//! they were scheduled. A sweep finds those of which nobody is reminded any more.

use domain::{AgencyId, BusinessId, ChannelId};
use store::messaging::at_their_time::{self, Due};

use crate::Worker;
use crate::integrations::tokens::tenant_tx;

/// Hands over what is due in a business, or in one of its channels, each message in a transaction of its own. One that
/// cannot be handed over keeps nothing else from being sent, and is tried again by the next look.
pub async fn release(
    worker: &Worker,
    agency: AgencyId,
    business: BusinessId,
    channel: Option<ChannelId>,
) -> store::Result<()> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    let due = at_their_time::due(&mut tx, channel).await?;
    drop(tx);
    for one in due {
        match hand_over(worker, agency, business, one).await {
            Ok(()) => {
                tracing::info!(event = "message.due", %business, scheduled = %one.id, "a scheduled message was handed to the queue, or left to people");
            }
            Err(error) if error.is_retryable() => return Err(error),
            Err(error) => {
                tracing::warn!(event = "message.not_handed_over", %business, scheduled = %one.id, %error, "a scheduled message waits although its time has come");
            }
        }
    }
    Ok(())
}

async fn hand_over(worker: &Worker, agency: AgencyId, business: BusinessId, one: Due) -> store::Result<()> {
    let mut tx = tenant_tx(worker, agency, Some(business)).await?;
    at_their_time::release(&mut tx, one).await?;
    tx.commit().await
}
