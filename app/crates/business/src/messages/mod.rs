//! Which texts do the pages of a business show? One field for each text, one file for each language; the compiler
//! refuses a language that lacks a text.

mod beginning;
mod en;
mod es;
mod language;
mod to_dos;
#[cfg(test)]
mod translated;
mod usage;

use domain::integration::State;
use domain::language::Language;
use domain::todos::TodoKind;

pub(crate) use self::beginning::beginning as beginning_texts;
pub(crate) use self::language::language as language_texts;
#[cfg(test)]
pub(crate) use self::translated::assert_translated;
pub(crate) use self::usage::usage as usage_texts;

/// The texts of one language.
pub(crate) struct Messages {
    pub open_highlevel: &'static str,
    /// Agency, day.
    pub managed_since: fn(&str, &str) -> String,
    pub home: &'static str,
    pub open_inbox: &'static str,
    /// Agency.
    pub contact_at: fn(&str) -> String,
    /// Agency.
    pub ask_agency: fn(&str) -> String,

    pub set_up_title: &'static str,
    /// Agency.
    pub set_up_by: fn(&str) -> String,
    pub contact_tags: &'static str,
    pub started_from: &'static str,
    pub ready_since: &'static str,

    pub your_business: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub website: &'static str,
    pub address: &'static str,
    pub time_zone: &'static str,
    pub edit_details: &'static str,
    pub street_address: &'static str,
    pub city: &'static str,
    pub state: &'static str,
    pub postal_code: &'static str,
    pub save_details: &'static str,
    pub details_saved: &'static str,

    pub people: &'static str,
    pub not_sent_yet: &'static str,
    /// Day.
    pub invited_on: fn(&str) -> String,
    pub cancel_invitation: &'static str,
    pub invite_colleague: &'static str,
    pub their_email: &'static str,
    pub role: &'static str,
    pub role_help: &'static str,
    pub send_invitation: &'static str,
    /// Address.
    pub invitation_sent: fn(&str) -> String,
    pub invitation_canceled: &'static str,
    pub choose_role: &'static str,
    /// Name.
    pub role_of: fn(&str) -> String,
    pub change_role: &'static str,
    /// Role.
    pub role_changed: fn(&str) -> String,

    pub to_dos: &'static str,
    /// What has to be done, and why, of a to-do stored with these words. `None` leaves the English words that the to-do was written with.
    pub to_do: fn(TodoKind, &str, &str) -> Option<(String, String)>,
    pub mark_done: &'static str,
    pub reopen: &'static str,
    pub open_in_highlevel: &'static str,
    /// Name, day.
    pub done_by: fn(&str, &str) -> String,
    /// What had to be done.
    pub to_do_done: fn(&str) -> String,
    /// What has to be done.
    pub to_do_reopened: fn(&str) -> String,

    pub connections: &'static str,
    /// Agency.
    pub managed_by: fn(&str) -> String,
    /// The state of the connection with HighLevel in a word, and what it means to the people of the business.
    pub connection: fn(State) -> (&'static str, &'static str),
}

/// The texts of a language.
pub(crate) const fn messages(language: Language) -> &'static Messages {
    language.of(&en::MESSAGES, &es::MESSAGES)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;

    /// Literals that are names in every language, or no texts at all.
    const NAMES: [&str; 4] = ["HighLevel", "US", "Business", "America/New_York"];

    /// The literals of a source that read like a text: they begin with a capital letter.
    fn texts_of(source: &str) -> Vec<&str> {
        let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        literals.filter(|text| text.chars().next().is_some_and(char::is_uppercase) && !NAMES.contains(text)).collect()
    }

    /// Every file of the crate below a folder, with its source.
    fn files(folder: &Path) -> Vec<(PathBuf, String)> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let inside = entries.flat_map(|path| {
            if path.is_dir() { files(&path) } else { vec![(path.clone(), std::fs::read_to_string(&path).unwrap())] }
        });
        inside.collect()
    }

    /// A file that tells the languages apart holds texts of each.
    #[test]
    fn no_view_of_a_business_has_a_text_of_its_own() {
        let sources = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
        let code = |source: &str| source.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        let views = sources.iter().map(|(file, source)| (file, code(source)));
        let views = views.filter(|(_, code)| code.contains("view! {") && !code.contains("Language::Spanish"));
        let mut count = 0;
        for (file, code) in views {
            count += 1;
            assert_eq!(texts_of(&code), Vec::<&str>::new(), "{}: put it into messages/", file.display());
        }
        assert!(count > 40, "views are written in another way now: {count}");
    }

    #[test]
    fn spanish_is_no_copy_of_english() {
        let (english, spanish) = (&en::MESSAGES, &es::MESSAGES);
        assert_ne!(english.details_saved, spanish.details_saved);
        assert_eq!((spanish.managed_by)("Harbor"), "Administrado por Harbor.");
        assert_eq!((english.to_do)(TodoKind::PublishWorkflows, "", ""), None);
        assert!(
            (spanish.to_do)(TodoKind::PublishWorkflows, "", "").is_some_and(|(what, _)| what.starts_with("Publique"))
        );
        for state in [State::Working, State::NotConnected, State::Paused, State::Error] {
            assert_ne!((english.connection)(state), (spanish.connection)(state));
        }
    }
}
