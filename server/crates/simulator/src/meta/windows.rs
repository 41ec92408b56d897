//! Until when a business may write freely to a customer.

use chrono::{DateTime, TimeDelta, Utc};

use crate::world::World;

use super::{
    content,
    message_records::{Channel, Message},
};

/// What a business may send to a customer now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// Anything.
    Open,
    /// Only what a person writes, under the tag `HUMAN_AGENT`.
    HumanAgent,
    /// Only templates, where there are any.
    Closed,
}

/// The window of one account and one customer.
pub fn of(world: &World, channel: Channel, account: &str, customer: &str, now: DateTime<Utc>) -> Window {
    let word = word(channel);
    let thread = Message::thread(account, customer);
    let opened = world
        .messages
        .of(&thread)
        .rev()
        .find(|message| !message.outbound && content::opens_window(word, &message.kind));
    let gone = opened.map(|message| now - message.at);
    match gone {
        Some(gone) if gone < TimeDelta::hours(24) => Window::Open,
        Some(gone) if channel != Channel::Whatsapp && gone < TimeDelta::days(7) => Window::HumanAgent,
        _ => Window::Closed,
    }
}

/// The name of a channel in JSON.
pub const fn word(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "whatsapp",
        Channel::Instagram => "instagram",
        Channel::Facebook => "facebook",
    }
}
