//! Lets what a messaging platform sent to a client of an agency be processed again.

use domain::permission::Right;
use store::audit::{self, Act};
use store::inbound;
use uuid::Uuid;

use crate::{Actor, Refusal};

/// Lets an item that failed be processed again, for a client that the actor may see.
///
/// # Errors
/// `NotFound` for an item of nobody or of somebody else; `State` if it was done or waits.
pub async fn replay(actor: &Actor, item: Uuid) -> Result<(), Refusal> {
    let allowed = actor.require(Right::ConnectionsManage)?;
    let mut tx = allowed.begin().await?;
    let business = inbound::get(&mut tx, item).await?.business.ok_or(Refusal::NotFound)?;
    tx.commit().await?;
    let mut tx = allowed.begin_in(business).await?;
    inbound::replay_item(&mut tx, item).await.map_err(not_again)?;
    audit::record(&mut tx, Act::new("incoming_event.replayed", "incoming_event").object(item)).await?;
    tx.commit().await?;
    Ok(())
}

/// The refusal of an item that needs no replay.
pub(crate) fn not_again(error: store::Error) -> Refusal {
    match error {
        store::Error::Stale => Refusal::State("Nothing to replay: this event was processed or is waiting.".to_owned()),
        other => other.into(),
    }
}
