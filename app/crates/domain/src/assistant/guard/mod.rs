//! May a text of the model be sent to this customer? What it must not contain: links that the business does not give, what
//! only the model was told, and ways to reach anybody but the customer and the business.

mod links;
mod people;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::settings::Settings;
use crate::messaging::{Channel, length};
use crate::text;

/// Number of messages that one answer may take at most.
const MOST_PARTS: usize = 3;
/// Number of words in a row that show that a text repeats what only the model was told.
const RUN: usize = 10;

/// What an answer is checked against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The kind of channel on which it is sent.
    pub channel: Channel,
    /// The settings of the business.
    pub settings: &'a Settings,
    /// The customer's number.
    pub contact_phone: Option<&'a str>,
    /// The customer's mail address.
    pub contact_email: Option<&'a str>,
    /// The passages that the model was given.
    pub passages: &'a [&'a str],
    /// A word that only the system part contains. Empty if there is none.
    pub canary: &'a str,
    /// The system part of the prompt. Empty if no model was asked.
    pub system: &'a str,
}

/// Why an answer must not be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// It says nothing.
    Empty,
    /// It is longer than a customer reads.
    TooLong,
    /// It has a link that the business does not give.
    Link(String),
    /// It has the word that only the system part contains.
    Canary,
    /// It repeats the system part.
    SystemText,
    /// It has a number or a mail address of somebody else.
    OtherPerson(String),
}

impl Blocked {
    /// Its word in a trace, without what the text said.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::Link(_) => "link",
            Self::Canary => "canary",
            Self::SystemText => "system_text",
            Self::OtherPerson(_) => "other_person",
        }
    }
}

/// The text as it may be sent: without what nobody sees.
///
/// # Errors
/// The first reason why it must not be sent.
pub fn check(answer: &str, context: &Context<'_>) -> Result<String, Blocked> {
    let answer = text::lines(answer);
    if answer.is_empty() {
        return Err(Blocked::Empty);
    }
    let is_long = answer.chars().count() > super::LONGEST_ANSWER;
    if is_long || length::split(context.channel, &answer).len() > MOST_PARTS {
        return Err(Blocked::TooLong);
    }
    if has_canary(&answer, context.canary) {
        return Err(Blocked::Canary);
    }
    if repeats_system(&answer, context) {
        return Err(Blocked::SystemText);
    }
    if let Some(link) = links::foreign(&answer, &context.settings.links) {
        return Err(Blocked::Link(link));
    }
    match people::stranger(&answer, context) {
        Some(found) => Err(Blocked::OtherPerson(found)),
        None => Ok(answer),
    }
}

/// The letters and digits of a text alone, so that signs between them hide nothing.
fn letters(text: &str) -> String {
    text::searchable(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn has_canary(answer: &str, canary: &str) -> bool {
    let canary = letters(canary);
    !canary.is_empty() && letters(answer).contains(&canary)
}

/// The words of a text in the form in which they are compared.
fn words(text: &str) -> Vec<String> {
    let plain = text::searchable(text);
    plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the answer has a run of words of the system part that stands neither in a passage nor in what the business
/// wrote for customers to read.
fn repeats_system(answer: &str, context: &Context<'_>) -> bool {
    let (system, answer) = (words(context.system), words(answer));
    let mut secret: HashSet<&[String]> = system.windows(RUN).collect();
    if secret.is_empty() || answer.len() < RUN {
        return false;
    }
    let told = context.settings.told();
    let open: Vec<_> = told.iter().chain(context.passages).map(|text| words(text)).collect();
    for run in open.iter().flat_map(|words| words.windows(RUN)) {
        secret.remove(run);
    }
    answer.windows(RUN).any(|run| secret.contains(run))
}
