//! Maps channels to icons, and the status of a message to a tone.

use domain::messaging::{Channel, MessageStatus};

use crate::{Glyph, Tone};

/// The icon beside the name of a channel.
#[must_use]
pub const fn glyph(channel: Channel) -> Glyph {
    match channel {
        Channel::Whatsapp => Glyph::Chat,
        Channel::Instagram => Glyph::Camera,
        Channel::Facebook => Glyph::Bubble,
        Channel::Webchat => Glyph::Globe,
        Channel::Voice | Channel::Sms => Glyph::Phone,
        Channel::Email => Glyph::Mail,
    }
}

/// The tone of a message's status.
#[must_use]
pub const fn tone(status: MessageStatus) -> Tone {
    match status {
        MessageStatus::Received | MessageStatus::Sent => Tone::Waiting,
        MessageStatus::Pending => Tone::Running,
        MessageStatus::Held => Tone::Warn,
        MessageStatus::Delivered | MessageStatus::Read => Tone::Ok,
        MessageStatus::Failed => Tone::Failed,
        MessageStatus::Cancelled => Tone::Cancelled,
    }
}
