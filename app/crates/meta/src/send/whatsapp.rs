//! Which body does WhatsApp take for a message?

use serde_json::{Map, Value, json};

use super::outgoing::{Content, File, FileSource, Outgoing, Recipient, TemplateMessage, TemplatePart, Unfit};
use crate::media::FileKind;

const MOST_BUTTONS: usize = 3;

pub(super) fn body(message: &Outgoing) -> Result<Value, Unfit> {
    if message.late_answer {
        return Err(Unfit::LateAnswer);
    }
    message.content.check(MOST_BUTTONS)?;
    let (kind, content) = content(&message.content)?;
    let mut body =
        json!({"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind, kind: content});
    match &message.to {
        // Without `+` a number may be read as a local one of the sender's country.
        Recipient::Phone(number) => body["to"] = format!("+{}", digits(number)?).into(),
        Recipient::Id(id) => body["recipient"] = id.as_str().into(),
    }
    if let (Some(quoted), false) = (&message.reply_to, matches!(message.content, Content::Reaction { .. })) {
        body["context"] = json!({"message_id": quoted});
    }
    if let Some(own) = &message.own_id {
        body["biz_opaque_callback_data"] = own.as_str().into();
    }
    Ok(body)
}

fn digits(number: &str) -> Result<&str, Unfit> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    let fits = (5..=20).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
    if fits { Ok(digits) } else { Err(Unfit::Recipient) }
}

/// The kind, which is also the name of the field, and the field.
fn content(content: &Content) -> Result<(&'static str, Value), Unfit> {
    Ok(match content {
        Content::Text { body, preview } => ("text", json!({"body": body, "preview_url": preview})),
        Content::File(file) => {
            let kind = kind(file.kind);
            (kind, self::file(file)?)
        }
        Content::Choices { body, choices } => {
            let buttons: Vec<_> = choices
                .iter()
                .map(|choice| json!({"type": "reply", "reply": {"id": choice.id, "title": choice.title}}))
                .collect();
            ("interactive", json!({"type": "button", "body": {"text": body}, "action": {"buttons": buttons}}))
        }
        Content::Reaction { to, emoji } => {
            ("reaction", json!({"message_id": to, "emoji": emoji.as_deref().unwrap_or_default()}))
        }
        Content::Template(template) => ("template", self::template(template)?),
    })
}

const fn kind(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Image => "image",
        FileKind::Video => "video",
        FileKind::Audio => "audio",
        FileKind::Document => "document",
        FileKind::Sticker => "sticker",
    }
}

fn file(file: &File) -> Result<Value, Unfit> {
    let mut fields = Map::new();
    match &file.source {
        FileSource::Uploaded(id) => fields.insert("id".into(), id.as_str().into()),
        FileSource::Link(link) => fields.insert("link".into(), link.as_str().into()),
    };
    if let Some(caption) = &file.caption {
        if matches!(file.kind, FileKind::Audio | FileKind::Sticker) {
            return Err(Unfit::Caption);
        }
        fields.insert("caption".into(), caption.as_str().into());
    }
    if let (FileKind::Document, Some(name)) = (file.kind, &file.name) {
        fields.insert("filename".into(), name.as_str().into());
    }
    if file.kind == FileKind::Audio && file.voice {
        fields.insert("voice".into(), true.into());
    }
    Ok(fields.into())
}

fn template(template: &TemplateMessage) -> Result<Value, Unfit> {
    let components = template.parts.iter().map(part).collect::<Result<Vec<_>, _>>()?;
    let mut value = json!({"name": template.name, "language": {"code": template.language}});
    if !components.is_empty() {
        value["components"] = components.into();
    }
    Ok(value)
}

fn part(part: &TemplatePart) -> Result<Value, Unfit> {
    let button = |kind: &str, index: u8, parameter: Value| json!({"type": "button", "sub_type": kind, "index": index.to_string(), "parameters": [parameter]});
    Ok(match part {
        TemplatePart::HeaderText(values) => json!({"type": "header", "parameters": texts(values)}),
        TemplatePart::HeaderFile(header) => {
            if !matches!(header.kind, FileKind::Image | FileKind::Video | FileKind::Document) {
                return Err(Unfit::Kind);
            }
            let kind = kind(header.kind);
            let without_caption = File { caption: None, ..header.clone() };
            json!({"type": "header", "parameters": [{"type": kind, kind: file(&without_caption)?}]})
        }
        TemplatePart::Body(values) => json!({"type": "body", "parameters": texts(values)}),
        TemplatePart::UrlButton { index, text } => button("url", *index, json!({"type": "text", "text": text})),
        TemplatePart::ReplyButton { index, payload } => {
            button("quick_reply", *index, json!({"type": "payload", "payload": payload}))
        }
        TemplatePart::CodeButton { index, code } => {
            button("copy_code", *index, json!({"type": "coupon_code", "coupon_code": code}))
        }
        TemplatePart::Other(value) => value.clone(),
    })
}

fn texts(values: &[(Option<String>, String)]) -> Vec<Value> {
    let text = |(name, text): &(Option<String>, String)| match name {
        Some(name) => json!({"type": "text", "parameter_name": name, "text": text}),
        None => json!({"type": "text", "text": text}),
    };
    values.iter().map(text).collect()
}
