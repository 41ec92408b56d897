//! What messaging platforms sent to the clients of an agency, what became of it, and the replay of what failed.

mod page;

use leptos::prelude::*;
use operations::incoming_events;
use uuid::Uuid;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

pub use self::page::IncomingWebhooks;

/// Processes an event of a client again that failed.
#[server(prefix = "/do", endpoint = "replay_incoming_event")]
pub async fn replay_incoming_event(id: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.actor()?;
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    incoming_events::replay(&actor, id).await?;
    flash_notice(&context, "replay_incoming_event", "The event is queued to be processed again.").await
}
