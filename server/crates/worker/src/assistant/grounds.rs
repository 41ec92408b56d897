//! Does an answer rest on what the business said? A model that knows nothing apologizes or invents; both share no words with
//! what it was given.

use std::collections::BTreeSet;

use domain::text;

/// Shorter words stand in every sentence. A number says something at any length.
const SHORTEST: usize = 5;
/// Letters by which two words count as the same, so that "cleaning" rests on "clean".
const STEM: usize = 5;

/// What people say before they ask anything.
const GREETINGS: [&str; 22] = [
    "hi",
    "hello",
    "hey",
    "hiya",
    "howdy",
    "good morning",
    "good afternoon",
    "good evening",
    "good day",
    "hi there",
    "hello there",
    "hola",
    "holi",
    "buenas",
    "buenos dias",
    "buen dia",
    "buenas tardes",
    "buenas noches",
    "hola buenas",
    "hola buenos dias",
    "hola buenas tardes",
    "hola buenas noches",
];

/// Whether a message only greets.
pub(super) fn is_greeting(message: &str) -> bool {
    let searchable = text::searchable(message);
    let words: Vec<&str> = searchable.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    GREETINGS.contains(&words.join(" ").as_str())
}

/// How much of an answer rests on these texts, from 0 to 1: the share of its telling words that they contain. An answer
/// without any, such as "Yes.", is half sure.
pub(super) fn rests<'a>(answer: &str, on: impl IntoIterator<Item = &'a str>) -> f32 {
    let said = words(answer);
    if said.is_empty() {
        return 0.5;
    }
    let known: BTreeSet<String> = on.into_iter().flat_map(words).collect();
    let shared = u16::try_from(said.intersection(&known).count()).unwrap_or(u16::MAX);
    f32::from(shared) / f32::from(u16::try_from(said.len()).unwrap_or(u16::MAX))
}

fn words(of: &str) -> BTreeSet<String> {
    let searchable = text::searchable(of);
    let telling = searchable
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() >= SHORTEST || word.chars().any(|letter| letter.is_ascii_digit()));
    telling.map(|word| word.chars().take(STEM).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_are_told_from_questions() {
        for greeting in ["Hi", "Hello!", "¡Hola!", "Buenos días", "good   MORNING 👋", "Hola, buenas tardes"] {
            assert!(is_greeting(greeting), "{greeting}");
        }
        for question in ["", "👋", "Hi, are you open?", "Price", "Hola, ¿cuánto cuesta?"] {
            assert!(!is_greeting(question), "{question}");
        }
    }

    #[test]
    fn what_was_never_said_rests_on_nothing() {
        let known = ["A cleaning costs $120. Parking is free.", "Abrimos a las 9."];
        for (answer, rests_on_it) in [
            ("A cleaning costs $120.", true),
            ("You can CLEAN for 120.", true),
            ("Una limpieza vale 120 dólares.", true),
            ("We open at 9.", true),
            ("Yes.", true),
            ("I'm sorry, but I can't help with that.", false),
            ("Our dentists recommend whitening.", false),
        ] {
            assert_eq!(rests(answer, known) > 0.0, rests_on_it, "{answer}");
        }
        assert!(rests("A cleaning costs $120.", known) > rests("Whitening, like a cleaning, is gentle.", known));
    }
}
