//! Which tools say who looks after a conversation, whether it still needs somebody, and what colleagues should know of it?

use chrono::{DateTime, Utc};
use domain::messaging::ConversationStatus;
use domain::permission::Right;
use domain::{ConversationId, MessageId, UserId, text};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::{LONGEST_TEXT, NoArguments, flat, told, typed};
use super::conversations::{Conversation, OneConversation, line, named, one, people};
use super::preview::coming;
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};
use crate::inbox::{self, Expected};

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "inbox_assign_conversation",
        title: "Assign a conversation",
        description: "Gives a conversation to somebody of the business, or to nobody.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<Assign>,
        output: of_output::<Conversation>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, assign),
        preview: |context, arguments| told(context, arguments, told_of_assign),
    },
    Tool {
        name: "inbox_close_conversation",
        title: "Close a conversation",
        description: "Closes a conversation. The next message of the customer opens it again.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<OneConversation>,
        output: of_output::<Conversation>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, close),
        preview: |context, arguments| told(context, arguments, told_of_close),
    },
    Tool {
        name: "inbox_reopen_conversation",
        title: "Reopen a conversation",
        description: "Opens a conversation that was closed or snoozed.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<OneConversation>,
        output: of_output::<Conversation>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, reopen),
        preview: |context, arguments| told(context, arguments, told_of_reopen),
    },
    Tool {
        name: "inbox_snooze_conversation",
        title: "Snooze a conversation",
        description: "Puts a conversation off until a time, at most a year ahead. The next message of the customer opens it again.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<Snooze>,
        output: of_output::<Conversation>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, snooze),
        preview: |context, arguments| told(context, arguments, told_of_snooze),
    },
    Tool {
        name: "inbox_add_note",
        title: "Add a note",
        description: "Leaves a note in a conversation for the people of the business. The customer never sees it.",
        effect: Effect::Write,
        needs: Right::InboxReply,
        input: of_input::<AddNote>,
        output: of_output::<Noted>,
        masked: &["text"],
        run: |context, arguments| typed(context, arguments, note),
        preview: |context, arguments| told(context, arguments, told_of_note),
    },
];

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Assign {
    /// The conversation.
    conversation: ConversationId,
    /// The person, as `inbox_list_people` names them; nobody if it is left out.
    user: Option<UserId>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Snooze {
    /// The conversation.
    conversation: ConversationId,
    /// Until when, such as 2027-01-04T09:00:00Z.
    until: DateTime<Utc>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AddNote {
    /// The conversation.
    conversation: ConversationId,
    /// The note.
    #[schemars(length(min = 1, max = LONGEST_TEXT))]
    text: String,
    /// A key that you make up for this note, such as a UUID. The same key never adds a second one.
    #[schemars(length(min = 1, max = 100))]
    key: String,
}

#[derive(Serialize, JsonSchema)]
struct Noted {
    /// The note.
    message: MessageId,
}

async fn assign(context: ToolContext, input: Assign) -> Result<Conversation, ToolError> {
    inbox::assign(&context.actor, input.conversation, input.user, Expected::Anything).await?;
    one(&context, input.conversation).await
}

async fn told_of_assign(context: ToolContext, input: Assign) -> Result<String, ToolError> {
    let line = line(&context, input.conversation).await?;
    let Some(user) = input.user else { return Ok(format!("Assigns {} to nobody.", named(&line))) };
    let all = people(context, NoArguments {}).await?;
    let name = all.people.iter().find(|one| one.user == user).map(|one| flat(&one.name));
    let to = match name {
        Some(name) => format!("\"{name}\""),
        None if user == all.me => "whoever made the token".to_owned(),
        None => "somebody who does not work here".to_owned(),
    };
    Ok(format!("Assigns {} to {to}.", named(&line)))
}

async fn set(
    context: &ToolContext,
    id: ConversationId,
    status: ConversationStatus,
    until: Option<DateTime<Utc>>,
) -> Result<Conversation, ToolError> {
    inbox::set_conversation_status(&context.actor, id, status, until, context.now, Expected::Anything).await?;
    one(context, id).await
}

async fn close(context: ToolContext, input: OneConversation) -> Result<Conversation, ToolError> {
    set(&context, input.conversation, ConversationStatus::Closed, None).await
}

async fn reopen(context: ToolContext, input: OneConversation) -> Result<Conversation, ToolError> {
    set(&context, input.conversation, ConversationStatus::Open, None).await
}

async fn snooze(context: ToolContext, input: Snooze) -> Result<Conversation, ToolError> {
    set(&context, input.conversation, ConversationStatus::Snoozed, Some(input.until)).await
}

async fn told_of_close(context: ToolContext, input: OneConversation) -> Result<String, ToolError> {
    Ok(format!("Closes {}.", named(&line(&context, input.conversation).await?)))
}

async fn told_of_reopen(context: ToolContext, input: OneConversation) -> Result<String, ToolError> {
    Ok(format!("Reopens {}.", named(&line(&context, input.conversation).await?)))
}

async fn told_of_snooze(context: ToolContext, input: Snooze) -> Result<String, ToolError> {
    let line = line(&context, input.conversation).await?;
    Ok(format!("Snoozes {} until {}.", named(&line), input.until.to_rfc3339()))
}

async fn note(context: ToolContext, input: AddNote) -> Result<Noted, ToolError> {
    let message = inbox::note(&context.actor, input.conversation, &input.text, &input.key).await?;
    Ok(Noted { message })
}

async fn told_of_note(context: ToolContext, input: AddNote) -> Result<String, ToolError> {
    let line = line(&context, input.conversation).await?;
    Ok(format!(
        "Adds a note, which the customer does not see, to {}:\n{}",
        named(&line),
        coming(&text::lines(&input.text))
    ))
}
