//! What does a message of WhatsApp contain? Kind, text, files and details, by the type that it names.

use domain::messaging::inbound::InboundFile;
use serde_json::{Map, Value, json};

use crate::webhook::field::{elements, file_name, flag, id, line, lines, number, pick, put, url, word};
use crate::webhook::repair::repaired;

/// The types whose content is a file.
const FILES: [&str; 5] = ["image", "audio", "video", "document", "sticker"];
/// The types that are read, for a message that does not name its own.
const TYPES: [&str; 11] = [
    "text",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
    "interactive",
    "button",
    "order",
];
/// The most cards, phones or products of a message that are kept as details; all are in the element.
const MOST: usize = 100;

/// The content of a message.
#[derive(Default)]
pub(super) struct Content {
    /// Our word for the kind.
    pub kind: String,
    /// The text, caption or title.
    pub text: String,
    /// The files.
    pub attachments: Vec<InboundFile>,
    /// What the kind needs beyond that.
    pub details: Map<String, Value>,
}

impl Content {
    /// The content of a message, or of the message inside an edit.
    pub(super) fn of(message: &Value) -> Self {
        let named = line(&message["type"]);
        let found = || TYPES.iter().find(|name| !message[**name].is_null()).map(|name| (*name).to_owned());
        let name = named.or_else(found).unwrap_or_else(|| "none".to_owned());
        let mut content = Self { kind: name.clone(), ..Self::default() };
        let value = &message[name.as_str()];
        match name.as_str() {
            "text" => content.text = lines(&value["body"]),
            file if FILES.contains(&file) => content.file(value),
            "location" => content.location(value),
            "contacts" => content.contacts(value),
            "interactive" => content.interactive(value),
            "button" => content.chosen("button", &value["payload"], &value["text"]),
            "order" => content.order(value),
            "system" => content.text = lines(&value["body"]),
            _ => content.unsupported(&name, value),
        }
        content.error(&message["errors"]);
        content
    }

    fn file(&mut self, value: &Value) {
        self.text = lines(&value["caption"]);
        let file = InboundFile {
            kind: self.kind.clone(),
            media_id: id(&value["id"]),
            url: url(&value["url"]).or_else(|| url(&value["link"])),
            mime: line(&value["mime_type"]),
            name: file_name(&value["filename"]),
        };
        if flag(&value["voice"]) == Some(true) {
            self.kind = "voice".to_owned();
        }
        put(&mut self.details, "animated", flag(&value["animated"]).filter(|animated| *animated));
        put(&mut self.details, "sha256", line(&value["sha256"]));
        if file.media_id.is_some() || file.url.is_some() {
            self.attachments.push(file);
        }
    }

    fn location(&mut self, value: &Value) {
        let (name, address) = (line(&value["name"]), line(&value["address"]));
        let mut place = Map::new();
        put(&mut place, "latitude", number(&value["latitude"], 90.0));
        put(&mut place, "longitude", number(&value["longitude"], 180.0));
        put(&mut place, "name", name.clone());
        put(&mut place, "address", address.clone());
        put(&mut place, "url", url(&value["url"]));
        self.text = name.or(address).unwrap_or_default();
        self.details.insert("location".to_owned(), Value::Object(place));
    }

    fn contacts(&mut self, value: &Value) {
        let cards: Vec<Value> = elements(value).iter().take(MOST).map(card).collect();
        let names: Vec<&str> = cards.iter().filter_map(|card| card["name"].as_str()).collect();
        self.text = names.join(", ");
        self.details.insert("contacts".to_owned(), Value::Array(cards));
    }

    fn interactive(&mut self, value: &Value) {
        match word(&value["type"]).as_str() {
            "button_reply" => self.chosen("button", &value["button_reply"]["id"], &value["button_reply"]["title"]),
            "list_reply" => {
                let reply = &value["list_reply"];
                self.chosen("list", &reply["id"], &reply["title"]);
                let about = line(&reply["description"]).map(Value::String);
                if let (Some(list), Some(about)) = (self.details.get_mut("list"), about) {
                    list["description"] = about;
                }
            }
            "nfm_reply" => {
                let reply = &value["nfm_reply"];
                self.kind = "form".to_owned();
                self.text = lines(&reply["body"]);
                let name = line(&reply["name"]).unwrap_or_default();
                self.details
                    .insert("form".to_owned(), json!({"name": name, "answers": answers(&reply["response_json"])}));
            }
            other => self.unsupported(&format!("interactive.{other}"), value),
        }
    }

    /// A button or a row of a list that the customer chose.
    fn chosen(&mut self, kind: &str, id: &Value, title: &Value) {
        kind.clone_into(&mut self.kind);
        self.text = lines(title);
        let choice = json!({"id": line(id).unwrap_or_default(), "title": line(title).unwrap_or_default()});
        self.details.insert(kind.to_owned(), choice);
    }

    fn order(&mut self, value: &Value) {
        const FIELDS: [&str; 4] = ["product_retailer_id", "quantity", "item_price", "currency"];
        self.text = lines(&value["text"]);
        let products = elements(&value["product_items"]).iter().take(MOST).filter_map(|item| pick(item, &FIELDS));
        let order = json!({"catalog": line(&value["catalog_id"]), "items": products.collect::<Vec<_>>()});
        self.details.insert("order".to_owned(), order);
    }

    /// A kind that we cannot show: the platform's word stands for it.
    fn unsupported(&mut self, name: &str, value: &Value) {
        self.kind = "unsupported".to_owned();
        self.text = lines(&value["body"]);
        self.details.insert("word".to_owned(), Value::String(name.to_owned()));
        put(&mut self.details, "was", line(&value["type"]));
    }

    fn error(&mut self, errors: &Value) {
        if let Some(error) = elements(errors).first() {
            let text = said(error).unwrap_or_default();
            self.details.insert("error".to_owned(), json!({"code": id(&error["code"]), "text": text}));
        }
    }
}

/// The platform's most exact words for an error.
pub(super) fn said(error: &Value) -> Option<String> {
    let words = [&error["error_data"]["details"], &error["message"], &error["title"]];
    words.into_iter().find_map(line)
}

/// A card of the address book.
fn card(contact: &Value) -> Value {
    let name = &contact["name"];
    let parts = || [&name["first_name"], &name["last_name"]].into_iter().filter_map(line).collect::<Vec<_>>().join(" ");
    let mut card = Map::new();
    put(&mut card, "name", line(&name["formatted_name"]).or_else(|| Some(parts()).filter(|name| !name.is_empty())));
    let phones =
        elements(&contact["phones"]).iter().take(MOST).filter_map(|phone| pick(phone, &["phone", "wa_id", "type"]));
    put(&mut card, "phones", Some(phones.collect::<Vec<_>>()).filter(|phones| !phones.is_empty()));
    let mails = elements(&contact["emails"]).iter().take(MOST).filter_map(|mail| pick(mail, &["email", "type"]));
    put(&mut card, "emails", Some(mails.collect::<Vec<_>>()).filter(|mails| !mails.is_empty()));
    put(&mut card, "company", line(&contact["org"]["company"]));
    put(&mut card, "origin", line(&contact["origin"]));
    Value::Object(card)
}

/// The answers of a form, which come as JSON inside a text. What a body may not contain may not come this way either.
fn answers(value: &Value) -> Value {
    match value.as_str().map(|text| serde_json::from_str::<Value>(&repaired(text.as_bytes()))) {
        Some(Ok(answers)) => answers,
        Some(Err(_)) => Value::String(lines(value)),
        None => value.clone(),
    }
}
