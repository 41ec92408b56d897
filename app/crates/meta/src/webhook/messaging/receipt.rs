//! How far did our messages come on Messenger and Instagram, and who reacted? A receipt names messages, or a time up to
//! which all of them are covered.

use domain::messaging::inbound::{Status, StatusState, What};
use serde_json::{Value, json};

use super::Event;
use crate::webhook::field::{elements, id, line, time, word};
use crate::webhook::items::Items;

/// Emojis for the words that are sent alone (Meta, reactions).
const EMOJIS: [(&str, &str); 7] =
    [("love", "❤"), ("smile", "😆"), ("wow", "😮"), ("sad", "😢"), ("angry", "😠"), ("like", "👍"), ("dislike", "👎")];

/// Reads a reaction or its end.
pub(super) fn reaction(event: &Event<'_>, reaction: &Value, items: &mut Items) {
    let (target, person) = match (id(&reaction["mid"]), event.somebody()) {
        (Some(target), Ok(person)) => (target, person),
        (_, Err(why)) => return items.unreadable(event.raw, why),
        (None, Ok(_)) => return items.unreadable(event.raw, "It does not say which message it concerns."),
    };
    let action = word(&reaction["action"]).to_ascii_lowercase();
    let [who, at] = event.moment();
    let side = if event.own { "own" } else { &who };
    let name = word(&reaction["reaction"]);
    let by_name = || EMOJIS.iter().find(|(word, _)| *word == name).map_or("❓", |(_, emoji)| emoji).to_owned();
    let emoji = if action == "unreact" { String::new() } else { line(&reaction["emoji"]).unwrap_or_else(by_name) };
    let what = What::Reaction { person, echo: event.own, target: target.clone(), emoji };
    items.push(event.raw, event.at, ("reaction", &[&target, side, &action, &at]), what);
}

/// Reads that our messages were read: one of them on Instagram, all up to a time on Messenger.
pub(super) fn read(event: &Event<'_>, read: &Value, items: &mut Items) {
    if event.own {
        return items.push(event.raw, event.at, ("other", &[]), What::Other("read".to_owned()));
    }
    let message = id(&read["mid"]);
    if let Some(message) = message.clone() {
        status(event, event.raw, message, StatusState::Read, items);
    }
    if message.is_none() || !read["watermark"].is_null() {
        watermark(event, &read["watermark"], true, items);
    }
}

/// Reads that our messages were delivered: those named, and all up to a time.
pub(super) fn delivery(event: &Event<'_>, delivery: &Value, items: &mut Items) {
    let mids = elements(&delivery["mids"]);
    for mid in mids {
        // The element of each is its own part of the receipt: the whole receipt for each would grow with the square.
        let raw = json!({ "delivery": { "mids": [mid] } });
        match id(mid) {
            Some(message) => status(event, &raw, message, StatusState::Delivered, items),
            None => items.unreadable(&raw, "The receipt names no message."),
        }
    }
    if mids.is_empty() || !delivery["watermark"].is_null() {
        watermark(event, &delivery["watermark"], false, items);
    }
}

fn status(event: &Event<'_>, raw: &Value, message: String, state: StatusState, items: &mut Items) {
    let name = if state == StatusState::Read { "read" } else { "delivered" };
    let what = What::Status(Status {
        message: message.clone(),
        state,
        person: event.person.clone(),
        correlation: None,
        error_code: None,
        error_text: None,
        billable: None,
        category: None,
    });
    items.push(raw, event.at, ("status", &[&message, name]), what);
}

fn watermark(event: &Event<'_>, watermark: &Value, read: bool, items: &mut Items) {
    let (person, until) = match (event.somebody(), time(watermark)) {
        (Ok(person), Some(until)) => (person, until),
        (Err(why), _) => return items.unreadable(event.raw, why),
        (_, None) => return items.unreadable(event.raw, "The receipt covers no time."),
    };
    let [who, _] = event.moment();
    let ids = [if read { "read" } else { "delivered" }, &who, &until.timestamp_millis().to_string()];
    items.push(event.raw, event.at, ("watermark", &ids), What::Watermark { person, read, until });
}
