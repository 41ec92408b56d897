//! What a message of WhatsApp has to look like before it is accepted.

use serde_json::Value;

use super::refusal::Refusal;

type Checked = Result<(), Refusal>;

/// Checks the content of a message by its type. Media, templates and addresses are checked elsewhere.
pub fn check(body: &Value) -> Checked {
    let kind = body["type"].as_str().unwrap_or("text");
    let part = &body[kind];
    if !part.is_object() && kind != "contacts" {
        return Err(missing(kind));
    }
    match kind {
        "text" => text(&part["body"], "text['body']", 4_096),
        "image" | "video" | "document" | "audio" | "sticker" => file(kind, part),
        "location" => match part["latitude"].is_number() && part["longitude"].is_number() {
            true => Ok(()),
            false => Err(missing("location['latitude'], location['longitude']")),
        },
        "contacts" => match part.as_array() {
            Some(cards) if cards.iter().all(|card| card["name"]["formatted_name"].is_string()) => Ok(()),
            _ => Err(missing("contacts[]['name']['formatted_name']")),
        },
        "reaction" => match part["message_id"].is_string() {
            true => Ok(()),
            false => Err(missing("reaction['message_id']")),
        },
        "interactive" => interactive(part),
        "template" => Ok(()),
        other => Err(Refusal::parameter(format!("Param type must be one of the supported types; it is {other}."))),
    }
}

fn missing(name: &str) -> Refusal {
    Refusal::detailed(131_008, "Required parameter is missing", format!("Parameter {name} is required."))
}

fn too_long(name: &str, most: usize) -> Refusal {
    Refusal::parameter(format!("Param {name} must be at most {most} characters long."))
}

/// A text that has to be there.
fn text(value: &Value, name: &str, most: usize) -> Checked {
    match value.as_str() {
        None | Some("") => Err(missing(name)),
        Some(text) if text.chars().count() > most => Err(too_long(name, most)),
        Some(_) => Ok(()),
    }
}

/// A text that may be missing.
fn optional(value: &Value, name: &str, most: usize) -> Checked {
    if value.is_null() { Ok(()) } else { text(value, name, most) }
}

fn file(kind: &str, part: &Value) -> Checked {
    let link = part["link"].as_str();
    if part["id"].is_null() && link.is_none() {
        return Err(missing(&format!("{kind}['id'] or {kind}['link']")));
    }
    if link.is_some_and(|link| !link.starts_with("http://") && !link.starts_with("https://")) {
        return Err(Refusal::parameter(format!("Param {kind}['link'] is not a valid URI.")));
    }
    if ["audio", "sticker"].contains(&kind) && !part["caption"].is_null() {
        return Err(Refusal::parameter(format!("Unexpected key \"caption\" on param \"{kind}\".")));
    }
    optional(&part["caption"], "caption", 1_024)?;
    optional(&part["filename"], "filename", 240)
}

fn interactive(part: &Value) -> Checked {
    let kind = part["type"].as_str().unwrap_or_default();
    text(&part["body"]["text"], "interactive['body']['text']", if kind == "list" { 4_096 } else { 1_024 })?;
    optional(&part["header"]["text"], "interactive['header']['text']", 60)?;
    optional(&part["footer"]["text"], "interactive['footer']['text']", 60)?;
    let action = &part["action"];
    match kind {
        "button" => buttons(action),
        "list" => list(action),
        "cta_url" => text(&action["parameters"]["url"], "interactive['action']['parameters']['url']", 2_000),
        "location_request_message" | "request_contact_info" | "flow" | "product" | "product_list" => Ok(()),
        other => Err(Refusal::parameter(format!("Param interactive['type'] cannot be {other}."))),
    }
}

fn buttons(action: &Value) -> Checked {
    let buttons = action["buttons"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !(1..=3).contains(&buttons.len()) {
        return Err(Refusal::parameter("Invalid buttons count. Min allowed buttons: 1, Max allowed buttons: 3"));
    }
    let mut ids: Vec<&str> = buttons.iter().filter_map(|button| button["reply"]["id"].as_str()).collect();
    for button in buttons {
        text(&button["reply"]["id"], "button['reply']['id']", 256)?;
        text(&button["reply"]["title"], "button['reply']['title']", 20)?;
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.len() < buttons.len() {
        return Err(Refusal::parameter("Duplicated button id is not allowed."));
    }
    Ok(())
}

fn list(action: &Value) -> Checked {
    text(&action["button"], "interactive['action']['button']", 20)?;
    let sections = action["sections"].as_array().map(Vec::as_slice).unwrap_or_default();
    let rows: Vec<&Value> = sections.iter().filter_map(|section| section["rows"].as_array()).flatten().collect();
    if !(1..=10).contains(&sections.len()) || !(1..=10).contains(&rows.len()) {
        return Err(Refusal::parameter("Total row count exceed max allowed count: 10"));
    }
    for row in rows {
        text(&row["id"], "row['id']", 200)?;
        text(&row["title"], "row['title']", 24)?;
        optional(&row["description"], "row['description']", 72)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_type_is_refused_without_what_it_needs_and_accepted_with_it() {
        let button = |title: &str| json!([{"type": "reply", "reply": {"id": "a", "title": title}}]);
        let long = "x".repeat(4_097);
        for (body, code) in [
            (json!({"text": {"body": "Hi"}}), None),
            (json!({"type": "text", "text": {"body": long}}), Some(100)),
            (json!({"type": "text", "text": {"body": ""}}), Some(131_008)),
            (json!({"type": "text"}), Some(131_008)),
            (json!({"type": "image", "image": {"id": "1", "caption": "x"}}), None),
            (json!({"type": "image", "image": {"link": "ftp://x"}}), Some(100)),
            (json!({"type": "image", "image": {}}), Some(131_008)),
            (json!({"type": "audio", "audio": {"id": "1", "caption": "x"}}), Some(100)),
            (json!({"type": "reaction", "reaction": {"message_id": "w", "emoji": ""}}), None),
            (json!({"type": "location", "location": {"latitude": 1}}), Some(131_008)),
            (json!({"type": "contacts", "contacts": [{"name": {"formatted_name": "A"}}]}), None),
            (
                json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"},
                "action": {"buttons": button("Yes")}}}),
                None,
            ),
            (
                json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"},
                "action": {"buttons": button("Much too long a title")}}}),
                Some(100),
            ),
            (
                json!({"type": "interactive", "interactive": {"type": "button", "body": {"text": "?"},
                "action": {"buttons": []}}}),
                Some(100),
            ),
            (json!({"type": "fax", "fax": {}}), Some(100)),
        ] {
            assert_eq!(check(&body).err().map(|refusal| refusal.code), code, "{body}");
        }
    }
}
