//! The server functions of snippets: add, change and remove one.

use domain::SnippetId;
use leptos::prelude::*;
use operations::inbox;
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;

use super::texts::texts;

/// Adds a snippet.
#[server(prefix = "/do", endpoint = "add_snippet")]
pub async fn add_snippet(name: String, #[server(default)] text: String) -> Result<()> {
    let context = server_context()?;
    inbox::add_snippet(&context.business_actor()?, &name, &text).await?;
    flash_notice(&context, "add_snippet", texts(context.request.language).told_snippet).await?;
    lead_back(&context)
}

/// Changes a snippet.
#[server(prefix = "/do", endpoint = "change_snippet")]
pub async fn change_snippet(snippet: SnippetId, name: String, #[server(default)] text: String) -> Result<()> {
    let context = server_context()?;
    inbox::change_snippet(&context.business_actor()?, snippet, &name, &text).await?;
    flash_notice(&context, "change_snippet", texts(context.request.language).told_snippet).await?;
    lead_back(&context)
}

/// Removes a snippet.
#[server(prefix = "/do", endpoint = "remove_snippet")]
pub async fn remove_snippet(snippet: SnippetId) -> Result<()> {
    let context = server_context()?;
    inbox::remove_snippet(&context.business_actor()?, snippet).await?;
    flash_notice(&context, "remove_snippet", texts(context.request.language).told_snippet_removed).await?;
    lead_back(&context)
}

/// Leads to the list, where nothing is being changed.
fn lead_back(context: &ServerContext) -> Result<()> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return Err(Error::NotFound) };
    leptos_axum::redirect(&format!("/b/{}/snippets", place.id));
    Ok(())
}
