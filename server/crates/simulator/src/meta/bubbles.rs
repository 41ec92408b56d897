//! Renders the messages of a thread as a customer sees them on a phone.

use serde_json::Value;

use crate::{page::html::esc, world::World};

use super::{
    media,
    message_records::{Channel, Message},
};

/// A button that a message offers: the kind of the answer, its title and its payload.
#[derive(Debug, PartialEq, Eq)]
pub struct Offer {
    /// Kind of the order that pressing it is.
    pub kind: &'static str,
    /// Title.
    pub title: String,
    /// What the app gave it.
    pub payload: String,
}

/// The bubble of a message. `fields` are hidden fields that say which thread it is.
pub fn bubble(world: &World, message: &Message, fields: &str) -> String {
    let side = if message.outbound { "theirs" } else { "mine" };
    if message.deleted {
        return format!("<div class=\"bubble {side}\"><em>Deleted</em></div>");
    }
    let id = esc(&message.id);
    let mut html = format!("<div class=\"bubble {side}\">{}", picture(world, message));
    html.push_str(&format!("<p>{}</p>", esc(text(world, message)).replace('\n', "<br>")));
    for Offer { kind, title, payload } in offers(world, message) {
        html.push_str(&format!(
            "<form method=\"post\" action=\"/_sim/phone\">{fields}<input type=\"hidden\" name=\"kind\" value=\"{kind}\">\
             <input type=\"hidden\" name=\"message\" value=\"{id}\"><input type=\"hidden\" name=\"text\" value=\"{}\">\
             <input type=\"hidden\" name=\"payload\" value=\"{}\"><button class=\"plain\">{}</button></form>",
            esc(&title),
            esc(&payload),
            esc(&title)
        ));
    }
    let reaction =
        if message.reaction.is_empty() { String::new() } else { format!("<b>{}</b> ", esc(&message.reaction)) };
    let error =
        message.error.as_ref().map(|error| format!(" {} {}", error["code"], error["title"])).unwrap_or_default();
    let mark = if message.outbound { status_mark(&message.status) } else { "" };
    html.push_str(&format!(
        "<small>{reaction}{} <span title=\"{}\">{mark}</span>{}</small>",
        esc(message.at.format("%H:%M")),
        esc(&message.status),
        esc(error)
    ));
    if message.outbound {
        html.push_str(&format!(
            "<form class=\"react\" method=\"post\" action=\"/_sim/phone\">{fields}<input type=\"hidden\" name=\"kind\" value=\"reaction\">\
             <input type=\"hidden\" name=\"message\" value=\"{id}\"><button name=\"text\" value=\"❤️\" aria-label=\"React with a heart\">❤️</button>\
             <button name=\"text\" value=\"👍\" aria-label=\"React with a thumb\">👍</button></form>"
        ));
    }
    html.push_str("</div>");
    html
}

fn status_mark(status: &str) -> &'static str {
    match status {
        "sent" => "✓",
        "delivered" => "✓✓",
        "read" => "✓✓ read",
        "failed" => "not delivered",
        _ => "…",
    }
}

/// The text of a message of either side.
pub fn text(world: &World, message: &Message) -> String {
    let body = &message.body;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let own = match (message.channel, message.kind.as_str()) {
        (Channel::Whatsapp, "template") => Some(template_text(world, body)),
        (Channel::Whatsapp, "text") => text(&body["text"]["body"]),
        (Channel::Whatsapp, "interactive") => text(&body["interactive"]["body"]["text"]),
        (Channel::Whatsapp, "button") => text(&body["button"]["text"]),
        (Channel::Whatsapp, kind @ ("button_reply" | "list_reply")) => text(&body["interactive"][kind]["title"]),
        (Channel::Whatsapp, kind @ ("image" | "video" | "document")) => {
            text(&body[kind]["caption"]).or_else(|| text(&body[kind]["filename"]))
        }
        (Channel::Whatsapp, _) => None,
        (_, "button") => text(&body["postback"]["title"]),
        _ => text(&body["message"]["text"]).or_else(|| text(&body["message"]["attachment"]["payload"]["text"])),
    };
    own.filter(|own| !own.is_empty()).unwrap_or_else(|| format!("[{}]", message.kind.replace('_', " ")))
}

/// The body of a template with its variables filled.
fn template_text(world: &World, body: &Value) -> String {
    let template = &body["template"];
    let name = template["name"].as_str().unwrap_or_default();
    let is_body = |part: &&Value| part["type"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("body"));
    let known = world
        .templates
        .values()
        .find(|known| known.name == name && template["language"]["code"] == known.language.as_str());
    let parts = known.and_then(|known| known.components.as_array()).map(Vec::as_slice).unwrap_or_default();
    let mut text = parts.iter().find(is_body).and_then(|part| part["text"].as_str()).unwrap_or(name).to_owned();
    let given = template["components"].as_array().map(Vec::as_slice).unwrap_or_default();
    let values = given.iter().find(is_body).and_then(|part| part["parameters"].as_array());
    for (at, value) in values.into_iter().flatten().enumerate() {
        let name = value["parameter_name"].as_str().map_or_else(|| (at + 1).to_string(), str::to_owned);
        text = text.replace(&format!("{{{{{name}}}}}"), value["text"].as_str().unwrap_or("…"));
    }
    text
}

fn picture(world: &World, message: &Message) -> String {
    let part = if message.channel == Channel::Whatsapp {
        &message.body[message.kind.as_str()]
    } else {
        &message.body["message"]["attachment"]["payload"]
    };
    let own = part["id"].as_str().or_else(|| part["attachment_id"].as_str()).filter(|id| world.media.contains_key(*id));
    let inbound = &message.body["message"]["attachments"][0]["payload"]["url"];
    let url = own.map(|id| media::public_url("", id)).or_else(|| {
        let url = part["link"].as_str().or_else(|| part["url"].as_str()).or_else(|| inbound.as_str());
        url.filter(|url| url.starts_with("http://") || url.starts_with("https://")).map(str::to_owned)
    });
    match url {
        Some(url) if matches!(message.kind.as_str(), "image" | "sticker" | "story_mention" | "share") => {
            format!("<img src=\"{}\" alt=\"Picture\">", esc(url))
        }
        Some(url) if matches!(message.kind.as_str(), "audio" | "voice") => {
            format!("<audio controls src=\"{}\"></audio>", esc(url))
        }
        Some(url) => format!("<a href=\"{}\" rel=\"noreferrer\">Open the file</a>", esc(url)),
        None => String::new(),
    }
}

/// The buttons that a message of the business offers.
fn offers(world: &World, message: &Message) -> Vec<Offer> {
    if !message.outbound {
        return Vec::new();
    }
    let body = &message.body;
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let offer = |kind: &'static str, title: &Value, payload: &Value| Offer {
        kind,
        title: title.as_str().unwrap_or_default().into(),
        payload: payload.as_str().unwrap_or_default().into(),
    };
    let action = &body["interactive"]["action"];
    let mut offers: Vec<Offer> = Vec::new();
    for button in list(&action["buttons"]) {
        offers.push(offer("button_reply", &button["reply"]["title"], &button["reply"]["id"]));
    }
    for row in list(&action["sections"]).iter().flat_map(|section| list(&section["rows"])) {
        offers.push(offer("list_reply", &row["title"], &row["id"]));
    }
    for reply in list(&body["message"]["quick_replies"]) {
        offers.push(offer("quick_reply", &reply["title"], &reply["payload"]));
    }
    for button in list(&body["message"]["attachment"]["payload"]["buttons"]) {
        offers.push(offer("button", &button["title"], &button["payload"]));
    }
    let name = body["template"]["name"].as_str().unwrap_or_default();
    let template = world.templates.values().find(|template| template.name == name);
    for part in template.map(|template| list(&template.components)).unwrap_or_default() {
        for button in list(&part["buttons"]).iter().filter(|button| button["type"] == "QUICK_REPLY") {
            offers.push(offer("button", &button["text"], &button["text"]));
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(channel: Channel, kind: &str, body: Value) -> Message {
        Message {
            id: "m".into(),
            channel,
            account_id: "a".into(),
            customer_id: "c".into(),
            outbound: true,
            kind: kind.into(),
            body,
            at: chrono::DateTime::UNIX_EPOCH,
            status: "read".into(),
            error: None,
            reaction: String::new(),
            deleted: false,
        }
    }

    #[test]
    fn hostile_texts_stay_text_and_links_of_other_schemes_are_left_out() {
        let world = World::default();
        let hostile = "<script>alert(1)</script>";
        for (channel, kind, body) in [
            (Channel::Whatsapp, "text", json!({"text": {"body": hostile}})),
            (
                Channel::Facebook,
                "text",
                json!({"message": {"text": hostile, "quick_replies": [{"title": hostile, "payload": hostile}]}}),
            ),
            (
                Channel::Instagram,
                "image",
                json!({"message": {"attachment": {"payload": {"url": "javascript:alert(1)"}}}}),
            ),
            (Channel::Whatsapp, hostile, json!({})),
        ] {
            let html = bubble(&world, &message(channel, kind, body), "");
            assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
        }
    }

    #[test]
    fn buttons_answer_as_their_kind() {
        let body = json!({"interactive": {"body": {"text": "?"}, "action": {"buttons": [{"reply": {"id": "y", "title": "Yes"}}]}}});
        let offers = offers(&World::default(), &message(Channel::Whatsapp, "interactive", body));
        assert_eq!(offers, [Offer { kind: "button_reply", title: "Yes".into(), payload: "y".into() }]);
    }
}
