//! Operations on conversations with customers: answer, note, send a template, repeat and cancel a message, react, assign,
//! close, say what the assistant may do, send or dismiss its draft, correct, merge and erase contacts, keep snippets, schedule messages.

mod choices;
mod consent;
mod contact;
mod conversation;
mod draft;
mod erasure;
mod files;
mod merging;
mod message;
mod once;
mod reply;
mod scheduled;
mod snippets;
mod template;

pub use consent::allow_automatic;
pub use contact::{ContactForm, change_contact, change_contact_by};
pub use conversation::{Assistant, Expected, assign, mark_read, set_ai, set_conversation_status};
pub use draft::{SendDraft, dismiss_draft, send_draft};
pub use erasure::{erase_contact, erase_contacts};
pub use files::{ArrivedFile, Attached, MOST_FILES, takes_files};
pub use merging::{merge_contacts, undo_contact_merge};
pub use message::{cancel_message, react, retry_message};
pub use reply::{Reply, note, reply, reply_with_files};
pub use scheduled::{
    Later, cancel_scheduled, reschedule_message, schedule_message, schedule_template, schedule_with_files,
    send_scheduled_now,
};
pub use snippets::{add_snippet, change_snippet, remove_snippet};
pub use template::{send_template, sync_templates};

use domain::ConversationId;
use domain::messaging::Channel;
use store::audit::{self, Act};
use store::messaging::outgoing::Place;
use store::tenant::TenantTx;

use crate::Refusal;

/// Writes the audit row of an act in a conversation.
async fn record(tx: &mut TenantTx, conversation: ConversationId, action: &'static str) -> Result<(), Refusal> {
    Ok(audit::record(tx, Act::new(action, "conversation").object(conversation)).await?)
}

/// Refuses a conversation whose channel is disconnected.
fn in_use(place: &Place) -> Result<(), Refusal> {
    if place.active {
        return Ok(());
    }
    Err(Refusal::State(format!(
        "{} is disconnected, so nothing can be sent. Connect it again first.",
        place.kind.name()
    )))
}

/// Refuses a person's own words while the window of the conversation is closed.
fn open_for_words(place: &Place, field: &str) -> Result<(), Refusal> {
    in_use(place)?;
    if place.window.allows_text() {
        return Ok(());
    }
    Err(Refusal::field(field, closed(place.kind)))
}

/// Why nothing of one's own can be sent now, and what can be done.
const fn closed(channel: Channel) -> &'static str {
    match channel {
        Channel::Whatsapp => "The customer last wrote more than 24 hours ago. Send a template instead.",
        _ => "The customer last wrote too long ago. You can reply when they write again.",
    }
}
