//! Which texts do the pages of a business show? One field for each text, one file for each language; the compiler
//! refuses a language that lacks a text.

mod en;
mod es;
mod language;
mod usage;

use domain::integration::State;
use domain::language::Language;
use domain::todos::TodoKind;

pub(crate) use self::language::language as language_texts;
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

    pub to_dos: &'static str,
    /// What has to be done, and why. `None` leaves the English words that the to-do was written with.
    pub to_do: fn(TodoKind) -> Option<(&'static str, &'static str)>,
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
    match language {
        Language::English => &en::MESSAGES,
        Language::Spanish => &es::MESSAGES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The source of every view. What one shows stands in the catalogue.
    const VIEWS: &[(&str, &str)] = &[
        ("assistant/answers.rs", include_str!("../assistant/answers.rs")),
        ("assistant/hours.rs", include_str!("../assistant/hours.rs")),
        ("assistant/inboxes.rs", include_str!("../assistant/inboxes.rs")),
        ("assistant/knowledge.rs", include_str!("../assistant/knowledge.rs")),
        ("assistant/knowledge_sources/forms.rs", include_str!("../assistant/knowledge_sources/forms.rs")),
        ("assistant/knowledge_sources/mod.rs", include_str!("../assistant/knowledge_sources/mod.rs")),
        ("assistant/knowledge_sources/source.rs", include_str!("../assistant/knowledge_sources/source.rs")),
        ("assistant/page.rs", include_str!("../assistant/page.rs")),
        ("assistant/place.rs", include_str!("../assistant/place.rs")),
        ("assistant/publish.rs", include_str!("../assistant/publish.rs")),
        ("assistant/rehearsal/choose.rs", include_str!("../assistant/rehearsal/choose.rs")),
        ("assistant/rehearsal/compare.rs", include_str!("../assistant/rehearsal/compare.rs")),
        ("assistant/rehearsal/list.rs", include_str!("../assistant/rehearsal/list.rs")),
        ("assistant/rehearsal/outcome.rs", include_str!("../assistant/rehearsal/outcome.rs")),
        ("assistant/rehearsal/run.rs", include_str!("../assistant/rehearsal/run.rs")),
        ("assistant/rehearsal/summary.rs", include_str!("../assistant/rehearsal/summary.rs")),
        ("assistant/search.rs", include_str!("../assistant/search.rs")),
        ("assistant/settings.rs", include_str!("../assistant/settings.rs")),
        ("assistant/source.rs", include_str!("../assistant/source.rs")),
        ("assistant/trace.rs", include_str!("../assistant/trace.rs")),
        ("assistant/try_out/mod.rs", include_str!("../assistant/try_out/mod.rs")),
        ("assistant/versions.rs", include_str!("../assistant/versions.rs")),
        ("connections/card.rs", include_str!("../connections/card.rs")),
        ("connections/choose.rs", include_str!("../connections/choose.rs")),
        ("connections/page.rs", include_str!("../connections/page.rs")),
        ("home/details.rs", include_str!("../home/details.rs")),
        ("home/inbox.rs", include_str!("../home/inbox.rs")),
        ("home/language.rs", include_str!("../home/language.rs")),
        ("home/mod.rs", include_str!("../home/mod.rs")),
        ("home/people.rs", include_str!("../home/people.rs")),
        ("home/setup.rs", include_str!("../home/setup.rs")),
        ("home/todos.rs", include_str!("../home/todos.rs")),
        ("home/usage.rs", include_str!("../home/usage.rs")),
        ("inbox/attachments.rs", include_str!("../inbox/attachments.rs")),
        ("inbox/composer.rs", include_str!("../inbox/composer.rs")),
        ("inbox/contact.rs", include_str!("../inbox/contact.rs")),
        ("inbox/controls.rs", include_str!("../inbox/controls.rs")),
        ("inbox/header.rs", include_str!("../inbox/header.rs")),
        ("inbox/line.rs", include_str!("../inbox/line.rs")),
        ("inbox/list.rs", include_str!("../inbox/list.rs")),
        ("inbox/message.rs", include_str!("../inbox/message.rs")),
        ("inbox/page.rs", include_str!("../inbox/page.rs")),
        ("inbox/template_picker.rs", include_str!("../inbox/template_picker.rs")),
        ("inbox/thread.rs", include_str!("../inbox/thread.rs")),
        ("inbox/window_bar.rs", include_str!("../inbox/window_bar.rs")),
    ];

    /// Literals that are names in every language, or no texts at all.
    const NAMES: [&str; 4] = ["HighLevel", "US", "Business", "America/New_York"];

    /// The literals of a source that read like a text: they begin with a capital letter.
    fn texts_of(source: &str) -> Vec<&str> {
        let source = source.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
        let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
        literals.filter(|text| text.chars().next().is_some_and(char::is_uppercase) && !NAMES.contains(text)).collect()
    }

    #[test]
    fn no_view_of_a_business_has_a_text_of_its_own() {
        for (file, source) in VIEWS {
            assert_eq!(texts_of(source), Vec::<&str>::new(), "{file}: put it into messages/");
        }
    }

    #[test]
    fn each_view_is_read_by_the_test_above() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/home");
        for entry in std::fs::read_dir(folder).unwrap() {
            let name = format!("home/{}", entry.unwrap().file_name().to_string_lossy());
            assert!(VIEWS.iter().any(|(file, _)| *file == name), "{name} is missing in VIEWS");
        }
    }

    #[test]
    fn spanish_is_no_copy_of_english() {
        let (english, spanish) = (&en::MESSAGES, &es::MESSAGES);
        assert_ne!(english.details_saved, spanish.details_saved);
        assert_eq!((spanish.managed_by)("Harbor"), "Administrado por Harbor.");
        assert_eq!((english.to_do)(TodoKind::PublishWorkflows), None);
        assert!((spanish.to_do)(TodoKind::PublishWorkflows).is_some_and(|(what, _)| what.starts_with("Publique")));
        for state in [State::Working, State::NotConnected, State::Paused, State::Error] {
            assert_ne!((english.connection)(state), (spanish.connection)(state));
        }
    }
}
