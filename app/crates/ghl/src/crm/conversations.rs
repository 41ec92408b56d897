//! Which calls are there on the conversations of a location? Search, read the messages, send one.

use serde::{Deserialize, Serialize};

use super::Request;
use crate::ops::{LIST_MESSAGES, SEARCH_CONVERSATIONS, SEND_MESSAGE};

/// The channel of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MessageType {
    /// A text message.
    #[serde(rename = "SMS")]
    Sms,
    /// An email.
    Email,
    /// WhatsApp; free text only within 24 hours of the contact's last message.
    WhatsApp,
    /// Instagram; only to a contact who wrote first, within 24 hours.
    #[serde(rename = "IG")]
    Instagram,
    /// Facebook Messenger; only to a contact who wrote first, within 24 hours.
    #[serde(rename = "FB")]
    Facebook,
    /// The live chat of a website.
    #[serde(rename = "Live_Chat")]
    LiveChat,
}

impl MessageType {
    /// Its name for people.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sms => "SMS",
            Self::Email => "email",
            Self::WhatsApp => "WhatsApp",
            Self::Instagram => "Instagram",
            Self::Facebook => "Facebook",
            Self::LiveChat => "live chat",
        }
    }
}

/// Which conversations an answer shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConversationStatus {
    /// All.
    All,
    /// Read.
    Read,
    /// Unread.
    Unread,
    /// Starred.
    Starred,
}

impl ConversationStatus {
    const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Read => "read",
            Self::Unread => "unread",
            Self::Starred => "starred",
        }
    }
}

/// Which conversations to find.
#[derive(Clone, Debug, Default)]
pub struct ConversationSearch<'a> {
    /// Words to look for.
    pub query: Option<&'a str>,
    /// Id of a contact.
    pub contact: Option<&'a str>,
    /// Which of them.
    pub status: Option<ConversationStatus>,
    /// Rows of a page, 1 to 100.
    pub limit: u16,
    /// Time of the last message of the last conversation of the page before, in milliseconds.
    pub after: Option<&'a str>,
}

/// A message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMessage<'a> {
    /// The channel.
    pub kind: MessageType,
    /// Id of the contact.
    pub contact: &'a str,
    /// The text; of an email the HTML.
    pub text: &'a str,
    /// The subject of an email.
    pub subject: Option<&'a str>,
}

/// An object without fields, which the contract asks for.
#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Send<'a> {
    #[serde(rename = "type")]
    kind: MessageType,
    contact_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<&'a str>,
    sub_type: Nothing,
    status: &'static str,
}

/// The conversations of a location, the one with the newest message first: `conversations` and `total`.
#[must_use]
pub fn search(location: &str, find: &ConversationSearch<'_>) -> Request {
    Request::new(&SEARCH_CONVERSATIONS)
        .query("locationId", Some(location))
        .query("contactId", find.contact)
        .query("query", find.query)
        .query("status", find.status.map(ConversationStatus::word))
        .query("limit", Some(find.limit.to_string()))
        .query("startAfterDate", find.after)
}

/// The messages of a conversation, newest first, after the one with the id `after`. The list may stand in `messages`, or
/// in `messages.messages`.
#[must_use]
pub fn messages(conversation: &str, limit: u16, after: Option<&str>) -> Request {
    Request::new(&LIST_MESSAGES).id(conversation).query("lastMessageId", after).query("limit", Some(limit.to_string()))
}

/// Sends a message. The answer means that it is queued, not that it was delivered. Sending it again sends it twice.
#[must_use]
pub fn send(new: &NewMessage<'_>) -> Request {
    let email = new.kind == MessageType::Email;
    Request::new(&SEND_MESSAGE).body(&Send {
        kind: new.kind,
        contact_id: new.contact,
        message: (!email).then_some(new.text),
        subject: new.subject,
        html: email.then_some(new.text),
        sub_type: Nothing {},
        status: "pending",
    })
}
