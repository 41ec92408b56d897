//! What do mails say? One field for each text, one file for each language; the compiler refuses a language that lacks a
//! text. Names come in without anything that a mail program would turn into a link.

mod details;
mod en;
mod es;
mod job_details;
mod rights;
#[cfg(test)]
mod tests;

use domain::language::Language;
use domain::notifications::{Kind, Severity};
use domain::permission::Right;

/// The texts of one language.
pub(super) struct Messages {
    pub accept: &'static str,
    pub link_ends: &'static str,
    /// Agency, business: the subject, and the first sentence without its end.
    pub account_set_up: fn(&str, &str) -> String,
    /// Who invites, the role.
    pub invites_you_as: fn(&str, &str) -> String,
    pub set_password_to_sign_in: &'static str,
    /// Agency.
    pub invited_subject: fn(&str) -> String,
    /// Who invites, if that is known; agency; role.
    pub invited_to: fn(Option<&str>, &str, &str) -> String,

    pub platform_subject: &'static str,
    /// Address of the product, role.
    pub platform_text: fn(&str, &str) -> String,
    pub set_your_password: &'static str,
    pub platform_link: &'static str,
    pub reset_subject: &'static str,
    pub reset_text: &'static str,
    pub minutes: fn(u32) -> String,
    pub hours: fn(u32) -> String,
    /// How long the link works.
    pub reset_link: fn(&str) -> String,

    /// Who asks, where.
    pub asks_subject: fn(&str, &str) -> String,
    pub asks_for_right: Words,
    /// What a right lets a person do, as the end of a sentence.
    pub right: fn(Right) -> &'static str,
    pub asks_for_client: Words,
    pub open_team: &'static str,
    pub open_client: &'static str,
    pub asks_or_nothing: &'static str,

    pub reconnect: &'static str,
    pub company_lost: &'static str,
    pub location_subject: &'static str,
    /// Client.
    pub location_lost: fn(&str) -> String,

    /// What happened, to what.
    pub event: fn(Kind, &str) -> String,
    /// What else is known of it, which is stored in English.
    pub detail: fn(Kind, &str) -> String,
    /// What the button of a mail about it says.
    pub event_button: fn(Kind) -> &'static str,
    /// How many calls of AI agents wait for a person.
    pub calls_wait: fn(i64) -> String,
    pub decide: &'static str,
    /// The first of several notifications, and how many more there are.
    pub several: fn(&str, i64) -> String,
    /// The first of a day's notifications, and how many more there are.
    pub summary: fn(&str, i64) -> String,
    pub and_more: fn(i64) -> String,
    /// What stands above notifications of a severity.
    pub group: fn(Severity) -> &'static str,
    /// What happened, how often, when for the last time.
    pub repeated: fn(&str, usize, &str) -> String,
    pub open_notifications: &'static str,
    /// Why somebody gets such mails.
    pub why: &'static str,
    /// The link to the settings, and the link that stops such mails.
    pub choose: &'static str,
    pub stop: &'static str,

    pub test_subject: &'static str,
    /// Address of the product.
    pub test_text: fn(&str) -> String,
}

/// What somebody asks for, and what the recipient does about it.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub text: fn(&Request<'_>) -> String,
    pub what_to_do: &'static str,
}

/// A request for a right, or for a client.
pub(super) struct Request<'a> {
    pub name: &'a str,
    pub email: &'a str,
    pub role: &'a str,
    pub place: &'a str,
    /// The right in words, or the name of the client.
    pub what: &'a str,
}

/// The texts of a language.
pub(super) const fn messages(language: Language) -> &'static Messages {
    match language {
        Language::English => &en::MESSAGES,
        Language::Spanish => &es::MESSAGES,
    }
}
