//! What customers do besides writing: they adopt a user name, change their number, stop marketing, block a business. And what
//! the business's people do in Meta's own apps: they answer there.

use serde_json::{Value, json};

use crate::world::Transaction;

use super::{
    customers,
    events::{self, MetaEvent},
    inbound::Writing,
    message_records::{Channel, Customer, Message},
    numbers, statuses,
};

/// Carries out an order that is no message of the customer. `None` if it is one.
pub fn carry_out(tx: &mut Transaction<'_>, writing: &Writing<'_>) -> Result<Option<Value>, String> {
    let customer = match writing.order.kind.as_str() {
        "username" => adopt_username(writing),
        "number_change" => change_number(tx, writing)?,
        "opt_out" | "opt_in" => choose_marketing(tx, writing),
        "block" | "unblock" => block(writing),
        "business_reply" => return business_reply(tx, writing).map(Some),
        _ => return Ok(None),
    };
    tx.put(&customer);
    Ok(Some(json!({
        "account": writing.account, "customer": customer.id, "wa_id": customer.wa_id, "user_id": customer.bsuid,
        "username": customer.username, "opted_out": customer.opted_out, "blocks": customer.blocks,
    })))
}

/// The number is hidden from then on, as it is for a business that has not written lately.
fn adopt_username(writing: &Writing<'_>) -> Customer {
    let usual = || writing.customer.name.to_lowercase().replace(' ', ".");
    let new = Some(writing.order.new.clone()).filter(|new| !new.is_empty());
    Customer { username: Some(new.unwrap_or_else(usual)), phone_hidden: true, ..writing.customer.clone() }
}

fn change_number(tx: &mut Transaction<'_>, writing: &Writing<'_>) -> Result<Customer, String> {
    let old = &writing.customer;
    let digits = numbers::digits(&writing.order.new).ok_or("Give the new number: new.")?;
    let new = Customer { wa_id: numbers::wa_id(&digits), bsuid: customers::new_bsuid(), ..old.clone() };
    let number = tx.world.phone_numbers.get(&writing.account).ok_or("Only numbers of WhatsApp change.")?;
    let mut message = json!({
        "from_user_id": old.bsuid, "id": statuses::new_message_id(Channel::Whatsapp),
        "timestamp": writing.at.timestamp().to_string(), "type": "system", "system": {
            "type": "user_changed_number", "body": format!("User {} changed from {} to {}", old.name, old.wa_id, new.wa_id),
            "wa_id": new.wa_id, "user_id": new.bsuid, "previous_user_id": old.bsuid,
        },
    });
    if !old.phone_hidden {
        message["from"] = json!(old.wa_id);
    }
    let item = json!({"messaging_product": "whatsapp", "metadata": statuses::metadata(number), "messages": [message]});
    tell(tx, writing, "messages", item);
    Ok(new)
}

fn choose_marketing(tx: &mut Transaction<'_>, writing: &Writing<'_>) -> Customer {
    let out = writing.order.kind == "opt_out";
    let customer = Customer { opted_out: out, ..writing.customer.clone() };
    if let Some(number) = tx.world.phone_numbers.get(&writing.account) {
        let mut choice = json!({
            "user_id": customer.bsuid, "detail": if out { "User requested to stop marketing messages" } else { "User requested to resume marketing messages" },
            "category": "marketing_messages", "value": if out { "stop" } else { "resume" },
            "timestamp": writing.at.timestamp(),
        });
        if !customer.phone_hidden {
            choice["wa_id"] = json!(customer.wa_id);
        }
        let item = json!({
            "messaging_product": "whatsapp", "metadata": statuses::metadata(number),
            "contacts": [statuses::contact(&customer)], "user_preferences": [choice],
        });
        tell(tx, writing, "user_preferences", item);
    }
    customer
}

fn block(writing: &Writing<'_>) -> Customer {
    let mut customer = writing.customer.clone();
    customer.blocks.retain(|account| *account != writing.account);
    if writing.order.kind == "block" {
        customer.blocks.push(writing.account.clone());
    }
    customer
}

/// The business answers in the phone app, the Page's inbox or the Instagram app.
fn business_reply(tx: &mut Transaction<'_>, writing: &Writing<'_>) -> Result<Value, String> {
    let Writing { order, channel, account, customer, at } = writing;
    let id = statuses::new_message_id(*channel);
    let text = if order.text.is_empty() { "Answered in the app" } else { &order.text };
    let mut message = Message {
        id: id.clone(),
        channel: *channel,
        account_id: account.clone(),
        customer_id: customer.id.clone(),
        outbound: true,
        kind: "text".into(),
        body: json!({"message": {"text": text}}),
        at: *at,
        status: "sent".into(),
        error: None,
        reaction: String::new(),
        deleted: false,
    };
    if *channel == Channel::Whatsapp {
        let number = tx.world.phone_numbers.get(account).filter(|number| number.coexistence);
        let number = number.ok_or("Only a number in coexistence is answered from the phone app.")?;
        message.body = json!({"type": "text", "text": {"body": text}});
        let echo = json!({"from": number.digits(), "to": customer.wa_id, "to_user_id": customer.bsuid, "id": id,
            "timestamp": at.timestamp().to_string(), "type": "text", "text": {"body": text}});
        let item = json!({"messaging_product": "whatsapp", "metadata": statuses::metadata(number),
            "contacts": [statuses::contact(customer)], "message_echoes": [echo]});
        tell(tx, writing, "smb_message_echoes", item);
    } else {
        statuses::follow_messenger(tx, customer, &message, None);
    }
    tx.put(&message);
    Ok(json!({"message_id": id, "account": account, "customer": customer.id}))
}

fn tell(tx: &mut Transaction<'_>, writing: &Writing<'_>, field: &str, item: Value) {
    let event = events::on_account(tx, Channel::Whatsapp, &writing.account, field, item);
    events::queue(tx, MetaEvent { due_at: tx.now, ..event });
}
