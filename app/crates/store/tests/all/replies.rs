//! Which texts do these tests send to customers?

use domain::ConversationId;
use domain::messaging::Sender;
use serde_json::json;
use store::messaging::outgoing::NewOutgoing;

/// A text of this sender, whoever that is.
pub fn reply(conversation: ConversationId, sender: Sender, body: &str) -> NewOutgoing<'_> {
    NewOutgoing { conversation, sender, user: None, kind: "text", body, details: json!({}), reply_to: None }
}
