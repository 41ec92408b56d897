//! Tells the webhook endpoints of agencies what happened: an event becomes a delivery for each endpoint that wants it,
//! and a delivery is sent until the endpoint takes it or three days are over. How often and when is in
//! `domain::webhooks::schedule`.

mod send;
mod signature;

use domain::WebhookDeliveryId;
use store::queue::Claimed;
use store::webhooks::{self, Told};

use crate::Worker;
use crate::failed::Failed;
use crate::integrations::tokens::tenant_tx;

pub use send::send;

/// Makes the deliveries of an event.
pub async fn queue(worker: &Worker, item: &Claimed) -> Result<(), Failed> {
    let (Some(agency), Some(told)) = (item.agency, Told::read(&item.payload)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, None).await?;
    let made = webhooks::fan_out(&mut tx, &told, item.subject, &worker.origin).await?;
    tx.commit().await?;
    tracing::info!(event = "webhooks.queued", %agency, told = %told.event, kind = told.kind, made, "an event goes to webhooks");
    Ok(())
}

/// Records that the work of a delivery was moved to the dead queue, so that the log offers to send it again.
pub async fn give_up(worker: &Worker, item: &Claimed) -> store::Result<()> {
    let (Some(agency), Some(id)) = (item.agency, delivery(item)) else { return Ok(()) };
    let mut tx = tenant_tx(worker, agency, None).await?;
    webhooks::give_up(&mut tx, id).await?;
    tx.commit().await?;
    tracing::warn!(event = "webhooks.given_up", %agency, delivery = %id, "a delivery was given up");
    Ok(())
}

/// The delivery of a work item.
fn delivery(item: &Claimed) -> Option<WebhookDeliveryId> {
    item.subject.map(WebhookDeliveryId)
}
