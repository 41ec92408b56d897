//! The server functions of scheduled messages: schedule an answer or a template, give one another time, send it at once,
//! cancel it.

#![expect(clippy::too_many_arguments, reason = "the form of an answer has a field for each detail")]

use domain::{ConversationId, ScheduledId};
use leptos::prelude::*;
use operations::inbox::{self, Later};
use uuid::Uuid;
use web::attached_files::attached_files;
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;
use web::request_context::CurrentTenant;

use super::super::actions::lead_on;
use super::texts::texts;
use super::time::{told, typed};

/// Schedules an answer, with the files of the form if it has some. The same form schedules once.
#[server(prefix = "/do", endpoint = "schedule_message")]
pub async fn schedule_message(
    conversation: ConversationId,
    key: String,
    #[server(default)] text: String,
    #[server(default)] when: String,
    #[server(default)] anyway: String,
    #[server(default)] reply_to: String,
    #[server(default)] choices: String,
) -> Result<()> {
    let (context, attached) = (server_context()?, attached_files());
    let (actor, language) = (context.business_actor()?, context.request.language);
    let words = texts(language);
    let time = typed(&context, &when).await?;
    let (at, anyway, reply_to) = (time.0.at, !anyway.is_empty(), reply_to.parse().ok());
    let later = Later { conversation, at, anyway, reply_to, key: &key };
    match attached {
        Some(attached) => inbox::schedule_with_files(&actor, &later, (&text, &choices), attached, now()).await?,
        None => inbox::schedule_message(&actor, &later, (&text, &choices), now()).await?,
    };
    flash_notice(&context, "schedule_message", told(words, language, time)).await?;
    lead_on(&context, conversation);
    Ok(())
}

/// Schedules an approved template with its values. The same form schedules once.
#[server(prefix = "/do", endpoint = "schedule_template")]
pub async fn schedule_template(
    conversation: ConversationId,
    key: String,
    template: Uuid,
    #[server(default)] values: Vec<String>,
    #[server(default)] when: String,
) -> Result<()> {
    let context = server_context()?;
    let (actor, language) = (context.business_actor()?, context.request.language);
    let time = typed(&context, &when).await?;
    let later = Later { conversation, at: time.0.at, anyway: true, reply_to: None, key: &key };
    inbox::schedule_template(&actor, &later, (template, values.as_slice()), now()).await?;
    flash_notice(&context, "schedule_template", told(texts(language), language, time)).await?;
    lead_on(&context, conversation);
    Ok(())
}

/// Gives a message that waits another time.
#[server(prefix = "/do", endpoint = "reschedule_message")]
pub async fn reschedule_message(
    scheduled: ScheduledId,
    #[server(default)] when: String,
    #[server(default)] anyway: String,
) -> Result<()> {
    let context = server_context()?;
    let (actor, language) = (context.business_actor()?, context.request.language);
    let time = typed(&context, &when).await?;
    inbox::reschedule_message(&actor, scheduled, (time.0.at, !anyway.is_empty()), now()).await?;
    flash_notice(&context, "reschedule_message", told(texts(language), language, time)).await?;
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    leptos_axum::redirect(&format!("/b/{}/scheduled", place.id));
    Ok(())
}

/// Sends a message that waits at once.
#[server(prefix = "/do", endpoint = "send_scheduled_now")]
pub async fn send_scheduled_now(scheduled: ScheduledId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::send_scheduled_now(&actor, scheduled).await?;
    flash_notice(&context, "send_scheduled_now", texts(context.request.language).told_sent).await
}

/// Cancels a message that waits.
#[server(prefix = "/do", endpoint = "cancel_scheduled")]
pub async fn cancel_scheduled(scheduled: ScheduledId) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    inbox::cancel_scheduled(&actor, scheduled).await?;
    flash_notice(&context, "cancel_scheduled", texts(context.request.language).told_canceled).await
}
