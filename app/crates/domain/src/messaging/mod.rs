//! What is a conversation with somebody outside? Its channel, its messages and how far each has come, and who answers.

#[cfg(feature = "text")]
pub mod choices;
pub mod details;
pub mod file;
pub mod inbound;
#[cfg(feature = "text")]
pub mod length;
pub mod received;
#[cfg(feature = "text")]
pub mod schedule;
pub mod template;
pub mod template_language;
pub mod view;
pub mod window;

use serde::{Deserialize, Serialize};

/// Where a message comes from and goes to. The values must match the type in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(type_name = "channel", rename_all = "SCREAMING_SNAKE_CASE"))]
pub enum Channel {
    /// The chat on the business's own web site.
    Webchat,
    /// Phone calls.
    Voice,
    /// WhatsApp.
    Whatsapp,
    /// Instagram.
    Instagram,
    /// Messenger of a Facebook page.
    Facebook,
    /// Text messages.
    Sms,
    /// Mail.
    Email,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 7] =
        [Self::Webchat, Self::Voice, Self::Whatsapp, Self::Instagram, Self::Facebook, Self::Sms, Self::Email];

    /// The key in forms and addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
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

    /// The channel with this key.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.key() == key)
    }

    /// Its name, as people read it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webchat => "Web chat",
            Self::Voice => "Phone",
            Self::Whatsapp => "WhatsApp",
            Self::Instagram => "Instagram",
            Self::Facebook => "Messenger",
            Self::Sms => "Text message",
            Self::Email => "Email",
        }
    }

    /// Its name in Spanish.
    #[must_use]
    pub const fn spanish_name(self) -> &'static str {
        match self {
            Self::Webchat => "Chat web",
            Self::Voice => "Teléfono",
            Self::Sms => "Mensaje de texto",
            Self::Email => "Correo",
            other => other.name(),
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $key:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The value in the database and in forms.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key,)* }
            }

            /// The value with this key.
            #[must_use]
            pub fn parse(key: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.key() == key)
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Which way a message goes (`messages.direction`).
    Direction {
        /// From the customer.
        In = "in",
        /// To the customer.
        Out = "out",
        /// Between the people of the business: a note, or a line of ours.
        Internal = "internal",
    }
}

words! {
    /// Who wrote a message (`messages.sender`).
    Sender {
        /// The customer.
        Contact = "contact",
        /// A person of the business or agency, in our inbox.
        Person = "person",
        /// The assistant.
        Assistant = "assistant",
        /// An automation.
        Automation = "automation",
        /// A campaign.
        Campaign = "campaign",
        /// Somebody of the business in the platform's own app.
        Echo = "echo",
        /// Us: a line about what happened.
        System = "system",
    }
}

words! {
    /// How far a message has come (`messages.status`).
    MessageStatus {
        /// It came in.
        Received = "received",
        /// It waits to be sent.
        Pending = "pending",
        /// It waits until the connection works again.
        Held = "held",
        /// The platform accepted it.
        Sent = "sent",
        /// It reached the customer's device.
        Delivered = "delivered",
        /// The customer read it.
        Read = "read",
        /// It did not arrive.
        Failed = "failed",
        /// It was taken back before it was sent.
        Cancelled = "cancelled",
    }
}

impl MessageStatus {
    /// How strong the evidence is: a later report of a lower one changes nothing.
    const fn strength(self) -> u8 {
        match self {
            Self::Received | Self::Cancelled => 0,
            Self::Pending | Self::Held => 1,
            Self::Sent => 2,
            Self::Delivered => 3,
            Self::Read => 4,
            Self::Failed => 5,
        }
    }

    /// The status after a report of the platform. Reports only raise it, and `failed` ends it.
    #[must_use]
    pub const fn after(self, report: Self) -> Self {
        match self {
            Self::Received | Self::Cancelled | Self::Failed => self,
            _ if report.strength() > self.strength() => report,
            _ => self,
        }
    }
}

words! {
    /// Whether a conversation needs somebody (`conversations.status`).
    ConversationStatus {
        /// It is open.
        Open = "open",
        /// It is put off until a time or the next message.
        Snoozed = "snoozed",
        /// It is done.
        Closed = "closed",
    }
}

words! {
    /// What the assistant may do in a conversation (`ai_mode`).
    AiMode {
        /// Nothing.
        Off = "off",
        /// Write drafts that a person sends.
        Draft = "draft",
        /// Answer by itself.
        Auto = "auto",
    }
}

words! {
    /// Who answers a conversation (`conversations.ai_state`).
    Owner {
        /// The assistant, as far as its mode allows.
        Bot = "bot",
        /// A person should: the assistant handed over.
        WaitingHuman = "waiting_human",
        /// A person does.
        Human = "human",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_in_any_order_end_in_the_same_status() {
        use MessageStatus::{Delivered, Failed, Pending, Read, Sent};
        let reports = [Sent, Delivered, Read, Failed];
        for order in permutations(&reports) {
            for repeated in &reports {
                let all = order.iter().chain([repeated]).chain(order.iter());
                assert_eq!(all.fold(Pending, |status, report| status.after(*report)), Failed, "{order:?}");
                let without = order.iter().filter(|report| **report != Failed).chain([&Sent]);
                assert_eq!(without.fold(Pending, |status, report| status.after(*report)), Read, "{order:?}");
            }
        }
    }

    fn permutations(of: &[MessageStatus]) -> Vec<Vec<MessageStatus>> {
        if of.is_empty() {
            return vec![Vec::new()];
        }
        (0..of.len())
            .flat_map(|first| {
                let mut rest = of.to_vec();
                let head = rest.remove(first);
                permutations(&rest).into_iter().map(move |mut tail| {
                    tail.insert(0, head);
                    tail
                })
            })
            .collect()
    }

    #[test]
    fn every_word_is_found_under_its_key() {
        assert!(Channel::ALL.into_iter().all(|value| Channel::parse(value.key()) == Some(value)));
        assert!(MessageStatus::ALL.iter().all(|value| MessageStatus::parse(value.key()) == Some(*value)));
        assert!(Sender::ALL.iter().all(|value| Sender::parse(value.key()) == Some(*value)));
    }
}
