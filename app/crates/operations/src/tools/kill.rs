//! How does somebody stop every tool at once: of one business, or of everybody?

use domain::permission::Right;
use store::audit::{self, Act};
use store::tools::kill;

use crate::{BusinessActor, PlatformActor, Refusal};

/// Stops every tool of the business. No other call begins, calls of third-party tools that run end, and so do the processes of
/// their servers: in each process of ours as soon as it hears of this.
///
/// # Errors
/// `Forbidden` without the right to manage tools.
pub async fn stop(actor: &BusinessActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ToolsManage)?.begin().await?;
    if kill::stop(&mut tx).await? {
        audit::record(&mut tx, Act::new("tools.stopped", "business").object(actor.access().id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Lets the tools of the business run again.
///
/// # Errors
/// `Forbidden` without the right to manage tools.
pub async fn resume(actor: &BusinessActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::ToolsManage)?.begin().await?;
    if kill::resume(&mut tx).await? {
        audit::record(&mut tx, Act::new("tools.resumed", "business").object(actor.access().id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Stops the tools of everybody, as [`stop`] those of one business.
///
/// # Errors
/// `Forbidden` without the right to manage the platform.
pub async fn stop_all(actor: &PlatformActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    if kill::stop_all(&mut tx).await? {
        audit::record_platform(&mut tx, None, Act::new("tools.all_stopped", "tools")).await?;
    }
    Ok(tx.commit().await?)
}

/// Lets the tools of everybody run again.
///
/// # Errors
/// `Forbidden` without the right to manage the platform.
pub async fn resume_all(actor: &PlatformActor) -> Result<(), Refusal> {
    let mut tx = actor.require(Right::PlatformManage)?.begin().await?;
    if kill::resume_all(&mut tx).await? {
        audit::record_platform(&mut tx, None, Act::new("tools.all_resumed", "tools")).await?;
    }
    Ok(tx.commit().await?)
}
