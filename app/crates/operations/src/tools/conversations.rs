//! Which tools read the conversations of a business, and who works in them?

use chrono::{DateTime, Utc};
use domain::messaging::view::ConversationLine;
use domain::messaging::window::Window;
use domain::page::{Condition, ListQuery, Operator};
use domain::permission::Right;
use domain::{ContactId, ConversationId, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::memberships;
use store::messaging::list;
use store::tenant::TenantTx;

use super::arguments::{NoArguments, flat, reads, typed, usual};
use super::schema::{of_input, of_output};
use super::{Effect, Tool, ToolContext, ToolError};
use crate::Refusal;

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "inbox_list_conversations",
        title: "List conversations",
        description: "Lists conversations with customers, the newest first, page by page: the open ones, or those of a view, of a channel, or with some words.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<ListConversations>,
        output: of_output::<ConversationPage>,
        masked: &["query"],
        run: |context, arguments| typed(context, arguments, list_all),
        preview: reads,
    },
    Tool {
        name: "inbox_get_conversation",
        title: "Get a conversation",
        description: "Reads the state of one conversation: whom it is with, whether somebody waits, who looks after it and what may be sent now.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<OneConversation>,
        output: of_output::<Conversation>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, get),
        preview: reads,
    },
    Tool {
        name: "inbox_list_people",
        title: "List people",
        description: "Lists the people of the business, to whom a conversation can be assigned.",
        effect: Effect::Read,
        needs: Right::InboxRead,
        input: of_input::<NoArguments>,
        output: of_output::<People>,
        masked: &[],
        run: |context, arguments| typed(context, arguments, people),
        preview: reads,
    },
];

#[derive(Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Part {
    #[default]
    Open,
    Mine,
    Unassigned,
    Waiting,
    Unread,
    Snoozed,
    Closed,
    All,
}

impl Part {
    /// The view of the list.
    const fn view(self) -> &'static str {
        match self {
            Self::Open => "",
            Self::Mine => "mine",
            Self::Unassigned => "unassigned",
            Self::Waiting => "waiting",
            Self::Unread => "unread",
            Self::Snoozed => "snoozed",
            Self::Closed => "closed",
            Self::All => "all",
        }
    }
}

#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Webchat,
    Voice,
    Whatsapp,
    Instagram,
    Facebook,
    Sms,
    Email,
}

impl Kind {
    /// The key of the channel.
    const fn key(self) -> &'static str {
        match self {
            Self::Webchat => "webchat",
            Self::Voice => "voice",
            Self::Whatsapp => "whatsapp",
            Self::Instagram => "instagram",
            Self::Facebook => "facebook",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ListConversations {
    /// Which ones: `mine` are those of whoever made the token, `waiting` those whose customer waits for an answer.
    #[serde(default)]
    view: Part,
    /// Only those of this channel.
    channel: Option<Kind>,
    /// A part of a name, of the last message or of a number.
    #[serde(default)]
    #[schemars(length(max = 200))]
    query: String,
    /// The value of `next` of the page before, with everything else the same. Leave it out to begin with the first page.
    #[schemars(length(max = 2000))]
    cursor: Option<String>,
    /// How many conversations, at most.
    #[serde(default = "usual")]
    #[schemars(range(min = 1, max = 100))]
    limit: u16,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OneConversation {
    /// The conversation.
    pub conversation: ConversationId,
}

#[derive(Serialize, JsonSchema)]
struct ConversationPage {
    /// The conversations.
    conversations: Vec<Conversation>,
    /// The cursor of the next page, if there is one.
    next: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Conversation {
    /// Its id.
    id: ConversationId,
    /// The contact.
    contact: ContactId,
    /// The contact's name, or the best that is known.
    contact_name: String,
    /// The kind of channel.
    channel: &'static str,
    /// `open`, `snoozed` or `closed`.
    status: &'static str,
    /// Until when it is snoozed.
    snoozed_until: Option<DateTime<Utc>>,
    /// Who looks after it.
    assigned_to: Option<UserId>,
    /// That person's name.
    assigned_name: Option<String>,
    /// When the last message came or went.
    last_message_at: DateTime<Utc>,
    /// The beginning of the last message.
    preview: String,
    /// How many messages nobody has read.
    unread: i32,
    /// Since when the customer waits for an answer.
    waiting_since: Option<DateTime<Utc>>,
    /// What may be sent now: `text`, `person_only` (only a person may write, in the inbox), `template` or `nothing`.
    may_send: &'static str,
    /// Until when that is so.
    may_send_until: Option<DateTime<Utc>>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct People {
    /// Whoever made the token.
    pub me: UserId,
    /// The people.
    pub people: Vec<Colleague>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Colleague {
    /// The person.
    pub user: UserId,
    /// Their name, or else their mail address.
    pub name: String,
}

impl Conversation {
    fn of(line: ConversationLine, now: DateTime<Utc>) -> Self {
        let window = line.window(now);
        Self {
            id: line.id,
            contact: line.contact,
            contact_name: line.contact_name,
            channel: line.kind.key(),
            status: line.status.key(),
            snoozed_until: line.snoozed_until,
            assigned_to: line.assigned_to,
            assigned_name: line.assigned_name,
            last_message_at: line.last_message_at,
            preview: line.preview,
            unread: line.unread,
            waiting_since: line.waiting_since,
            may_send: may_send(window),
            may_send_until: window.until(),
        }
    }
}

/// What a program may send in a window. A late answer is for people alone (Meta, `HUMAN_AGENT`).
const fn may_send(window: Window) -> &'static str {
    match window {
        Window::Always | Window::Free { .. } => "text",
        Window::Late { .. } => "person_only",
        Window::Template => "template",
        Window::Closed => "nothing",
    }
}

async fn list_all(context: ToolContext, input: ListConversations) -> Result<ConversationPage, ToolError> {
    let of_channel =
        |kind: Kind| Condition { field: "kind".to_owned(), operator: Operator::AnyOf, value: kind.key().to_owned() };
    let query = ListQuery {
        q: input.query,
        view: input.view.view().to_owned(),
        sort: String::new(),
        cursor: input.cursor,
        limit: input.limit,
        filters: input.channel.map(of_channel).into_iter().collect(),
    };
    let errors = list::LIST.errors(&query);
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors).into());
    }
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let page = list::list(&mut tx, &query, Some(context.actor.user())).await?;
    let conversations = page.rows.into_iter().map(|line| Conversation::of(line, context.now)).collect();
    Ok(ConversationPage { conversations, next: page.next })
}

/// A conversation as it is now.
pub(super) async fn line(context: &ToolContext, id: ConversationId) -> Result<ConversationLine, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    line_in(&mut tx, id).await
}

/// A conversation of the transaction's business. Somebody of an agency also sees those of its other clients; a tool does
/// not.
pub(super) async fn line_in(tx: &mut TenantTx, id: ConversationId) -> Result<ConversationLine, ToolError> {
    let line = list::line(tx, id).await?;
    if tx.business() == Some(line.business) { Ok(line) } else { Err(Refusal::NotFound.into()) }
}

/// How a preview names a conversation.
pub(super) fn named(line: &ConversationLine) -> String {
    format!("the conversation with \"{}\" on {}", flat(&line.contact_name), line.kind.name())
}

/// A conversation as a tool answers with it.
pub(super) async fn one(context: &ToolContext, id: ConversationId) -> Result<Conversation, ToolError> {
    Ok(Conversation::of(line(context, id).await?, context.now))
}

async fn get(context: ToolContext, input: OneConversation) -> Result<Conversation, ToolError> {
    one(&context, input.conversation).await
}

/// The people of the business.
pub(super) async fn people(context: ToolContext, _: NoArguments) -> Result<People, ToolError> {
    let mut tx = context.actor.require(Right::InboxRead)?.begin().await?;
    let members = memberships::of_business(&mut tx).await?;
    let colleague = |user, name: String, email| Colleague { user, name: if name.is_empty() { email } else { name } };
    let people = members.into_iter().map(|member| colleague(member.user, member.name, member.email)).collect();
    Ok(People { me: context.actor.user(), people })
}
