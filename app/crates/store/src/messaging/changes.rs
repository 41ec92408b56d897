//! Who hears that something changed inside a conversation? Whoever has it open; its line in the lists stays as it is.

use domain::ConversationId;
use serde_json::json;

use crate::{Result, TenantTx, outbox};

/// Tells whoever has a conversation open that one of its messages changed: how far it came, its files or its reactions.
/// What its line in a list shows did not change, so no list reads anything. Where it did, `outgoing::changed` tells it.
pub(crate) async fn in_thread(tx: &mut TenantTx, conversation: ConversationId) -> Result<()> {
    outbox::add(tx, "message.changed", Some(conversation.0), &json!({})).await
}
