//! What does a webhook of Messenger or Instagram say? Both send the same events: messages, echoes, receipts, reactions
//! and more, each between a person and the account (Meta, Messenger Platform and Instagram messaging webhooks).

mod attachment;
mod message;
mod receipt;

use chrono::{DateTime, Utc};
use domain::messaging::inbound::{Account, Person, What};
use serde_json::{Value, json};

use super::field::{elements, flag, id, line, time, word};
use super::items::Items;

/// The fields of an event that say between whom and when, not what.
const FRAME: [&str; 6] = ["sender", "recipient", "timestamp", "is_self", "prior_message", "hop_context"];

/// One event and its sides.
struct Event<'a> {
    /// The event as it was sent.
    raw: &'a Value,
    /// When it happened.
    at: Option<DateTime<Utc>>,
    /// The customer.
    person: Person,
    /// True if the account did it.
    own: bool,
    /// True if another program answers the conversation.
    standby: bool,
}

impl Event<'_> {
    /// The customer, or why there is none.
    fn somebody(&self) -> Result<Person, &'static str> {
        if self.person.is_nobody() { Err("The event names nobody.") } else { Ok(self.person.clone()) }
    }

    /// The ids of an event that has none of its own.
    fn moment(&self) -> [String; 2] {
        let at = self.at.map_or_else(|| "none".to_owned(), |at| at.timestamp_millis().to_string());
        [self.person.scoped_id.clone().unwrap_or_default(), at]
    }
}

/// Reads an entry: events of one page or Instagram account.
pub(super) fn entry(entry: &Value, account: Account, items: &mut Items) {
    items.with(account, |items| {
        if ["messaging", "standby", "changes"].iter().all(|list| entry[*list].is_null()) {
            items.unreadable(entry, "The entry has no events.");
        }
        elements(&entry["messaging"]).iter().for_each(|one| event(one, false, items));
        elements(&entry["standby"]).iter().for_each(|one| event(one, true, items));
        elements(&entry["changes"]).iter().for_each(|one| change(entry, one, items));
    });
}

/// Reads a change: an event in another dress, or something outside of messages, such as a comment.
fn change(entry: &Value, change: &Value, items: &mut Items) {
    let value = &change["value"];
    if !value.is_object() {
        return items.unreadable(change, "The change has no value.");
    }
    if value["sender"].is_object() && value["recipient"].is_object() {
        return event(value, false, items);
    }
    let field = word(&change["field"]);
    items.push(change, time(&entry["time"]), (&field, &[]), What::Other(field.clone()));
}

/// Reads an event. It may say several things, each of which is read.
fn event(raw: &Value, standby: bool, items: &mut Items) {
    let Some(fields) = raw.as_object() else {
        return items.unreadable(raw, "The event is no object.");
    };
    let event = sides(raw, standby, items.account().id());
    if event.own && is_self(raw, items.account().id()) {
        return items.push(raw, event.at, ("other", &[]), What::Other("self_message".to_owned()));
    }
    let mut names = fields.keys().filter(|name| !FRAME.contains(&name.as_str())).peekable();
    if names.peek().is_none() {
        return items.unreadable(raw, "The event says nothing.");
    }
    let mut others = Vec::new();
    for name in names {
        let said = &raw[name.as_str()];
        let read: Option<fn(&Event<'_>, &Value, &mut Items)> = match name.as_str() {
            "message" => Some(message::message),
            "message_edit" => Some(message::edit),
            "postback" => Some(message::postback),
            "referral" => Some(message::referral),
            "reaction" => Some(receipt::reaction),
            "read" => Some(receipt::read),
            "delivery" => Some(receipt::delivery),
            "optin" => Some(optin),
            "policy_enforcement" => Some(policy),
            _ => None,
        };
        match read {
            Some(read) if said.is_object() => read(&event, said, items),
            Some(_) => items.unreadable(&json!({ name.as_str(): said }), "This part of the event is no object."),
            None => others.push(word(&Value::String(name.clone()))),
        }
    }
    // A part that nobody knows beside one that is known is a detail of it.
    if others.len() == fields.keys().filter(|name| !FRAME.contains(&name.as_str())).count() {
        items.push(raw, event.at, ("other", &[]), What::Other(others.swap_remove(0)));
    }
}

/// Who the customer is, and which side acted.
fn sides<'a>(raw: &'a Value, standby: bool, account: &str) -> Event<'a> {
    let sender = id(&raw["sender"]["id"]);
    let echo = flag(&raw["message"]["is_echo"]) == Some(true);
    let own = echo || sender.as_deref() == Some(account);
    let side = if own { &raw["recipient"] } else { &raw["sender"] };
    let person = Person {
        scoped_id: id(&side["id"]),
        name: line(&side["name"]),
        username: line(&side["username"]),
        ..Person::default()
    };
    Event { raw, at: time(&raw["timestamp"]), person, own, standby }
}

/// True for a note of the account to itself.
fn is_self(raw: &Value, account: &str) -> bool {
    let noted = [&raw["is_self"], &raw["message"]["is_self"]].into_iter().any(|noted| flag(noted) == Some(true));
    noted || id(&raw["recipient"]["id"]).as_deref() == Some(account)
}

/// Reads what somebody agreed to. A person who agreed to marketing messages may take it back.
fn optin(event: &Event<'_>, optin: &Value, items: &mut Items) {
    let status = word(&optin["notification_messages_status"]).to_ascii_uppercase();
    let what = match event.somebody() {
        Ok(person) if word(&optin["type"]) == "notification_messages" => {
            What::Preference { person, marketing: !status.starts_with("STOP") }
        }
        _ => What::Other("optin".to_owned()),
    };
    items.push(event.raw, event.at, ("optin", &[]), what);
}

/// Reads a warning to the account or its end.
fn policy(event: &Event<'_>, policy: &Value, items: &mut Items) {
    let what = What::AccountEvent { field: "policy_enforcement".to_owned(), value: policy.clone() };
    items.push(event.raw, event.at, ("policy_enforcement", &[]), what);
}
