//! What does a platform answer when it has taken a message?

use outbound::Answer as HttpAnswer;
use serde::Deserialize;

use crate::tolerant::{list, text};
use crate::usage::Usage;

/// A message that the platform has taken. It may still fail to arrive; a status reports that later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The platform's id of the message; `None` only for a reaction on Instagram.
    pub message_id: Option<String>,
    /// The WhatsApp id of the customer. It may differ from the number that was written to.
    pub wa_id: Option<String>,
    /// The id of the customer, for those who share no number and on the other channels.
    pub user_id: Option<String>,
    /// Of a template: `accepted`, `held_for_quality_assessment`, `paused`.
    pub status: Option<String>,
    /// How much of the limits is used; a high one asks to slow down.
    pub usage: Usage,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Answer {
    #[serde(deserialize_with = "list")]
    messages: Vec<Message>,
    #[serde(deserialize_with = "list")]
    contacts: Vec<Contact>,
    #[serde(deserialize_with = "text")]
    message_id: Option<String>,
    #[serde(deserialize_with = "text")]
    recipient_id: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(deserialize_with = "crate::tolerant::id")]
    id: String,
    #[serde(default, rename = "message_status", deserialize_with = "text")]
    status: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Contact {
    #[serde(deserialize_with = "text")]
    wa_id: Option<String>,
    #[serde(deserialize_with = "text")]
    user_id: Option<String>,
}

impl Answer {
    pub(super) fn into_sent(self, answer: &HttpAnswer) -> Sent {
        let usage = Usage::read(&answer.headers);
        let contact = self.contacts.into_iter().next().unwrap_or_default();
        let message = self.messages.into_iter().next();
        let (id, status) = message.map_or((None, None), |message| (Some(message.id), message.status));
        Sent {
            message_id: id.or(self.message_id),
            wa_id: contact.wa_id,
            user_id: contact.user_id.or(self.recipient_id),
            status,
            usage,
        }
    }
}
