//! What follows a message that was accepted: the statuses of WhatsApp, and echo, delivery and reading on Messenger and Instagram.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{ids::new_id, world::Transaction};

use super::{
    codes,
    events::{self, MetaEvent},
    knobs::MetaKnobs,
    message_records::{Channel, Customer, Message},
    records::PhoneNumber,
};

/// Queues the statuses of a message from a number. `fail` is the code with which it fails; `addressed` is what the caller wrote to.
pub fn follow_whatsapp(
    tx: &mut Transaction<'_>,
    number: &PhoneNumber,
    customer: &Customer,
    message: &Message,
    fail: Option<u32>,
) {
    let knobs = tx.world.meta_knobs();
    for (status, milliseconds) in course(&knobs, fail.is_some()) {
        let at = tx.now + tx.delay(milliseconds);
        let item = status_of(number, customer, message, status, at, fail);
        let event = events::on_account(tx, Channel::Whatsapp, &number.id, "messages", item);
        let event = MetaEvent { message_id: Some(message.id.clone()), status: status.into(), due_at: at, ..event };
        events::queue(tx, event);
    }
}

/// Statuses that a message gets, each with its time after sending.
fn course(knobs: &MetaKnobs, fails: bool) -> Vec<(&'static str, u64)> {
    if fails {
        return vec![("failed", knobs.sent_ms)];
    }
    let mut course = vec![("sent", knobs.sent_ms)];
    if !knobs.never_deliver && !knobs.skip_delivered {
        course.push(("delivered", knobs.delivered_ms));
    }
    if !knobs.never_deliver && knobs.read_ms > 0 {
        course.push(("read", knobs.read_ms));
    }
    if knobs.shuffle {
        let times: Vec<u64> = course.iter().rev().map(|(_, at)| *at).collect();
        course.iter_mut().zip(times).for_each(|((_, at), other)| *at = other);
    }
    course
}

/// The value of a status's webhook. `fail` is the code of a failed message.
pub fn status_of(
    number: &PhoneNumber,
    customer: &Customer,
    message: &Message,
    status: &str,
    at: DateTime<Utc>,
    fail: Option<u32>,
) -> Value {
    let mut one = json!({"id": message.id, "status": status, "timestamp": at.timestamp().to_string()});
    if !customer.phone_hidden {
        one["recipient_id"] = json!(customer.wa_id);
    }
    if let Some(opaque) = message.body.get("biz_opaque_callback_data") {
        one["biz_opaque_callback_data"] = opaque.clone();
    }
    let mut value = json!({"messaging_product": "whatsapp", "metadata": metadata(number)});
    if let Some(code) = fail.filter(|_| status == "failed") {
        one["errors"] = json!([codes::in_status(code)]);
    } else {
        one["recipient_user_id"] = json!(customer.bsuid);
        let category = message.body["category"].as_str().unwrap_or("service");
        let kind = if category == "service" { "free_customer_service" } else { "regular" };
        one["pricing"] =
            json!({"billable": category != "service", "pricing_model": "PMP", "type": kind, "category": category});
        value["contacts"] = json!([contact(customer)]);
    }
    value["statuses"] = json!([one]);
    value
}

/// `metadata` of a number's webhooks.
pub fn metadata(number: &PhoneNumber) -> Value {
    json!({"display_phone_number": number.digits(), "phone_number_id": number.id})
}

/// A customer in `contacts`: without the number if it is hidden, with the handle if there is one.
pub fn contact(customer: &Customer) -> Value {
    let mut contact = json!({"profile": {"name": customer.name}, "user_id": customer.bsuid});
    if !customer.phone_hidden {
        contact["wa_id"] = json!(customer.wa_id);
    }
    if let Some(username) = &customer.username {
        contact["profile"]["username"] = json!(username);
    }
    contact
}

/// Queues echo, delivery and reading of a message on Messenger or Instagram. `app` is the app that sent it; `None` if a person
/// wrote it in Meta's own inbox.
pub fn follow_messenger(tx: &mut Transaction<'_>, customer: &Customer, message: &Message, app: Option<&str>) {
    let knobs = tx.world.meta_knobs();
    let facebook = message.channel == Channel::Facebook;
    if knobs.echo != "never" || app.is_none() {
        let echo_ms = if knobs.echo == "before" { 0 } else { knobs.sent_ms };
        let field = if facebook { "message_echoes" } else { "messages" };
        occur(tx, message, field, echo(customer, message, app), ("sent", echo_ms));
    }
    if knobs.never_deliver {
        return;
    }
    if facebook && !knobs.skip_delivered {
        let at = tx.now + tx.delay(knobs.delivered_ms);
        let delivery = json!({"mids": [message.id], "watermark": at.timestamp_millis()});
        let item = from_customer(customer, message, at, "delivery", delivery);
        occur(tx, message, "message_deliveries", item, ("delivered", knobs.delivered_ms));
    }
    if knobs.read_ms > 0 {
        let at = tx.now + tx.delay(knobs.read_ms);
        let (field, read) = match facebook {
            true => ("message_reads", json!({"watermark": at.timestamp_millis()})),
            false => ("messaging_seen", json!({"mid": message.id})),
        };
        let item = from_customer(customer, message, at, "read", read);
        occur(tx, message, field, item, ("read", knobs.read_ms));
    }
}

fn occur(tx: &mut Transaction<'_>, message: &Message, field: &str, item: Value, (status, milliseconds): (&str, u64)) {
    let event = events::on_account(tx, message.channel, &message.account_id, field, item);
    let due_at = tx.now + tx.delay(milliseconds);
    events::queue(tx, MetaEvent { message_id: Some(message.id.clone()), status: status.into(), due_at, ..event });
}

fn echo(customer: &Customer, message: &Message, app: Option<&str>) -> Value {
    let mut inner = json!({"mid": message.id, "is_echo": true});
    for (name, value) in message.body["message"].as_object().into_iter().flatten() {
        match name.as_str() {
            "attachment" => inner["attachments"] = json!([{"type": value["type"], "payload": value["payload"]}]),
            "text" | "metadata" => inner[name] = value.clone(),
            _ => {}
        }
    }
    if message.channel == Channel::Facebook {
        let inbox = 263_902_037_430_900_u64;
        inner["app_id"] = json!(app.and_then(|id| id.parse::<u64>().ok()).unwrap_or(inbox));
    }
    json!({
        "sender": {"id": message.account_id}, "recipient": {"id": scoped_id(customer, message.channel)},
        "timestamp": message.at.timestamp_millis(), "message": inner,
    })
}

fn from_customer(customer: &Customer, message: &Message, at: DateTime<Utc>, name: &str, value: Value) -> Value {
    json!({
        "sender": {"id": scoped_id(customer, message.channel)}, "recipient": {"id": message.account_id},
        "timestamp": at.timestamp_millis(), name: value,
    })
}

/// The id by which an account of Messenger or Instagram knows a customer.
pub fn scoped_id(customer: &Customer, channel: Channel) -> &str {
    if channel == Channel::Instagram { &customer.igsid } else { &customer.psid }
}

/// A new message id in the style of a channel.
pub fn new_message_id(channel: Channel) -> String {
    match channel {
        Channel::Whatsapp => format!("wamid.HBgL{}/+A=", new_id(36)),
        Channel::Instagram => format!("aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlE{}ZD", new_id(130)),
        Channel::Facebook => format!("m_{}", new_id(84)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_switch_changes_the_course_of_a_message() {
        let course = |change: fn(&mut MetaKnobs)| {
            let mut knobs = MetaKnobs::default();
            change(&mut knobs);
            let mut course = course(&knobs, false);
            course.sort_by_key(|(_, at)| *at);
            course.into_iter().map(|(status, _)| status).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(course(|_| {}), "sent delivered read");
        assert_eq!(course(|knobs| knobs.skip_delivered = true), "sent read");
        assert_eq!(course(|knobs| knobs.read_ms = 0), "sent delivered");
        assert_eq!(course(|knobs| knobs.never_deliver = true), "sent");
        assert_eq!(course(|knobs| knobs.shuffle = true), "read delivered sent");
    }
}
