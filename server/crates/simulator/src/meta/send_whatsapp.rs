//! Takes messages of WhatsApp: `POST /{phone-number-id}/messages`.

use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    customers, limits,
    message_records::{Channel, Customer, Message},
    numbers,
    records::PhoneNumber,
    refusal::Refusal,
    send_shape, statuses, template_match,
    windows::{self, Window},
};

/// Types of audio that WhatsApp plays. Others are accepted and fail later with 131053.
const AUDIO: [&str; 5] = ["audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg; codecs=opus"];

/// Sends a message, or marks one as read.
pub fn send(tx: &mut Transaction<'_>, number_id: &str, body: &Value) -> Result<Value, Refusal> {
    let number = tx.world.phone_numbers.get(number_id).ok_or_else(|| Refusal::no_object(number_id))?;
    if body["messaging_product"] != json!("whatsapp") {
        return Err(Refusal::parameter("The parameter messaging_product is required."));
    }
    if body["status"] == json!("read") {
        return read(tx, number, body);
    }
    if !number.can_send() {
        return Err(Refusal::of_code(133_010));
    }
    let knobs = tx.world.meta_knobs();
    if knobs.refuse_code != 0 {
        return Err(Refusal::of_code(knobs.refuse_code));
    }
    send_shape::check(body)?;
    if body["biz_opaque_callback_data"].as_str().is_some_and(|text| text.chars().count() > 512) {
        return Err(Refusal::parameter("Param biz_opaque_callback_data must be at most 512 characters long."));
    }
    let (customer, input) = addressed(tx, number, body)?;
    limits::check(tx, Channel::Whatsapp, &number.id, &customer.id)?;
    let category = permitted(tx, number, &customer, body)?;
    let fail = fate(tx, number, &customer, body)?;
    let message = Message {
        id: statuses::new_message_id(Channel::Whatsapp),
        channel: Channel::Whatsapp,
        account_id: number.id.clone(),
        customer_id: customer.id.clone(),
        outbound: true,
        kind: body["type"].as_str().unwrap_or("text").into(),
        body: with_category(body, category.as_deref()),
        at: tx.now,
        status: "accepted".into(),
        error: None,
        reaction: String::new(),
        deleted: false,
    };
    tx.put(&message);
    react(tx, body);
    statuses::follow_whatsapp(tx, number, &customer, &message, fail);
    let mut contact = json!({"input": input});
    match numbers::digits(&input) {
        Some(_) => contact["wa_id"] = json!(customer.wa_id),
        None => contact["user_id"] = json!(customer.bsuid),
    }
    let mut sent = json!({"id": message.id});
    if category.is_some() {
        sent["message_status"] = json!("accepted");
    }
    Ok(json!({"messaging_product": "whatsapp", "contacts": [contact], "messages": [sent]}))
}

fn with_category(body: &Value, category: Option<&str>) -> Value {
    let mut body = body.clone();
    if let Some(category) = category {
        body["category"] = json!(category.to_lowercase());
    }
    body
}

/// Marks a customer's message as read; a typing indicator may come with it.
fn read(tx: &mut Transaction<'_>, number: &PhoneNumber, body: &Value) -> Result<Value, Refusal> {
    let id = body["message_id"].as_str().unwrap_or_default();
    let known = tx.world.messages.get(id).filter(|message| !message.outbound && message.account_id == number.id);
    let message = known.ok_or_else(|| Refusal::parameter("Message with the given message_id does not exist."))?;
    let typing = &body["typing_indicator"];
    if !typing.is_null() && typing["type"] != json!("text") {
        return Err(Refusal::parameter("Param typing_indicator['type'] must be text."));
    }
    tx.put(&Message { status: "read".into(), ..message.clone() });
    Ok(json!({"success": true}))
}

/// The customer that a message is addressed to, and how. A number that nobody has written from is a new customer.
fn addressed(tx: &mut Transaction<'_>, number: &PhoneNumber, body: &Value) -> Result<(Customer, String), Refusal> {
    let Some(to) = body["to"].as_str().filter(|to| !to.is_empty()) else {
        let user = body["recipient"].as_str().unwrap_or_default();
        if user.is_empty() {
            return Err(Refusal::detailed(131_008, "Required parameter is missing", "The parameter to is required."));
        }
        let customer = tx.world.customers.of(user).find(|customer| customer.bsuid == user);
        let customer = customer.ok_or_else(|| Refusal::of_code(131_026))?;
        return Ok((customer.clone(), user.to_owned()));
    };
    let digits = numbers::digits(to);
    let digits = digits.ok_or_else(|| {
        Refusal::detailed(131_009, "Parameter value is not valid", "Param to is not a valid phone number.")
    })?;
    if digits == number.digits() {
        return Err(Refusal::of_code(131_021));
    }
    let wa_id = numbers::wa_id(&digits);
    let known = tx.world.customers.of(&wa_id).find(|customer| customer.wa_id == wa_id).cloned();
    let customer = known.unwrap_or_else(|| {
        let customer = customers::new(&wa_id);
        tx.put(&customer);
        customer
    });
    Ok((customer, to.to_owned()))
}

/// The category of a template message that may be sent. `None` for any other message.
fn permitted(
    tx: &Transaction<'_>,
    number: &PhoneNumber,
    customer: &Customer,
    body: &Value,
) -> Result<Option<String>, Refusal> {
    if body["type"] != json!("template") {
        return Ok(None);
    }
    let template = template_match::find(tx.world, &number.waba_id, &body["template"])?;
    let paid = tx.world.wabas.get(&number.waba_id).is_some_and(|waba| waba.paid);
    if !paid || tx.world.meta_knobs().unpaid {
        return Err(Refusal::of_code(131_042));
    }
    if template.category == "MARKETING" && customer.opted_out {
        return Err(Refusal::of_code(131_050));
    }
    let to_user = body["to"].as_str().is_none_or(str::is_empty);
    if template.category == "AUTHENTICATION" && to_user {
        return Err(Refusal::detailed(
            131_062,
            "Recipient not supported",
            "This template cannot be sent to a user id.",
        ));
    }
    Ok(Some(template.category.clone()))
}

/// The code with which the message fails after it was accepted. `None` if it does not.
fn fate(tx: &Transaction<'_>, number: &PhoneNumber, customer: &Customer, body: &Value) -> Result<Option<u32>, Refusal> {
    let knobs = tx.world.meta_knobs();
    let free = body["type"] != json!("template");
    let window = windows::of(tx.world, Channel::Whatsapp, &number.id, &customer.id, tx.now);
    if free && window != Window::Open {
        return if knobs.window_late { Ok(Some(131_047)) } else { Err(Refusal::of_code(131_047)) };
    }
    if customer.blocks.contains(&number.id) {
        return Ok(Some(131_026));
    }
    if let Some(code) = file_fails(tx, number, body)? {
        return Ok(Some(code));
    }
    Ok(Some(knobs.fail_code).filter(|code| *code != 0))
}

fn file_fails(tx: &Transaction<'_>, number: &PhoneNumber, body: &Value) -> Result<Option<u32>, Refusal> {
    let kind = body["type"].as_str().unwrap_or("text");
    let id = match &body[kind]["id"] {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Ok(None),
    };
    if !["image", "video", "audio", "document", "sticker"].contains(&kind) {
        return Ok(None);
    }
    let media = tx.world.media.get(&id).filter(|media| media.account_id == number.id);
    let media = media.ok_or_else(|| {
        Refusal::detailed(
            131_009,
            "Parameter value is not valid",
            format!("Param {kind}['id'] is not a media id of this number."),
        )
    })?;
    let fits = match kind {
        "audio" => AUDIO.contains(&media.mime_type.as_str()),
        "image" => ["image/jpeg", "image/png"].contains(&media.mime_type.as_str()),
        "video" => ["video/mp4", "video/3gpp"].contains(&media.mime_type.as_str()),
        "sticker" => media.mime_type == "image/webp",
        _ => true,
    };
    Ok(if fits { None } else { Some(131_053) })
}

/// The business's reaction on a message of the customer.
fn react(tx: &mut Transaction<'_>, body: &Value) {
    let target = body["reaction"]["message_id"].as_str().unwrap_or_default();
    if let Some(message) = tx.world.messages.get(target).filter(|_| body["type"] == json!("reaction")) {
        let reaction = body["reaction"]["emoji"].as_str().unwrap_or_default().to_owned();
        tx.put(&Message { reaction, ..message.clone() });
    }
}
