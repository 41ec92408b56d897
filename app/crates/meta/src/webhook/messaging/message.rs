//! What does a message of Messenger or Instagram contain? Text, files, the answer to a story, a button; also what
//! changes or deletes an earlier one, and what counts as a message without being one.

use domain::messaging::inbound::{InboundFile, InboundMessage, Origin, What};
use serde_json::{Map, Value, json};

use super::Event;
use super::attachment::{self, Attached};
use crate::webhook::field::{elements, flag, id, line, lines, pick, put, url, word};
use crate::webhook::items::Items;
use crate::webhook::key::fingerprint;

/// Reads a message, an echo, or the deletion of one.
pub(super) fn message(event: &Event<'_>, message: &Value, items: &mut Items) {
    let mid = id(&message["mid"]);
    if flag(&message["is_deleted"]) == Some(true) {
        return match mid {
            Some(target) => {
                let what = What::Revoke { person: event.person.clone(), target: target.clone() };
                items.push(event.raw, event.at, ("deleted", &[&target]), what);
            }
            None => items.unreadable(event.raw, "It does not say which message was deleted."),
        };
    }
    let mut details = Map::new();
    put(&mut details, "app_id", id(&message["app_id"]));
    put(&mut details, "correlation", line(&message["metadata"]));
    put(&mut details, "referral", from(&message["referral"]));
    let story = story(message, &mut details);
    let text = lines(&message["text"]);
    let attached = attachment::read(elements(&message["attachments"]), &text, &mut details);
    let choice = choice(message, &text, &mut details);
    let unsupported = flag(&message["is_unsupported"]) == Some(true);
    let kind = kind(unsupported, story.is_some(), choice, &attached, &text, &mut details);
    let text = if text.is_empty() { attached.title } else { text };
    let reply_to = id(&message["reply_to"]["mid"]);
    let attachments = story.flatten().into_iter().chain(attached.files).collect();
    let content = Content { id: mid, kind, text, attachments, reply_to, details };
    content.add(event, "message", items);
}

/// What is known of a message before its sides are.
struct Content {
    id: Option<String>,
    kind: String,
    text: String,
    attachments: Vec<InboundFile>,
    reply_to: Option<String>,
    details: Map<String, Value>,
}

impl Content {
    /// Adds the message under its id. One without an id is named after the event itself.
    fn add(self, event: &Event<'_>, key: &str, items: &mut Items) {
        let person = match event.somebody() {
            Ok(person) => person,
            Err(why) => return items.unreadable(event.raw, why),
        };
        let origin = match (event.own, event.standby) {
            (true, _) => Origin::Echo,
            (false, true) => Origin::Standby,
            (false, false) => Origin::Customer,
        };
        let Self { id, kind, text, attachments, reply_to, details } = self;
        let id = id.unwrap_or_else(|| format!("unnamed.{}", fingerprint(&[event.raw])));
        let details = Value::Object(details);
        let message = InboundMessage { id: id.clone(), person, origin, kind, text, attachments, reply_to, details };
        items.push(event.raw, event.at, (key, &[&id]), What::Message(Box::new(message)));
    }
}

fn kind(
    unsupported: bool,
    story: bool,
    choice: bool,
    attached: &Attached,
    text: &str,
    details: &mut Map<String, Value>,
) -> String {
    let kind = match &attached.kind {
        _ if unsupported => "unsupported",
        _ if story => "story_reply",
        Some(kind) => kind,
        None if choice => "button",
        None if !text.is_empty() => "text",
        None if details.contains_key("referral") => "referral",
        None => "unsupported",
    };
    if kind == "unsupported" {
        let word = if unsupported { "is_unsupported" } else { "empty" };
        details.entry("word").or_insert_with(|| json!(word));
    }
    kind.to_owned()
}

/// The story that a message answers, and its file as long as the platform shows it.
fn story(message: &Value, details: &mut Map<String, Value>) -> Option<Option<InboundFile>> {
    let story = &message["reply_to"]["story"];
    story.is_object().then(|| {
        put(details, "story", pick(story, &["id"]));
        url(&story["url"]).map(|url| attachment::file("story", url))
    })
}

/// The quick reply that the customer chose, if any.
fn choice(message: &Value, text: &str, details: &mut Map<String, Value>) -> bool {
    let Some(payload) = line(&message["quick_reply"]["payload"]) else { return false };
    details.insert("button".to_owned(), json!({"id": payload, "title": text}));
    true
}

/// Where the customer came from: an advertisement, a link, or a product.
fn from(referral: &Value) -> Option<Value> {
    const FIELDS: [&str; 6] = ["ref", "source", "type", "ad_id", "referer_uri", "is_guest_user"];
    let mut found = pick(referral, &FIELDS).unwrap_or_else(|| json!({}));
    for (name, value) in [
        ("title", &referral["ads_context_data"]["ad_title"]),
        ("photo_url", &referral["ads_context_data"]["photo_url"]),
        ("video_url", &referral["ads_context_data"]["video_url"]),
        ("post_id", &referral["ads_context_data"]["post_id"]),
        ("product", &referral["product"]["id"]),
    ] {
        if let Some(value) = line(value) {
            found[name] = Value::String(value);
        }
    }
    Some(found).filter(|found| found.as_object().is_some_and(|fields| !fields.is_empty()))
}

/// Reads the new text of an earlier message.
pub(super) fn edit(event: &Event<'_>, edit: &Value, items: &mut Items) {
    let Some(target) = id(&edit["mid"]) else {
        return items.unreadable(event.raw, "It does not say which message was changed.");
    };
    let ids = [target.clone(), word(&edit["num_edit"])];
    let what = What::Edit { person: event.person.clone(), target, text: lines(&edit["text"]) };
    items.push(event.raw, event.at, ("edit", &[&ids[0], &ids[1]]), what);
}

/// Reads the press of a button: the customer says its title. A message may have the same id.
pub(super) fn postback(event: &Event<'_>, postback: &Value, items: &mut Items) {
    let mut details = Map::new();
    let (title, payload) = (line(&postback["title"]), line(&postback["payload"]));
    let postback_details =
        json!({"id": payload.clone().unwrap_or_default(), "title": title.clone().unwrap_or_default()});
    details.insert("button".to_owned(), postback_details);
    put(&mut details, "referral", from(&postback["referral"]));
    let text = title.or(payload).unwrap_or_default();
    let (id, kind) = (id(&postback["mid"]), "postback".to_owned());
    Content { id, kind, text, attachments: Vec::new(), reply_to: None, details }.add(event, "postback", items);
}

/// Reads the return of a customer by a link or an advertisement, which comes without a message.
pub(super) fn referral(event: &Event<'_>, referral: &Value, items: &mut Items) {
    let mut details = Map::new();
    put(&mut details, "referral", from(referral));
    let [person, at] = event.moment();
    let id = format!("referral.{}", fingerprint(&[&json!([person, at]), referral]));
    let (text, kind) = (String::new(), "referral".to_owned());
    Content { id: Some(id), kind, text, attachments: Vec::new(), reply_to: None, details }
        .add(event, "referral", items);
}
