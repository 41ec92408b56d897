//! What does a message of WhatsApp do? Most are shown; a reaction, an edit, a revocation and a change of number concern
//! another message or the person.

use domain::messaging::inbound::{InboundMessage, Origin, Person, What};
use serde_json::{Map, Value};

use super::content::Content;
use super::envelope::{Envelope, Sides};
use crate::webhook::field::{flag, id, line, lines, pick, put, time, wa_id, word};
use crate::webhook::items::Items;
use crate::webhook::key::fingerprint;

/// What WhatsApp sends instead of a file of the history, until the file comes under the same id.
const PLACEHOLDER: &str = "media_placeholder";

/// Reads a message. Whatever it does, its own id is its key.
pub(super) fn read(envelope: &Envelope<'_>, message: &Value, items: &mut Items) {
    if !message.is_object() {
        return items.unreadable(message, "The message is no object.");
    }
    let at = time(&message["timestamp"]);
    let id = id(&message["id"]).unwrap_or_else(|| format!("unnamed.{}", fingerprint(&[message])));
    let sides = envelope.sides(message);
    match what(envelope, &id, sides, message) {
        Ok(what) => {
            let kind = if word(&message["type"]) == PLACEHOLDER { "placeholder" } else { "message" };
            items.push(message, at, (kind, &[&id]), what);
        }
        Err(why) => items.unreadable(message, why),
    }
}

/// What a message does, or why that cannot be told.
fn what(envelope: &Envelope<'_>, id: &str, sides: Sides, message: &Value) -> Result<What, &'static str> {
    match word(&message["type"]).as_str() {
        "reaction" => reaction(sides, &message["reaction"]),
        "edit" => {
            let target = target(&message["edit"]["original_message_id"])?;
            let text = Content::of(&message["edit"]["message"]).text;
            Ok(What::Edit { person: sides.person, target, text })
        }
        "revoke" => {
            let target = target(&message["revoke"]["original_message_id"])?;
            Ok(What::Revoke { person: sides.person, target })
        }
        "request_welcome" => Ok(What::Other("request_welcome".to_owned())),
        "system" => match moved(envelope, &sides.person, message) {
            Some(moved) => Ok(moved),
            None => shown(id, sides, message),
        },
        _ => shown(id, sides, message),
    }
}

fn target(value: &Value) -> Result<String, &'static str> {
    id(value).ok_or("It does not say which message it concerns.")
}

fn reaction(sides: Sides, reaction: &Value) -> Result<What, &'static str> {
    let target = target(&reaction["message_id"])?;
    if sides.person.is_nobody() {
        return Err("The reaction names nobody.");
    }
    let emoji = line(&reaction["emoji"]).unwrap_or_default();
    Ok(What::Reaction { person: sides.person, echo: sides.outgoing, target, emoji })
}

/// The old and the new ids of a person. `None` if the message tells no new ones.
fn moved(envelope: &Envelope<'_>, person: &Person, message: &Value) -> Option<What> {
    let system = &message["system"];
    let new_number = [&system["wa_id"], &system["new_wa_id"]].into_iter().find(|number| wa_id(number).is_some());
    let to = envelope.people.person(new_number.unwrap_or(&Value::Null), &system["user_id"], &system["parent_user_id"]);
    let mut from = person.clone();
    from.wa_id = from.wa_id.or_else(|| wa_id(&system["customer"]));
    from.bsuid = id(&system["previous_user_id"]).or(from.bsuid);
    from.parent_bsuid = id(&system["previous_parent_user_id"]).or(from.parent_bsuid);
    let moves = (to.wa_id.is_some() && to.wa_id != from.wa_id) || (to.bsuid.is_some() && to.bsuid != from.bsuid);
    (moves && !from.is_nobody()).then(|| What::Moved { from, to, text: lines(&system["body"]) })
}

/// A message that is shown.
fn shown(id: &str, sides: Sides, message: &Value) -> Result<What, &'static str> {
    if sides.person.is_nobody() {
        return Err("The message names nobody.");
    }
    let mut content = Content::of(message);
    about(&mut content.details, &sides, message);
    Ok(What::Message(Box::new(InboundMessage {
        id: id.to_owned(),
        person: sides.person,
        origin: sides.origin,
        kind: content.kind,
        text: content.text,
        attachments: content.attachments,
        reply_to: crate::webhook::field::id(&message["context"]["id"]),
        details: Value::Object(content.details),
    })))
}

/// What may stand beside the content of every kind.
fn about(details: &mut Map<String, Value>, sides: &Sides, message: &Value) {
    let context = &message["context"];
    let often = flag(&context["frequently_forwarded"]) == Some(true);
    put(details, "forwarded", Some(true).filter(|_| often || flag(&context["forwarded"]) == Some(true)));
    put(details, "product", pick(&context["referred_product"], &["catalog_id", "product_retailer_id"]));
    put(details, "referral", referral(&message["referral"]));
    put(details, "group", line(&message["group_id"]));
    put(details, "status", line(&message["history_context"]["status"]).map(|word| word.to_ascii_lowercase()));
    put(details, "outgoing", Some(true).filter(|_| sides.outgoing && sides.origin == Origin::History));
}

/// The advertisement or post by which the customer came.
fn referral(referral: &Value) -> Option<Value> {
    const FIELDS: [&str; 10] = [
        "source_type",
        "source_id",
        "source_url",
        "headline",
        "body",
        "media_type",
        "image_url",
        "video_url",
        "thumbnail_url",
        "ctwa_clid",
    ];
    pick(referral, &FIELDS)
}
