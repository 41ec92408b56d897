//! Where does the draft of the assistant stand? Above the form of the answer; nothing while there is no draft.

use domain::ConversationId;
use leptos::prelude::*;

/// The draft that the assistant wrote for a conversation.
#[component]
pub(super) fn AssistantDraft(
    /// The conversation.
    conversation: ConversationId,
) -> impl IntoView {
    view! { <div class="empty:hidden" data-draft=conversation.to_string()></div> }
}
