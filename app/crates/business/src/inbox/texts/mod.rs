//! Which texts does the inbox show? One field for each text, one file for each language.

mod en;
mod es;

use domain::language::Language;
use domain::messaging::{AiMode, Channel, ConversationStatus, MessageStatus, Sender};

/// The texts of one language.
pub(super) struct Texts {
    pub inbox: &'static str,
    pub conversation: &'static str,
    pub contact: &'static str,
    pub back: &'static str,
    pub choose: &'static str,

    pub views: &'static str,
    /// Name of a view, by its key.
    pub view: fn(&str) -> &'static str,
    pub search: &'static str,
    /// Name of an order, by its key.
    pub order: fn(&str) -> &'static str,
    pub next: &'static str,
    pub first_page: &'static str,
    pub list: &'static str,
    /// Number of unread messages.
    pub unread: fn(i32) -> String,
    pub waiting: &'static str,
    pub you: &'static str,
    pub no_text: &'static str,
    pub unassigned: &'static str,

    pub no_channel: (&'static str, &'static str),
    pub ask_owner: &'static str,
    pub connect: &'static str,
    pub no_message: (&'static str, &'static str),
    pub all_clear: &'static str,
    pub nothing_found: &'static str,
    pub show_open: &'static str,
    pub search_all: &'static str,

    /// Name of a channel.
    pub channel: fn(Channel) -> &'static str,
    pub status: fn(ConversationStatus) -> &'static str,
    pub snoozed_until: &'static str,
    pub close: &'static str,
    pub snooze: &'static str,
    pub reopen: &'static str,
    /// Name of the menu that a phone has in place of the row of acts.
    pub more: &'static str,
    pub told_status: fn(ConversationStatus) -> &'static str,
    /// Name of who looks after it.
    pub assigned: fn(&str) -> String,
    /// The same of the person who looks.
    pub assigned_me: &'static str,
    pub nobody: &'static str,
    pub me: &'static str,
    pub told_assigned: &'static str,
    pub told_unassigned: &'static str,
    pub choose_person: &'static str,

    pub assistant: &'static str,
    pub mode: fn(AiMode) -> &'static str,
    pub as_channel: &'static str,
    pub take_over: &'static str,
    pub give_back: &'static str,
    pub told_assistant: &'static str,
    pub wants_person: &'static str,
    pub answers: &'static str,
    pub drafts: &'static str,
    pub paused: &'static str,
    pub choose_mode: &'static str,

    pub draft: &'static str,
    pub draft_text: &'static str,
    pub send_draft: &'static str,
    pub edit_draft: &'static str,
    /// Unfolds the form under a draft on a phone.
    pub own_reply: &'static str,
    pub send_edited: &'static str,
    pub dismiss_draft: &'static str,
    pub told_dismissed: &'static str,
    pub draft_waits: &'static str,
    pub draft_trace: &'static str,
    pub sources: &'static str,
    pub no_sources: &'static str,
    pub untitled: &'static str,
    pub assistant_note: &'static str,

    pub messages: &'static str,
    pub times_in: fn(&str) -> String,
    pub older: &'static str,
    pub newest: &'static str,
    pub looking_back: &'static str,
    pub sender: fn(Sender) -> &'static str,
    pub a_person: &'static str,
    pub note_by: &'static str,
    pub edited: &'static str,
    pub deleted: &'static str,
    pub in_answer_to: &'static str,
    /// What a message without a text is, by its kind.
    pub kind: fn(&str) -> &'static str,
    pub message_status: fn(MessageStatus) -> &'static str,
    /// Of a message whose form is on the way.
    pub sending: &'static str,
    pub failed_why: &'static str,
    /// The same for whoever can retry, with what to do where only the platform says why.
    pub failed_advice: &'static str,
    /// The mark in the list of a conversation whose last message failed.
    pub not_delivered: &'static str,
    /// What a code of WhatsApp or of ours means to the people of a business, where it says more than the words beside it, or
    /// where those are English only.
    pub failed_code: fn(&str) -> Option<&'static str>,
    pub retry: &'static str,
    pub retry_over: &'static str,
    pub cancel: &'static str,
    pub told_retried: &'static str,
    pub told_canceled: &'static str,
    pub acts: &'static str,
    pub quote: &'static str,
    /// Emoji.
    pub react: fn(&str) -> String,
    pub take_back: &'static str,
    pub reacted_customer: &'static str,
    pub reacted_us: &'static str,
    pub no_message_any_more: &'static str,

    pub file_waiting: &'static str,
    pub file_failed: &'static str,
    pub file_expired: &'static str,
    pub file_aged: &'static str,
    pub file_without_room: &'static str,
    pub attach: &'static str,
    pub attach_help: &'static str,
    pub files_in_note: &'static str,

    pub snippets: &'static str,
    pub snippets_help: &'static str,
    pub keep_snippets: &'static str,
    pub no_snippets: (&'static str, &'static str),
    pub add_snippet: &'static str,
    pub change_snippet: &'static str,
    pub snippet_name: &'static str,
    pub snippet_text: &'static str,
    pub discard: &'static str,
    pub remove_snippet: &'static str,
    pub remove_snippet_what: &'static str,
    pub told_snippet: &'static str,
    pub told_snippet_removed: &'static str,

    pub reply: &'static str,
    pub note: &'static str,
    pub kind_of_text: &'static str,
    pub your_text: &'static str,
    pub send: &'static str,
    pub add_note: &'static str,
    pub note_help: &'static str,
    /// The most characters of one message, as people read it, and the name of the channel.
    pub length_help: fn(&str, &str) -> String,
    pub quoting: &'static str,
    pub no_quote: &'static str,
    pub read_only: &'static str,
    pub free_for: &'static str,
    pub late_for: &'static str,
    pub window_over: &'static str,
    pub no_window: &'static str,
    pub closed_template: &'static str,
    pub closed_for_good: &'static str,
    pub never_wrote: &'static str,
    pub on_hold: &'static str,
    pub channel_off: &'static str,
    pub to_connections: &'static str,
    pub templates: &'static str,
    pub no_templates: &'static str,
    pub send_template: &'static str,
    pub told_template: &'static str,

    pub name: &'static str,
    pub phone: &'static str,
    pub email: &'static str,
    pub company: &'static str,
    pub about: &'static str,
    pub edit: &'static str,
    pub save: &'static str,
    pub told_contact: &'static str,
    pub known_as: &'static str,
    /// What an id of a platform is, by its kind.
    pub identity: fn(&str) -> &'static str,
    pub first_seen: &'static str,
    pub opted_out: &'static str,
    pub opted_in: &'static str,
    pub marketing: &'static str,
    pub no_note: &'static str,
    /// Day.
    pub opted_out_since: fn(&str) -> String,
    /// What opens the form about a customer who agreed to automatic messages again.
    pub agreed_again: &'static str,
    pub consent: &'static str,
    pub consent_help: &'static str,
    pub allow_automatic: &'static str,
    pub told_opted_in: &'static str,
    pub erase: &'static str,
    pub erase_what: &'static str,
    pub told_erased: &'static str,
    pub whole_contact: &'static str,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    language.of(&en::TEXTS, &es::TEXTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::assert_translated;

    #[test]
    fn every_word_exists_in_both_languages_and_spanish_is_no_copy() {
        let (english, spanish) = (texts(Language::English), texts(Language::Spanish));
        assert_translated(MessageStatus::ALL, english.message_status, spanish.message_status);
        assert_translated(ConversationStatus::ALL, english.status, spanish.status);
        assert_translated(ConversationStatus::ALL, english.told_status, spanish.told_status);
        for view in ["", "mine", "unassigned", "waiting", "unread", "snoozed", "closed", "all"] {
            assert_ne!((english.view)(view), (spanish.view)(view));
        }
        for kind in ["text", "image", "location", "unsupported", "a kind of tomorrow"] {
            assert!(!(english.kind)(kind).is_empty() && !(spanish.kind)(kind).is_empty());
        }
        assert_eq!((english.unread)(1), "1 unread message");
        assert_eq!((spanish.unread)(2), "2 mensajes sin leer");
    }
}
