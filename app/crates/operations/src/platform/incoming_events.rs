//! Operations on what messaging platforms sent: process an event again, and read a body again that was put aside.

use domain::InboundEventId;
use domain::permission::Right;
use store::audit::{self, Act};
use store::inbound;
use uuid::Uuid;

use crate::incoming_events::not_again;
use crate::{PlatformActor, Refusal};

/// Lets an item be processed again that failed or belonged to nobody.
///
/// # Errors
/// `NotFound`; `State` if it was done or waits.
pub async fn replay_item(actor: &PlatformActor, item: Uuid) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    let agency = inbound::get_platform(&mut tx, item).await?.agency;
    inbound::replay_item_platform(&mut tx, item).await.map_err(not_again)?;
    let act = Act::new("incoming_event.replayed", "incoming_event").object(item);
    audit::record_platform(&mut tx, agency, act).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets a body be read again that was put aside as a whole.
///
/// # Errors
/// `NotFound` if none was put aside.
pub async fn replay_body(actor: &PlatformActor, body: InboundEventId) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    inbound::replay_body(&mut tx, body).await?;
    audit::record_platform(&mut tx, None, Act::new("incoming_body.replayed", "incoming_body").object(body)).await?;
    tx.commit().await?;
    Ok(())
}
