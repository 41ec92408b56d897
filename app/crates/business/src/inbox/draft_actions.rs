//! The server functions of a draft of the assistant: send it as it is or changed, dismiss it.

use domain::{AnswerId, ConversationId};
use leptos::prelude::*;
use operations::inbox;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::texts::texts;

/// Sends a draft with the text that the form shows. The same form sends once.
#[server(prefix = "/do", endpoint = "send_draft")]
pub async fn send_draft(
    conversation: ConversationId,
    answer: AnswerId,
    key: String,
    #[server(default)] draft: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::send_draft(&actor, &inbox::SendDraft { conversation, answer, text: &draft, key: &key }).await?;
    Ok(())
}

/// Dismisses a draft.
#[server(prefix = "/do", endpoint = "dismiss_draft")]
pub async fn dismiss_draft(conversation: ConversationId, answer: AnswerId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::dismiss_draft(&actor, conversation, answer).await?;
    flash_notice(&context, "dismiss_draft", texts(context.request.language).told_dismissed).await
}
