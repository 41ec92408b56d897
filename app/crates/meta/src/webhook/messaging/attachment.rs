//! What is attached to a message of Messenger or Instagram? Files, and things that are none: places, links, stickers and
//! what somebody shared.

use domain::messaging::inbound::InboundFile;
use serde_json::{Map, Value, json};

use crate::webhook::field::{id, line, number, pick, put, url, word};

/// What a message has attached.
#[derive(Default)]
pub(super) struct Attached {
    /// Our word for the kind of the first one that makes one.
    pub kind: Option<String>,
    /// The files.
    pub files: Vec<InboundFile>,
    /// A title, for a message without a text.
    pub title: String,
}

/// Reads what is attached, beside a text. Details of the first of each kind are added.
pub(super) fn read(all: &[Value], text: &str, details: &mut Map<String, Value>) -> Attached {
    let mut attached = Attached::default();
    for one in all {
        let name = word(&one["type"]);
        let payload = &one["payload"];
        let title = [&one["title"], &payload["title"], &payload["text"]].into_iter().find_map(line);
        let kind = kind(&name, one, text);
        if kind == Some("unsupported") {
            details.entry("word").or_insert_with(|| json!(name));
        }
        match name.as_str() {
            "location" => _ = details.entry("location").or_insert_with(|| place(one, title.as_deref())),
            "fallback" => _ = details.entry("link").or_insert_with(|| link(one, title.as_deref())),
            "template" => _ = details.entry("template").or_insert_with(|| template(payload)),
            _ => {
                let word = if kind == Some("sticker") { "sticker" } else { file_kind(&name) };
                attached.files.extend(url(&payload["url"]).or_else(|| url(&one["url"])).map(|url| file(word, url)));
                if let Some(id) = ["reel_video_id", "ig_post_media_id"].iter().find_map(|name| id(&payload[*name])) {
                    details.entry("shared").or_insert_with(|| json!({ "id": id }));
                }
            }
        }
        if attached.kind.is_none() {
            attached.kind = kind.map(str::to_owned);
        }
        if attached.title.is_empty() {
            attached.title = title.unwrap_or_default();
        }
    }
    attached
}

/// A file behind an address.
pub(super) fn file(kind: &str, url: String) -> InboundFile {
    InboundFile { kind: kind.to_owned(), media_id: None, url: Some(url), mime: None, name: None }
}

/// The kind of a message with this attachment. A preview of a link that stands in the text makes none.
fn kind(name: &str, one: &Value, text: &str) -> Option<&'static str> {
    Some(match name {
        "image" if id(&one["payload"]["sticker_id"]).is_some() => "sticker",
        "image" => "image",
        "audio" => "audio",
        "video" => "video",
        "file" => "document",
        "location" => "location",
        "story_mention" => "story_mention",
        "template" => "template",
        "fallback" if !text.is_empty() => return None,
        "share" | "reel" | "ig_reel" | "ig_post" | "ig_story" | "post" | "fallback" => "share",
        _ => "unsupported",
    })
}

fn file_kind(name: &str) -> &str {
    if name == "file" { "document" } else { name }
}

fn place(one: &Value, title: Option<&str>) -> Value {
    let coordinates = &one["payload"]["coordinates"];
    let mut place = Map::new();
    put(&mut place, "latitude", number(&coordinates["lat"], 90.0));
    put(&mut place, "longitude", number(&coordinates["long"], 180.0));
    put(&mut place, "name", title);
    put(&mut place, "url", url(&one["url"]).or_else(|| url(&one["payload"]["url"])));
    Value::Object(place)
}

fn link(one: &Value, title: Option<&str>) -> Value {
    let mut link = Map::new();
    put(&mut link, "title", title);
    put(&mut link, "url", url(&one["url"]).or_else(|| url(&one["payload"]["url"])));
    Value::Object(link)
}

/// What is known of a message of ours that was built from a template of the platform.
fn template(payload: &Value) -> Value {
    pick(payload, &["template_type", "text"]).unwrap_or_else(|| json!({}))
}
