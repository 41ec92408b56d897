//! Takes messages of Messenger and Instagram: `POST /{page}/messages` and `POST /{instagram account}/messages`.

use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    limits,
    message_records::{Channel, Customer, Message},
    refusal::Refusal,
    statuses,
    windows::{self, Window},
};

/// Who sends: the account of a channel, by an app.
pub struct Sender<'a> {
    /// Messenger or Instagram.
    pub channel: Channel,
    /// The Page or the Instagram account.
    pub account: &'a str,
    /// The app, or its Instagram half.
    pub app: &'a str,
}

/// Sends a message, or does what is no message: typing, marking as seen, reacting.
pub fn send(tx: &mut Transaction<'_>, sender: &Sender<'_>, body: &Value) -> Result<Value, Refusal> {
    let channel = sender.channel;
    let (customer, scoped) = recipient(tx, channel, &body["recipient"]["id"])?;
    let answer = json!({"recipient_id": scoped});
    if let Some(action) = body["sender_action"].as_str() {
        act(tx, sender, action, &body["payload"])?;
        return Ok(answer);
    }
    let code = tx.world.meta_knobs().refuse_code;
    if code != 0 {
        return Err(Refusal::of_code(code));
    }
    check(channel, &body["message"])?;
    limits::check(tx, channel, sender.account, &customer.id)?;
    if customer.blocks.iter().any(|account| account == sender.account) {
        return Err(Refusal::with_subcode(551, 1_545_041, "This person isn't available right now."));
    }
    let window = windows::of(tx.world, channel, sender.account, &customer.id, tx.now);
    let tagged = tag(body)?;
    if window == Window::Closed || window == Window::HumanAgent && !tagged {
        return Err(outside(channel));
    }
    let message = Message {
        id: statuses::new_message_id(channel),
        channel,
        account_id: sender.account.into(),
        customer_id: customer.id.clone(),
        outbound: true,
        kind: body["message"]["attachment"]["type"].as_str().unwrap_or("text").into(),
        body: body.clone(),
        at: tx.now,
        status: "accepted".into(),
        error: None,
        reaction: String::new(),
        deleted: false,
    };
    tx.put(&message);
    statuses::follow_messenger(tx, &customer, &message, Some(sender.app));
    Ok(json!({"recipient_id": scoped, "message_id": message.id}))
}

fn recipient(tx: &Transaction<'_>, channel: Channel, id: &Value) -> Result<(Customer, String), Refusal> {
    let id = match id {
        Value::String(id) => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => return Err(Refusal::with_subcode(100, 2_018_001, "The parameter recipient is required")),
    };
    let customer = tx.world.customers.of(&id).find(|customer| statuses::scoped_id(customer, channel) == id);
    let nobody = match channel {
        Channel::Instagram => Refusal::with_subcode(100, 2_534_014, "The requested user cannot be found."),
        _ => Refusal::with_subcode(100, 2_018_001, "No matching user found"),
    };
    Ok((customer.ok_or(nobody)?.clone(), id))
}

fn outside(channel: Channel) -> Refusal {
    let sentence = "This message is sent outside of allowed window.";
    match channel {
        Channel::Instagram => Refusal::with_subcode(10, 2_534_022, sentence),
        _ => Refusal::with_subcode(
            10,
            2_018_278,
            &format!(
                "{sentence} Learn more about the new policy here: https://developers.facebook.com/docs/messenger-platform/policy-overview"
            ),
        ),
    }
}

/// Whether the message is tagged as a person's.
fn tag(body: &Value) -> Result<bool, Refusal> {
    match (body["messaging_type"].as_str(), body["tag"].as_str()) {
        (Some("MESSAGE_TAG"), Some("HUMAN_AGENT")) => Ok(true),
        (Some("MESSAGE_TAG"), tag) => Err(Refusal::parameter(format!(
            "Param tag must be one of {{HUMAN_AGENT}}; it is {}.",
            tag.unwrap_or("missing")
        ))),
        (None | Some("RESPONSE" | "UPDATE"), _) => Ok(false),
        (Some(other), _) => Err(Refusal::parameter(format!("Param messaging_type cannot be {other}."))),
    }
}

fn act(tx: &mut Transaction<'_>, sender: &Sender<'_>, action: &str, payload: &Value) -> Result<(), Refusal> {
    let reacting = matches!(action, "react" | "unreact");
    if !["typing_on", "typing_off", "mark_seen"].contains(&action) && !reacting {
        return Err(Refusal::parameter(format!("Param sender_action cannot be {action}.")));
    }
    if reacting {
        let id = payload["message_id"].as_str().unwrap_or_default();
        let message = tx.world.messages.get(id).filter(|message| message.account_id == sender.account);
        let message = message.ok_or_else(|| Refusal::no_object(id))?;
        let reaction = if action == "react" { payload["reaction"].as_str().unwrap_or("love") } else { "" };
        tx.put(&Message { reaction: reaction.into(), ..message.clone() });
    }
    Ok(())
}

/// Checks lengths and that a message is one text or one attachment.
fn check(channel: Channel, message: &Value) -> Result<(), Refusal> {
    let text = message["text"].as_str();
    let attachment = &message["attachment"];
    match (text, attachment.is_object()) {
        (None | Some(""), false) => {
            return Err(Refusal::parameter("Message cannot be empty, must provide valid attachment or text"));
        }
        (Some(_), true) => return Err(Refusal::parameter("Only one of the text, attachment fields can be specified")),
        _ => {}
    }
    let text = text.unwrap_or_default();
    if channel == Channel::Instagram && text.len() > 1_000 {
        return Err(Refusal::parameter("Length of param message[text] must be less than or equal to 1000"));
    }
    if text.chars().count() > 2_000 {
        return Err(Refusal::parameter("Length of param message[text] must be less than or equal to 2000"));
    }
    if message["metadata"].as_str().is_some_and(|metadata| metadata.chars().count() > 1_000) {
        return Err(Refusal::parameter("Length of param message[metadata] must be less than or equal to 1000"));
    }
    let replies = message["quick_replies"].as_array().map(Vec::as_slice).unwrap_or_default();
    let long = |reply: &Value| reply["title"].as_str().is_some_and(|title| title.chars().count() > 20);
    if replies.len() > 13 || replies.iter().any(long) {
        return Err(Refusal::parameter("Invalid quick_replies: at most 13, titles of at most 20 characters"));
    }
    attached(attachment)
}

fn attached(attachment: &Value) -> Result<(), Refusal> {
    let kind = attachment["type"].as_str().unwrap_or_default();
    let payload = &attachment["payload"];
    let link = payload["url"].as_str().is_some_and(|url| url.starts_with("http://") || url.starts_with("https://"));
    match kind {
        _ if !attachment.is_object() => Ok(()),
        "image" | "video" | "audio" | "file" if link || !payload["attachment_id"].is_null() => Ok(()),
        "template" if payload["template_type"].is_string() => Ok(()),
        "like_heart" => Ok(()),
        "image" | "video" | "audio" | "file" => {
            Err(Refusal::with_subcode(100, 2_018_047, "Upload attachment failure."))
        }
        other => Err(Refusal::parameter(format!("Param message[attachment][type] cannot be {other}."))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_bytes_on_instagram_and_in_letters_on_messenger() {
        for (channel, text, fits) in [
            (Channel::Instagram, "é".repeat(500), true),
            (Channel::Instagram, "é".repeat(501), false),
            (Channel::Facebook, "é".repeat(2_000), true),
            (Channel::Facebook, "é".repeat(2_001), false),
            (Channel::Facebook, String::new(), false),
        ] {
            assert_eq!(check(channel, &json!({"text": text})).is_ok(), fits);
        }
        let both = json!({"text": "x", "attachment": {"type": "image", "payload": {"url": "https://a.example/b.png"}}});
        assert!(check(Channel::Facebook, &both).is_err());
        assert!(check(Channel::Facebook, &json!({"attachment": both["attachment"]})).is_ok());
        assert!(check(Channel::Facebook, &json!({"attachment": {"type": "image", "payload": {}}})).is_err());
    }
}
