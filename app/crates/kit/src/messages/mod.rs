//! Which texts does the frame around a page show, and what do forms say by themselves? One field for each text, one file
//! for each language; the compiler refuses a language that lacks a text.

mod en;
mod es;
pub(crate) mod find;

use domain::language::Language;
use leptos::prelude::use_context;

/// The texts of one language.
pub(crate) struct Messages {
    pub skip: &'static str,
    pub place_and_menu: &'static str,
    pub main: &'static str,
    pub main_short: &'static str,
    pub way_back: &'static str,
    pub more: &'static str,
    pub your_menu: &'static str,
    pub account: &'static str,
    pub keys: &'static str,
    /// Keys, and what they do, after those of Find.
    pub shortcuts: [(&'static str, &'static str); 8],
    pub single_keys: &'static str,
    /// Between the two keys of a shortcut.
    pub then: &'static str,
    pub close: &'static str,
    pub sign_out: &'static str,
    pub theme: &'static str,
    pub system: &'static str,
    pub light: &'static str,
    pub dark: &'static str,
    pub switch_workspace: &'static str,
    /// What the area of the current place is called, by the area's key.
    pub area: fn(&str) -> &'static str,
    /// What several places of an area are called, by the area's key.
    pub places: fn(&str) -> &'static str,
    /// The label of an entry of the menu, as the features declare it.
    pub nav: fn(&'static str) -> &'static str,
    /// What the bell of a business leads to, and how many wait there; the number is empty for none.
    pub approvals: fn(&str) -> String,
    /// Shown while the server does not answer.
    pub lost: &'static str,
    /// The cross of a search field.
    pub clear_search: &'static str,
    pub undo: &'static str,
    pub not_now: &'static str,
    pub optional: &'static str,
    /// What a link to another site says of itself, after its label.
    pub new_tab: &'static str,
    /// Number of fields with an error.
    pub fix_fields: fn(usize) -> String,
}

/// The texts of a language.
const fn of(language: Language) -> &'static Messages {
    match language {
        Language::English => &en::MESSAGES,
        Language::Spanish => &es::MESSAGES,
    }
}

/// The texts in the language of the page.
pub(crate) fn messages() -> &'static Messages {
    of(use_context().unwrap_or_default())
}

/// The label of an entry of a menu in a language. Entries that only exist in English stay as they are.
pub(crate) fn nav_label(label: &'static str, language: Language) -> &'static str {
    (of(language).nav)(label)
}
