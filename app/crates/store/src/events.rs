//! Tells people (`notifications`) and programs (`webhooks`) what happened, in the transaction of the change.

pub use crate::notifications::Event;
use crate::{Result, TenantTx, notifications, webhooks};

/// Tells everybody who is to hear of an event of the transaction's agency. The same event again is told to nobody twice.
pub async fn tell(tx: &mut TenantTx, event: &Event<'_>) -> Result<()> {
    webhooks::happened(tx, event.kind, event.subject, &event.key).await?;
    notifications::tell(tx, event).await
}
