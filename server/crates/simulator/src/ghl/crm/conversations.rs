//! Serves conversations and messages. A message starts the conversation of its contact if there is none; 200 means queued,
//! not delivered (HighLevel API §5.2).

use serde_json::{Map, Value, json};

use crate::{
    crm::{CrmKind, CrmRecord},
    ids::new_id,
    world::Transaction,
};

use super::super::{
    call::Call,
    reply::{Outcome, bad, ok},
    shape::{Field, Kind, may, need},
};
use super::{all, known, limit, own};

/// Body of a message. The contract marks `subType` and `status` as required, but calls work without them.
pub const NEW: &[Field] = &[
    need("type", Kind::OneOf(&["SMS", "RCS", "Email", "WhatsApp", "IG", "FB", "Custom", "Live_Chat", "TIKTOK"])),
    need("contactId", Kind::Filled),
    may("message", Kind::Text),
    may("html", Kind::Text),
    may("subject", Kind::Text),
    may("attachments", Kind::Texts),
    may("subType", Kind::Map),
    may("status", Kind::OneOf(&["delivered", "failed", "pending", "read"])),
];

/// `GET /conversations/search`.
pub fn search(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let words = call.query_param("query").unwrap_or_default().to_lowercase();
    let before = call.query_param("startAfterDate").and_then(|text| text.parse::<i64>().ok()).unwrap_or(i64::MAX);
    let last = |conversation: &CrmRecord| conversation.fields["lastMessageDate"].as_i64().unwrap_or_default();
    let mut found: Vec<&CrmRecord> = all(call, tx, CrmKind::Conversation)
        .into_iter()
        .filter(|one| call.query_param("contactId").is_none_or(|contact| one.parent == contact))
        .filter(|one| call.query_param("status") != Some("unread") || one.fields["unreadCount"] != json!(0))
        .filter(|one| Value::Object(one.fields.clone()).to_string().to_lowercase().contains(&words))
        .collect();
    found.sort_by_key(|one| std::cmp::Reverse(last(one)));
    let total = found.len();
    let rows: Vec<Value> =
        found.into_iter().filter(|one| last(one) < before).take(limit(call)).map(CrmRecord::json).collect();
    ok(json!({"conversations": rows, "total": total}))
}

/// `GET /conversations/{conversationId}/messages`, in the nested form of the live service.
pub fn messages(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let conversation = known(call, tx, CrmKind::Conversation, call.param("conversationId"))?;
    let sent: Vec<&CrmRecord> = tx.world.crm.of(&conversation.id).rev().collect();
    let after = call.query_param("lastMessageId");
    let first = after.map_or(0, |id| sent.iter().position(|message| message.id == id).map_or(sent.len(), |at| at + 1));
    let rows: Vec<Value> = sent.iter().skip(first).take(limit(call)).map(|message| message.json()).collect();
    let next = first + rows.len() < sent.len();
    let last = rows.last().map_or(Value::Null, |message| message["id"].clone());
    ok(json!({"messages": {"lastMessageId": last, "nextPage": next, "messages": rows}}))
}

/// `POST /conversations/messages`.
pub fn send(call: &Call<'_>, tx: &mut Transaction<'_>) -> Outcome {
    let contact = known(call, tx, CrmKind::Contact, call.text("contactId").unwrap_or_default())?;
    if contact.fields.get("dnd") == Some(&json!(true)) {
        return Err(bad("Cannot send message as DND is active for the contact."));
    }
    let kind = call.text("type").unwrap_or_default();
    let text = call.text(if kind == "Email" { "html" } else { "message" }).unwrap_or_default();
    if text.is_empty() {
        return Err(bad("There is no message or attachments for this message. Skip sending."));
    }
    let word = match kind {
        "IG" => "TYPE_INSTAGRAM".to_owned(),
        "FB" => "TYPE_FACEBOOK".to_owned(),
        other => format!("TYPE_{}", other.to_uppercase()),
    };
    let conversation = continued(tx, &contact, &word, text);
    let message = CrmRecord {
        id: new_id(20),
        location_id: own(call).into(),
        kind: CrmKind::Message,
        parent: conversation.id.clone(),
        since: tx.now,
        fields: fields(json!({
            "conversationId": conversation.id, "contactId": contact.id, "body": text, "direction": "outbound",
            "messageType": word, "status": "pending", "source": "api", "dateAdded": tx.now,
            "subject": call.body["subject"],
        })),
    };
    tx.put(&conversation);
    tx.put(&message);
    let msg = "Message queued successfully.";
    ok(json!({"conversationId": conversation.id, "messageId": message.id, "msg": msg, "status": "pending"}))
}

/// The conversation of a contact after one more message, a new one if there was none.
fn continued(tx: &Transaction<'_>, contact: &CrmRecord, word: &str, text: &str) -> CrmRecord {
    let old = tx.world.crm.of(&contact.id).find(|record| record.kind == CrmKind::Conversation).cloned();
    let mut conversation = old.unwrap_or_else(|| CrmRecord {
        id: new_id(20),
        location_id: contact.location_id.clone(),
        kind: CrmKind::Conversation,
        parent: contact.id.clone(),
        since: tx.now,
        fields: Map::new(),
    });
    conversation.fields = fields(json!({
        "contactId": contact.id, "lastMessageBody": text, "lastMessageType": word, "unreadCount": 0,
        "type": if word == "TYPE_EMAIL" { "TYPE_EMAIL" } else { "TYPE_PHONE" },
        "fullName": contact.text("name"), "contactName": contact.text("name"), "email": contact.text("email"),
        "phone": contact.text("phone"), "lastMessageDate": tx.now.timestamp_millis(),
    }));
    conversation
}

fn fields(json: Value) -> Map<String, Value> {
    json.as_object().cloned().unwrap_or_default()
}
