//! The server functions of a conversation as a whole: answer it, note something, assign it, open or close it, say what the
//! assistant may do.

use domain::messaging::{AiMode, ConversationStatus};
use domain::{ConversationId, MessageId, UserId};
use kit::Undo;
use leptos::prelude::*;
use operations::inbox::{self, Assistant, Expected, Reply};
use web::attached_files::attached_files;
use web::clock::now;
use web::error::{Error, Result};
use web::flash_notice::{flash_notice, undoable_notice};
use web::guard::{ServerContext, server_context};
use web::request_context::CurrentTenant;

use super::day;
use super::texts::texts;

/// The operation that assigns a conversation, and the one that opens or closes it.
const ASSIGN: &str = "assign_conversation";
const STATUS: &str = "set_conversation_status";
/// What the form that undoes it names where nobody looks after a conversation.
const NOBODY: &str = "nobody";
/// The choice that leaves the assistant as it is on the whole channel.
pub(super) const AS_CHANNEL: &str = "channel";
/// The choice by which a person answers from now on.
pub(super) const TAKE_OVER: &str = "take_over";
/// The choice by which the assistant answers again.
pub(super) const GIVE_BACK: &str = "give_back";

/// Answers a customer, with the files of the form if it has some. The same form answers once.
#[server(prefix = "/do", endpoint = "reply_to_customer")]
pub async fn reply_to_customer(
    conversation: ConversationId,
    key: String,
    #[server(default)] text: String,
    #[server(default)] reply_to: String,
    #[server(default)] choices: String,
    #[server(default)] snippet: String,
) -> Result<()> {
    let (context, attached) = (server_context()?, attached_files());
    let actor = context.business_actor()?;
    let reply_to: Option<MessageId> = reply_to.parse().ok();
    let reply = Reply { conversation, text: &text, reply_to, choices: &choices, key: &key };
    match attached {
        Some(attached) => inbox::reply_with_files(&actor, &reply, attached).await?,
        None => inbox::reply(&actor, &reply).await?,
    };
    if reply_to.is_some() || !snippet.is_empty() {
        lead_on(&context, conversation);
    }
    Ok(())
}

/// Leads to the conversation alone. The address names the message that was quoted, or the snippet or template that was
/// chosen; the next answer has none of them.
pub(super) fn lead_on(context: &ServerContext, conversation: ConversationId) {
    if let CurrentTenant::Business(place) = &context.request.tenant {
        leptos_axum::redirect(&format!("/b/{}/inbox/{conversation}", place.id));
    }
}

/// Leaves a note for the people of the business.
#[server(prefix = "/do", endpoint = "add_conversation_note")]
pub async fn add_conversation_note(
    conversation: ConversationId,
    key: String,
    #[server(default)] text: String,
    #[server(default)] snippet: String,
) -> Result<()> {
    let (context, attached) = (server_context()?, attached_files());
    let actor = context.business_actor()?;
    if attached.is_some() {
        return Err(Error::field("files", texts(context.request.language).files_in_note));
    }
    inbox::note(&actor, conversation, &text, &key).await?;
    if !snippet.is_empty() {
        lead_on(&context, conversation);
    }
    Ok(())
}

/// Gives a conversation to somebody, or to nobody. The form that undoes it names who has it, and does nothing once somebody
/// else has it.
#[server(prefix = "/do", endpoint = "assign_conversation")]
pub async fn assign_conversation(
    conversation: ConversationId,
    #[server(default)] user: String,
    #[server(default)] left: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let texts = texts(context.request.language);
    let to: Option<UserId> = match user.trim() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::field("user", texts.choose_person))?),
    };
    let expected: Expected<Option<UserId>> = match left.as_str() {
        "" => Expected::Anything,
        NOBODY => Expected::Only(None),
        id => Expected::Only(Some(id.parse().map_err(|_| Error::NotFound)?)),
    };
    let before = inbox::assign(&actor, conversation, to, expected).await?;
    let told = if to.is_some() { texts.told_assigned } else { texts.told_unassigned };
    let former = ("user", before.map(|user| user.to_string()).unwrap_or_default());
    let left = to.map_or_else(|| NOBODY.to_owned(), |user| user.to_string());
    let undo = undo(&context, ASSIGN, conversation, [former, ("left", left)]).filter(|_| before != to);
    undoable_notice(&context, ASSIGN, told, undo).await
}

/// The form that gives a conversation what it had before, as long as it has what it was left with.
fn undo(
    context: &ServerContext,
    operation: &str,
    conversation: ConversationId,
    values: [(&str, String); 2],
) -> Option<Undo> {
    let CurrentTenant::Business(place) = &context.request.tenant else { return None };
    let about = [("business", place.id.to_string()), ("conversation", conversation.to_string())];
    let fields = about.into_iter().chain(values).map(|(name, value)| (name.to_owned(), value));
    Some(Undo { action: format!("/do/{operation}"), fields: fields.collect() })
}

/// Opens or closes a conversation, or puts it off until tomorrow. The form that undoes it names its state, and does nothing
/// once it is in another one.
#[server(prefix = "/do", endpoint = "set_conversation_status")]
pub async fn set_conversation_status(
    conversation: ConversationId,
    status: String,
    #[server(default)] left: String,
) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let status = ConversationStatus::parse(&status).ok_or(Error::NotFound)?;
    let until = match status {
        ConversationStatus::Snoozed => Some(tomorrow(&context).await?),
        ConversationStatus::Open | ConversationStatus::Closed => None,
    };
    let expected = match left.as_str() {
        "" => Expected::Anything,
        state => Expected::Only(ConversationStatus::parse(state).ok_or(Error::NotFound)?),
    };
    let before = inbox::set_conversation_status(&actor, conversation, status, until, now(), expected).await?;
    let texts = texts(context.request.language);
    // Until when it was put off is not known any more.
    let is_undoable = before != status && before != ConversationStatus::Snoozed;
    let values = [("status", before.key().to_owned()), ("left", status.key().to_owned())];
    let undo = undo(&context, STATUS, conversation, values).filter(|_| is_undoable);
    undoable_notice(&context, STATUS, (texts.told_status)(status), undo).await
}

/// The next morning where the business is.
async fn tomorrow(context: &ServerContext) -> Result<chrono::DateTime<chrono::Utc>> {
    let (place, mut tx) = context.business_page().await?;
    let business = store::businesses::get(&mut tx, place.id).await?;
    tx.commit().await?;
    Ok(day::next_morning(business.zone(), now()))
}

/// Says what the assistant may do in a conversation, or who answers it.
#[server(prefix = "/do", endpoint = "set_conversation_assistant")]
pub async fn set_conversation_assistant(conversation: ConversationId, mode: String) -> Result<()> {
    let context = server_context()?;
    let actor = context.business_actor()?;
    let texts = texts(context.request.language);
    let change = match mode.as_str() {
        TAKE_OVER => Assistant::TakeOver,
        GIVE_BACK => Assistant::GiveBack,
        AS_CHANNEL => Assistant::Mode(None),
        other => {
            let mode = AiMode::parse(other).ok_or_else(|| Error::field("mode", texts.choose_mode))?;
            Assistant::Mode(Some(mode))
        }
    };
    inbox::set_ai(&actor, conversation, change).await?;
    flash_notice(&context, "set_conversation_assistant", texts.told_assistant).await
}
