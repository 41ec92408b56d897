//! What does a webhook of WhatsApp say? Each change of an entry carries messages, statuses, errors, or a fact about the
//! account (Meta, WhatsApp Cloud API webhooks).

mod account;
mod content;
mod envelope;
mod history;
mod message;
mod people;
mod status;

use domain::messaging::inbound::{Account, Origin, What};
use serde_json::Value;

use super::field::{elements, flag, id, time, word};
use super::items::Items;
use envelope::Envelope;

/// The lists that carry what people wrote and how far our messages came, whatever the field is called.
const LISTS: [&str; 3] = ["messages", "message_echoes", "statuses"];

/// Reads an entry: the changes of one WhatsApp Business account.
pub(super) fn entry(entry: &Value, items: &mut Items) {
    let waba = id(&entry["id"]).map_or_else(|| items.account().clone(), Account::Waba);
    items.with(waba, |items| {
        if entry["changes"].is_null() {
            items.unreadable(entry, "The entry has no changes.");
        }
        for one in elements(&entry["changes"]) {
            change(entry, one, items);
        }
    });
}

fn change(entry: &Value, change: &Value, items: &mut Items) {
    let value = &change["value"];
    if !value.is_object() {
        return items.unreadable(change, "The change has no value.");
    }
    let field = word(&change["field"]);
    if account::FIELDS.contains(&field.as_str()) {
        return account::fact(entry, &field, value, items);
    }
    let number = id(&value["metadata"]["phone_number_id"]);
    let account = number.map_or_else(|| items.account().clone(), Account::PhoneNumber);
    items.with(account, |items| match field.as_str() {
        "history" => history::read(value, items),
        "user_preferences" => preferences(value, items),
        "smb_app_state_sync" => account::each(entry, &field, &value["state_sync"], items),
        _ if LISTS.iter().any(|list| !value[*list].is_null()) => lists(entry, &field, value, items),
        "messages" if !value["errors"].is_null() => account::each(entry, "errors", &value["errors"], items),
        _ => items.push(change, time(&entry["time"]), (&field, &[]), What::Other(field.clone())),
    });
}

/// Reads everything that a change carries: it may carry two lists at once.
fn lists(entry: &Value, field: &str, value: &Value, items: &mut Items) {
    let origin = if field == "standby" { Origin::Standby } else { Origin::Customer };
    let mut envelope = Envelope::of(value, origin);
    elements(&value["messages"]).iter().for_each(|one| message::read(&envelope, one, items));
    elements(&value["statuses"]).iter().for_each(|one| status::read(&envelope, one, items));
    envelope.origin = Origin::Echo;
    elements(&value["message_echoes"]).iter().for_each(|one| message::read(&envelope, one, items));
    account::each(entry, "errors", &value["errors"], items);
}

/// Reads which customers allow marketing messages.
fn preferences(value: &Value, items: &mut Items) {
    let envelope = Envelope::of(value, Origin::Customer);
    for one in elements(&value["user_preferences"]) {
        let person = envelope.people.person(&one["wa_id"], &one["user_id"], &one["parent_user_id"]);
        let marketing = match word(&one["value"]).to_ascii_lowercase().as_str() {
            "stop" => false,
            "resume" => true,
            other => match flag(&one["value"]) {
                Some(flag) => flag,
                None => {
                    let other = format!("user_preferences.{other}");
                    items.push(one, time(&one["timestamp"]), ("preference", &[]), What::Other(other));
                    continue;
                }
            },
        };
        if person.is_nobody() {
            items.unreadable(one, "The preference names nobody.");
        } else {
            items.push(one, time(&one["timestamp"]), ("preference", &[]), What::Preference { person, marketing });
        }
    }
}
