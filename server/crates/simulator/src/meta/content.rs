//! What a customer sends, in the shape of each channel's webhook: the part below the fields that every message has.

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a customer does, as `POST /_sim/meta/inbound` takes it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Inbound {
    /// `whatsapp`, `instagram` or `facebook`.
    pub channel: String,
    /// Id of the phone number, page or Instagram account. The first of the channel if empty.
    pub account: String,
    /// Name or id of the customer; an unknown name is a new customer. The channel's first customer if empty.
    pub customer: String,
    /// What is sent: `text`, `image`, `reaction`, …
    pub kind: String,
    /// Text, caption, title of a button, or emoji.
    pub text: String,
    /// Id of the message that is meant: quoted, reacted to, edited, deleted or read. The thread's last if empty.
    pub message: String,
    /// What the app gave the button that is pressed.
    pub payload: String,
    /// Bytes of a file, base64.
    pub file: String,
    /// MIME type of the file.
    pub mime: String,
    /// Name of the file or of the place.
    pub name: String,
    /// Id of the message, to send the same one again.
    pub id: String,
    /// How many seconds ago it was sent.
    pub seconds_ago: i64,
    /// New number or user name of the customer.
    pub new: String,
    /// The advertisement through which the customer came.
    pub referral: Value,
    /// Fields that are added to the message or replace its own.
    pub extra: Map<String, Value>,
}

/// The file of a message.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// Id.
    pub id: String,
    /// MIME type.
    pub mime: String,
    /// SHA-256, base64.
    pub sha256: String,
    /// Where it can be fetched without a token.
    pub url: String,
}

/// Kinds of messages with a file, the MIME type each has if none is named.
const FILES: [(&str, &str); 6] = [
    ("image", "image/png"),
    ("video", "video/mp4"),
    ("audio", "audio/mpeg"),
    ("voice", "audio/ogg; codecs=opus"),
    ("document", "application/pdf"),
    ("sticker", "image/webp"),
];

/// The MIME type that a kind of message has unless it names another. `None` for a kind without a file.
pub fn usual_mime(kind: &str) -> Option<&'static str> {
    FILES.iter().find(|(known, _)| *known == kind).map(|(_, mime)| *mime)
}

/// A message of WhatsApp. `target` is the message that is meant, `business` the digits of the business's number.
pub fn whatsapp(order: &Inbound, file: &File, target: &str, business: &str) -> Result<Value, String> {
    let text = order.text.as_str();
    let caption = |mut part: Value| {
        if !text.is_empty() {
            part["caption"] = json!(text);
        }
        part
    };
    let media = json!({"id": file.id, "mime_type": file.mime, "sha256": file.sha256});
    let context = json!({"from": business, "id": target});
    let or = |text: &str, other: &str| if text.is_empty() { other.to_owned() } else { text.to_owned() };
    let message = match order.kind.as_str() {
        "text" => quoting(json!({"type": "text", "text": {"body": text}}), order, &context),
        "image" | "video" => json!({"type": order.kind, order.kind.as_str(): caption(media)}),
        "audio" | "voice" => {
            json!({"type": "audio", "audio": with(media, "voice", json!(order.kind == "voice"))})
        }
        "document" => {
            let named = with(caption(media), "filename", json!(or(&order.name, "receipt.pdf")));
            json!({"type": "document", "document": named})
        }
        "sticker" => json!({"type": "sticker", "sticker": with(media, "animated", json!(false))}),
        "location" => json!({"type": "location", "location":
            {"latitude": 25.7617, "longitude": -80.1918, "name": or(&order.name, "Bayfront Park"), "address": text}}),
        "contacts" => {
            json!({"type": "contacts", "contacts": [{"name": {"formatted_name": or(&order.name, "Lucía Gómez")},
            "phones": [{"phone": or(text, "+1 (983) 555-2319"), "type": "MOBILE"}]}]})
        }
        "button" => json!({"type": "button", "context": context,
            "button": {"payload": or(&order.payload, text), "text": text}}),
        "button_reply" | "list_reply" => json!({"type": "interactive", "context": context, "interactive":
            {"type": order.kind, order.kind.as_str(): {"id": or(&order.payload, text), "title": text}}}),
        "reaction" => json!({"type": "reaction", "reaction": {"message_id": target, "emoji": text}}),
        "order" => json!({"type": "order", "order": {"catalog_id": "194836987003835", "text": text, "product_items":
            [{"product_retailer_id": "di9ozbzfi4", "quantity": 2, "item_price": 30, "currency": "USD"}]}}),
        "edit" => json!({"type": "edit", "edit": {"original_message_id": target,
            "message": {"type": "text", "text": {"body": text}}}}),
        "revoke" => json!({"type": "revoke", "revoke": {"original_message_id": target}}),
        "unsupported" => failed(131_051, "Message type unknown", "Message type is currently not supported."),
        "too_large" => failed(131_052, "Media download error", "The file is larger than 100 MB."),
        other => return Err(format!("No customer sends {other} on WhatsApp.")),
    };
    Ok(message)
}

fn failed(code: u32, title: &str, details: &str) -> Value {
    json!({"type": "unsupported", "errors":
        [{"code": code, "title": title, "message": title, "error_data": {"details": details}}]})
}

fn with(mut part: Value, name: &str, value: Value) -> Value {
    part[name] = value;
    part
}

fn quoting(message: Value, order: &Inbound, context: &Value) -> Value {
    if order.message.is_empty() { message } else { with(message, "context", context.clone()) }
}

/// An event of Messenger or Instagram without sender, recipient and time. `mid` is the id of a new message.
pub fn messenger(order: &Inbound, file: &File, target: &str, mid: &str) -> Result<Value, String> {
    let (text, instagram) = (order.text.as_str(), order.channel == "instagram");
    let attached = |kind: &str, payload: Value| {
        let mut message = json!({"mid": mid, "attachments": [{"type": kind, "payload": payload}]});
        if !text.is_empty() {
            message["text"] = json!(text);
        }
        json!({"message": message})
    };
    let url = || json!({"url": file.url});
    let story = || json!({"url": file.url, "id": "18000000000000006"});
    let event = match order.kind.as_str() {
        "text" if order.message.is_empty() => json!({"message": {"mid": mid, "text": text}}),
        "text" => json!({"message": {"mid": mid, "text": text, "reply_to": {"mid": target}}}),
        "quick_reply" => json!({"message": {"mid": mid, "text": text, "quick_reply": {"payload": order.payload}}}),
        "image" | "video" | "audio" => attached(&order.kind, url()),
        "voice" => attached("audio", url()),
        "document" => attached("file", url()),
        "sticker" if !instagram => attached("image", with(url(), "sticker_id", json!(369_239_263_222_822_u64))),
        "location" if !instagram => json!({"message": {"mid": mid, "attachments": [{"type": "location",
            "title": order.name, "payload": {"coordinates": {"lat": 25.7617, "long": -80.1918}}}]}}),
        "story_reply" if instagram => {
            json!({"message": {"mid": mid, "text": text, "reply_to": {"story": story()}}})
        }
        "story_mention" | "share" if instagram => attached(&order.kind, url()),
        "button" => json!({"postback": {"mid": mid, "title": text, "payload": order.payload}}),
        "reaction" if text.is_empty() => json!({"reaction": {"mid": target, "action": "unreact"}}),
        "reaction" => json!({"reaction": {"mid": target, "action": "react", "reaction": "love", "emoji": text}}),
        "edit" => json!({"message_edit": {"mid": target, "text": text, "num_edit": 1}}),
        "revoke" => json!({"message": {"mid": target, "is_deleted": true}}),
        "unsupported" => json!({"message": {"mid": mid, "is_unsupported": true}}),
        "referral" => json!({"referral": {"ref": text, "source": "SHORTLINKS", "type": "OPEN_THREAD"}}),
        other => return Err(format!("No customer sends {other} on {}.", order.channel)),
    };
    Ok(event)
}

/// True for what opens the service window or counts as a message of the customer.
pub fn opens_window(channel: &str, kind: &str) -> bool {
    let silent = ["edit", "revoke", "too_large"].contains(&kind);
    !silent && (channel != "whatsapp" || kind != "reaction")
}

/// True for what is a message of its own in the thread, rather than a change of another.
pub fn is_message(kind: &str) -> bool {
    !["reaction", "edit", "revoke"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [&str; 21] = [
        "text",
        "image",
        "video",
        "audio",
        "voice",
        "document",
        "sticker",
        "location",
        "contacts",
        "button",
        "button_reply",
        "list_reply",
        "reaction",
        "order",
        "edit",
        "revoke",
        "unsupported",
        "too_large",
        "story_reply",
        "share",
        "quick_reply",
    ];

    #[test]
    fn every_kind_that_a_channel_has_is_an_object_of_its_type() {
        for kind in KINDS {
            for channel in ["whatsapp", "instagram", "facebook"] {
                let order = Inbound { channel: channel.into(), kind: kind.into(), ..Inbound::default() };
                let made = match channel {
                    "whatsapp" => whatsapp(&order, &File::default(), "wamid.T", "15550100001"),
                    _ => messenger(&order, &File::default(), "m_T", "m_1"),
                };
                match made {
                    Ok(value) => assert!(value.is_object() && (channel != "whatsapp" || value["type"].is_string())),
                    Err(why) => assert!(why.contains(kind), "{why}"),
                }
            }
        }
    }

    #[test]
    fn only_what_customers_say_opens_a_window() {
        assert!(opens_window("whatsapp", "text") && opens_window("instagram", "story_mention"));
        assert!(opens_window("facebook", "reaction") && !opens_window("whatsapp", "reaction"));
        assert!(!opens_window("whatsapp", "edit") && !opens_window("instagram", "revoke"));
    }
}
