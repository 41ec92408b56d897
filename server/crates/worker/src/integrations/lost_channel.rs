//! What follows when the token of a channel is dead?

use domain::IntegrationId;
use store::messaging::{channels, holding};
use store::{TenantTx, credentials};

/// Records that this version of a channel's token is dead: its messages are held, and whoever can connect it again is
/// told once. Returns false, and changes nothing, if another version is in use by now.
pub(crate) async fn lost(tx: &mut TenantTx, id: IntegrationId, version: i32, cause: &str) -> store::Result<bool> {
    if !credentials::record_refused_refresh(tx, id, version, cause).await? {
        return Ok(false);
    }
    for channel in channels::list(tx).await?.into_iter().filter(|channel| channel.integration == Some(id)) {
        holding::hold(tx, channel.id, cause).await?;
    }
    Ok(true)
}
