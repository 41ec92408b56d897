//! Which texts do the pages of the assistant show? One field for each text, one file for each language.

mod en;
mod es;

use domain::assistant::AnswerState;
use domain::language::Language;
use domain::messaging::{AiMode, Channel};

/// The texts of one language.
pub(super) struct Texts {
    pub assistant: &'static str,
    pub knowledge: &'static str,
    pub answers: &'static str,
    pub parts: &'static str,
    pub none: &'static str,

    pub unpublished: &'static str,
    pub never_published: &'static str,
    /// Version, day.
    pub version_since: fn(i32, &str) -> String,
    pub nothing_to_publish: &'static str,
    pub not_published: &'static str,
    pub before: &'static str,
    pub after: &'static str,
    pub nothing: &'static str,
    pub built_in_line: &'static str,
    pub publish: &'static str,
    pub publish_help: &'static str,
    /// Version.
    pub told_published: fn(i32) -> String,
    pub undo_changes: &'static str,
    pub undo_what: &'static str,
    pub versions: &'static str,
    pub version: fn(i32) -> String,
    pub by: fn(&str) -> String,
    pub in_use: &'static str,
    pub restore: &'static str,
    /// Version.
    pub told_restored: fn(i32) -> String,

    pub inboxes: &'static str,
    pub inboxes_help: &'static str,
    pub no_inbox: (&'static str, &'static str),
    pub to_connections: &'static str,
    pub ask_owner: &'static str,
    pub channel: fn(Channel) -> &'static str,
    pub mode: fn(AiMode) -> &'static str,
    pub mode_help: fn(AiMode) -> &'static str,
    pub mode_label: &'static str,
    pub off_line: &'static str,
    pub change: &'static str,
    pub cancel: &'static str,
    pub save: &'static str,
    /// Name of an inbox.
    pub told_inbox: fn(&str) -> String,
    pub hours_label: &'static str,
    pub hours_help: &'static str,
    pub any_time: &'static str,
    pub in_hours: &'static str,
    pub by_day: &'static str,
    pub days_help: &'static str,
    /// Names of the days, from Monday.
    pub days: [&'static str; 7],
    /// Short names of the days, from Monday.
    pub short_days: [&'static str; 7],
    /// Day, whether it is the second pair.
    pub opens: fn(&str, bool) -> String,
    /// Day, whether it is the second pair.
    pub closes: fn(&str, bool) -> String,

    pub identity: &'static str,
    pub identity_help: &'static str,
    pub rules: &'static str,
    pub rules_help: &'static str,
    pub limits: &'static str,
    pub limits_help: &'static str,
    /// Label of a setting, by its key.
    pub field: fn(&str) -> &'static str,
    /// Help of a setting, by its key; empty if its label is enough.
    pub field_help: fn(&str) -> &'static str,
    pub customers_language: &'static str,
    pub save_settings: &'static str,
    pub told_saved: &'static str,

    pub knowledge_help: &'static str,
    pub no_knowledge: (&'static str, &'static str),
    pub nothing_found: &'static str,
    pub search_knowledge: &'static str,
    pub add_question: &'static str,
    pub add_text: &'static str,
    pub question: &'static str,
    pub question_help: &'static str,
    pub answer: &'static str,
    pub title: &'static str,
    pub content: &'static str,
    pub content_help: &'static str,
    pub a_question: &'static str,
    pub a_text: &'static str,
    pub changed: &'static str,
    pub passages: &'static str,
    pub remove: &'static str,
    pub remove_what: &'static str,
    pub told_added: &'static str,
    pub told_changed: &'static str,
    pub told_removed: &'static str,
    pub next: &'static str,
    pub first_page: &'static str,

    pub answers_help: &'static str,
    pub search_answers: &'static str,
    pub no_answer: (&'static str, &'static str),
    pub no_answer_here: &'static str,
    pub show_all: &'static str,
    pub views: &'static str,
    /// Name of a view of the answers, by its key.
    pub view: fn(&str) -> &'static str,
    pub state: fn(AnswerState) -> &'static str,
    pub what_happened: fn(AnswerState) -> &'static str,
    pub unknown_contact: &'static str,
    pub no_text: &'static str,
    pub answer_to: fn(&str) -> String,
    pub open_conversation: &'static str,
    pub facts: &'static str,
    pub asked_at: &'static str,
    pub decided: &'static str,
    /// Why the assistant did what it did, by the key or sentence that was stored. An unknown sentence stays as it is.
    pub why: fn(&str) -> String,
    pub settings_version: &'static str,
    pub written_by: &'static str,
    pub tokens: &'static str,
    /// Tokens read, tokens written.
    pub token_count: fn(&str, &str) -> String,
    pub cost: &'static str,
    /// An amount that is only a part.
    pub or_more: fn(&str) -> String,
    pub under_a_cent: &'static str,
    pub unknown: &'static str,
    pub took: &'static str,
    pub asked: &'static str,
    pub factory: &'static str,
    pub from_knowledge: &'static str,
    pub its_answer: &'static str,
    pub sources: &'static str,
    pub no_sources: &'static str,
    pub steps: &'static str,
    pub no_steps: &'static str,
    /// Name of a step of the trace, by its key.
    pub step: fn(&str) -> String,
}

/// The texts of a language.
pub(super) const fn texts(language: Language) -> &'static Texts {
    language.of(&en::TEXTS, &es::TEXTS)
}

#[cfg(test)]
mod tests {
    use domain::assistant::HandOver;

    use super::*;
    use crate::messages::assert_translated;

    #[test]
    fn every_word_exists_in_both_languages_and_spanish_is_no_copy() {
        let (english, spanish) = (texts(Language::English), texts(Language::Spanish));
        assert_translated(AnswerState::ALL, english.state, spanish.state);
        assert_translated(AnswerState::ALL, english.what_happened, spanish.what_happened);
        assert_translated(AiMode::ALL, english.mode, spanish.mode);
        assert_translated(AiMode::ALL, english.mode_help, spanish.mode_help);
        for reason in HandOver::ALL {
            let (told, dicho) = ((english.why)(reason.key()), (spanish.why)(reason.key()));
            assert!(told != reason.key() && dicho != reason.key() && told != dicho, "{}", reason.key());
        }
        for view in ["", "drafted", "sent", "handed_over", "failed"] {
            assert_ne!((english.view)(view), (spanish.view)(view));
        }
        assert_eq!((english.why)("A person answered."), "A person answered.");
    }
}
