//! What can a person do with the pages and files that the assistant knows? Add one, and let a page be read again.

use domain::KnowledgeId;
use leptos::prelude::*;
use operations::assistant;
use web::attached_files::attached_files;
use web::error::Result;
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::texts::texts;
use crate::assistant::server_functions::lead_to;

/// Adds a page of a web site, which is read soon.
#[server(prefix = "/do", endpoint = "add_knowledge_page")]
pub async fn add_knowledge_page(address: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let id = assistant::add_page(&actor, &context.state.ghl, &address).await?;
    flash_notice(&context, "add_knowledge_page", texts(context.request.language).told_page).await?;
    lead_to(&context, &format!("/knowledge/{id}"))
}

/// Adds the files of the form, whose texts are taken soon.
#[server(prefix = "/do", endpoint = "add_knowledge_files")]
pub async fn add_knowledge_files() -> Result<()> {
    let (context, attached) = (server_context()?, attached_files());
    let actor = context.business_actor()?;
    assistant::add_files(&actor, attached).await?;
    flash_notice(&context, "add_knowledge_files", texts(context.request.language).told_file).await?;
    lead_to(&context, "/knowledge")
}

/// Lets a page be read again now.
#[server(prefix = "/do", endpoint = "reread_knowledge")]
pub async fn reread_knowledge(knowledge: KnowledgeId) -> Result<()> {
    let context = server_context()?;
    assistant::read_again(&context.business_actor()?, knowledge).await?;
    flash_notice(&context, "reread_knowledge", texts(context.request.language).told_again).await?;
    lead_to(&context, &format!("/knowledge/{knowledge}"))
}
