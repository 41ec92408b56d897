//! What does a customer's message ask for, before any model reads it? A person, silence, or a topic that only people handle.
//! The words are those of English and Spanish; those of the business come on top.

#[cfg(test)]
mod tests;
mod words;

use super::settings::Settings;
use crate::text;

/// The words of a text in the form in which they are compared: small, without accents and signs.
fn words(text: &str) -> Vec<String> {
    let plain = text::searchable(text);
    let words = plain.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the words of a phrase stand together, in their order, in a text.
fn says(text: &[String], phrase: &str) -> bool {
    let phrase = words(phrase);
    !phrase.is_empty() && text.windows(phrase.len()).any(|window| window == phrase)
}

/// Whether a text says one of these phrases.
fn says_one(text: &str, phrases: &[&str]) -> bool {
    let text = words(text);
    phrases.iter().any(|phrase| says(&text, phrase))
}

/// Whether the customer asks for a person.
#[must_use]
pub fn asks_for_person(text: &str, settings: &Settings) -> bool {
    let told = words(text);
    let is_bare = told.len() <= 3 && told.iter().any(|word| words::PERSON_ALONE.contains(&word.as_str()));
    is_bare
        || words::PERSON.iter().any(|phrase| says(&told, phrase))
        || settings.hand_over_words.iter().any(|phrase| says(&told, phrase))
}

/// Whether the message is nothing but the word by which people stop automatic messages.
#[must_use]
pub fn opts_out(text: &str) -> bool {
    let told = words(text).join(" ");
    words::OPT_OUT.contains(&told.as_str())
}

/// Whether the message is nothing but the word by which people let automatic messages come again.
#[must_use]
pub fn opts_in(text: &str) -> bool {
    let told = words(text).join(" ");
    words::OPT_IN.contains(&told.as_str())
}

/// Whether the message was written by a program: an out-of-office note, or the greeting of another business.
#[must_use]
pub fn is_auto_reply(text: &str) -> bool {
    says_one(text, words::AUTO_REPLY)
}

/// The topic of the message that only people handle, as the business wrote it.
#[must_use]
pub fn never_topic<'a>(text: &str, settings: &'a Settings) -> Option<&'a str> {
    let told = words(text);
    settings.never.iter().map(String::as_str).find(|topic| is_about(&told, topic))
}

/// Whether a text is about a topic: it has each of its words, in any order and with any ending.
fn is_about(text: &[String], topic: &str) -> bool {
    let topic: Vec<_> = words(topic).into_iter().filter(|word| !words::COMMON.contains(&word.as_str())).collect();
    !topic.is_empty() && topic.iter().all(|word| text.iter().any(|told| is_same(told, word)))
}

/// Letters by which two words count as the same, so that "diagnostics" is about "diagnosis".
const STEM: usize = 6;

/// Whether two words are the same, or forms of one: they begin alike, or one is the plural of the other.
fn is_same(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    let begins = |word: &str| word.chars().take(STEM).collect::<String>();
    let is_plural = || short.chars().count() >= 3 && matches!(long.strip_prefix(short), Some("" | "s" | "es"));
    (begins(short).chars().count() == STEM && begins(short) == begins(long)) || short == long || is_plural()
}

/// Whether the customer is angry: by what is said, or by how.
#[must_use]
pub fn is_angry(text: &str) -> bool {
    says_one(text, words::ANGRY) || shouts(text)
}

/// Whether most of a text is in capitals, with exclamation marks.
fn shouts(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let capitals = text.chars().filter(|letter| letter.is_uppercase()).count();
    let marks = text.chars().filter(|letter| *letter == '!').count();
    letters >= 12 && capitals * 10 >= letters * 9 && marks >= 2
}
