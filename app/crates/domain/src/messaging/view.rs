//! What do pages show of conversations? Lines of the list, the thread, the contact beside it and the channels.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::window::{Window, window};
use super::{AiMode, Channel, ConversationStatus, Direction, MessageStatus, Owner, Sender};
use crate::{AttachmentId, BusinessId, ChannelId, ContactId, ConversationId, IntegrationId, MessageId, UserId};

/// A line of the list of conversations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConversationLine {
    /// Its id.
    pub id: ConversationId,
    /// The business.
    pub business: BusinessId,
    /// The business's name, for lists over several.
    pub business_name: String,
    /// The contact.
    pub contact: ContactId,
    /// The contact's name, or the best we know.
    pub contact_name: String,
    /// The inbox.
    pub channel: ChannelId,
    /// The kind of channel.
    pub kind: Channel,
    /// The inbox's name or number.
    pub channel_name: String,
    /// Whether it needs somebody.
    pub status: ConversationStatus,
    /// Until when it is put off.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// Who looks after it.
    pub assigned_to: Option<UserId>,
    /// That person's name.
    pub assigned_name: Option<String>,
    /// Who answers.
    pub owner: Owner,
    /// What the assistant may do here: its own mode, or that of the channel.
    pub ai_mode: AiMode,
    /// Until when the assistant keeps silent because a person answered.
    pub ai_paused_until: Option<DateTime<Utc>>,
    /// When the last message came or went.
    pub last_message_at: DateTime<Utc>,
    /// The beginning of the last message.
    pub preview: String,
    /// Which way the last message went.
    pub last_direction: Option<Direction>,
    /// Who wrote the last message.
    pub last_sender: Option<Sender>,
    /// Whether the last message is one of ours that did not arrive.
    pub last_failed: bool,
    /// How many messages nobody has read.
    pub unread: i32,
    /// Since when the customer waits for an answer.
    pub waiting_since: Option<DateTime<Utc>>,
    /// When the service window closes, or closed.
    pub window_closes_at: Option<DateTime<Utc>>,
    /// Whether the platform granted late answers.
    pub late_answers: bool,
}

impl ConversationLine {
    /// What may be sent now.
    #[must_use]
    pub fn window(&self, now: DateTime<Utc>) -> Window {
        window(self.kind, self.window_closes_at, self.late_answers, now)
    }
}

/// A message of a thread.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MessageView {
    /// Its id.
    pub id: MessageId,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Which way it goes.
    pub direction: Direction,
    /// Who wrote it.
    pub sender: Sender,
    /// The name of the person who wrote it, for one of the business or agency.
    pub sender_name: Option<String>,
    /// What it is.
    pub kind: String,
    /// Its text.
    pub body: String,
    /// The details of its kind.
    pub details: Value,
    /// Its files.
    pub attachments: Vec<AttachmentView>,
    /// The reactions of both sides.
    pub reactions: Vec<ReactionView>,
    /// The beginning of the message that it answers.
    pub reply_to: Option<String>,
    /// How far it has come.
    pub status: MessageStatus,
    /// Why it failed, in plain words.
    pub error: Option<String>,
    /// The platform's code of the failure.
    pub error_code: Option<String>,
    /// Whether it was changed.
    pub edited: bool,
    /// Whether it was deleted.
    pub revoked: bool,
    /// Whether it can be sent again: it failed, and how it was sent is still known.
    pub repeatable: bool,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachmentView {
    /// Its id.
    pub id: AttachmentId,
    /// What it is: `image`, `audio`, `video`, `document`, `sticker`.
    pub kind: String,
    /// The name of the file.
    pub name: String,
    /// Its type, by its content once it is stored.
    pub mime: Option<String>,
    /// Its size in bytes.
    pub bytes: Option<i64>,
    /// `waiting`, `stored`, `failed` or `expired`.
    pub state: String,
    /// Why it could not be fetched, waits for room or was erased (`messaging::file`).
    pub error: Option<String>,
}

/// The reaction of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReactionView {
    /// Whether the customer reacted.
    pub by_contact: bool,
    /// The emoji.
    pub emoji: String,
}

/// A conversation as it is opened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    /// What the list says of it.
    pub line: ConversationLine,
    /// Who it is with.
    pub contact: ContactView,
    /// The messages, oldest first.
    pub messages: Vec<MessageView>,
    /// The cursor of older ones, if there are any.
    pub older: Option<String>,
}

/// Somebody a business talks to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactView {
    /// Its id.
    pub id: ContactId,
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// The phone number in international form.
    pub phone: Option<String>,
    /// The company.
    pub company: String,
    /// What the business noted.
    pub note: String,
    /// The ids under which platforms know the person.
    pub identities: Vec<IdentityView>,
    /// Since when the person wants no automatic messages.
    pub opted_out_at: Option<DateTime<Utc>>,
    /// Since when the person wants no advertising.
    #[serde(default)]
    pub marketing_refused_at: Option<DateTime<Utc>>,
    /// When the person last wrote.
    #[serde(default)]
    pub last_activity_at: Option<DateTime<Utc>>,
    /// When the person first wrote.
    pub created_at: DateTime<Utc>,
}

/// An id under which a platform knows a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityView {
    /// `wa_id`, `bsuid`, `psid`, `igsid` or `webchat`.
    pub kind: String,
    /// The id.
    pub id: String,
    /// The user name there.
    pub username: Option<String>,
}

/// An inbox of a business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelView {
    /// Its id.
    pub id: ChannelId,
    /// The kind of channel.
    pub kind: Channel,
    /// The platform's id of the account.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// The number or address that people see.
    pub display_address: String,
    /// The integration that carries it.
    pub integration: Option<IntegrationId>,
    /// Whether it is in use.
    pub active: bool,
    /// What the assistant may do here.
    pub ai_mode: AiMode,
    /// Whether the platform granted late answers.
    pub late_answers: bool,
    /// Since when nothing is sent, because the connection does not work.
    pub hold_since: Option<DateTime<Utc>>,
}
