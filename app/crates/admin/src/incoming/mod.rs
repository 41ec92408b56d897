//! What messaging platforms sent, as the platform sees it: to whom each event went and what became of it, never its words.

mod page;

use domain::InboundEventId;
use leptos::prelude::*;
use operations::platform::incoming_events;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::PlatformIncoming;

/// Processes an event again that failed or belonged to nobody.
#[server(prefix = "/do", endpoint = "replay_platform_event")]
pub async fn replay_platform_event(id: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    incoming_events::replay_item(&actor, id).await?;
    flash_notice(&context, "replay_platform_event", "The event is queued to be processed again.").await
}

/// Reads a body again that was put aside.
#[server(prefix = "/do", endpoint = "replay_platform_body")]
pub async fn replay_platform_body(id: InboundEventId) -> Result<()> {
    let context = server_context()?;
    let actor = context.platform_actor()?;
    incoming_events::replay_body(&actor, id).await?;
    flash_notice(&context, "replay_platform_body", "The webhook is queued to be read again.").await
}
