//! The server functions of messages: send a template, send a failed one again, take one back, react to one.

use domain::{ConversationId, MessageId};
use leptos::prelude::*;
use operations::inbox;
use uuid::Uuid;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::actions::lead_on;
use super::texts::texts;

/// Sends an approved template with its values. The same form sends once.
#[server(prefix = "/do", endpoint = "send_template")]
pub async fn send_template(
    conversation: ConversationId,
    key: String,
    template: Uuid,
    #[server(default)] values: Vec<String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::send_template(&actor, conversation, template, &values, &key).await?;
    lead_on(&context, conversation);
    flash_notice(&context, "send_template", texts(context.request.language).told_template).await
}

/// Sends a message that failed once more.
#[server(prefix = "/do", endpoint = "retry_message")]
pub async fn retry_message(message: MessageId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::retry_message(&actor, message).await?;
    flash_notice(&context, "retry_message", texts(context.request.language).told_retried).await
}

/// Takes a message back before it is sent.
#[server(prefix = "/do", endpoint = "cancel_message")]
pub async fn cancel_message(message: MessageId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::cancel_message(&actor, message).await?;
    flash_notice(&context, "cancel_message", texts(context.request.language).told_canceled).await
}

/// Reacts to a message of the customer; without an emoji the reaction is taken back.
#[server(prefix = "/do", endpoint = "react_to_message")]
pub async fn react_to_message(message: MessageId, #[server(default)] emoji: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::react(&actor, message, &emoji).await?;
    Ok(())
}
