//! Which texts do the pages and files of the knowledge show? One field for each text, one file for each language.

mod en;
mod es;

use domain::assistant::sources::{Problem, SourceState};
use domain::language::Language;

/// The texts of one language.
pub(in crate::assistant) struct Texts {
    pub add_page: &'static str,
    pub add_file: &'static str,
    pub a_page: &'static str,
    pub a_file: &'static str,
    pub address: &'static str,
    pub address_help: &'static str,
    pub file: &'static str,
    pub file_help: &'static str,
    pub state: fn(SourceState) -> &'static str,
    /// Why a source could not be read, and what to do.
    pub problem: fn(Problem) -> &'static str,
    pub kept: &'static str,
    pub cut: &'static str,
    pub read_at: &'static str,
    pub read_again: &'static str,
    pub passages: &'static str,
    pub told_page: &'static str,
    pub told_file: &'static str,
    pub told_again: &'static str,
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
        assert_translated(SourceState::ALL, english.state, spanish.state);
        assert_translated(Problem::ALL, english.problem, spanish.problem);
    }
}
