//! What may the assistant do on a channel, and when does it answer there by itself?

use domain::ChannelId;
use domain::assistant::hours::Hours;
use domain::messaging::AiMode;
use domain::permission::Right;
use serde_json::json;
use store::audit::{self, Act};
use store::messaging::channels;

use crate::{BusinessActor, Refusal};

/// Sets what the assistant may do on a channel, and its hours. Conversations with a mode of their own keep it; the
/// drafts of the others are dropped where it is switched off. Returns the
/// name of the channel.
///
/// # Errors
/// `NotFound` if there is no such channel.
pub async fn set_channel(actor: &BusinessActor, id: ChannelId, mode: AiMode, hours: &Hours) -> Result<String, Refusal> {
    let mut tx = actor.require(Right::AssistantManage)?.begin().await?;
    let known = channels::list(&mut tx).await?.into_iter().find(|channel| channel.id == id);
    let known = known.ok_or(Refusal::NotFound)?;
    channels::set_ai_mode(&mut tx, id, mode).await?;
    store::assistant::set_channel_hours(&mut tx, id, hours).await?;
    if mode == AiMode::Off {
        store::assistant::drop_of_channel(&mut tx, id, "The assistant was switched off.").await?;
    }
    let act = Act::new("channel.assistant", "channel").object(id);
    audit::record(&mut tx, act.payload(json!({ "mode": mode.key() }))).await?;
    tx.commit().await?;
    Ok(if known.name.is_empty() { known.display_address } else { known.name })
}
