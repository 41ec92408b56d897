//! Which texts do the pages for signing in and a person's account show? One field for each text, one file for each
//! language; the compiler refuses a language that lacks a text.

mod en;
mod es;

use domain::language::Language;
use operations::identity::invitation::Why;

/// The texts of one language.
pub(crate) struct Messages {
    pub sign_in: &'static str,
    pub sign_in_title: &'static str,
    pub email: &'static str,
    pub password: &'static str,
    pub forgot: &'static str,
    /// Hours of which the session was left unused.
    pub idle_hours: fn(u32) -> String,
    /// Minutes of which the session was left unused.
    pub idle_minutes: fn(u32) -> String,

    pub reset_title: &'static str,
    pub reset_text: &'static str,
    pub send_link: &'static str,
    pub back_to_sign_in: &'static str,
    pub reset_sent: &'static str,

    pub set_password_title: &'static str,
    pub new_password: &'static str,
    pub password_help: &'static str,
    pub set_password: &'static str,
    pub password_set: &'static str,
    pub link_over: &'static str,
    pub get_new_link: &'static str,

    pub accept_title: &'static str,
    pub accept: &'static str,
    pub accepted: &'static str,
    pub a_colleague: &'static str,
    /// Agency, business.
    pub set_up_for: fn(&str, &str) -> String,
    /// Agency.
    pub join: fn(&str) -> String,
    /// Who invites, if that is known; the role; the address.
    pub invited_as: fn(Option<&str>, &str, &str) -> String,
    /// The same, and the agency.
    pub invited_to: fn(Option<&str>, &str, &str, &str) -> String,
    pub go_to_sign_in: &'static str,
    pub your_password: &'static str,
    pub account_exists: &'static str,
    pub your_name: &'static str,
    /// Why an invitation cannot be accepted: a headline, and what to do.
    pub unusable: fn(Why) -> (&'static str, &'static str),

    pub confirm_title: &'static str,
    /// What the password is asked for, if that is known: "invite ana@example.com".
    pub confirm_text: fn(Option<&str>) -> String,
    pub confirm: &'static str,
    pub cancel: &'static str,
    pub code: &'static str,
    pub code_help: &'static str,
    pub code_help_long: &'static str,
    pub use_code: &'static str,
    pub confirm_code: &'static str,
    pub someone_else: &'static str,

    pub account: &'static str,
    pub nowhere_title: &'static str,
    pub nowhere: &'static str,
    pub profile: &'static str,
    pub save_name: &'static str,
    pub current_password: &'static str,
    pub at_least_12: &'static str,
    pub change_password: &'static str,
    pub password_changed: &'static str,
    pub second_factor: &'static str,
    pub factor_on: &'static str,
    pub factor_off: &'static str,
    pub factor_intro: &'static str,
    pub factor_begin: &'static str,
    pub factor_until: &'static str,
    pub factor_replace: &'static str,
    pub turn_on: &'static str,
    pub factor_scan: &'static str,
    pub qr_code: &'static str,
    pub factor_key: &'static str,
    pub copy_key: &'static str,
    pub factor_is_on: &'static str,
    pub continue_on: &'static str,
    pub factor_other_app: &'static str,
    pub recovery_title: &'static str,
    pub recovery_text: &'static str,
    pub copy_codes: &'static str,
    pub manage: &'static str,
    pub set_up: &'static str,
    pub sessions: &'static str,
    pub unknown_browser: &'static str,
    pub unknown_address: &'static str,
    /// Browser, system.
    pub browser_on: fn(&str, &str) -> String,
    /// Where from; the time follows.
    pub last_used: fn(&str) -> String,
    pub this_session: &'static str,
    pub sign_out: &'static str,
    pub sign_out_everywhere: &'static str,
    pub session_ended: &'static str,
    pub language: &'static str,
    pub language_help: &'static str,
    pub save: &'static str,
    pub choose_language: &'static str,
    pub language_saved: &'static str,

    pub notifications: &'static str,
    pub notifications_meta: &'static str,
    /// Title and text for somebody whom no notification can reach.
    pub no_notifications: (&'static str, &'static str),
    pub saved: &'static str,
    pub stop_title: &'static str,
    pub stop_question: &'static str,
    pub stop_text: &'static str,
    pub stop_these: &'static str,
    pub stop_all: &'static str,
    pub stopped_title: &'static str,
    pub stopped_these: &'static str,
    pub stopped_all: &'static str,
    pub stopped_text: &'static str,
    pub change_notifications: &'static str,

    pub setup_title: &'static str,
    /// What stands before and behind the name of a setting.
    pub setup_text: (&'static str, &'static str),
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

    /// The source of the pages that exist in every language, up to what is no text of a page.
    const VIEWS: [(&str, &str, &str); 10] = [
        ("code.rs", include_str!("../code.rs"), "#[cfg(test)]"),
        ("confirm.rs", include_str!("../confirm.rs"), "#[cfg(test)]"),
        ("forgot.rs", include_str!("../forgot.rs"), "#[cfg(test)]"),
        ("invite.rs", include_str!("../invite.rs"), "#[cfg(test)]"),
        ("login.rs", include_str!("../login.rs"), "/// The accounts of the demo data"),
        ("me.rs", include_str!("../me.rs"), "fn browser("),
        ("new_password.rs", include_str!("../new_password.rs"), "#[cfg(test)]"),
        ("notifications.rs", include_str!("../notifications.rs"), "#[cfg(test)]"),
        ("second_factor.rs", include_str!("../second_factor.rs"), "#[cfg(test)]"),
        ("unsubscribe.rs", include_str!("../unsubscribe.rs"), "#[cfg(test)]"),
    ];

    #[test]
    fn no_page_that_exists_in_every_language_has_a_text_of_its_own() {
        for (file, source, end) in VIEWS {
            let source = source.split(end).next().unwrap_or_default();
            let lines = source.lines().map(str::trim).filter(|line| !line.starts_with("//"));
            let literals = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
            let texts: Vec<&str> = literals.filter(|text| text.starts_with(char::is_uppercase)).collect();
            assert_eq!(texts, Vec::<&str>::new(), "{file}: put it into messages/");
        }
    }

    #[test]
    fn spanish_is_no_copy_of_english() {
        let (english, spanish) = (messages(Language::English), messages(Language::Spanish));
        for why in Why::ALL {
            assert_ne!((english.unusable)(why), (spanish.unusable)(why));
        }
        let said = (spanish.invited_as)(Some("Maya"), "Propietario del negocio", "ana@example.com");
        assert_eq!(said, "Maya le invita con el rol «Propietario del negocio» y la dirección ana@example.com.");
    }
}
