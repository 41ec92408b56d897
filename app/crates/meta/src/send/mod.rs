//! How does a message get to a customer? One typed message for all channels; each channel writes the body that it takes.

mod messenger;
mod outgoing;
mod sent;
mod signals;
#[cfg(test)]
mod tests;
mod whatsapp;

pub use outgoing::{
    Channel, Choice, Content, File, FileSource, Outgoing, Recipient, Sender, TemplateMessage, TemplatePart, Unfit,
};
pub use sent::Sent;
pub use signals::{mark_read, show_typing};

pub(crate) use messenger::attachment_type;

use outbound::Body;
use serde_json::Value;

use crate::client::{Call, Meta, Parts, Result, read};
use crate::error::Error;
use crate::ops::SEND;

/// The body that a channel takes.
///
/// # Errors
/// [`Unfit`] if the channel cannot carry this message.
pub fn body(channel: Channel, message: &Outgoing) -> std::result::Result<Value, Unfit> {
    match channel {
        Channel::Whatsapp => whatsapp::body(message),
        Channel::Messenger | Channel::Instagram => messenger::body(channel, message),
    }
}

/// Sends a message. There is no idempotency key: when the outcome is not known, it must not be sent again by itself.
///
/// # Errors
/// As of any call; [`Error::verdict`] says what is certain. `Kind::Invalid` if the channel cannot carry the message,
/// which is then not sent.
pub async fn send(meta: &Meta, call: Call<'_>, sender: Sender<'_>, message: &Outgoing) -> Result<Sent> {
    let body = body(sender.channel, message).map_err(|unfit| Error::unfit(&SEND, &unfit.to_string()))?;
    let body = Some(Body::Json(body.to_string().into_bytes()));
    let request = meta.signed(&SEND, call, Parts { ids: &[sender.id], body, ..Parts::default() })?;
    let answer = meta.send(&SEND, request, call.about).await?;
    let sent = read::<sent::Answer>(&SEND, &answer)?.into_sent(&answer);
    let is_reaction = matches!(message.content, Content::Reaction { .. });
    let named = sent.message_id.is_some() || (is_reaction && sent.user_id.is_some());
    if named { Ok(sent) } else { Err(Error::unreadable(&SEND, &answer, "it names no message")) }
}
