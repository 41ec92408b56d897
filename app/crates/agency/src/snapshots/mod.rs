//! The snapshots that clients can be provisioned from: HighLevel's list as we read it, and how clients fared with each.
//! The server functions of the page.

mod card;
mod page;
mod states;

use domain::SnapshotId;
use leptos::prelude::*;
use operations::snapshots;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::Snapshots;

/// Queues a background job that reads the list from HighLevel again.
#[server(prefix = "/do", endpoint = "sync_snapshots")]
pub async fn sync_snapshots() -> Result<()> {
    let context = server_context()?;
    snapshots::sync(&context.actor()?).await?;
    flash_notice(&context, "sync_snapshots", "Syncing snapshots\u{2026}").await
}

/// Makes a snapshot available for new clients, or hides it.
#[server(prefix = "/do", endpoint = "set_snapshot_active")]
pub async fn set_snapshot_active(snapshot: SnapshotId, active: bool) -> Result<()> {
    let context = server_context()?;
    Ok(snapshots::set_active(&context.actor()?, snapshot, active).await?)
}

/// Sets what HighLevel has no field for: an industry to find the snapshot by, and our own description of it.
#[server(prefix = "/do", endpoint = "describe_snapshot")]
pub async fn describe_snapshot(snapshot: SnapshotId, niche: String, description: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let (Ok(niche), Ok(description)) = (domain::text::optional(&niche, 60), domain::text::optional(&description, 500))
    else {
        let words = "Use up to 60 characters for the industry and 500 for the description. Nothing was changed.";
        return Err(Error::Conflict(words.to_owned()));
    };
    snapshots::describe(&actor, snapshot, &niche, &description).await?;
    flash_notice(&context, "describe_snapshot", "Saved.").await
}
