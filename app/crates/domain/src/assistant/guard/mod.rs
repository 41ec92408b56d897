//! May a text of the model be sent to this customer? What it must not contain: links that the business does not give, what
//! only the model was told, and ways to reach anybody but the customer and the business.

mod links;
mod people;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::hash::Hash;

use unicode_normalization::UnicodeNormalization;

use super::settings::Settings;
use crate::messaging::{Channel, length};
use crate::text;

/// Number of messages that one answer may take at most.
const MOST_PARTS: usize = 3;
/// Number of words in a row, and of letters, that show that a text repeats what only the model was told.
const RUN: usize = 10;
const LETTERS: usize = 50;
/// Number of letters in a row that show that a text repeats our own rules, which say nothing that customers ask for.
const RULE: usize = 32;
/// Number of letters of the secret word that give it away.
const CANARY_RUN: usize = 8;

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

/// A text in which signs that look or act alike are the same, as programs read addresses and numbers.
fn plain(text: &str) -> String {
    let plain = text.nfkc().map(text::plain_digit);
    plain.map(|letter| if matches!(letter, '。' | '‧' | '∙') { '.' } else { letter }).collect()
}

/// The letters and digits of a text alone, so that signs between them hide nothing.
fn letters(text: &str) -> Vec<char> {
    text::searchable(&plain(text)).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// Whether a text has the secret word or a good part of it, forwards or backwards.
fn has_canary(answer: &str, canary: &str) -> bool {
    let (answer, canary) = (letters(answer), letters(canary));
    let back: Vec<char> = canary.iter().rev().copied().collect();
    let run = CANARY_RUN.min(canary.len());
    run > 0 && (repeats(&answer, &canary, &[], run) || repeats(&answer, &back, &[], run))
}

/// The words of a text in the form in which they are compared.
fn words(text: &str) -> Vec<String> {
    let plain = text::searchable(&plain(text));
    plain.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the answer has a run of words or letters of the system part that stands neither in a passage nor in what the
/// business wrote for customers to read. What it told the model to do may be said in part.
fn repeats_system(answer: &str, context: &Context<'_>) -> bool {
    let (settings, system) = (context.settings, context.system);
    let told = settings.told().into_iter().chain(settings.links.iter().map(String::as_str));
    let open: Vec<&str> = told.chain(context.passages.iter().copied()).collect();
    let open_words: Vec<_> = open.iter().map(|text| words(text)).collect();
    if repeats(&words(answer), &words(system), &open_words, RUN) {
        return true;
    }
    let (said, secret) = (letters(answer), letters(system));
    let mut open_letters: Vec<_> = open.iter().map(|text| letters(text)).collect();
    if repeats(&said, &secret, &open_letters, LETTERS) {
        return true;
    }
    open_letters.push(letters(&settings.instructions));
    repeats(&said, &secret, &open_letters, RULE)
}

/// Whether a text has a run of that many parts of the secret that is in no open text.
fn repeats<T: Eq + Hash>(answer: &[T], secret: &[T], open: &[Vec<T>], run: usize) -> bool {
    let mut runs: HashSet<&[T]> = secret.windows(run).collect();
    if runs.is_empty() || answer.len() < run {
        return false;
    }
    for known in open.iter().flat_map(|text| text.windows(run)) {
        runs.remove(known);
    }
    answer.windows(run).any(|said| runs.contains(said))
}
