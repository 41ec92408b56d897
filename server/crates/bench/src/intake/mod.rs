//! What does the intake of Meta's events cost, and does it lose any? Each body is signed as Meta signs it and answered once it
//! is committed.

pub mod bare;
pub mod crash;
pub mod flood;
mod load;
pub mod replay;
pub mod steady;

use anyhow::Context;
use serde_json::json;
use simulator::meta_demo::{NUMBER, WABA};

use crate::product::Product;

/// Where bodies are delivered, at ours and at each peer.
const PATH: &str = "/api/webhooks/meta";

/// Connections of each competitor to the database.
const POOL: u32 = 10;

/// A body with the line of the header that signs it.
struct Signed {
    body: Vec<u8>,
    header: String,
}

/// The message of Meta with this id from a customer to the demo world's number, as Meta sends it.
fn signed(id: &str, customer: &str) -> Signed {
    let message = json!({
        "from": customer, "id": id, "timestamp": "1790000000", "type": "text",
        "text": {"body": "Are you open on Saturday?"},
    });
    let value = json!({
        "messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550100001", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Ada Example"}, "wa_id": customer}], "messages": [message],
    });
    let changes = json!([{"field": "messages", "value": value}]);
    let body = json!({"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": changes}]});
    let body = body.to_string().into_bytes();
    let secret = simulator::meta_defaults().app_secret.to_owned();
    let header = format!("{}: {}", meta::signature::HEADER, meta::signature::sign(&secret.into(), &body));
    Signed { body, header }
}

/// The customer of all messages that are counted when they are stored, who is nobody of the demo world.
const CUSTOMER: &str = "16505550199";

/// So many messages of one customer, whose ids begin with a word.
fn messages(word: &str, count: usize) -> Vec<Signed> {
    (0..count).map(|number| signed(&format!("wamid.{word}.{number}"), CUSTOMER)).collect()
}

/// The only number of an answer of the product's database.
fn number(product: &Product, sql: &str) -> anyhow::Result<usize> {
    let rows = product.own_rows(sql)?;
    let value = rows.into_iter().flatten().flatten().next().with_context(|| format!("no answer to {sql}"))?;
    Ok(value.parse()?)
}

/// How many bodies with a message of the customer are stored. Others of the demo world write meanwhile, and what is said of answers
/// to this one comes as events, too.
fn stored(product: &Product) -> anyhow::Result<usize> {
    let said = format!("\"from\":\"{CUSTOMER}\"");
    number(
        product,
        &format!("select count(*) from inbound_events where position(convert_to('{said}', 'UTF8') in body) > 0"),
    )
}
