//! What does a platform tell us? Each body of a messaging platform is read into items that stand alone: a message, a
//! status, a reaction, or a fact about the account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Channel;

/// One element of a body that a platform sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// The account that it is for, in the platform's words; decides which business gets it.
    pub account: Account,
    /// The idempotency key: the same for each repeat of this element, whatever body it comes in.
    pub key: String,
    /// When it happened, by the platform. `None` if it does not say, or says something absurd.
    pub at: Option<DateTime<Utc>>,
    /// What happened.
    pub what: What,
    /// The element as it was sent.
    pub raw: Value,
}

/// An account of a platform, by the id under which it sends events.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// A WhatsApp number, by its `phone_number_id`.
    PhoneNumber(String),
    /// A WhatsApp Business account: the event concerns all its numbers.
    Waba(String),
    /// A Facebook page.
    Page(String),
    /// An Instagram professional account.
    Instagram(String),
    /// None that we can name; the platform's word for the object.
    Unknown(String),
}

impl Account {
    /// The channel on which its people write. `None` for an account without people.
    #[must_use]
    pub const fn channel(&self) -> Option<Channel> {
        match self {
            Self::PhoneNumber(_) => Some(Channel::Whatsapp),
            Self::Page(_) => Some(Channel::Facebook),
            Self::Instagram(_) => Some(Channel::Instagram),
            Self::Waba(_) | Self::Unknown(_) => None,
        }
    }

    /// The id that the platform knows it by.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::PhoneNumber(id) | Self::Waba(id) | Self::Page(id) | Self::Instagram(id) | Self::Unknown(id) => id,
        }
    }
}

/// What an item says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// A message of a customer, or an echo of one that the business sent elsewhere.
    Message(Box<InboundMessage>),
    /// How far a message that we sent has come.
    Status(Status),
    /// Every message to this customer up to a time was delivered or read.
    Watermark {
        /// The customer.
        person: Person,
        /// True if they were read, false if they were delivered.
        read: bool,
        /// The last time that is covered.
        until: DateTime<Utc>,
    },
    /// Somebody reacted to a message, or took the reaction back.
    Reaction {
        /// The customer of the conversation, also when the business reacted.
        person: Person,
        /// Whether the business reacted, outside of our inbox.
        echo: bool,
        /// The platform's id of the message.
        target: String,
        /// The emoji; empty if the reaction was taken back.
        emoji: String,
    },
    /// A message was changed.
    Edit {
        /// The customer of the conversation, also when the business changed it.
        person: Person,
        /// The platform's id of the message.
        target: String,
        /// The new text.
        text: String,
    },
    /// A message was deleted.
    Revoke {
        /// The customer of the conversation, also when the business deleted it.
        person: Person,
        /// The platform's id of the message.
        target: String,
    },
    /// A customer has another number or id from now on.
    Moved {
        /// The customer under the old ids.
        from: Person,
        /// The customer under the new ids.
        to: Person,
        /// The platform's sentence about it.
        text: String,
    },
    /// A customer allows or refuses marketing messages.
    Preference {
        /// The customer.
        person: Person,
        /// True if they may be sent.
        marketing: bool,
    },
    /// A fact about the account: a template's review, a number's quality, a restriction, a partner that left.
    AccountEvent {
        /// The platform's word for it.
        field: String,
        /// What it says.
        value: Value,
    },
    /// Something that needs nothing of us, by the platform's word for it.
    Other(String),
    /// An element that could not be read, and why.
    Unreadable(String),
}

/// A person outside, by every id that the event gives.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// WhatsApp's id: digits, usually the phone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// WhatsApp's id of the person for this business (BSUID).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bsuid: Option<String>,
    /// The same across the portfolios that share it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_bsuid: Option<String>,
    /// The id for a page or an Instagram account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scoped_id: Option<String>,
    /// The name that they gave themselves; never a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user name; never a key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

impl Person {
    /// True if nothing tells who it is.
    #[must_use]
    pub const fn is_nobody(&self) -> bool {
        self.wa_id.is_none() && self.bsuid.is_none() && self.parent_bsuid.is_none() && self.scoped_id.is_none()
    }
}

/// A message that came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InboundMessage {
    /// The platform's id of the message.
    pub id: String,
    /// The customer of the conversation, also when the business wrote.
    pub person: Person,
    /// Who wrote it and how it came.
    pub origin: Origin,
    /// What it is, by a short word of ours: `text`, `image`, `audio`, `voice`, `video`, `document`, `sticker`, `location`,
    /// `contacts`, `button`, `list`, `order`, `story_reply`, `story_mention`, `share`, `form`, `template`, `postback`, `referral` (a customer
    /// who came by a link, without a text), `system`, `unsupported`.
    pub kind: String,
    /// The text, caption or title; empty if there is none.
    pub text: String,
    /// Its files.
    pub attachments: Vec<InboundFile>,
    /// The platform's id of the message that it answers.
    pub reply_to: Option<String>,
    /// The details of its kind: coordinates, the chosen button, an advertisement, the platform's own word.
    pub details: Value,
}

impl InboundMessage {
    /// Whether the business wrote it: an echo, or a message of the history that is marked as its own.
    #[must_use]
    pub fn is_outgoing(&self) -> bool {
        self.origin == Origin::Echo || self.details["outgoing"] == true
    }
}

/// Who wrote a message and how it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The customer, now.
    Customer,
    /// The business, in the platform's own app or through us: the platform tells both alike.
    Echo,
    /// The customer or the business, before the account was connected.
    History,
    /// The customer, while another program answers the conversation.
    Standby,
}

/// A file of a message. It is fetched later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboundFile {
    /// `image`, `audio`, `video`, `document` or `sticker`; the platform's word if it is none of these, such as `story`, whose
    /// address ends with the story.
    pub kind: String,
    /// The platform's id, where it has to be asked for the address.
    pub media_id: Option<String>,
    /// The address, where the platform gives one.
    pub url: Option<String>,
    /// The type that the platform names.
    pub mime: Option<String>,
    /// The name of the file.
    pub name: Option<String>,
}

/// How far a message that we sent has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The platform's id of the message.
    pub message: String,
    /// The state.
    pub state: StatusState,
    /// Who it was sent to, as far as the platform says.
    pub person: Person,
    /// Our own id, which we gave with the message.
    pub correlation: Option<String>,
    /// The platform's code of the error.
    pub error_code: Option<String>,
    /// The platform's words for the error.
    pub error_text: Option<String>,
    /// True if the platform bills it.
    pub billable: Option<bool>,
    /// The category under which it is billed.
    pub category: Option<String>,
}

/// The state of a message that we sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusState {
    /// The platform passed it on.
    Sent,
    /// It reached the device.
    Delivered,
    /// It was read, or played.
    Read,
    /// It will not arrive.
    Failed,
}
