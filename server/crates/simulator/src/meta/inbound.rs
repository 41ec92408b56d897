//! Lets a customer write to a business: keeps the message and tells the subscribed apps.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{Simulator, control::actions::said, world::Transaction};

use super::{
    acts,
    content::{self, File, Inbound},
    customers,
    events::{self, MetaEvent},
    media,
    message_records::{Channel, Customer, Media, Message},
    samples, statuses, windows,
};

/// Who writes to whom, and when.
pub struct Writing<'a> {
    /// What was ordered.
    pub order: &'a Inbound,
    /// Channel.
    pub channel: Channel,
    /// The phone number, Page or Instagram account.
    pub account: String,
    /// The customer.
    pub customer: Customer,
    /// When.
    pub at: DateTime<Utc>,
}

/// Carries out what `POST /_sim/meta/inbound` orders. Returns the ids of message, customer and account.
pub fn receive(sim: &Simulator, body: &Value) -> Result<Value, String> {
    let mut order: Inbound = serde_json::from_value(body.clone()).map_err(|error| format!("No such order: {error}"))?;
    if order.kind.is_empty() {
        order.kind = "text".into();
    }
    if order.text.is_empty() && ["text", "button", "quick_reply", "story_reply"].contains(&order.kind.as_str()) {
        order.text = "Hello".into();
    }
    let channel = channel_of(&order.channel)?;
    order.channel = windows::word(channel).into();
    let base = sim.base_url();
    let transaction = |tx: &mut Transaction<'_>| {
        let accounts = customers::accounts(tx.world, channel);
        let known = |(id, _): &&(String, String)| order.account.is_empty() || *id == order.account;
        let account = accounts.iter().find(known).map(|(id, _)| id.clone());
        let account = account.ok_or_else(|| format!("There is no account {} on {}.", order.account, order.channel))?;
        let customer = customers::known_or_new(tx, &order.customer);
        let at = tx.now - TimeDelta::try_seconds(order.seconds_ago).unwrap_or_default();
        let writing = Writing { order: &order, channel, account, customer, at };
        match acts::carry_out(tx, &writing)? {
            Some(done) => Ok(done),
            None => write(tx, &writing, &base),
        }
    };
    sim.run_transaction(transaction).map_err(said)
}

/// The channel with a name; WhatsApp without one.
pub fn channel_of(name: &str) -> Result<Channel, String> {
    match name {
        "" | "whatsapp" => Ok(Channel::Whatsapp),
        "instagram" => Ok(Channel::Instagram),
        "facebook" | "messenger" => Ok(Channel::Facebook),
        other => Err(format!("{other} is no channel; say whatsapp, instagram or facebook.")),
    }
}

fn write(tx: &mut Transaction<'_>, writing: &Writing<'_>, base: &str) -> Result<Value, String> {
    let Writing { order, channel, account, customer, at } = writing;
    let file = attach(tx, writing, base)?;
    let own = ["edit", "revoke"].contains(&order.kind.as_str());
    let last = customers::last_of(tx.world, account, &customer.id, !own).map(|message| message.id.clone());
    let target = if order.message.is_empty() { last.unwrap_or_default() } else { order.message.clone() };
    let fresh = || statuses::new_message_id(*channel);
    let id = if order.id.is_empty() { fresh() } else { order.id.clone() };
    let (field, item, body) = match channel {
        Channel::Whatsapp => on_whatsapp(tx, writing, &file, (&id, &target))?,
        Channel::Instagram | Channel::Facebook => on_messenger(writing, &file, (&id, &target))?,
    };
    change_target(tx, order, &target);
    if content::is_message(&order.kind) || content::opens_window(&order.channel, &order.kind) {
        tx.put(&Message {
            id: id.clone(),
            channel: *channel,
            account_id: account.clone(),
            customer_id: customer.id.clone(),
            outbound: false,
            kind: order.kind.clone(),
            body,
            at: *at,
            status: String::new(),
            error: None,
            reaction: String::new(),
            deleted: false,
        });
    }
    let event = events::on_account(tx, *channel, account, field, item);
    events::queue(tx, MetaEvent { due_at: tx.now, ..event });
    Ok(json!({
        "message_id": id, "account": account, "customer": customer.id, "wa_id": customer.wa_id, "user_id": customer.bsuid,
        "psid": customer.psid, "igsid": customer.igsid,
    }))
}

/// The value of the webhook and the message in it.
fn on_whatsapp(
    tx: &Transaction<'_>,
    writing: &Writing<'_>,
    file: &File,
    (id, target): (&str, &str),
) -> Result<(&'static str, Value, Value), String> {
    let Writing { order, account, customer, at, .. } = writing;
    let number = tx.world.phone_numbers.get(account).ok_or("There is no such number.")?;
    let mut message = content::whatsapp(order, file, target, &number.digits())?;
    message["id"] = json!(id);
    message["timestamp"] = json!(at.timestamp().to_string());
    message["from_user_id"] = json!(customer.bsuid);
    if !customer.phone_hidden {
        message["from"] = json!(customer.wa_id);
    }
    if !order.referral.is_null() {
        message["referral"] = order.referral.clone();
    }
    for (name, value) in &order.extra {
        message[name] = value.clone();
    }
    let value = json!({
        "messaging_product": "whatsapp", "metadata": statuses::metadata(number),
        "contacts": [statuses::contact(customer)], "messages": [message],
    });
    Ok(("messages", value, message))
}

fn on_messenger(
    writing: &Writing<'_>,
    file: &File,
    (id, target): (&str, &str),
) -> Result<(&'static str, Value, Value), String> {
    let Writing { order, channel, account, customer, at } = writing;
    let mut item = content::messenger(order, file, target, id)?;
    item["sender"] = json!({"id": statuses::scoped_id(customer, *channel)});
    item["recipient"] = json!({"id": account});
    item["timestamp"] = json!(at.timestamp_millis());
    if !order.referral.is_null() && item["message"].is_object() {
        item["message"]["referral"] = order.referral.clone();
    }
    for (name, value) in &order.extra {
        item[name] = value.clone();
    }
    let instagram = *channel == Channel::Instagram;
    let field = match order.kind.as_str() {
        "button" => "messaging_postbacks",
        "reaction" => "message_reactions",
        "edit" if instagram => "message_edit",
        "edit" => "message_edits",
        "referral" if instagram => "messaging_referral",
        "referral" => "messaging_referrals",
        _ => "messages",
    };
    Ok((field, item.clone(), item))
}

/// Keeps the file of a message.
fn attach(tx: &mut Transaction<'_>, writing: &Writing<'_>, base: &str) -> Result<File, String> {
    let Writing { order, account, .. } = writing;
    let usual = match order.kind.as_str() {
        "story_reply" | "story_mention" | "share" => Some("image/png"),
        kind => content::usual_mime(kind),
    };
    let Some(usual) = usual else { return Ok(File::default()) };
    let mime = if order.mime.is_empty() { usual } else { &order.mime };
    let bytes = match order.file.as_str() {
        "" => samples::bytes(mime),
        file => STANDARD.decode(file).map_err(|error| format!("The file is no base64: {error}"))?,
    };
    let media = Media {
        id: customers::random_digits(16),
        account_id: account.clone(),
        mime_type: mime.into(),
        filename: order.name.clone(),
        data: STANDARD.encode(&bytes),
        at: tx.now,
    };
    tx.put(&media);
    let sha256 = STANDARD.encode(Sha256::digest(&bytes));
    Ok(File { url: media::public_url(base, &media.id), id: media.id, mime: mime.into(), sha256 })
}

/// Changes the message that a reaction, an edit or a deletion is about.
fn change_target(tx: &mut Transaction<'_>, order: &Inbound, target: &str) {
    let Some(mut message) = tx.world.messages.get(target).cloned() else { return };
    match order.kind.as_str() {
        "reaction" => message.reaction.clone_from(&order.text),
        "revoke" => message.deleted = true,
        "edit" if message.channel == Channel::Whatsapp => message.body["text"]["body"] = json!(order.text),
        "edit" => message.body["message"]["text"] = json!(order.text),
        _ => return,
    }
    tx.put(&message);
}
