//! How far did a message that we sent on WhatsApp come, at what price, and why did it fail?

use domain::messaging::inbound::{Status, StatusState, What};
use serde_json::Value;

use super::content::said;
use super::envelope::Envelope;
use crate::webhook::field::{elements, flag, id, line, time, word};
use crate::webhook::items::Items;

/// Reads a status. It is matched by the id of the message alone: it may name nobody.
pub(super) fn read(envelope: &Envelope<'_>, status: &Value, items: &mut Items) {
    let Some(message) = id(&status["id"]) else {
        return items.unreadable(status, "The status names no message.");
    };
    let at = time(&status["timestamp"]);
    let name = word(&status["status"]).to_ascii_lowercase();
    let ids = ("status", [message.as_str(), name.as_str()]);
    let Some(state) = state(&name) else {
        return items.push(status, at, (ids.0, &ids.1), What::Other(format!("status.{name}")));
    };
    let people = &envelope.people;
    let error = elements(&status["errors"]).first();
    let pricing = &status["pricing"];
    let what = What::Status(Status {
        message: message.clone(),
        state,
        person: people.person(
            &status["recipient_id"],
            &status["recipient_user_id"],
            &status["recipient_parent_user_id"],
        ),
        correlation: id(&status["biz_opaque_callback_data"]),
        error_code: error.and_then(|error| id(&error["code"])),
        error_text: error.and_then(said),
        billable: flag(&pricing["billable"]),
        category: line(&pricing["category"]).or_else(|| line(&status["conversation"]["origin"]["type"])),
    });
    items.push(status, at, (ids.0, &ids.1), what);
}

fn state(name: &str) -> Option<StatusState> {
    Some(match name {
        "sent" => StatusState::Sent,
        "delivered" => StatusState::Delivered,
        "read" | "played" => StatusState::Read,
        "failed" => StatusState::Failed,
        _ => return None,
    })
}
