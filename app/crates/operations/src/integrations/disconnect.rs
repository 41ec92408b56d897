//! How does a connection end? Here at once, and at HighLevel by background work.

use domain::IntegrationId;
use domain::permission::Right;
use store::{credentials, integrations};

use crate::{Actor, Refusal};

/// Ends an integration here and queues the removal of the app at HighLevel. Its history stays. Returns whether there is
/// an app to remove.
///
/// # Errors
/// `NotFound` if there is no such integration.
pub async fn disconnect(actor: &Actor, integration: IntegrationId) -> Result<bool, Refusal> {
    let mut tx = actor.require(Right::ConnectionsManage)?.begin().await?;
    integrations::disconnect(&mut tx, integration, "asked by a person").await?;
    credentials::revoke_all(&mut tx, integration).await?;
    let leaving = integrations::ask_uninstall(&mut tx, integration).await?;
    tx.commit().await?;
    Ok(leaving)
}
