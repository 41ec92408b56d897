//! How does the customer see that a message was read, and that an answer is being written?

use outbound::Body;
use serde_json::{Value, json};

use super::outgoing::{Channel, Sender};
use crate::client::{Call, Meta, Parts, Result};
use crate::ops::MARK_READ;

/// Marks what a customer wrote as read, up to the given message. `customer` is their id, which WhatsApp does not need.
///
/// # Errors
/// As of any call.
pub async fn mark_read(meta: &Meta, call: Call<'_>, sender: Sender<'_>, customer: &str, message: &str) -> Result<()> {
    act(meta, call, sender, &read_body(sender.channel, customer, message)).await
}

/// Shows that an answer is being written, for 25 seconds or until it comes. WhatsApp ties it to the customer's last
/// message and marks that as read.
///
/// # Errors
/// As of any call.
pub async fn show_typing(meta: &Meta, call: Call<'_>, sender: Sender<'_>, customer: &str, message: &str) -> Result<()> {
    act(meta, call, sender, &typing_body(sender.channel, customer, message)).await
}

fn read_body(channel: Channel, customer: &str, message: &str) -> Value {
    match channel {
        Channel::Whatsapp => json!({"messaging_product": "whatsapp", "status": "read", "message_id": message}),
        Channel::Messenger | Channel::Instagram => {
            json!({"recipient": {"id": customer}, "sender_action": "mark_seen"})
        }
    }
}

fn typing_body(channel: Channel, customer: &str, message: &str) -> Value {
    let mut body = read_body(channel, customer, message);
    match channel {
        Channel::Whatsapp => body["typing_indicator"] = json!({"type": "text"}),
        Channel::Messenger | Channel::Instagram => body["sender_action"] = "typing_on".into(),
    }
    body
}

async fn act(meta: &Meta, call: Call<'_>, sender: Sender<'_>, body: &Value) -> Result<()> {
    let body = Some(Body::Json(body.to_string().into_bytes()));
    meta.act(&MARK_READ, call, Parts { ids: &[sender.id], body, ..Parts::default() }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_channel_has_its_own_words() {
        let whatsapp = json!({"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"});
        assert_eq!(read_body(Channel::Whatsapp, "", "wamid.IN"), whatsapp);
        assert_eq!(typing_body(Channel::Whatsapp, "", "wamid.IN")["typing_indicator"], json!({"type": "text"}));
        for channel in [Channel::Messenger, Channel::Instagram] {
            let body = json!({"recipient": {"id": "71"}, "sender_action": "mark_seen"});
            assert_eq!(read_body(channel, "71", "m_1"), body);
            assert_eq!(typing_body(channel, "71", "m_1")["sender_action"], "typing_on");
        }
    }
}
