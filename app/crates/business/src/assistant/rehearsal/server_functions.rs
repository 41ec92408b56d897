//! What can a person do to try the assistant? Ask it in a test chat, begin and cancel a rehearsal, and say what an answer is
//! worth.

use domain::assistant::rehearsal::Mark;
use domain::{MessageId, RehearsalCaseId, RehearsalId};
use leptos::prelude::*;
use operations::assistant::{self, Question};
use web::error::{Error, Result};
use web::flash_notice::flash_notice;
use web::guard::server_context;

use super::super::server_functions::lead_to;
use super::PUBLISHED;
use super::texts::texts;

/// Asks the assistant a question in a test chat.
#[server(prefix = "/do", endpoint = "try_assistant")]
pub async fn try_assistant(
    question: String,
    #[server(default)] settings: String,
    #[server(default)] chat: String,
) -> Result<()> {
    let context = server_context()?;
    let (is_published, chat) = (settings == PUBLISHED, chat.parse().ok());
    assistant::try_out(&context.business_actor()?, &Question { text: question, is_published, chat }).await?;
    lead_to(&context, "/try")
}

/// Rehearses the saved settings on messages of customers.
#[server(prefix = "/do", endpoint = "start_rehearsal")]
pub async fn start_rehearsal(#[server(default)] messages: Vec<String>) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let ids = messages.iter().map(|id| id.parse::<MessageId>().map_err(|_| Error::NotFound));
    let ids = ids.collect::<Result<Vec<_>>>()?;
    let run = assistant::start_rehearsal(&actor, &ids).await?;
    flash_notice(&context, "start_rehearsal", texts(context.request.language).told_started).await?;
    lead_to(&context, &format!("/rehearsals/{run}"))
}

/// Cancels a rehearsal.
#[server(prefix = "/do", endpoint = "cancel_rehearsal")]
pub async fn cancel_rehearsal(rehearsal: RehearsalId) -> Result<()> {
    let context = server_context()?;
    assistant::cancel_rehearsal(&context.business_actor()?, rehearsal).await?;
    flash_notice(&context, "cancel_rehearsal", texts(context.request.language).told_cancelled).await
}

/// Keeps what a person makes of an answer.
#[server(prefix = "/do", endpoint = "mark_rehearsed")]
pub async fn mark_rehearsed(case: RehearsalCaseId, mark: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let mark = Mark::parse(&mark).ok_or_else(|| Error::field("mark", "Choose better, same or worse."))?;
    let run = assistant::mark_rehearsed(&actor, case, mark).await?;
    lead_to(&context, &format!("/rehearsals/{run}#case-{case}"))
}
