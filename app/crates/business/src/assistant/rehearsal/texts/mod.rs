//! Which texts do the test chat and the rehearsals show? One field for each text, one file for each language.

mod en;
mod es;

use domain::assistant::rehearsal::{CaseState, Mark, RunState, Tally};
use domain::language::Language;
use domain::messaging::Sender;

/// The texts of one language.
pub(in crate::assistant) struct Texts {
    pub try_out: &'static str,
    pub try_help: &'static str,
    pub question: &'static str,
    pub tried_settings: &'static str,
    pub saved: &'static str,
    pub published: &'static str,
    pub ask: &'static str,
    pub start_over: &'static str,
    pub nothing_asked: (&'static str, &'static str),
    pub you: &'static str,
    /// What is said of an answer that is still written.
    pub so_far: &'static str,
    /// Whether the settings in use were tried.
    pub tried_with: fn(bool) -> &'static str,
    pub chat_is_full: &'static str,

    pub case_state: fn(CaseState) -> &'static str,
    pub cost_unknown: &'static str,
    pub no_cost: &'static str,

    pub rehearsals: &'static str,
    pub rehearsals_help: &'static str,
    pub new_rehearsal: &'static str,
    pub choose_help: &'static str,
    pub no_past: (&'static str, &'static str),
    pub rehearse: &'static str,
    pub said_then: &'static str,
    pub done_before: &'static str,
    pub none_before: &'static str,
    /// Day.
    pub rehearsal_of: fn(&str) -> String,
    pub run_state: fn(RunState) -> &'static str,
    pub told_started: &'static str,
    pub told_cancelled: &'static str,
    /// Number of questions.
    pub questions: fn(usize) -> String,
    /// Number of questions with a result, of all.
    pub progress: fn(usize, usize) -> String,
    /// What the questions came to.
    pub pass_mark: fn(&Tally) -> String,
    pub cancel: &'static str,
    pub cancel_what: &'static str,
    pub publish_title: &'static str,
    pub publish_what: &'static str,
    pub is_in_use: &'static str,
    pub changed_since: &'static str,
    pub rehearse_again: &'static str,
    pub spent: &'static str,
    /// Who said it then.
    pub then: fn(Option<Sender>) -> &'static str,
    pub now: &'static str,
    pub nothing_said: &'static str,
    pub verdict: &'static str,
    pub mark: fn(Mark) -> &'static str,
    /// Number of answers that are better, the same and worse.
    pub marks: fn([usize; 3]) -> String,
}

/// The texts of a language.
pub(in crate::assistant) const fn texts(language: Language) -> &'static Texts {
    language.of(&en::TEXTS, &es::TEXTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::assert_translated;

    #[test]
    fn every_word_exists_in_both_languages_and_spanish_is_no_copy() {
        let (english, spanish) = (texts(Language::English), texts(Language::Spanish));
        assert_translated(CaseState::ALL, english.case_state, spanish.case_state);
        assert_translated(RunState::ALL, english.run_state, spanish.run_state);
        assert_translated(Mark::ALL, english.mark, spanish.mark);
        let senders = [None, Some(Sender::Person), Some(Sender::Assistant), Some(Sender::Echo), Some(Sender::System)];
        assert_translated(&senders, english.then, spanish.then);
        assert_ne!((english.tried_with)(true), (english.tried_with)(false));
    }

    #[test]
    fn the_pass_mark_counts_every_question() {
        let tally = Tally { waiting: 0, answered: 18, handed_over: 2, quiet: 0, untried: 0 };
        assert_eq!((texts(Language::English).pass_mark)(&tally), "18 of 20 would be answered, 2 handed over.");
        let tally = Tally { waiting: 3, answered: 1, handed_over: 1, quiet: 1, untried: 1 };
        for language in Language::ALL {
            let told = (texts(language).pass_mark)(&tally);
            assert!(told.starts_with("1 ") && told.contains('7') && told.matches('1').count() == 4, "{told}");
        }
    }
}
