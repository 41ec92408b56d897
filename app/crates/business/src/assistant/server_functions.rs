//! What can a person do with the assistant? Save, publish and restore its settings, say what it may do on a channel, and
//! add, change and remove what it knows.

use std::collections::BTreeMap;

use domain::assistant::KnowledgeKind;
use domain::messaging::AiMode;
use domain::{ChannelId, KnowledgeId};
use leptos::prelude::*;
use operations::assistant::{self, Typed};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;

use super::texts::{Texts, texts};
use super::{form, hours_form};

/// The texts in the language of the person.
fn words(context: &ServerContext) -> &'static Texts {
    texts(context.request.language)
}

/// Leads to a place of the assistant.
pub(super) fn lead_to(context: &ServerContext, path: &str) -> Result<()> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    leptos_axum::redirect(&format!("/b/{}/assistant{path}", place.id));
    Ok(())
}

/// Saves the settings, without using them yet.
#[server(prefix = "/do", endpoint = "save_assistant")]
pub async fn save_assistant(#[server(flatten)] fields: BTreeMap<String, String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let settings = form::read(&fields).map_err(Error::Invalid)?;
    assistant::save(&actor, &settings).await?;
    flash_notice(&context, "save_assistant", words(&context).told_saved).await
}

/// Puts the saved settings into use, as a version.
#[server(prefix = "/do", endpoint = "publish_assistant")]
pub async fn publish_assistant() -> Result<()> {
    let context = server_context()?;
    let version = assistant::publish(&context.business_actor()?).await?;
    flash_notice(&context, "publish_assistant", (words(&context).told_published)(version)).await
}

/// Saves the settings of a version again.
#[server(prefix = "/do", endpoint = "restore_assistant")]
pub async fn restore_assistant(version: i32) -> Result<()> {
    let context = server_context()?;
    assistant::restore(&context.business_actor()?, version).await?;
    flash_notice(&context, "restore_assistant", (words(&context).told_restored)(version)).await
}

/// Says what the assistant may do on a channel, and when.
#[server(prefix = "/do", endpoint = "set_channel_assistant")]
pub async fn set_channel_assistant(
    channel: String,
    mode: String,
    #[server(flatten)] fields: BTreeMap<String, String>,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let channel: ChannelId = channel.parse().map_err(|_| Error::NotFound)?;
    let mode = AiMode::parse(&mode).ok_or_else(|| Error::field("mode", "Choose what the assistant does here."))?;
    let hours = hours_form::read(&fields).map_err(Error::Invalid)?;
    let name = assistant::set_channel(&actor, channel, mode, &hours).await?;
    flash_notice(&context, "set_channel_assistant", (words(&context).told_inbox)(&name)).await?;
    lead_to(&context, "#inboxes")
}

/// Adds something that the assistant knows: a question with its answer, or a text with its title.
#[server(prefix = "/do", endpoint = "add_knowledge")]
pub async fn add_knowledge(
    #[server(default)] kind: String,
    #[server(default)] question: String,
    #[server(default)] title: String,
    content: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    assistant::add(&actor, typed(&kind, question, title, content)).await?;
    flash_notice(&context, "add_knowledge", words(&context).told_added).await?;
    lead_to(&context, "/knowledge")
}

/// Changes something that the assistant knows.
#[server(prefix = "/do", endpoint = "change_knowledge")]
pub async fn change_knowledge(
    knowledge: KnowledgeId,
    #[server(default)] kind: String,
    #[server(default)] question: String,
    #[server(default)] title: String,
    content: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    assistant::change(&actor, knowledge, typed(&kind, question, title, content)).await?;
    flash_notice(&context, "change_knowledge", words(&context).told_changed).await?;
    lead_to(&context, "/knowledge")
}

/// Removes something that the assistant knows.
#[server(prefix = "/do", endpoint = "remove_knowledge")]
pub async fn remove_knowledge(knowledge: KnowledgeId) -> Result<()> {
    let context = server_context()?;
    assistant::remove(&context.business_actor()?, knowledge).await?;
    flash_notice(&context, "remove_knowledge", words(&context).told_removed).await?;
    lead_to(&context, "/knowledge")
}

/// What a form holds. One that does not say what it is has a question.
fn typed(kind: &str, question: String, title: String, content: String) -> Typed {
    match KnowledgeKind::parse(kind) {
        Some(KnowledgeKind::Text) => Typed::Text { title, content },
        _ => Typed::Question { question, answer: content },
    }
}
