//! Which body do Messenger and Instagram take for a message?

use serde_json::{Value, json};

use super::outgoing::{Channel, Content, File, FileSource, Outgoing, Recipient, Unfit};
use crate::media::FileKind;

const MOST_QUICK_REPLIES: usize = 13;
/// The emojis that Instagram's one reaction, `love`, stands for.
const HEARTS: [&str; 2] = ["❤", "❤\u{fe0f}"];

pub(super) fn body(channel: Channel, message: &Outgoing) -> Result<Value, Unfit> {
    let Recipient::Id(id) = &message.to else { return Err(Unfit::Recipient) };
    message.content.check(MOST_QUICK_REPLIES)?;
    if let Content::Reaction { to, emoji } = &message.content {
        return reaction(channel, id, to, emoji.as_deref());
    }
    let mut body = json!({"recipient": {"id": id}, "message": content(channel, &message.content)?});
    if message.late_answer {
        body["messaging_type"] = "MESSAGE_TAG".into();
        body["tag"] = "HUMAN_AGENT".into();
    } else if channel == Channel::Messenger {
        body["messaging_type"] = "RESPONSE".into();
    }
    if channel == Channel::Messenger {
        if let Some(own) = &message.own_id {
            body["message"]["metadata"] = own.as_str().into();
        }
        if let Some(quoted) = &message.reply_to {
            body["reply_to"] = json!({"mid": quoted});
        }
    }
    Ok(body)
}

fn content(channel: Channel, content: &Content) -> Result<Value, Unfit> {
    Ok(match content {
        Content::Text { body, .. } => json!({"text": body}),
        Content::File(file) => json!({"attachment": attachment(channel, file)?}),
        Content::Choices { body, choices } => {
            let replies: Vec<_> = choices
                .iter()
                .map(|choice| json!({"content_type": "text", "title": choice.title, "payload": choice.id}))
                .collect();
            json!({"text": body, "quick_replies": replies})
        }
        Content::Template(_) => return Err(Unfit::Template),
        Content::Reaction { .. } => return Err(Unfit::Reaction),
    })
}

fn attachment(channel: Channel, file: &File) -> Result<Value, Unfit> {
    if file.kind == FileKind::Sticker {
        return Err(Unfit::Kind);
    }
    if file.caption.is_some() {
        return Err(Unfit::Caption);
    }
    let payload = match (&file.source, channel) {
        (FileSource::Uploaded(id), Channel::Messenger) => json!({"attachment_id": id}),
        (FileSource::Uploaded(_), _) => return Err(Unfit::Source),
        (FileSource::Link(link), _) => json!({"url": link}),
    };
    Ok(json!({"type": attachment_type(file.kind), "payload": payload}))
}

/// Meta's word for a kind of attachment.
pub(crate) const fn attachment_type(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "image",
        FileKind::Video => "video",
        FileKind::Audio => "audio",
        FileKind::Document | FileKind::Sticker => "file",
    }
}

fn reaction(channel: Channel, recipient: &str, to: &str, emoji: Option<&str>) -> Result<Value, Unfit> {
    let (action, payload) = match emoji {
        _ if channel != Channel::Instagram => return Err(Unfit::Reaction),
        None => ("unreact", json!({"message_id": to})),
        Some(emoji) if HEARTS.contains(&emoji) => ("react", json!({"message_id": to, "reaction": "love"})),
        Some(_) => return Err(Unfit::Reaction),
    };
    Ok(json!({"recipient": {"id": recipient}, "sender_action": action, "payload": payload}))
}
